"""The pages around a paper: before, during, handing in, afterwards; with and without script."""

import json
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone, translation

from courses import exams
from courses.models import Attempt
from tests import factories
from tests.courses.test_exam_sitting import NOON, begin, fill, quiz_in


@pytest.fixture
def enrolment(learner, course):
    return factories.enrolment(learner, course)


@pytest.fixture
def page(client, learner):
    client.force_login(learner)
    return client


def start_page(quiz, enrolment):
    return f"{reverse('exam_start', args=[quiz.uuid])}?enrolment={enrolment.uuid}"


def address(name, attempt):
    return reverse(name, args=[attempt.uuid])


def send(client, attempt, **body):
    return client.post(address("attempt_answer", attempt), json.dumps(body), content_type="application/json")


def test_a_quiz_from_its_start_page_to_its_result(page, course, enrolment):
    quiz = quiz_in(course, attempts=3)
    before = page.get(start_page(quiz, enrolment))
    assert before.status_code == 200
    assert (before.context["count"], before.context["full_score"]) == (3, 6)

    paper = page.post(start_page(quiz, enrolment), follow=True)
    attempt = Attempt.objects.get()
    assert paper.redirect_chain == [(address("attempt", attempt), 302)]
    assert [row.chosen for row in paper.context["rows"]] == [[], [], []]

    for position in (1, 2, 3):
        assert send(page, attempt, position=position, chosen=["A"]).status_code == 200
    result = page.post(address("attempt_submit", attempt), follow=True)
    assert result.redirect_chain == [(address("attempt_result", attempt), 302)]
    assert result.context["attempt"].passed
    assert [row.verdict for row in result.context["rows"]] == ["right"] * 3
    assert result.context["origin_url"].endswith(course.lessons().first().slug + "/")


def test_a_saved_answer_is_acknowledged_with_the_servers_clock(page, course, enrolment):
    with time_machine.travel(NOON, tick=False) as clock:
        attempt = begin(enrolment, quiz_in(course, time_limit=10))
        clock.shift(60)
        reply = send(page, attempt, position=1, chosen=["B"], marked=True).json()
    assert reply.pop("saved_at").startswith("2026-11-23T04:01:00")
    assert reply == {"saved_clock": "12:01", "left_ms": 540_000, "result": ""}
    row = attempt.answers.get(position=1)
    assert (row.chosen, row.marked) == (["B"], True)


