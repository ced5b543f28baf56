"""What tests are made of. Each function saves one thing with sensible defaults and returns it."""

import datetime as dt
from decimal import Decimal
from itertools import count

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils import timezone
from filer.models import File
from wagtail.models import Page, Site

from courses.models import (
    Assessment,
    BlueprintRule,
    CertificateSeries,
    CoursePage,
    Enrolment,
    HomePage,
    LessonPage,
    ProgrammeCourse,
    ProgrammeEnrolment,
    ProgrammePage,
    Question,
    QuestionVersion,
    TrackPage,
)
from live.models import Broadcast, Host, Room
from lms.models import BureauPost, Enterprise, Membership, Region, User
from media.models import Video
from tests import tasks

serial = count(1)
USCC = "91510100DEMQ01379A"


def user(name="测试学员", groups=(), **fields):
    n = next(serial)
    fields.setdefault("email", f"user{n}@example.org")
    account = User.objects.create_user(name=name, password="correct-horse-battery", **fields)
    for group in groups:
        account.groups.add(Group.objects.get_or_create(name=group)[0])
    return account


def region(code="510100", name="成都市", level=Region.Level.CITY, parent=None):
    return Region.objects.get_or_create(code=code, valid_to=None, defaults={"name": name, "level": level})[0]


def clerk(region="510100", level="", **fields):
    name = {"510000": "四川省"}.get(region, "成都市")
    level = level or (Region.Level.PROVINCE if region == "510000" else Region.Level.CITY)
    account = user(groups=["Bureau"], **fields)
    place = Region.objects.get_or_create(code=region, valid_to=None, defaults={"name": name, "level": level})[0]
    BureauPost.objects.create(user=account, region=place, started_on=dt.date(2026, 1, 1))
    return account


def enterprise(uscc=USCC, name="成都示范轴承有限公司", **fields):
    fields.setdefault("city", region())
    found, _ = Enterprise.objects.get_or_create(
        uscc=uscc, defaults={"name": name, "subject": Enterprise.Subject.ENTERPRISE, "size": "M", **fields}
    )
    return found


def member(account, enterprise_=None, role="staff", post="质量负责人"):
    return Membership.objects.create(
        user=account,
        enterprise=enterprise_ or enterprise(),
        role=role,
        post=post,
        started_on=dt.date(2026, 1, 1),
    )


@tasks.together()
def home(title="首席质量官网校"):
    found = HomePage.objects.first()
    if found:
        return found
    root = Page.objects.get(depth=1)
    page = root.add_child(instance=HomePage(title=title, slug="school"))
    Site.objects.update_or_create(
        is_default_site=True, defaults={"hostname": "localhost", "port": 80, "root_page": page}
    )
    return page


@tasks.together()
def track(home_page, code="cqo"):
    found = TrackPage.objects.filter(code=code).first()
    return found or home_page.add_child(instance=TrackPage(title=TrackPage.Track(code).label, slug=code, code=code))


@tasks.together()
def video(title="第一课", seconds=100.0, **fields):
    file = File.objects.create(original_filename=f"{title}.mp4", file=ContentFile(b"film", name="film.mp4"))
    fields.setdefault("state", Video.State.READY)
    return Video.objects.create(title=title, source=file, duration=seconds, width=1920, height=1080, **fields)


@tasks.together()
def lesson(parent, title=None, seconds=100.0, body=(), with_video=True, **fields):
    n = next(serial)
    title = title or f"第{n}节"
    blocks = [("video", video(title, seconds))] if with_video else []
    page = LessonPage(title=title, slug=f"lesson-{n}", **fields)
    page.body = [*blocks, *body]
    parent.add_child(instance=page)
    page.save_revision(clean=False).publish()
    return page


@tasks.together()
def course(home_page, title="质量管理基础", lessons=1, track_code="cqo", seconds=100.0, **fields):
    n = next(serial)
    page = track(home_page, track_code).add_child(instance=CoursePage(title=title, slug=f"course-{n}", **fields))
    for number in range(1, lessons + 1):
        lesson(page, title=f"{title}第{number}节", seconds=seconds)
    page.save_revision(clean=False).publish()
    return page


def question(kind="single", answer=("A",), keys="ABCD", **fields):
    n = next(serial)
    made = Question.objects.create(code=f"T{n:04}", kind=kind, **fields)
    keys = "TF" if kind == "truefalse" else keys
    made.current = QuestionVersion.objects.create(
        question=made,
        number=1,
        stem=f"第{n}题",
        options=[{"key": key, "text": f"选项{key}{n}"} for key in keys],
        answer=list(answer),
        explanation=f"解释{n}",
    )
    made.save()
    return made


def assessment(course_page=None, questions=3, title="随堂测验", score_each=2, **fields):
    """A paper of all single-choice questions of a course; the right answer is always A."""
    made = Assessment.objects.create(title=title, **fields)
    BlueprintRule.objects.create(assessment=made, course=course_page, count=0, score_each=score_each)
    for _ in range(questions):
        question(course=course_page)
    return made


def series(code="CQO", **fields):
    fields.setdefault("issuers", ["示范省市场监督管理局"])
    return CertificateSeries.objects.get_or_create(code=code, defaults=fields)[0]


@tasks.together()
def programme(home_page, courses, title="首席质量官任职培训", electives=(), **fields):
    n = next(serial)
    fields.setdefault("series", series())
    page = home_page.add_child(instance=ProgrammePage(title=title, slug=f"programme-{n}", **fields))
    for each in courses:
        ProgrammeCourse.objects.create(programme=page, course=each, required=True)
    for each in electives:
        ProgrammeCourse.objects.create(programme=page, course=each, required=False)
    page.refresh_from_db()
    page.save_revision(clean=False).publish()
    return page


def enrolment(account, course_page, **fields):
    fields.setdefault("started_at", timezone.now())
    return Enrolment.objects.create(user=account, course=course_page, **fields)


def programme_enrolment(account, programme_page, **fields):
    fields.setdefault("started_at", timezone.now())
    return ProgrammeEnrolment.objects.create(user=account, programme=programme_page, **fields)


def broadcast(title="标准解读直播", state="scheduled", trainer=None, **fields):
    fields.setdefault("starts_at", timezone.now() + dt.timedelta(hours=1))
    made = Broadcast.objects.create(title=title, state=state, **fields)
    Room.objects.create(broadcast=made)
    if trainer:
        Host.objects.create(broadcast=made, user=trainer, role=Host.Role.TRAINER)
    return made


def hours(value):
    return Decimal(str(value))
