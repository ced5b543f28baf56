"""A course whose films are ready at once, for tests of the player; run inside the school by `School.script`."""

import shutil
from pathlib import Path
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import transaction
from filer.models import File
from wagtail.models import Locale

from courses import enrolment
from courses.models import CoursePage, LessonPage, LessonProgress, TrackPage
from lms.models import User
from media import captions, transcoding
from media.models import Video

SECONDS = 40
LONG = "过程能力与统计过程控制入门：从抽样、判异到持续改进的一整套做法"
WORDS = {
    "zh-hans": "WEBVTT\n\n00:00:00.000 --> 00:00:20.000\n点出界，说明有特殊原因进来了。\n",
    "en": "WEBVTT\n\n00:00:00.000 --> 00:00:20.000\nA point outside the limits has a special cause.\n",
}
NAMES = ("quality", "remember", "keys", "gaps", "one-gap", "resume", "notes", "tree", "last", "next-one", "next-two")
ENGLISH = ("quality", "tree", "gaps")


def course(ladder, login, *, slug="player", names=NAMES, **fields):
    """Lessons named after the tests that play them."""
    track = TrackPage.objects.get(code="tqm", locale__language_code="zh-hans")
    made = track.add_child(instance=CoursePage(title="全面质量管理", slug=slug, max_rate=2, **fields))
    for name in names:
        add(made, name, film(Path(ladder), f"{slug} {name}"))
    made.save_revision().publish()
    enrolment.enrol(User.objects.get(email=login), made)
    in_english(made, *made.lessons().filter(slug__in=ENGLISH))
    return made


def in_english(*pages):
    english = Locale.objects.get(language_code="en")
    for page in pages:
        page.copy_for_translation(english, copy_parents=True).save_revision().publish()


def film(ladder, title, **fields):
    fields = {"state": Video.State.READY, "duration": SECONDS, "width": 640, "height": 360, **fields}
    with transaction.atomic():  # the worker adopts films that lie in the library by themselves
        file = File.objects.create(original_filename="film.mp4", file=ContentFile(b"film", name="film.mp4"))
        video = Video.objects.create(title=title, source=file, run=uuid4(), has_audio=True, **fields)
    shutil.copytree(ladder, transcoding.run_folder(video.uuid, video.run))
    for language, text in WORDS.items():
        captions.attach(video, language, text)
    return video


def add(made, name, video):
    lesson = LessonPage(title=LONG if name == "quality" else name, slug=name, credit_hours=2, body=[("video", video)])
    made.add_child(instance=lesson)
    lesson.save_revision().publish()
    return lesson


def watched(name, login, coverage, position_ms=0, slug="player"):
    """As if these milliseconds had been watched."""
    above = CoursePage.objects.get(slug=slug, locale__language_code="zh-hans")
    lesson = above.lessons().get(slug=name)
    held = enrolment.current(User.objects.get(email=login), lesson.course)
    LessonProgress.objects.update_or_create(
        enrolment=held, lesson=lesson,
        defaults={
            "video": lesson.video, "ladder": lesson.video.run, "duration_ms": SECONDS * 1000,
            "coverage": coverage, "position_ms": position_ms,
            "watched_ms": sum(end - start for start, end in coverage),
        },
    )  # fmt: skip
