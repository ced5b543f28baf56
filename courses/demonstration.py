"""The demo school: the real curriculum with invented people, loaded as an editor would have entered it.

Loading is idempotent and never overwrites: what an editor has changed since stays as it is.
"""

import json
from collections.abc import Callable
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from wagtail.models import Locale, Page, Site

from courses import desk, questions, standards
from courses.models import (
    Assessment,
    BlueprintRule,
    CertificateSeries,
    ContentPage,
    CoursePage,
    CourseTrainer,
    HomePage,
    LessonPage,
    NoticeIndexPage,
    NoticePage,
    ProgrammeCourse,
    ProgrammePage,
    Standard,
    TrackPage,
    Trainer,
)
from lms.models import IndustryChain
from lms.tracks import TRACKS

DEMO = Path(__file__).parent / "demo"

# What the apps above bring to the demo school, once its people are there. They join when they start.
besides: list[Callable[[], object]] = []
TRACK_OF = {"首席质量官网校": "cqo", "标准云课堂": "std", "全面质量管理": "tqm", "产业链专区": "chain"}
TRACK_TITLES = {
    "cqo": ("首席质量官任职", "Chief Quality Officer"),
    "std": ("标准云课堂", "Classroom of Standards"),
    "tqm": ("全面质量管理", "Total Quality Management"),
    "chain": ("产业链专区", "Industry Chains"),
}
TRACK_LEADS = {
    "cqo": (
        "岗位职责、法规底线、质量战略与卓越绩效，学完可考证。",
        "Duties of the post, legal limits, quality strategy and excellence; ends in a certificate.",
    ),
    "std": (
        "逐条读懂管理体系标准，认识计量、检验检测与认证认可。",
        "Management system standards clause by clause; metrology, testing, certification.",
    ),
    "tqm": (
        "面向全员和班组：过程、工具、成本、现场与改进。",
        "For everyone on the floor: process, tools, cost, workplace and improvement.",
    ),
    "chain": (
        "沿一条产业链讲清关键质量特性、标准与检测资源。",
        "Key characteristics, standards and test resources along one industry chain.",
    ),
}
LEVELS = {"cqo-foundation": "basic", "excellence-brand": "advanced", "chain-hydrogen": "special"}
CHAINS = {"chain-hydrogen": ["C01"]}
HOME = (
    ("首席质量官网校", "企业质量人的公益培训学校"),
    ("CQO Academy", "The free training school for people who answer for quality"),
)
SERIES = {
    "cqo-programme": {"code": "CQO", "post": "首席质量官"},
    "tqm-programme": {"code": "TQM", "post": ""},
}
# Signed by no bureau, real or invented, and marked on the sheet: nobody can take it for a document of the state.
SIGNED = {
    "issuers": ["首席质量官网校（演示）"],
    "issuers_en": ["CQO Academy (demonstration)"],
    "note": "演示证书，不作证明",
}


@cache
def data(name: str) -> Any:
    return json.loads((DEMO / name).read_text("utf-8"))


def load() -> None:
    """Put the whole school into the database. Films follow by `make_demo_films`."""
    with transaction.atomic():
        Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
        Locale.objects.get_or_create(language_code="en")
        standards.load(json.loads((DEMO.parent / "reference/standards.json").read_text("utf-8"))["standards"])
        home = _home()
        tracks = {code: _track(home, code) for code in TRACKS}
        trainers = _trainers()
        courses = {
            row["id"]: _course(tracks[TRACK_OF[row["track"]]], row, trainers) for row in data("courses.json")["courses"]
        }
        questions.load(data("questions.json"), courses)
        for row in data("courses.json")["courses"]:
            _tests(courses[row["id"]], row)
        for row in data("courses.json")["programmes"]:
            _programme(home, row, courses)
        _texts(home)
        desk.prepare()
        _english()


def _child(parent: Page, model: type[Page], slug: str, **fields: Any) -> tuple[Any, bool]:
    """The child of that slug, made and published when there is none."""
    found = model.objects.child_of(parent).filter(slug=slug).first()
    if found:
        return found, False
    page = parent.add_child(instance=model(slug=slug, locale=parent.locale, **fields))
    page.save_revision().publish()
    return page, True


