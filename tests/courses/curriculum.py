"""The demo curriculum as pages, for tests that need a whole school to search in."""

import json
from pathlib import Path

from django.conf import settings
from wagtail.search.backends import get_search_backend

from courses import standards
from courses.models import CoursePage, CourseTrainer, LessonPage, Standard, Trainer
from lms.models import IndustryChain
from tests import factories

DEMO = Path(settings.BASE_DIR, "courses/demo/courses.json")
STANDARDS = Path(settings.BASE_DIR, "courses/reference/standards.json")
TRACK_OF = {"首席质量官网校": "cqo", "标准云课堂": "std", "全面质量管理": "tqm", "产业链专区": "chain"}
TRAINERS = {
    "cqo-foundation": ("李蔚然", "Li Weiran"),
    "excellence-brand": ("李蔚然", "Li Weiran"),
    "tqm-basics": ("陈立群", "Chen Liqun"),
    "improve-tools": ("陈立群", "Chen Liqun"),
    "std-qms": ("周启明", "Zhou Qiming"),
    "nqi-basics": ("何思源", "He Siyuan"),
    "chain-hydrogen": ("何思源", "He Siyuan"),
}
LEVELS = {"excellence-brand": "advanced", "chain-hydrogen": "special"}


def outline():
    return json.loads(DEMO.read_text("utf-8"))["courses"]


def build():
    """7 courses, 45 lessons, their standards and trainers, all published and indexed."""
    home = factories.home()
    standards.load(json.loads(STANDARDS.read_text("utf-8"))["standards"])
    for row in outline():
        _course(home, row)
    index()


def _course(home, row):
    course = factories.track(home, TRACK_OF[row["track"]]).add_child(
        instance=CoursePage(
            title=row["title"],
            slug=row["id"],
            summary=row["summary"],
            goals="\n".join(row["goals"]),
            audience="、".join(row["audience"]),
            level=LEVELS.get(row["id"], "basic"),
        )
    )
    name, name_en = TRAINERS[row["id"]]
    trainer, _ = Trainer.objects.get_or_create(name=name, defaults={"name_en": name_en})
    course.trainers = [CourseTrainer(trainer=trainer)]
    if row["id"] == "chain-hydrogen":
        chain, _ = IndustryChain.objects.get_or_create(
            code="C01", defaults={"name": "氢能（绿氢）", "pillar": "P1", "pillar_name": "绿色低碳优质产业"}
        )
        course.chains = [chain]
    course.save()
    for each in row["lessons"]:
        lesson = course.add_child(
            instance=LessonPage(
                title=each["title"],
                slug=each["id"],
                kind=each["kind"],
                summary=each["summary"],
                credit_hours=each["credit_hours"],
                minutes=each["minutes"],
            )
        )
        lesson.standards = Standard.objects.filter(number__in=each["standards"])
        lesson.save()


def index():
    """Tests run the index task inside the saving transaction, before a page's standards are written: do it again."""
    backend = get_search_backend()
    for model in (CoursePage, LessonPage, Standard):
        backend.add_bulk(model, list(model.get_indexed_objects()))