def test_what_had_to_wait_is_told_how_the_question_stands_now(page, course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    exams.answer(attempt=attempt, position=1, chosen=["A"], marked=True)
    reply = send(page, attempt, position=1, chosen=["B"], age_ms=60_000).json()
    assert reply["stands"] == {"position": 1, "chosen": ["A"], "marked": True}


def test_reload_shows_what_was_saved(page, course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    exams.answer(attempt=attempt, position=2, chosen=["C"], marked=True)
    shown = page.get(address("attempt", attempt))
    assert (shown.context["answered"], shown.context["unanswered"], shown.context["marked"]) == (1, [1, 3], [2])
    assert shown.content.decode().count(" checked") == 2


def test_without_script_the_whole_form_is_saved(page, course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    exams.answer(attempt=attempt, position=3, chosen=["D"], marked=True)
    reply = page.post(address("attempt", attempt), {"q1": "A", "q2": "B", "m2": "1"})
    assert reply.url == address("attempt", attempt)
    rows = [(row.chosen, row.marked) for row in exams.paper(attempt)]
    assert rows == [(["A"], False), (["B"], True), ([], False)]


def test_without_script_handing_in_asks_first(page, course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    reply = page.post(address("attempt", attempt), {"q1": "A", "hand_in": "1"}, follow=True)
    assert reply.redirect_chain[-1][0] == address("attempt_submit", attempt)
    assert (reply.context["answered"], reply.context["unanswered_ranges"]) == (1, [(2, 3)])
    attempt.refresh_from_db()
    assert attempt.submitted_at is None


def test_scripts_ask_the_page_for_the_clock(page, course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    asked = {"headers": {"Accept": "application/json"}}
    assert page.get(address("attempt", attempt), **asked).json() == {"left_ms": None, "result": ""}
    exams.submit(attempt)
    assert page.get(address("attempt", attempt), **asked).json()["result"] == address("attempt_result", attempt)


def test_a_final_exam_wants_a_promise(page, course, learner, home):
    exam = factories.assessment(course, title="结业考试", kind="exam", attempts=3, time_limit=60)
    programme = factories.programme(home, [course], exam=exam, exam_needs_courses=False)
    place = factories.programme_enrolment(learner, programme)
    url = f"{reverse('exam_start', args=[exam.uuid])}?programme={place.uuid}"
    refused = page.post(url)
    assert refused.context["unsigned"]
    assert not Attempt.objects.exists()
    assert page.post(url, {"pledge": "1"}).url == address("attempt", Attempt.objects.get())


def test_the_start_page_finds_the_enrolment_by_itself(page, course, enrolment):
    quiz = quiz_in(course)
    assert page.get(reverse("exam_start", args=[quiz.uuid])).status_code == 200


def test_what_stands_in_the_way_is_said_on_the_start_page(page, course, enrolment):
    quiz = quiz_in(course, attempts=1)
    exams.submit(begin(enrolment, quiz))
    reply = page.post(start_page(quiz, enrolment))
    assert (reply.status_code, reply.context["refusal"].code) == (409, "no_attempts_left")
    assert [each.number for each in reply.context["standing"].attempts] == [1]
    with translation.override("en"):
        assert "All 1 attempts have been used." in page.get(start_page(quiz, enrolment)).content.decode()


def test_an_answer_after_the_time_is_refused_and_nothing_is_lost(page, course, enrolment):
    with time_machine.travel(NOON, tick=False) as clock:
        attempt = begin(enrolment, quiz_in(course, time_limit=10))
        fill(attempt, count=2)
        clock.shift(606)
        page.force_login(enrolment.user)
        reply = send(page, attempt, position=3, chosen=["A"])
        assert (reply.status_code, reply.json()["code"]) == (409, "too_late")
        assert reply.json()["result"] == address("attempt_result", attempt)
        shown = page.get(reply.json()["result"])
    assert shown.context["attempt"].score == 4
    assert shown.context["attempt"].timed_out


def test_an_answer_to_a_paper_handed_in_is_refused(page, course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    exams.submit(attempt)
    reply = send(page, attempt, position=1, chosen=["A"])
    assert (reply.status_code, reply.json()["code"]) == (409, "already_submitted")
    assert page.get(address("attempt", attempt)).url == address("attempt_result", attempt)
    assert page.post(address("attempt", attempt), {"q1": "A"}).url == address("attempt_result", attempt)


def test_a_double_submit_shows_the_one_result(page, course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    first = page.post(address("attempt_submit", attempt))
    second = page.post(address("attempt_submit", attempt))
    assert first.url == second.url == address("attempt_result", attempt)


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        "{}",
        '{"position": "1"}',
        '{"position": true, "chosen": ["A"]}',
        '{"position": 1, "chosen": "A"}',
        '{"position": 1, "chosen": [1]}',
        '{"position": 1, "marked": "yes"}',
        '{"position": 1, "chosen": ["Z"]}',
        '{"position": 1, "chosen": ["A"], "age_ms": -1}',
        '{"position": 1, "chosen": ["A"], "age_ms": 1e30}',
        '{"position": 99, "chosen": ["A"]}',
        "[" * 100_000,
    ],
)
def test_a_malformed_answer_is_refused(page, course, enrolment, body):
    attempt = begin(enrolment, quiz_in(course))
    reply = page.post(address("attempt_answer", attempt), body, content_type="application/json")
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_answer")
    assert not attempt.answers.exclude(answered_at=None).exists()


def test_a_form_with_a_foreign_option_keeps_what_was_saved(page, course, enrolment):
    attempt = begin(enrolment, quiz_in(course))
    exams.answer(attempt=attempt, position=1, chosen=["A"])
    reply = page.post(address("attempt", attempt), {"q1": "B", "q2": "Z"})
    assert (reply.status_code, reply.context["refusal"].code) == (400, "bad_answer")
    assert attempt.answers.get(position=1).chosen == ["A"]


@pytest.mark.parametrize("name", ["attempt", "attempt_submit", "attempt_result"])
def test_the_paper_of_another_is_not_there(client, outsider, course, enrolment, name):
    attempt = begin(enrolment, quiz_in(course))
    client.force_login(outsider)
    assert client.get(address(name, attempt)).status_code == 404
    assert client.post(address("attempt_submit", attempt)).status_code == 404
    assert send(client, attempt, position=1, chosen=["A"]).status_code == 404
    attempt.refresh_from_db()
    assert (attempt.submitted_at, attempt.answers.get(position=1).chosen) == (None, [])


def test_the_enrolment_of_another_is_not_there(client, outsider, course, enrolment):
    quiz = quiz_in(course)
    client.force_login(outsider)
    assert client.get(start_page(quiz, enrolment)).status_code == 404
    assert client.post(start_page(quiz, enrolment)).status_code == 404
    assert client.get(reverse("exam_start", args=[quiz.uuid])).status_code == 403
    assert not Attempt.objects.exists()


@pytest.mark.parametrize("query", ["?enrolment=nonsense", "?enrolment=00000000-0000-4000-8000-000000000000"])
def test_an_enrolment_that_does_not_exist(page, course, enrolment, query):
    quiz = quiz_in(course)
    assert page.get(reverse("exam_start", args=[quiz.uuid]) + query).status_code == 404


def test_papers_that_do_not_exist(page):
    assert page.get(reverse("exam_start", args=[uuid4()])).status_code == 404
    assert page.get(reverse("attempt", args=[uuid4()])).status_code == 404


def test_a_visitor_is_asked_to_sign_in(client, course, enrolment):
    quiz = quiz_in(course)
    attempt = begin(enrolment, quiz)
    for url in (start_page(quiz, enrolment), address("attempt", attempt), address("attempt_result", attempt)):
        reply = client.get(url)
        assert reply.status_code == 302
        assert reply.url.startswith(reverse("account_login"))
    reply = send(client, attempt, position=1, chosen=["A"])
    assert (reply.status_code, reply.json()["code"]) == (401, "signed_out")


def test_right_answers_are_shown_only_afterwards_and_only_if_the_editor_lets_them(page, course, enrolment):
    quiz = quiz_in(course, show_explanations=True)
    attempt = begin(enrolment, quiz)
    why = exams.paper(attempt)[0].version.explanation
    assert why not in page.get(address("attempt", attempt)).content.decode()
    exams.submit(attempt)
    shown = page.get(address("attempt_result", attempt)).content.decode()
    assert why in shown
    assert shown.count("review__option--right") == 3
    quiz.show_explanations = False
    quiz.save()
    hidden = page.get(address("attempt_result", attempt)).content.decode()
    assert why not in hidden
    assert "review__option--right" not in hidden


def test_the_paper_shows_the_saved_time_of_the_school(page, course, enrolment):
    with time_machine.travel(NOON, tick=False):
        attempt = begin(enrolment, quiz_in(course, time_limit=90))
        fill(attempt, count=1)
        page.force_login(enrolment.user)
        shown = page.get(address("attempt", attempt))
    assert timezone.localtime(shown.context["saved_at"]).strftime("%H:%M") == "12:00"
    assert shown.context["left_ms"] == 90 * 60 * 1000


def test_the_exam_page_takes_the_same_queries_for_any_length(page, home, learner, django_assert_num_queries):
    for length in (3, 15):
        course = factories.course(home, lessons=1)
        attempt = begin(factories.enrolment(learner, course), quiz_in(course, questions=length))
        page.get(address("attempt", attempt))
        with django_assert_num_queries(7):  # session, person, overdue, paper in 2, enrolment, attempts
            page.get(address("attempt", attempt))
        exams.submit(attempt)
        page.get(address("attempt_result", attempt))
        with django_assert_num_queries(12):  # those, and the way back: course, lessons, locale, site
            page.get(address("attempt_result", attempt))


def test_an_answer_takes_few_queries(page, course, enrolment, django_assert_num_queries):
    attempt = begin(enrolment, quiz_in(course))
    send(page, attempt, position=1, chosen=["A"])
    with django_assert_num_queries(9):  # session, person, overdue, attempt; then save's five
        send(page, attempt, position=2, chosen=["A"])


def test_passing_the_final_exam_leads_to_the_certificate(page, course, learner, home):
    exam = factories.assessment(course, title="结业考试", kind="exam")
    programme = factories.programme(home, [course], exam=exam, exam_needs_courses=False)
    factories.enrolment(learner, course, completed_at=NOON)
    place = factories.programme_enrolment(learner, programme)
    attempt = exams.start(user=learner, assessment=exam, programme_enrolment=place)
    fill(attempt)
    shown = page.post(address("attempt_submit", attempt), follow=True)
    certificate = place.certificates.get()
    assert shown.context["certificate"] == certificate
    assert reverse("certificate", args=[certificate.number]) in shown.content.decode()


def test_who_has_not_joined_is_offered_to_join(client, outsider, course, home):
    quiz = factories.assessment(course)
    lesson = course.lessons().first()
    lesson.body.append(("quiz", quiz))
    lesson.save_revision().publish()
    client.force_login(outsider)
    address = reverse("exam_start", args=[quiz.uuid])
    page = client.get(address)
    assert page.status_code == 403
    assert [way["title"] for way in page.context["ways"]] == [course.title]
    client.post(page.context["ways"][0]["join"])
    assert client.get(address).status_code == 200


def test_the_exam_of_a_programme_offers_the_programme(client, outsider, home, course):
    exam = factories.assessment(kind="exam")
    programme = factories.programme(home, [course], exam=exam)
    client.force_login(outsider)
    page = client.get(reverse("exam_start", args=[exam.uuid]))
    assert [way["join"] for way in page.context["ways"]] == [reverse("join", args=[programme.pk])]
    assert client.post(reverse("exam_start", args=[exam.uuid]), {"pledge": "on"}).status_code == 403


def test_a_paper_of_nothing_published_says_so(client, outsider, course):
    quiz = factories.assessment(course)
    client.force_login(outsider)
    page = client.get(reverse("exam_start", args=[quiz.uuid]))
    assert (page.status_code, page.context["ways"]) == (403, [])
