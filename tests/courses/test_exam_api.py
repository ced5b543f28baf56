"""Papers as JSON."""

import datetime as dt
import json
from uuid import uuid4

import pytest
import time_machine

from courses import exams
from courses.models import Attempt
from tests import factories
from tests.courses.test_exam_sitting import NOON, begin, quiz_in

API = "/api/v1"


@pytest.fixture
def enrolment(learner, course):
    return factories.enrolment(learner, course)


@pytest.fixture
def machine(client, learner):
    client.force_login(learner)
    return client


def send(client, method, path, **body):
    return getattr(client, method)(f"{API}{path}", json.dumps(body), content_type="application/json")


def test_a_paper_from_start_to_result(machine, course, enrolment):
    quiz = quiz_in(course)
    started = send(machine, "post", f"/assessments/{quiz.uuid}/attempts", enrolment=str(enrolment.uuid))
    assert started.status_code == 200
    paper = started.json()
    assert paper["uuid"] == str(Attempt.objects.get().uuid)
    assert {question["answer"] for question in paper["questions"]} == {None}
    assert "explanation" in paper["questions"][0]
    assert paper["questions"][0]["explanation"] is None

    for position in (1, 2, 3):
        saved = send(machine, "put", f"/attempts/{paper['uuid']}/answers/{position}", chosen=["A"])
        assert saved.status_code == 200
    done = send(machine, "post", f"/attempts/{paper['uuid']}/submission").json()
    assert (done["passed"], done["score"]) == (True, "6.00")
    assert [question["answer"] for question in done["questions"]] == [["A"]] * 3
    assert machine.get(f"{API}/attempts/{paper['uuid']}").json() == done


def test_starting_again_goes_on_with_the_open_paper(machine, course, enrolment):
    quiz = quiz_in(course)
    first, second = (send(machine, "post", f"/assessments/{quiz.uuid}/attempts").json() for _ in range(2))
    assert first == second


def test_an_answer_is_stored_when_it_is_acknowledged(machine, course, enrolment):
    with time_machine.travel(NOON, tick=False):
        attempt = begin(enrolment, quiz_in(course, time_limit=10))
        machine.force_login(enrolment.user)
        reply = send(machine, "put", f"/attempts/{attempt.uuid}/answers/2", chosen=["B"], marked=True)
    assert reply.json() == {"saved_at": "2026-11-23T04:00:00Z", "left_ms": 600_000}
    row = attempt.answers.get(position=2)
    assert (row.chosen, row.marked) == (["B"], True)


def test_a_late_answer_is_gone(machine, course, enrolment):
    with time_machine.travel(NOON, tick=False) as clock:
        attempt = begin(enrolment, quiz_in(course, time_limit=10))
        clock.shift(dt.timedelta(minutes=11))
        machine.force_login(enrolment.user)
        reply = send(machine, "put", f"/attempts/{attempt.uuid}/answers/1", chosen=["A"])
    assert (reply.status_code, reply.json()["code"]) == (410, "too_late")


def test_a_paper_handed_in_is_closed(machine, course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    exams.submit(attempt)
    reply = send(machine, "put", f"/attempts/{attempt.uuid}/answers/1", chosen=["A"])
    assert (reply.status_code, reply.json()["code"]) == (409, "already_submitted")
    assert send(machine, "post", f"/attempts/{attempt.uuid}/submission").status_code == 200


@pytest.mark.parametrize(
    ("position", "body"),
    [(1, {"chosen": ["Z"]}), (9, {"chosen": ["A"]}), (1, {"chosen": "A"}), (1, {"chosen": ["AB"]})],
)
def test_what_does_not_fit_is_refused(machine, course, enrolment, position, body):
    attempt = begin(enrolment, quiz_in(course))
    reply = send(machine, "put", f"/attempts/{attempt.uuid}/answers/{position}", **body)
    assert reply.status_code == 422
    assert set(reply.json()) >= {"code", "message"}
    assert not attempt.answers.exclude(answered_at=None).exists()


def test_attempts_that_are_used_up(machine, course, enrolment):
    quiz = quiz_in(course, attempts=1)
    exams.submit(begin(enrolment, quiz))
    reply = send(machine, "post", f"/assessments/{quiz.uuid}/attempts")
    assert (reply.status_code, reply.json()["code"]) == (409, "no_attempts_left")


def test_hidden_answers_stay_hidden(machine, course, enrolment):
    attempt = begin(enrolment, quiz_in(course, show_explanations=False))
    exams.submit(attempt)
    questions = machine.get(f"{API}/attempts/{attempt.uuid}").json()["questions"]
    assert [(each["score"], each["answer"], each["explanation"]) for each in questions] == [("0.00", None, None)] * 3


def test_the_paper_of_another_is_not_there(client, outsider, course, enrolment):
    quiz = quiz_in(course)
    attempt = begin(enrolment, quiz)
    client.force_login(outsider)
    path = f"/attempts/{attempt.uuid}"
    assert client.get(f"{API}{path}").status_code == 404
    assert send(client, "put", f"{path}/answers/1", chosen=["A"]).status_code == 404
    assert send(client, "post", f"{path}/submission").status_code == 404
    borrowed = send(client, "post", f"/assessments/{quiz.uuid}/attempts", enrolment=str(enrolment.uuid))
    assert borrowed.status_code == 404
    assert send(client, "post", f"/assessments/{quiz.uuid}/attempts").json()["code"] == "unrelated"
    assert Attempt.objects.get().submitted_at is None


def test_without_signing_in_there_is_nothing(client, course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    assert client.get(f"{API}/attempts/{attempt.uuid}").status_code == 401
    assert client.get(f"{API}/attempts/{uuid4()}").status_code == 401
