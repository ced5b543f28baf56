"""Every record can be made again from what is kept, and its owner can read what that is."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses import completion, enrolment, evidence, progress
from courses.models import Attempt, Attendance, Enrolment, LessonProgress, WatchBeat
from courses.progress import Beat
from lms.models import Participation
from tests import factories
from tests.courses.viewer import Viewer, frozen

SUMS = {"coverage": [], "watched_ms": 0, "position_ms": 0, "covered_at": None, "duration_ms": 0, "video": None}
FINISH = {"completed_at": None, "hours": 0, "channel": "", "revision": None}


@pytest.fixture
def clock():
    with frozen() as clock:
        yield clock


@pytest.fixture
def row(learner, course):
    return enrolment.enrol(learner, course)


def records():
    """All but the time of the last write."""
    rows = LessonProgress.objects.order_by("pk").values()
    return [{name: value for name, value in row.items() if name != "updated_at"} for row in rows]


def lose_everything():
    LessonProgress.objects.update(**SUMS, **FINISH)
    Enrolment.objects.update(completed_at=None, revision=None)


def test_a_lost_record_is_made_again_exactly(clock, learner, admin, course, row):
    first, second, third = course.lessons()
    viewer = Viewer(clock, learner, first)
    viewer.watch(50)
    viewer.seek(80)
    viewer.claim(0, 100)
    viewer.wait(3)
    viewer.beat()  # trimmed
    viewer = Viewer(clock, learner, first)
    viewer.seek(50)
    viewer.watch(50)
    clock.shift(60)
    completion.attend(
        key="live:1", enrolment=row, lesson=second, channel=Attendance.Channel.LIVE, intervals=[[0, 95_000]],
        duration_ms=100_000, video=second.video,
    )  # fmt: skip
    clock.shift(60)
    completion.override(enrolment=row, lesson=third, author=admin, reason="线下已学")
    before, finished, ledger = records(), Enrolment.objects.values().get(), list(Participation.objects.values())
    assert finished["completed_at"]
    lose_everything()
    clock.shift(86_400)
    findings = evidence.recompute(row)
    assert [finding.changed for finding in findings] == [True, True, True]
    assert records() == before
    assert Enrolment.objects.values().get() == finished
    assert list(Participation.objects.values()) == ledger


def test_a_lesson_with_a_quiz_gets_back_the_moment_of_its_last_requirement(clock, learner, home):
    course = factories.course(home)
    quiz = factories.assessment(course)
    lesson = factories.lesson(course, body=[("quiz", quiz)])
    row = enrolment.enrol(learner, course)
    Viewer(clock, learner, lesson).watch(90)
    clock.shift(300)
    Attempt.objects.create(
        assessment=quiz, user=learner, enrolment=row, number=1, started_at=timezone.now(), submitted_at=timezone.now(),
        pass_score=6, full_score=6, score=6, passed=True,
    )  # fmt: skip
    clock.shift(2)
    completion.settle(row)
    before = records()
    lose_everything()
    evidence.recompute(row)
    assert records() == before


def test_recomputing_what_is_right_changes_nothing(clock, learner, course, row):
    Viewer(clock, learner, course.lessons().first()).watch(95)
    before = list(LessonProgress.objects.values())
    clock.shift(60)
    for _ in range(2):
        assert [(found.changed, found.unproven) for found in evidence.recompute(row)] == [(False, False)]
    assert list(LessonProgress.objects.values()) == before


def test_recomputing_keeps_a_decision(admin, course, row):
    lesson = course.lessons().first()
    completion.override(enrolment=row, lesson=lesson, author=admin, reason="线下已学")
    before = records()
    (found,) = evidence.recompute(row)
    assert (found.changed, found.unproven) == (False, False)
    assert records() == before


def test_a_sum_that_somebody_raised_is_set_right(clock, learner, course, row):
    Viewer(clock, learner, course.lessons().first()).watch(20)
    LessonProgress.objects.update(coverage=[[0, 100_000]], watched_ms=100_000)
    (found,) = evidence.recompute(row)
    assert found.changed
    assert LessonProgress.objects.get().watched_ms == 20_000
    assert not Participation.objects.exists()


def test_a_completion_without_evidence_is_told_and_left_to_people(clock, learner, course, row):
    Viewer(clock, learner, course.lessons().first()).watch(20)
    LessonProgress.objects.update(completed_at=timezone.now())
    (found,) = evidence.recompute(row)
    assert found.unproven
    assert LessonProgress.objects.get().completed_at


def test_a_rule_that_was_tightened_since_undoes_nothing(clock, learner, course, row):
    Viewer(clock, learner, course.lessons().first()).watch(90)
    before = records()
    course.threshold = 100
    course.save_revision().publish()
    evidence.recompute(row)
    assert [record["completed_at"] for record in records()] == [record["completed_at"] for record in before]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(
        st.tuples(
            st.floats(0, 60), st.integers(0, 100), st.integers(0, 40), st.sampled_from(["beat", "open", "again"])
        ),
        max_size=20,
    )
)
def test_whatever_was_played_the_evidence_gives_the_same_record(learner, course, moves):
    lesson = course.lessons().first()
    with frozen() as clock:
        row = enrolment.again(learner, course)
        session, sequence = progress.open_player(learner, lesson), 0
        for seconds, start, length, move in moves:
            clock.shift(seconds)
            if move == "open":
                session, sequence = progress.open_player(learner, lesson), 0
                continue
            sequence += move == "beat" or not sequence
            claim = [[start * 1000, (start + length) * 1000]]
            progress.watch(user=learner, session=session.uuid, beat=Beat(sequence, claim, position_ms=start * 1000))
        kept = LessonProgress.objects.filter(enrolment=row)
        before = kept.values().get()
        kept.update(**SUMS, **FINISH)
        evidence.recompute(row)
        after = kept.values().get()
    assert {**after, "updated_at": None} == {**before, "updated_at": None}


def test_evidence_tells_what_was_claimed_and_what_counted(clock, learner, course, row):
    lesson = course.lessons().first()
    viewer = Viewer(clock, learner, lesson)
    viewer.watch(20, rate=1.5)
    viewer.wait(2)
    viewer.claim(50, 100)
    viewer.beat()
    Viewer(clock, learner, lesson)
    told = evidence.of(row, lesson)
    first, second = told.sittings
    assert (first.beats, first.claimed_ms, first.credited_ms, first.trimmed, first.closed) == (
        3,
        80_000,
        33_000,
        1,
        "superseded",
    )
    assert (second.beats, second.closed) == (0, "")


def test_evidence_of_a_whole_course_costs_the_same_for_any_number_of_lessons(
    clock, learner, course, row, django_assert_num_queries
):
    lessons = list(course.lessons())
    Viewer(clock, learner, lessons[0]).watch(20)
    with django_assert_num_queries(5):
        evidence.of_lessons(row, lessons[:1])
    for lesson in lessons[1:]:
        Viewer(clock, learner, lesson).watch(20)
    with django_assert_num_queries(5):
        evidence.of_lessons(row, lessons)


def test_evidence_cannot_be_deleted_with_the_record(clock, learner, course, row):
    Viewer(clock, learner, course.lessons().first()).watch(20)
    with pytest.raises(Exception, match="restricted"):
        LessonProgress.objects.all().delete()
    assert WatchBeat.objects.count() == 2


def test_an_account_that_is_removed_takes_its_evidence_along(clock, learner, course, row):
    Viewer(clock, learner, course.lessons().first()).watch(90)
    learner.delete()
    assert not WatchBeat.objects.exists()
    assert Participation.objects.count() == 1


# --- the command ---


def run(*arguments):
    out = StringIO()
    call_command("recompute", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_sets_right_and_says_where(clock, learner, outsider, course, row):
    lesson = course.lessons().first()
    Viewer(clock, learner, lesson).watch(20)
    enrolment.enrol(outsider, course)
    Viewer(clock, outsider, lesson).watch(20)
    LessonProgress.objects.filter(enrolment=row).update(watched_ms=1)
    said = run()
    assert f"{row.uuid} · {lesson.title}: changed" in said
    assert "1 records changed, 0 finished ones" in said
    assert "0 records changed" in run()


def test_the_command_takes_one_person_or_one_enrolment(clock, learner, outsider, course, row):
    lesson = course.lessons().first()
    for person in (learner, outsider):
        enrolment.enrol(person, course)
        Viewer(clock, person, lesson).watch(20)
    LessonProgress.objects.update(watched_ms=1)
    assert "1 records changed" in run("--person", learner.email)
    assert "0 records changed" in run(str(row.uuid))
    with pytest.raises(CommandError):
        run("--person", "nobody@example.org")