def _home() -> HomePage:
    root = Page.objects.get(depth=1)
    home = HomePage.objects.filter(locale__language_code=settings.LANGUAGE_CODE).first()
    if home is None:
        home = root.add_child(instance=HomePage(title=HOME[0][0], lead=HOME[0][1], slug="school"))
        home.save_revision().publish()
        Site.objects.update_or_create(
            is_default_site=True,
            defaults={"hostname": "localhost", "port": 80, "root_page": home, "site_name": HOME[0][0]},
        )
        Page.objects.filter(depth=2, slug="home").exclude(pk=home.pk).delete()
    return home


def _track(home: HomePage, code: str) -> TrackPage:
    return _child(home, TrackPage, code, title=TRACK_TITLES[code][0], lead=TRACK_LEADS[code][0], code=code)[0]


def _trainers() -> dict[str, Trainer]:
    """Course id → who teaches it."""
    taught = {}
    for row in data("trainers.json")["trainers"]:
        fields = {key: row[key] for key in ("name_en", "title", "title_en", "bio", "bio_en")}
        trainer, _ = Trainer.objects.get_or_create(name=row["name"], defaults=fields)
        taught.update(dict.fromkeys(row["courses"], trainer))
    return taught


def _course(track: TrackPage, row: dict, trainers: dict[str, Trainer]) -> CoursePage:
    course, made = _child(
        track,
        CoursePage,
        row["id"],
        title=row["title"],
        summary=row["summary"],
        goals="\n".join(row["goals"]),
        audience="、".join(row["audience"]),
        level=LEVELS.get(row["id"], "basic"),
        sequential=row["id"] == "cqo-foundation",
    )
    if made:
        course.chains = IndustryChain.objects.filter(code__in=CHAINS.get(row["id"], []))
        course.trainers = [CourseTrainer(trainer=trainers[row["id"]])]
        for lesson in row["lessons"]:
            _lesson(course, lesson)
        course.save_revision().publish()
    return course


def _lesson(course: CoursePage, row: dict) -> None:
    lesson = LessonPage(
        title=row["title"],
        slug=row["id"],
        locale=course.locale,
        kind=row["kind"],
        summary=row["summary"],
        credit_hours=row["credit_hours"],
        minutes=row["minutes"],
        body=[("text", handout(data("handouts.json")[row["id"]]))],
    )
    course.add_child(instance=lesson)
    lesson.standards = Standard.objects.filter(number__in=row["standards"])
    lesson.save_revision().publish()


def handout(text: dict) -> str:
    """The words beside a film, as the editor's rich text."""
    points = "".join(f"<li>{escape(point)}</li>" for point in text["points"])
    lead = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in text["lead"])
    return f"{lead}<ul>{points}</ul><p>{escape(text['practice'])}</p>"


def _tests(course: CoursePage, row: dict) -> None:
    """A quiz in each lesson whose topics have questions, and the test of the whole course."""
    if course.assessment_id:
        return
    topics = set(course.questions.values_list("topic", flat=True))
    for lesson in course.lessons():
        outline = next(each for each in row["lessons"] if each["id"] == lesson.slug)
        wanted = [topic for topic in outline["quiz_topics"] if topic in topics]
        if wanted:
            quiz = _assessment(f"{lesson.title} 随堂测验", "Quiz", course=course, topics=wanted)
            lesson.body.append(("quiz", quiz))
            lesson.save_revision().publish()
    rule = row["completion"]
    course.assessment = _assessment(
        f"{row['title']} 课程测验",
        "Course test",
        course=course,
        attempts=rule["attempts"],
        pass_percent=rule["quiz_pass_percent"],
    )
    course.save_revision().publish()


def _assessment(
    title: str, title_en: str, *, course: CoursePage, topics: list[str] | None = None, **fields: Any
) -> Assessment:
    made = Assessment.objects.create(title=title[:120], title_en=title_en, **fields)
    BlueprintRule.objects.create(assessment=made, course=course, topics=topics or [], count=0, score_each=2)
    return made


