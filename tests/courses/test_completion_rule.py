"""The one rule, without a database: facts in, verdict out."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from courses import coverage, requirements
from courses.requirements import CourseFacts, Kind, LessonFacts, Paper, Part, ProgrammeFacts

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
FILM = 100_000


def after(hours):
    return NINE + timedelta(hours=hours)


def watched(ms, **facts):
    at = NINE if ms >= 90_000 else None
    return requirements.lesson(LessonFacts(duration_ms=FILM, covered_ms=ms, covered_at=at, planned_minutes=45, **facts))


def kinds(verdict):
    return [(asked.kind, asked.done) for asked in verdict.requirements]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def test_a_film_is_watched_at_its_threshold():
    assert not watched(89_999).done
    assert watched(90_000).done
    assert watched(90_000).at == NINE


def test_what_is_missing_is_said_in_words():
    (missing,) = watched(20_500).missing
    assert (missing.kind, missing.have, missing.need) == (Kind.WATCH, 20_500, 90_000)
    assert missing.text == "Watch 1 min 10 s more"


def test_a_film_that_is_not_ready_finishes_nothing():
    verdict = requirements.lesson(LessonFacts(duration_ms=0, covered_ms=0))
    assert not verdict.done
    assert verdict.missing[0].text == "There is no film to watch in this lesson for now"


def test_a_quiz_counts_beside_the_film():
    quiz = Paper(7, "Quiz", after(2))
    assert not watched(95_000, quizzes=(Paper(7, "Quiz"),)).done
    assert not watched(10_000, quizzes=(quiz,)).done
    verdict = watched(95_000, quizzes=(quiz,))
    assert verdict.done
    assert verdict.at == after(2)


def test_every_quiz_of_the_lesson_is_asked():
    assert not watched(95_000, quizzes=(Paper(7, "One", NINE), Paper(8, "Two"))).done


def test_a_lesson_without_film_and_quiz_is_read():
    assert kinds(requirements.lesson(LessonFacts(must_watch=False))) == [(Kind.READ, False)]
    assert requirements.lesson(LessonFacts(must_watch=False, read_at=NINE)).done


def test_a_film_that_need_not_be_watched_leaves_the_quiz():
    facts = LessonFacts(must_watch=False, duration_ms=FILM, quizzes=(Paper(7, "Quiz", NINE),))
    assert kinds(requirements.lesson(facts)) == [(Kind.QUIZ, True)]


def test_minutes_in_a_classroom_take_the_place_of_watching():
    sittings = ((20, after(0)), (15, after(1)), (10, after(2)))
    assert not watched(0, sittings=sittings[:2]).done
    verdict = watched(0, sittings=sittings)
    assert verdict.done
    assert verdict.at == after(2)


def test_minutes_in_a_classroom_and_of_a_film_do_not_add_up():
    assert not watched(60_000, sittings=((30, NINE),)).done


def test_a_lesson_held_live_says_so():
    verdict = watched(0, held_live=True)
    assert verdict.missing[0].kind == Kind.ATTEND
    assert requirements.lesson(LessonFacts(held_live=True)).missing[0].text.startswith("Attend the live session")


def test_a_decision_counts_and_shows_what_was_not_done():
    verdict = watched(10_000, settled_at=after(5))
    assert (verdict.done, verdict.at, verdict.missing) == (True, after(5), ())
    assert kinds(verdict) == [(Kind.WATCH, False)]


def test_a_later_decision_does_not_move_what_was_met_before():
    assert watched(95_000, settled_at=after(5)).at == NINE


def test_a_course_is_all_its_lessons_and_its_test():
    lessons = (Part(1, "One", after(1)), Part(2, "Two", after(3)))
    assert requirements.course(CourseFacts(lessons)).at == after(3)
    assert not requirements.course(CourseFacts((*lessons, Part(3, "Three")))).done
    assert not requirements.course(CourseFacts(lessons, Paper(9, "Test"))).done
    assert requirements.course(CourseFacts(lessons, Paper(9, "Test", after(4)))).at == after(4)


def test_a_course_without_lessons_is_never_finished():
    assert not requirements.course(CourseFacts((), Paper(9, "Test", NINE))).done


def programme(required=4, electives=1, hours="39", exam=None, **facts):
    """The demo programme: 8 + 10 + 10 + 6 required, electives of 6, 7, 9 and 4."""
    parts = [
        Part(n, f"R{n}", after(n) if n < required else None, Decimal(h)) for n, h in enumerate(["8", "10", "10", "6"])
    ]
    parts += [
        Part(10 + n, f"E{n}", after(10 + n) if n < electives else None, Decimal(h), required=False)
        for n, h in enumerate(["6", "7", "9", "4"])
    ]
    return ProgrammeFacts(tuple(parts), elective_min=1, min_hours=Decimal(hours), exam=exam, **facts)


def test_a_programme_is_required_courses_electives_hours_and_exam():
    facts = programme(exam=Paper(5, "Final exam", after(20)))
    verdict = requirements.programme(facts)
    assert verdict.done
    assert verdict.at == after(20)
    assert facts.hours == 40


def test_hours_may_ask_for_a_second_elective():
    verdict = requirements.programme(programme(hours="41"))
    assert [asked.text for asked in verdict.missing] == ["Earn 1 credit hour more"]
    assert requirements.programme(programme(hours="41", electives=2)).done


def test_electives_say_how_many_are_left():
    assert [asked.text for asked in requirements.programme(programme(electives=0, hours="0")).missing] == [
        "Finish 1 more elective"
    ]


def test_the_exam_may_wait_for_the_courses():
    ready = requirements.programme(programme(exam=Paper(5, "Final exam")))
    assert not ready.done
    assert requirements.courses_done(ready)
    assert not requirements.courses_done(requirements.programme(programme(required=3, exam=Paper(5))))


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 60), st.booleans())
def test_a_programme_is_done_exactly_when_each_of_its_rules_is(required, electives, hours, passed):
    facts = programme(required, electives, str(hours), Paper(5, "Final exam", after(30) if passed else None))
    earned = sum([8, 10, 10, 6][:required]) + sum([6, 7, 9, 4][:electives])
    assert requirements.programme(facts).done == (required == 4 and electives >= 1 and earned >= hours and passed)


@given(st.integers(0, 7_200_000), st.integers(1, 100))
def test_what_is_needed_can_be_reached_and_is_the_share_that_is_asked(duration, percent):
    needed = coverage.needed(duration, percent)
    assert 0 <= needed <= duration
    assert needed <= -(-duration * percent // 100)
    assert needed >= duration * percent / 100 - 1_000
    assert (needed > 0) == (duration > 0)


def test_minutes_in_a_classroom_finish_no_lesson_of_unknown_length():
    """A length of nothing would let one minute be enough."""
    facts = LessonFacts(duration_ms=FILM, sittings=((200, NINE),), planned_minutes=0)
    assert not requirements.lesson(facts).done
