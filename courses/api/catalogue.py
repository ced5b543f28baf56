"""The catalogue for machines: open to everybody, kept by caches for a minute, in the language that was asked for."""

from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from ninja import Field, Query, Router, Schema

from courses import catalogue, reports
from courses.models import LessonPage, ProgrammePage, Standard
from courses.requirements import Kind

from .shapes import Problem

router = Router(tags=["catalogue"], auth=None)
FRESH_FOR = 60


class StandardOut(Schema):
    number: str
    title: str
    title_en: str
    status: str = Field(description="current, coming, superseded, withdrawn or unchecked")
    replaced_by: str | None

    @classmethod
    def told(cls, standard: Standard) -> "StandardOut":
        successor = standard.successor
        fields = {name: getattr(standard, name) for name in ("number", "title", "title_en", "status")}
        return cls(**fields, replaced_by=successor.number if successor else None)


class LessonHit(Schema):
    id: int
    title: str
    url: str


class CourseOut(Schema):
    id: int
    slug: str
    title: str
    summary: str
    url: str
    track: str
    level: str
    lessons: int
    credit_hours: float
    trainers: list[str]
    standards: list[str]
    chains: list[str]
    hits: list[LessonHit] = Field(description="lessons that hold the words of a search")

    @classmethod
    def told(cls, entry: catalogue.Entry) -> "CourseOut":
        course = entry.course
        return cls(
            id=course.pk,
            slug=course.slug,
            title=course.title,
            summary=course.summary,
            url=course.full_url or "",
            track=entry.track,
            level=course.level,
            lessons=entry.lessons,
            credit_hours=float(entry.hours),
            trainers=[trainer.shown_name for trainer in entry.trainers],
            standards=sorted(entry.standards),
            chains=sorted(entry.chains),
            hits=[LessonHit(id=hit.pk, title=hit.title, url=hit.full_url or "") for hit in entry.hits],
        )


class FacetChoice(Schema):
    value: str
    label: str
    count: int


class CoursesOut(Schema):
    count: int
    courses: list[CourseOut]
    standards: list[StandardOut] = Field(description="editions whose number was searched for")
    facets: dict[str, list[FacetChoice]]


class Asked(Schema):
    q: str = Field("", max_length=100)
    track: list[str] = []
    level: list[str] = []
    chain: list[str] = []
    standard: list[str] = []


@router.get("/courses", response=CoursesOut, summary="Find courses by words and facets")
def courses(request, response: HttpResponse, asked: Query[Asked]):
    narrowing = catalogue.Narrowing(
        q=asked.q.strip(),
        tracks=tuple(asked.track),
        levels=tuple(asked.level),
        chains=tuple(asked.chain),
        standards=tuple(asked.standard),
    )
    _keep(response)
    found = catalogue.find(narrowing, language=get_language())
    return CoursesOut(
        count=len(found.entries),
        courses=[CourseOut.told(entry) for entry in found.entries],
        standards=[StandardOut.told(standard) for standard in found.standards],
        facets={facet.name: [_choice(each) for each in facet.choices] for facet in found.facets},
    )


def _choice(choice):
    return FacetChoice(value=choice.value, label=str(choice.label), count=choice.count)


class OutlineOut(Schema):
    id: int
    slug: str
    title: str
    url: str
    kind: str
    summary: str
    credit_hours: float
    minutes: int
    quizzes: int


class OneCourseOut(CourseOut):
    goals: list[str]
    audience: str
    threshold: int = Field(description="per cent of each film to be watched")
    max_rate: float
    sequential: bool
    outline: list[OutlineOut]


@router.get("/courses/{slug}", response={200: OneCourseOut, 404: Problem}, summary="A course with its outline")
def course(request, response: HttpResponse, slug: str):
    _keep(response)
    entry = next((each for each in catalogue.shelf(language=get_language()) if each.course.slug == slug), None)
    if entry is None:
        raise Http404
    page = entry.course
    return OneCourseOut(
        **CourseOut.told(entry).dict(),
        goals=page.goals.splitlines(),
        audience=page.audience,
        threshold=page.threshold,
        max_rate=float(page.max_rate),
        sequential=page.sequential,
        outline=[_lesson(lesson) for lesson in page.lessons()],
    )


def _lesson(lesson: LessonPage) -> OutlineOut:
    return OutlineOut(
        id=lesson.pk,
        slug=lesson.slug,
        title=lesson.title,
        url=lesson.full_url or "",
        kind=lesson.kind,
        summary=lesson.summary,
        credit_hours=float(lesson.credit_hours),
        minutes=lesson.minutes,
        quizzes=sum(block["type"] == "quiz" for block in lesson.body.raw_data),
    )


class PartOut(Schema):
    id: int
    title: str
    required: bool


class ProgrammeOut(Schema):
    id: int
    slug: str
    title: str
    summary: str
    url: str
    courses: list[PartOut]
    electives_needed: int
    credit_hours_needed: float
    exam: bool
    certificate: str


@router.get("/programmes", response=list[ProgrammeOut], summary="Training programmes and what they ask")
def programmes(request, response: HttpResponse):
    _keep(response)
    pages = (
        ProgrammePage.objects.live()
        .public()
        .filter(locale__language_code=get_language(), alias_of=None)
        .order_by("path")
    )
    return [_programme(page) for page in pages.select_related("series")]


def _programme(page: ProgrammePage) -> ProgrammeOut:
    rule = reports.programme_rule(page)
    return ProgrammeOut(
        id=page.pk,
        slug=page.slug,
        title=page.title,
        summary=page.summary,
        url=page.full_url or "",
        courses=[PartOut(id=part.ref, title=part.title, required=part.required) for part in rule.courses],
        electives_needed=page.elective_min,
        credit_hours_needed=float(page.min_hours),
        exam=any(asked.kind == Kind.EXAM for asked in rule.verdict.requirements),
        certificate=page.series.title if page.series else "",
    )


def _keep(response):
    """The answer is the same for everybody who speaks the language."""
    response["Cache-Control"] = f"public, max-age={FRESH_FOR}"
