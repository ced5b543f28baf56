"""The download of one's own data holds what courses keep about the person, and nothing of anybody else."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from courses import appeals, classes, completion, enrolment, suspicion
from courses.models import Answer, Attempt, Attendance, Flag
from tests import factories
from tests.courses.viewer import Viewer, frozen


@pytest.fixture
def row(learner, course):
    return enrolment.enrol(learner, course)


@pytest.fixture
def download(client, learner):
    client.force_login(learner)
    return lambda: json.loads(client.get(reverse("my_data")).content)


def test_studies_come_with_what_players_reported(download, learner, course, row):
    lesson = course.lessons().first()
    with frozen() as clock:
        viewer = Viewer(clock, learner, lesson)
        viewer.watch(20)
        viewer.claim(20, 100)
        viewer.beat()
    (study,) = download()["studies"]
    assert (study["uuid"], study["course"]) == (str(row.uuid), course.title)
    (told,) = study["lessons"]
    assert (told["lesson"], told["coverage"]) == (lesson.title, [[0, 30_000]])
    (player,) = told["players"]
    assert player["beats"] == 3
    assert [(each["what"], each["from"], each["to"]) for each in player["stretches"]] == [
        ("credited", 0, 30_000),
        ("trimmed", 30_000, 100_000),
    ]


def test_what_looked_strange_is_there_without_who_judged_it(download, admin, learner, outsider, course, row):
    lesson = course.lessons().first()
    own, other = (
        Flag.objects.create(
            key=f"speed:{each.pk}", kind="speed", enrolment=each, lesson=lesson, figures={"beats": 4},
            created_at=timezone.now(),
        )
        for each in (row, enrolment.enrol(outsider, course))
    )  # fmt: skip
    suspicion.review(reviewer=admin, flag=own, state="dismissed", note="设备较旧")
    suspicion.review(reviewer=admin, flag=other, state="confirmed", note="别人的事")
    (flag,) = download()["flags"]
    assert (flag["kind"], flag["lesson"], flag["figures"]) == ("speed", lesson.title, {"beats": 4})
    assert (flag["course"], flag["state"]) == (course.title, "dismissed")
    assert [(each["state"], each["note"]) for each in flag["reviews"]] == [("dismissed", "设备较旧")]
    assert admin.name not in json.dumps(flag, ensure_ascii=False)


def test_presence_exams_decisions_and_requests_are_there(download, admin, learner, home, course, row):
    first, second, third = course.lessons()
    completion.attend(
        key="class:1", enrolment=row, lesson=first, channel=Attendance.Channel.CLASSROOM, minutes=20, recorded_by=admin
    )
    completion.override(enrolment=row, lesson=second, author=admin, reason="线下已学")
    appeals.file(user=learner, enrolment=row, lesson=third, text="少记了三分钟")
    enrolment.join(learner, factories.programme(home, [course], title="任职培训"))
    made = Attempt.objects.create(
        assessment=factories.assessment(course, title="结业考试"),
        user=learner,
        enrolment=row,
        number=1,
        started_at=timezone.now(),
        submitted_at=timezone.now(),
        pass_score=6,
        full_score=6,
        score=4,
        passed=False,
    )
    version = factories.question(course=course).current
    Answer.objects.create(
        attempt=made, position=1, version=version, option_keys=["A", "B"], full_score=2, chosen=["A"], score=2
    )
    told = download()
    assert told["studies"][0]["attendance"][0]["minutes"] == 20
    assert (told["decisions"][0]["reason"], told["decisions"][0]["lesson"]) == ("线下已学", second.title)
    assert [each["text"] for each in told["requests"]] == ["少记了三分钟"]
    assert told["programmes"][0]["programme"] == "任职培训"
    assert told["attempts"][0]["answers"][0]["chosen"] == ["A"]
    assert {"certificates", "notes", "ledger"} <= set(told)
    written = json.dumps(told, ensure_ascii=False)
    assert version.stem not in written
    assert admin.name not in written


def test_classes_on_site_are_there(download, learner, trainer):
    day = timezone.localdate()
    held = classes.plan(title="任职培训班", by=trainer, starts_on=day, ends_on=day)
    met = classes.add_session(held, title="质量法规", starts_at=timezone.now(), minutes=90)
    classes.come_in(met, user=learner, secret=met.door_secret)
    (told,) = download()["classes"]
    assert (told["class"], told["name"]) == ("任职培训班", learner.name)
    assert [(each["meeting"], each["how"]) for each in told["sign_ins"]] == [("质量法规", "door")]


def test_nothing_of_anybody_else_is_in_it(download, outsider, course, row):
    other = enrolment.enrol(outsider, course)
    with frozen() as clock:
        Viewer(clock, outsider, course.lessons().first()).watch(20)
    told = download()
    assert str(other.uuid) not in json.dumps(told, ensure_ascii=False)
    assert [each["lessons"] for each in told["studies"]] == [[]]
