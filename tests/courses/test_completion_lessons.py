"""Lessons and courses finish at once, once, by whichever way the learner took, and stay finished."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from courses import completion, enrolment, progress
from courses.models import Attempt, Attendance, Enrolment, LessonPage, LessonProgress, Override
from lms.models import Participation
from tests import factories
from tests.courses.viewer import Viewer, frozen


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


def record(lesson):
    return LessonProgress.objects.get(lesson=lesson)


def passed(row, assessment, **fields):
    made = Attempt.objects.create(
        assessment=assessment, user=row.user, enrolment=row, number=1, started_at=timezone.now(),
        submitted_at=timezone.now(), pass_score=6, full_score=6, score=6, passed=True, **fields,
    )  # fmt: skip
    completion.settle(row)
    return made


def with_quiz(course_page, **fields):
    quiz = factories.assessment(course_page, title="随堂测验", title_en="Quiz")
    return factories.lesson(course_page, body=[("quiz", quiz)], **fields), quiz


def test_watching_finishes_the_lesson_with_its_hours_and_revision(clock, learner, lesson, row):
    lesson.credit_hours = Decimal("1.5")
    lesson.save_revision().publish()
    Viewer(clock, learner, lesson).watch(90)
    done = record(lesson)
    lesson.refresh_from_db()
    assert done.completed_at == timezone.now()
    assert (done.hours, done.channel, done.revision_id) == (Decimal("1.5"), "on_demand", lesson.live_revision_id)


def test_a_lesson_with_a_quiz_waits_for_both(clock, learner, home):
    course = factories.course(home)
    lesson, quiz = with_quiz(course)
    row = enrolment.enrol(learner, course)
    Viewer(clock, learner, lesson).watch(95)
    assert record(lesson).completed_at is None
    clock.shift(600)
    passed(row, quiz)
    assert record(lesson).completed_at == timezone.now()


def test_a_failed_quiz_finishes_nothing(clock, learner, home):
    course = factories.course(home)
    _lesson, quiz = with_quiz(course, with_video=False, must_watch=False)
    row = enrolment.enrol(learner, course)
    Attempt.objects.create(
        assessment=quiz, user=learner, enrolment=row, number=1, started_at=timezone.now(), submitted_at=timezone.now(),
        pass_score=6, full_score=6, score=2, passed=False,
    )  # fmt: skip
    completion.settle(row)
    assert not LessonProgress.objects.exclude(completed_at=None).exists()


def test_a_pass_in_an_earlier_period_does_not_count_for_this_one(learner, home):
    course = factories.course(home)
    lesson, quiz = with_quiz(course, with_video=False, must_watch=False)
    passed(enrolment.enrol(learner, course), quiz)
    assert record(lesson).completed_at
    again = enrolment.again(learner, course)
    completion.settle(again)
    assert not again.lessons.exclude(completed_at=None).exists()


def test_the_course_is_finished_with_its_last_lesson(clock, learner, course, row):
    for lesson in course.lessons():
        row.refresh_from_db()
        assert row.completed_at is None
        Viewer(clock, learner, lesson).watch(90)
    row.refresh_from_db()
    course.refresh_from_db()
    assert (row.completed_at, row.revision_id) == (timezone.now(), course.live_revision_id)


def test_the_course_test_is_asked_too(clock, learner, home):
    course = factories.course(home, lessons=1)
    course.assessment = factories.assessment(course)
    course.save_revision().publish()
    row = enrolment.enrol(learner, course)
    Viewer(clock, learner, course.lessons().get()).watch(90)
    row.refresh_from_db()
    assert row.completed_at is None
    passed(row, course.assessment)
    row.refresh_from_db()
    assert row.completed_at


def test_a_lesson_that_was_taken_down_is_not_asked(clock, learner, course, row):
    first, second, third = course.lessons()
    third.unpublish()
    Viewer(clock, learner, first).watch(90)
    Viewer(clock, learner, second).watch(90)
    row.refresh_from_db()
    assert row.completed_at


def test_settling_again_changes_nothing(clock, learner, lesson, row):
    Viewer(clock, learner, lesson).watch(90)
    before = LessonProgress.objects.values().get()
    clock.shift(3600)
    for _ in range(3):
        completion.settle(row)
    assert LessonProgress.objects.values().get() == before
    assert Participation.objects.count() == 1


def test_a_new_revision_does_not_change_a_finished_record(clock, learner, home):
    course = factories.course(home, lessons=1)
    row = enrolment.enrol(learner, course)
    lesson = course.lessons().get()
    Viewer(clock, learner, lesson).watch(90)
    finished = Enrolment.objects.values().get(), LessonProgress.objects.values().get()
    lesson.credit_hours = Decimal(8)
    lesson.body = [("video", factories.video("另一部", 3600))]
    lesson.save_revision().publish()
    course.threshold = 100
    course.save_revision().publish()
    factories.lesson(course)
    completion.settle(row)
    assert (Enrolment.objects.values().get(), LessonProgress.objects.values().get()) == finished
    row.refresh_from_db()
    report = completion.course_report(row)
    assert report.done
    assert report.verdict.missing == ()
    assert report.lessons[0].verdict.done


def test_a_lower_threshold_counts_for_those_who_have_watched_enough(clock, learner, course, lesson, row):
    viewer = Viewer(clock, learner, lesson)
    viewer.watch(60)
    course.threshold = 50
    course.save_revision().publish()
    viewer.play(1)
    assert viewer.beat().coverage.complete


def test_a_higher_threshold_asks_for_more_of_those_who_are_not_done(clock, learner, home):
    course = factories.course(home, lessons=0, threshold=50)
    lesson, quiz = with_quiz(course)
    row = enrolment.enrol(learner, course)
    viewer = Viewer(clock, learner, lesson)
    viewer.watch(60)
    course.threshold = 90
    course.save_revision().publish()
    passed(row, quiz)
    assert record(lesson).completed_at is None
    assert viewer.watch(30).coverage.complete


# --- other ways than the player ---


def attend_live(row, lesson, intervals, key="live:1", *, foreign=False):
    """In the broadcast whose replay is the film of the lesson, if it has one and that is not foreign."""
    return completion.attend(
        key=key, enrolment=row, lesson=lesson, channel=Attendance.Channel.LIVE, intervals=intervals,
        duration_ms=100_000, video=None if foreign else lesson.video,
    )  # fmt: skip


def sit(row, lesson, minutes, key="class:1"):
    return completion.attend(
        key=key, enrolment=row, lesson=lesson, channel=Attendance.Channel.CLASSROOM, minutes=minutes
    )


def test_live_and_replay_are_a_union_on_one_timeline(clock, learner, home):
    course = factories.course(home)
    lesson = factories.lesson(course, kind="live")
    row = enrolment.enrol(learner, course)
    attend_live(row, lesson, [[0, 60_000]])
    viewer = Viewer(clock, learner, lesson)
    viewer.seek(30)
    viewer.watch(30)  # again what was seen live
    assert viewer.watched == 60
    viewer.watch(30)
    assert record(lesson).completed_at
    assert record(lesson).channel == "live"
    assert Participation.objects.get().channel == "live"


def test_mostly_replayed_is_a_replay(clock, learner, home):
    course = factories.course(home)
    lesson = factories.lesson(course, kind="live")
    row = enrolment.enrol(learner, course)
    attend_live(row, lesson, [[0, 20_000]])
    viewer = Viewer(clock, learner, lesson)
    viewer.seek(20)
    viewer.watch(75)
    assert record(lesson).channel == "replay"


def test_live_minutes_and_a_foreign_film_have_no_timeline_in_common(clock, learner, home):
    course = factories.course(home)
    lesson = factories.lesson(course, kind="live")
    row = enrolment.enrol(learner, course)
    attend_live(row, lesson, [[0, 95_000]], foreign=True)
    assert record(lesson).completed_at is None
    viewer = Viewer(clock, learner, lesson)
    viewer.watch(50)
    assert viewer.watched == 50
    viewer.watch(45)
    assert record(lesson).channel == "replay"


def test_a_broadcast_counts_before_its_recording_is_there(learner, home):
    course = factories.course(home)
    lesson = factories.lesson(course, kind="live", with_video=False)
    row = enrolment.enrol(learner, course)
    attend_live(row, lesson, [[0, 50_000]])
    attend_live(row, lesson, [[40_000, 92_000]], key="live:1:second device")
    assert record(lesson).completed_at
    assert record(lesson).watched_ms == 92_000


def test_a_classroom_takes_the_place_of_the_film(learner, lesson, row):
    sit(row, lesson, 30)
    assert record(lesson).completed_at is None
    sit(row, lesson, 15, key="class:2")
    done = record(lesson)
    assert done.completed_at
    assert (done.channel, Participation.objects.get().minutes) == ("classroom", 45)


def test_the_same_attendance_twice_is_one_row(learner, lesson, row):
    sit(row, lesson, 30)
    sit(row, lesson, 30)
    assert Attendance.objects.count() == 1
    assert record(lesson).completed_at is None


def test_a_lesson_to_read_is_finished_by_saying_so(learner, home):
    course = factories.course(home)
    lesson = factories.lesson(course, kind="reading", with_video=False)
    row = enrolment.enrol(learner, course)
    completion.settle(row)
    assert not LessonProgress.objects.exclude(completed_at=None).exists()
    progress.finish_reading(learner, lesson)
    progress.finish_reading(learner, lesson)
    assert record(lesson).completed_at
    assert Participation.objects.count() == 1


def test_a_film_is_not_finished_by_saying_so(learner, lesson, row):
    with pytest.raises(progress.NothingToRead):
        progress.finish_reading(learner, lesson)
    assert not Attendance.objects.exists()


def test_nobody_reads_a_lesson_without_having_joined(outsider, home):
    lesson = factories.lesson(factories.course(home), kind="reading", with_video=False)
    with pytest.raises(enrolment.NotEnrolled):
        progress.finish_reading(outsider, lesson)


# --- decisions by people ---


def test_a_decision_finishes_a_lesson_and_says_who_and_why(admin, lesson, row):
    made = completion.override(enrolment=row, lesson=lesson, author=admin, reason="已在线下完成")
    assert record(lesson).completed_at == made.made_at
    assert (made.author, made.reason) == (admin, "已在线下完成")
    assert Participation.objects.get().minutes == 45


def test_a_decision_on_the_course_finishes_it_without_crediting_lessons(admin, row):
    completion.override(enrolment=row, author=admin, reason="同等课程已结业")
    row.refresh_from_db()
    assert row.completed_at
    assert not Participation.objects.exists()


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_decision_without_a_reason_is_refused(admin, lesson, row, reason):
    with pytest.raises(completion.Refused):
        completion.override(enrolment=row, lesson=lesson, author=admin, reason=reason)
    assert not Override.objects.exists()


def test_a_decision_on_a_lesson_of_another_course_is_refused(admin, home, row):
    stranger = factories.course(home, title="别的课").lessons().first()
    with pytest.raises(completion.Refused):
        completion.override(enrolment=row, lesson=stranger, author=admin, reason="看错了")
    assert not Override.objects.exists()


def test_a_lesson_takes_a_minute_at_least(course):
    lesson = course.lessons()[0]
    lesson.minutes = 0
    with pytest.raises(ValidationError) as refused:
        lesson.full_clean()
    assert set(refused.value.message_dict) == {"minutes"}


def test_one_minute_in_class_does_not_finish_a_lesson_of_no_length(learner, course):
    lesson = course.lessons()[0]
    LessonPage.objects.filter(pk=lesson.pk).update(minutes=0)
    row = enrolment.enrol(learner, course)
    sit(row, lesson, minutes=1)
    assert not LessonProgress.objects.filter(enrolment=row, lesson=lesson).exclude(completed_at=None).exists()
