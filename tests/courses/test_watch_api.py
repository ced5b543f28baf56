"""The doors of watching: player, beats, and the record with its evidence, as JSON."""

import json

import pytest
from django.test import Client
from django.utils import timezone
from ninja import Schema

from courses import completion, enrolment, progress
from courses.models import Attempt, Enrolment, LessonProgress, WatchBeat, WatchSession
from tests import factories
from tests.courses.viewer import frozen

BEATS = "/api/v1/beats"
LEAVE = "/api/v1/beats/leave"


@pytest.fixture
def clock():
    with frozen() as clock:
        yield clock


@pytest.fixture
def lesson(course):
    return course.lessons().first()


@pytest.fixture
def row(learner, course):
    return enrolment.enrol(learner, course)


@pytest.fixture
def browser(learner):
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(learner)
    return browser


def post(browser, url, data=None):
    return browser.post(url, data or {}, content_type="application/json")


def player(browser, lesson):
    return post(browser, f"/api/v1/lessons/{lesson.pk}/player")


def beat(browser, token, sequence=1, intervals=((0, 10_000),), url=BEATS, **more):
    return post(browser, url, {"token": token, "sequence": sequence, "intervals": intervals, **more})


def problem(answer):
    told = answer.json()
    assert told["message"]
    return answer.status_code, told["code"]


def test_the_player_opens_with_all_that_a_page_needs(clock, browser, lesson, row):
    told = player(browser, lesson).json()
    assert (told["next_beat"], told["max_rate"], told["no_skip"], told["resume_ms"]) == (10, 1.5, False, 0)
    assert told["coverage"]["duration_ms"] == 100_000
    assert told["words"]["saved"].startswith("Recorded at {time}")
    assert WatchSession.objects.get().user == row.user


def test_a_beat_is_answered_with_its_receipt(clock, browser, lesson, row):
    token = player(browser, lesson).json()["token"]
    clock.shift(10)
    answer = beat(browser, token, position=10_000, rate=1.0, visible=True)
    told = answer.json()
    assert answer.status_code == 200
    assert (told["sequence"], told["credited_ms"], told["verdict"], told["complete"]) == (1, 10_000, "ok", False)
    assert told["recorded_at"] == "09:00"
    assert told["coverage"]["intervals"] == [[0, 10_000]]
    assert told["coverage"]["words"]["verdict"] == "Watch 1 min 20 s more for 1 credit hour"
    assert told["coverage"]["bars"] == [{"kind": "seen", "x": 0.0, "width": 100.0}]


def test_the_last_beat_is_told_when_the_lesson_is_done(clock, browser, lesson, row):
    token = player(browser, lesson).json()["token"]
    clock.shift(90)
    told = beat(browser, token, intervals=[[0, 90_000]]).json()
    assert told["complete"]
    assert told["coverage"]["words"]["verdict"] == "1 credit hour credited for this lesson"