def _programme(home: HomePage, row: dict, courses: dict[str, CoursePage]) -> None:
    english = data("courses.en.json")["programmes"][row["id"]]
    series, _ = CertificateSeries.objects.get_or_create(
        code=SERIES[row["id"]]["code"],
        defaults={**SIGNED, "post": SERIES[row["id"]]["post"], "title_en": english["certificate"]},
    )
    programme, made = _child(
        home,
        ProgrammePage,
        row["id"],
        title=row["title"],
        summary=english["summary_zh"],
        elective_min=row["elective_min"],
        min_hours=row["min_credit_hours"],
        exam=_exam(row),
        series=series,
    )
    if made:
        chosen = [(name, True) for name in row["required_courses"]] + [
            (name, False) for name in row["elective_courses"]
        ]
        for order, (name, required) in enumerate(chosen):
            ProgrammeCourse.objects.create(
                programme=programme, course=courses[name], required=required, sort_order=order
            )
        ProgrammePage.objects.get(pk=programme.pk).save_revision().publish()


def _exam(row: dict) -> Assessment | None:
    rule = row["final_exam"]
    if not rule:
        return None
    title = f"{row['title']} 结业考试"
    exam = Assessment.objects.filter(title=title).first()
    if exam is None:
        exam = Assessment.objects.create(
            title=title,
            title_en="Final exam",
            kind=Assessment.Kind.EXAM,
            pass_percent=rule["pass_score"] * 100 // rule["full_score"],
            attempts=rule["attempts"],
            time_limit=rule["minutes"],
            shuffle_questions=rule["shuffle_questions"],
            shuffle_options=rule["shuffle_options"],
        )
        for order, (kind, count) in enumerate(rule["counts"].items()):
            BlueprintRule.objects.create(
                assessment=exam, kind=kind, count=count, score_each=rule["score_each"][kind], sort_order=order
            )
    return exam


def _paragraphs(rows: list[str]) -> str:
    return "".join(row if row.startswith("<") else f"<p>{escape(row)}</p>" for row in rows)


def _texts(home: HomePage) -> None:
    index, _ = _child(home, NoticeIndexPage, "notices", title="通知公告")
    for row in data("notices.json")["notices"]:
        _child(index, NoticePage, row["id"], title=row["title"], date=row["date"], body=_paragraphs(row["body"]))
    for row in data("pages.json")["pages"]:
        _child(home, ContentPage, row["id"], title=row["title"], body=_paragraphs(row["body"]))


def _english() -> None:
    """The same tree in English. A page that has a translation is left alone."""
    english = Locale.objects.get(language_code="en")
    words = data("courses.en.json")
    home = HomePage.objects.get(locale__language_code=settings.LANGUAGE_CODE)
    _translate(home, english, title=HOME[1][0], lead=HOME[1][1], slug="school-en")
    for track in TrackPage.objects.child_of(home):
        title, lead = TRACK_TITLES[track.code][1], TRACK_LEADS[track.code][1]
        _translate(track, english, title=title, lead=lead)
        for course in CoursePage.objects.child_of(track).filter(slug__in=words["courses"]):
            _english_course(course, english, words)
    for row in data("courses.json")["programmes"]:
        text = words["programmes"][row["id"]]
        _translate(
            ProgrammePage.objects.get(slug=row["id"], locale=home.locale),
            english,
            title=text["title"],
            summary=text["summary"],
        )
    _english_texts(home, english)


def _english_course(course: CoursePage, english: Locale, words: dict) -> None:
    text = words["courses"][course.slug]
    fields = {"title": text["title"], "summary": text["summary"]}
    _translate(course, english, goals="\n".join(text["goals"]), audience=", ".join(text["audience"]), **fields)
    for lesson in course.lessons().filter(slug__in=words["lessons"]):
        body = [("text", handout(data("handouts.en.json")[lesson.slug]))]
        body += [("quiz", block.value) for block in lesson.body if block.block_type == "quiz"]
        _translate(lesson, english, body=body, **words["lessons"][lesson.slug])


def _english_texts(home: HomePage, english: Locale) -> None:
    _translate(NoticeIndexPage.objects.child_of(home).get(), english, title="Notices")
    for model, rows in ((NoticePage, data("notices.json")["notices"]), (ContentPage, data("pages.json")["pages"])):
        for row in rows:
            page = model.objects.filter(slug=row["id"], locale=home.locale).first()
            if page:
                _translate(page, english, title=row["title_en"], body=_paragraphs(row["body_en"]))


def _translate(page: Page, locale: Locale, **fields: Any) -> None:
    if page.has_translation(locale):
        return
    copy = page.copy_for_translation(locale)
    for name, value in fields.items():
        setattr(copy, name, value)
    copy.save_revision().publish()
