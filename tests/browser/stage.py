"""What a browser test needs beyond the demo school; run inside the school by `School.script`."""

import subprocess
from pathlib import Path

from django.core.files import File

from courses import questions
from courses.models import (
    Assessment,
    BlueprintRule,
    CertificateSeries,
    CoursePage,
    HomePage,
    LessonPage,
    ProgrammeCourse,
    ProgrammePage,
    Question,
    TrackPage,
)
from media import ffmpeg, library

CUES = """WEBVTT

00:00:00.000 --> 00:00:03.000
这是第一句字幕

00:00:03.000 --> 00:00:06.000
这是第二句字幕
"""


def film(path, seconds=12, size="640x360"):
    """A film of coloured bars with a tone."""
    command = [
        ffmpeg.binary(), "-y", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration={seconds}",
        "-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", "-c:v", "libx264", "-preset", "ultrafast",
        "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(path),
    ]  # fmt: skip
    subprocess.run(command, check=True, timeout=60)
    return Path(path)


def short_programme(path, seconds=12):
    """One course of one short lesson, an exam of two questions, and a certificate."""
    home = HomePage.objects.get(locale__language_code="zh-hans")
    track = TrackPage.objects.child_of(home).get(code="tqm")
    course = track.add_child(instance=CoursePage(title="十二秒质量课", slug="short-course", threshold=90, max_rate=2))
    with film(path, seconds).open("rb") as file:
        video = library.add(file=File(file), name="short.mp4", title="短片", owner=None)
    lesson = LessonPage(title="一节短课", slug="short-lesson", credit_hours=1, body=[("video", video)])
    course.add_child(instance=lesson)
    lesson.save_revision().publish()
    course.save_revision().publish()
    exam = Assessment.objects.create(title="短课结业考试", kind="exam", time_limit=10, attempts=3, pass_percent=60)
    BlueprintRule.objects.create(assessment=exam, course=course, count=0, score_each=5)
    for number in (1, 2):
        question = Question.objects.create(code=f"SHORT{number}", kind="single", course=course)
        options = [{"key": "A", "text": "对的选项"}, {"key": "B", "text": "错的选项"}]
        questions.revise(question, stem=f"第{number}题：选对的那个", options=options, answer=["A"])
    series = CertificateSeries.objects.create(code="SHORT", issuers=["示范省市场监督管理局"])
    programme = ProgrammePage(title="短期培训", slug="short-programme", exam=exam, series=series)
    home.add_child(instance=programme)
    ProgrammeCourse.objects.create(programme=programme, course=course, required=True)
    programme.refresh_from_db()
    programme.save_revision().publish()