def test_a_page_that_closes_sends_its_last_beat_without_any_header(clock, learner, lesson, row):
    """As sendBeacon does: the cookie and the body, no CSRF token."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(learner)
    token = progress.token(progress.open_player(learner, lesson))
    clock.shift(10)
    assert beat(strict, token, url=LEAVE).status_code == 204
    assert LessonProgress.objects.get().watched_ms == 10_000
    assert WatchSession.objects.get().closed == "left"


def test_opening_a_player_needs_the_csrf_token(learner, lesson, row):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(learner)
    assert problem(player(strict, lesson)) == (403, "csrf")
    assert not WatchSession.objects.exists()


def test_a_page_of_somebody_else_opens_no_player(clock, browser, learner, outsider, lesson, row):
    """On a shared device another account may have signed in since the page was loaded."""
    url = f"/api/v1/lessons/{lesson.pk}/player"
    assert problem(post(browser, url, {"owner": str(outsider.uuid)})) == (403, "forged")
    assert not WatchSession.objects.exists()
    assert post(browser, url, {"owner": str(learner.uuid)}).status_code == 200


def test_a_forged_token_is_refused(clock, browser, lesson, row):
    token = player(browser, lesson).json()["token"]
    clock.shift(60)
    for forged in ("", "nonsense", token[:-3] + "abc", "W10:" + token.split(":", 1)[1]):
        assert problem(beat(browser, forged)) == (403, "forged")
        assert problem(beat(browser, forged, url=LEAVE)) == (403, "forged")
    assert not WatchBeat.objects.exists()


def test_somebody_elses_token_is_refused(clock, browser, learner, outsider, lesson, row):
    token = player(browser, lesson).json()["token"]
    clock.shift(60)
    thief = Client()
    thief.force_login(outsider)
    assert problem(beat(thief, token)) == (403, "forged")
    assert problem(beat(Client(), token)) == (401, "sign_in")
    assert not WatchBeat.objects.exists()


def test_the_older_player_is_told_that_it_is_not_the_one_any_more(clock, browser, lesson, row):
    old = player(browser, lesson).json()["token"]
    new = player(browser, lesson).json()["token"]
    clock.shift(10)
    answer = beat(browser, old)
    assert problem(answer) == (409, "superseded")
    assert "another page or device" in answer.json()["message"]
    assert answer.json()["coverage"]["watched_ms"] == 0
    assert beat(browser, new).json()["credited_ms"] == 10_000


def test_a_refusal_speaks_the_language_of_the_page(browser, learner, lesson):
    assert player(browser, lesson).json()["message"] == "Join this course first. It is free."
    chinese = Client(headers={"accept-language": "zh-CN"})
    chinese.force_login(learner)
    assert player(chinese, lesson)["Content-Language"] == "zh-hans"


def test_without_enrolment_the_player_stays_closed(browser, lesson):
    assert problem(player(browser, lesson)) == (403, "not_enrolled")


def test_a_lesson_that_is_held_back_stays_closed(browser, learner, home):
    course = factories.course(home, lessons=2, sequential=True)
    enrolment.enrol(learner, course)
    assert problem(player(browser, course.lessons().last())) == (403, "locked")


def test_a_draft_stays_closed(browser, lesson, row):
    lesson.unpublish()
    assert problem(player(browser, lesson)) == (410, "lesson_gone")


def test_a_lesson_taken_down_in_between_says_so(clock, browser, lesson, row):
    token = player(browser, lesson).json()["token"]
    lesson.unpublish()
    assert problem(beat(browser, token)) == (410, "lesson_gone")


def test_after_studying_again_the_old_player_says_so(clock, browser, learner, lesson, row):
    token = player(browser, lesson).json()["token"]
    enrolment.again(learner, lesson.course)
    assert problem(beat(browser, token)) == (409, "enrolment_ended")


def test_what_does_not_exist_is_not_found(browser):
    assert problem(post(browser, "/api/v1/lessons/99999/player")) == (404, "not_found")


def test_nobody_signed_in_is_asked_to_sign_in(client, lesson):
    assert problem(player(client, lesson)) == (401, "sign_in")
    assert problem(client.get("/api/v1/me/enrolments")) == (401, "sign_in")


@pytest.mark.parametrize(
    "broken",
    [
        {"sequence": 0},
        {"sequence": "one"},
        {"intervals": [[0]]},
        {"intervals": [[-5, 10]]},
        {"intervals": [[0, 1000], [3000, 2000]]},
        {"intervals": [[0, 10**12]]},
        {"intervals": [[0, 1]] * 201},
        {"intervals": "all"},
        {"rate": 0},
        {"rate": 1000},
        {"position": -1},
        {"token": "x" * 1000},
    ],
    ids=str,
)
def test_a_beat_that_cannot_be_read_is_refused_in_words(clock, browser, lesson, row, broken):
    token = player(browser, lesson).json()["token"]
    whole = {"token": token, "sequence": 1, "intervals": [[0, 1000]]}
    assert problem(post(browser, BEATS, {**whole, **broken})) == (422, "bad_request")
    assert not WatchBeat.objects.exists()


def test_a_body_that_is_no_json_is_refused(browser):
    answer = browser.post(BEATS, "{not json", content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer.json()["code"]


@pytest.mark.parametrize("url", [BEATS, LEAVE])
def test_a_body_beyond_all_measure_is_refused_in_words_and_breaks_nothing(client, url):
    """Whoever sends it, signed in or not."""
    answer = client.post(url, b'{"token": "' + b"x" * 5_000_000 + b'"}', content_type="application/json")
    assert problem(answer) == (413, "too_long")


# --- my record ---


def test_my_enrolments_are_mine(browser, learner, outsider, course, home):
    enrolment.enrol(learner, course)
    enrolment.again(learner, course)
    enrolment.enrol(outsider, factories.course(home, title="别人的课"))
    told = browser.get("/api/v1/me/enrolments").json()
    assert [(each["course"], each["period"], each["ended_at"] is None) for each in told] == [
        (course.pk, 2, True),
        (course.pk, 1, False),
    ]
    assert (told[0]["lessons"], told[0]["lessons_done"], told[0]["hours"]) == (3, 0, "3.0")


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_the_same_for_any_number_of_courses(browser, learner, home, django_assert_num_queries, count):
    for n in range(count):
        enrolment.enrol(learner, factories.course(home, lessons=2, title=f"课{n}"))
    with django_assert_num_queries(7):  # session, user, and for what is current: three and the English titles
        browser.get("/api/v1/me/enrolments")


def test_my_record_tells_what_is_missing_and_the_evidence(clock, browser, admin, lesson, row):
    token = player(browser, lesson).json()["token"]
    clock.shift(20)
    beat(browser, token, intervals=[[0, 90_000]])
    second = list(lesson.course.lessons())[1]
    completion.override(enrolment=row, lesson=second, author=admin, reason="线下已学")
    told = browser.get(f"/api/v1/me/enrolments/{row.uuid}").json()
    first, waived, _third = told["lessons"]
    assert [each["text"] for each in first["requirements"]] == ["Watch 1 min more"]
    (sitting,) = first["evidence"]["sittings"]
    assert (sitting["claimed_ms"], sitting["credited_ms"], sitting["trimmed"]) == (90_000, 30_000, 1)
    assert waived["completed_at"]
    assert waived["evidence"]["overrides"][0]["reason"] == "线下已学"
    assert [each["done"] for each in told["requirements"]] == [False, True, False]


def test_my_record_tells_the_papers_of_a_lesson(clock, browser, learner, home):
    course = factories.course(home)
    quiz = factories.assessment(course)
    factories.lesson(course, body=[("quiz", quiz)])
    row = enrolment.enrol(learner, course)
    Attempt.objects.create(
        assessment=quiz, user=learner, enrolment=row, number=1, started_at=timezone.now(), submitted_at=timezone.now(),
        pass_score=6, full_score=6, score=6, passed=True,
    )  # fmt: skip
    answer = browser.get(f"/api/v1/me/enrolments/{row.uuid}")
    assert answer.status_code == 200
    papers = [paper for lesson in answer.json()["lessons"] for paper in lesson["evidence"]["attempts"]]
    assert [(paper["assessment"], paper["passed"]) for paper in papers] == [("随堂测验", True)]


def test_a_record_costs_the_same_for_any_number_of_lessons(browser, learner, home, django_assert_num_queries):
    def record_of(lessons):
        row = enrolment.enrol(learner, factories.course(home, lessons=lessons, title=f"课{lessons}"))
        for lesson in row.course.lessons():
            progress.open_player(learner, lesson)
        return row

    for row in (record_of(1), record_of(8)):
        with django_assert_num_queries(15):
            browser.get(f"/api/v1/me/enrolments/{row.uuid}")


def test_another_persons_record_is_not_found(browser, outsider, course):
    theirs = enrolment.enrol(outsider, course)
    assert problem(browser.get(f"/api/v1/me/enrolments/{theirs.uuid}")) == (404, "not_found")


def test_joining_by_the_api(browser, course):
    told = post(browser, "/api/v1/me/enrolments", {"course": course.pk}).json()
    assert told["course"] == course.pk
    assert Enrolment.objects.get().uuid.hex == told["uuid"].replace("-", "")
    course.unpublish()
    assert problem(post(browser, "/api/v1/me/enrolments", {"course": course.pk})) == (404, "not_found")


def test_no_two_shapes_of_the_api_share_a_name():
    """They would share one entry in its description too, and one of them would be told wrong."""
    mine = [shape for shape in _below(Schema) if shape.__module__.startswith("courses.api")]
    assert len(mine) > 20
    assert len({shape.__name__ for shape in mine}) == len(mine)


def _below(shape):
    found = {shape}
    for each in shape.__subclasses__():
        found |= _below(each)
    return found


def test_the_api_describes_itself(client):
    told = json.loads(client.get("/api/v1/openapi.json").content)
    asked = told["paths"]["/api/v1/attention"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(told["components"]["schemas"][asked["$ref"].rpartition("/")[2]]["properties"]) == {"prompt"}
    assert {"/api/v1/beats", "/api/v1/me/enrolments/{uuid}", "/api/v1/lessons/{lesson_id}/player"} <= set(told["paths"])
