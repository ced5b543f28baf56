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
from wagtail.models import Locale

from courses import foundation, questions
from courses.foundation import child, paragraphs, translate
from courses.models import (
    Assessment,
    BlueprintRule,
    CertificateSeries,
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

DEMO = Path(__file__).parent / "demo"

# What the apps above bring to the demo school, once its people are there. They join when they start.
besides: list[Callable[[], object]] = []
TRACK_OF = {"首席质量官网校": "cqo", "标准云课堂": "std", "全面质量管理": "tqm", "产业链专区": "chain"}
LEVELS = {"cqo-foundation": "basic", "excellence-brand": "advanced", "chain-hydrogen": "special"}
CHAINS = {"chain-hydrogen": ["C01"]}
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
        home = foundation.lay()
        tracks = {track.code: track for track in TrackPage.objects.child_of(home)}
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
        _english()


def _trainers() -> dict[str, Trainer]:
    """Course id → who teaches it."""
    taught = {}
    for row in data("trainers.json")["trainers"]:
        fields = {key: row[key] for key in ("name_en", "title", "title_en", "bio", "bio_en")}
        trainer, _ = Trainer.objects.get_or_create(name=row["name"], defaults=fields)
        taught.update(dict.fromkeys(row["courses"], trainer))
    return taught


def _course(track: TrackPage, row: dict, trainers: dict[str, Trainer]) -> CoursePage:
    course, made = child(
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
    programme, made = child(
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


def _texts(home: HomePage) -> None:
    index = NoticeIndexPage.objects.child_of(home).get()
    for row in data("notices.json")["notices"]:
        child(index, NoticePage, row["id"], title=row["title"], date=row["date"], body=paragraphs(row["body"]))


def _english() -> None:
    """The same tree in English. A page that has a translation is left alone."""
    english = Locale.objects.get(language_code="en")
    words = data("courses.en.json")
    home = HomePage.objects.get(locale__language_code=settings.LANGUAGE_CODE)
    for track in TrackPage.objects.child_of(home):
        for course in CoursePage.objects.child_of(track).filter(slug__in=words["courses"]):
            _english_course(course, english, words)
    for row in data("courses.json")["programmes"]:
        text = words["programmes"][row["id"]]
        translate(
            ProgrammePage.objects.get(slug=row["id"], locale=home.locale),
            english,
            title=text["title"],
            summary=text["summary"],
        )
    _english_texts(home, english)


def _english_course(course: CoursePage, english: Locale, words: dict) -> None:
    text = words["courses"][course.slug]
    fields = {"title": text["title"], "summary": text["summary"]}
    translate(course, english, goals="\n".join(text["goals"]), audience=", ".join(text["audience"]), **fields)
    for lesson in course.lessons().filter(slug__in=words["lessons"]):
        body = [("text", handout(data("handouts.en.json")[lesson.slug]))]
        body += [("quiz", block.value) for block in lesson.body if block.block_type == "quiz"]
        translate(lesson, english, body=body, **words["lessons"][lesson.slug])


def _english_texts(home: HomePage, english: Locale) -> None:
    for row in data("notices.json")["notices"]:
        page = NoticePage.objects.get(slug=row["id"], locale=home.locale)
        translate(page, english, title=row["title_en"], body=paragraphs(row["body_en"]))
