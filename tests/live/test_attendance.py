"""The attendance suite: who was there for how long, whatever happened to pages, processes, streams and hosts."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from courses.models import Attendance, LessonPage, LessonProgress
from live import attendance, settling, states
from live.models import Broadcast, Deed, Presence
from live.timeline import Timeline
from lms import reports
from lms.models import Participation
from tests import factories
from tests.live import streams

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def lecture(began, trainer):
    """Ten minutes, ended by the trainer more than half an hour ago."""
    return streams.lecture(began, by=trainer)


def minutes(broadcast, user):
    person = attendance.of(broadcast, user.pk)
    return person.within(attendance.window(broadcast, Timeline.of(broadcast))) / 60_000 if person else 0


def test_from_the_beginning_to_the_end(lecture, learner, at):
    streams.stay(lecture, learner, (at(0), at(10)))
    assert settling.settle_due() == 1
    row = Presence.objects.get()
    assert (row.user, row.credited, row.present_ms, row.on_air_ms, row.joins) == (learner, True, 600_000, 600_000, 1)
    fact = Participation.objects.get()
    assert (fact.channel, fact.minutes, fact.activity.kind) == ("live", Decimal("10.0"), "broadcast")
    assert fact.person == learner.ledger_key
    lecture.refresh_from_db()
    assert lecture.settled_at
    assert lecture.activity == fact.activity


def test_rejoined_five_times(lecture, learner, at):
    for turn in range(5):
        streams.stay(lecture, learner, (at(2 * turn), at(2 * turn + 1)))
    streams.stay(lecture, learner, (at(0.5), at(1)))
    assert minutes(lecture, learner) == 5
    assert attendance.of(lecture, learner.pk).joins == 6


def test_two_devices_at_once_are_one_person(lecture, learner, at):
    streams.stay(lecture, learner, (at(0), at(6)), device="Firefox")
    streams.stay(lecture, learner, (at(4), at(10)), device="Phone")
    assert minutes(lecture, learner) == 10
    assert attendance.of(lecture, learner.pk).devices == 2


def test_namesakes_are_two_people(lecture, at):
    one, other = factories.user(name="王芳"), factories.user(name="王芳")
    streams.stay(lecture, one, (at(0), at(10)))
    streams.stay(lecture, other, (at(0), at(2)))
    settling.settle_due()
    assert dict(Presence.objects.values_list("user", "credited")) == {one.pk: True, other.pk: False}
    assert Participation.objects.get().person == one.ledger_key


def test_the_stream_starts_again_in_the_middle(began, at, learner, trainer):
    broadcast = factories.broadcast(state="live", starts_at=began, minutes=20)
    streams.record(broadcast, at(0), 300)
    streams.record(broadcast, at(8), 300)  # three minutes without a picture
    streams.end(broadcast, at(13), by=trainer)
    streams.stay(broadcast, learner, (at(0), at(13)))
    assert minutes(broadcast, learner) == 10
    assert attendance.of(broadcast, learner.pk).intervals == [[0, 600_000]]
    settling.settle_due()
    assert Presence.objects.get().credited


def test_who_left_during_the_interruption_has_what_was_sent(began, at, learner, trainer):
    broadcast = factories.broadcast(state="live", starts_at=began)
    streams.record(broadcast, at(0), 300)
    streams.record(broadcast, at(8), 300)
    streams.end(broadcast, at(13), by=trainer)
    streams.stay(broadcast, learner, (at(0), at(6)), (at(10), at(11)))
    assert attendance.of(broadcast, learner.pk).intervals == [[0, 300_000], [420_000, 480_000]]


def test_a_host_who_never_ends_costs_nobody_the_credit(began, at, learner):
    broadcast = factories.broadcast(state="live", starts_at=began, minutes=10)
    streams.record(broadcast, at(0), 60 * 60)  # the camera ran on for an hour
    states.move(broadcast, Broadcast.State.ENDED, reason="longest time on air", at=at(60))
    streams.stay(broadcast, learner, (at(0), at(10)))
    settling.settle_due()
    row = Presence.objects.get()
    assert (row.credited, row.present_ms, row.on_air_ms) == (True, 600_000, 600_000)


def test_the_replay_that_is_cut_is_what_counts(lecture, learner, at):
    lecture.cut_from_ms, lecture.cut_to_ms = 120_000, 360_000
    lecture.save()
    streams.stay(lecture, learner, (at(2), at(6)))
    settling.settle_due()
    assert (Presence.objects.get().present_ms, Presence.objects.get().on_air_ms) == (240_000, 240_000)


def test_joins_before_the_start_and_stays_after_the_end(lecture, learner, at):
    streams.stay(lecture, learner, (at(-30), at(45)))
    assert minutes(lecture, learner) == 10


def test_a_rehearsal_is_nothing(began, at, learner, trainer):
    broadcast = factories.broadcast(state="live", starts_at=began)
    streams.record(broadcast, at(-20), 600, rehearsal=True)
    streams.record(broadcast, at(0), 120)
    streams.end(broadcast, at(2), by=trainer)
    streams.stay(broadcast, learner, (at(-20), at(1)))
    assert attendance.of(broadcast, learner.pk).intervals == [[0, 60_000]]


def test_a_visitor_without_an_account_is_no_person(lecture, learner, at):
    streams.stay(lecture, None, (at(0), at(10)))
    streams.stay(lecture, learner, (at(0), at(10)))
    settling.settle_due()
    assert Presence.objects.get().user == learner
    assert Participation.objects.count() == 1
    assert reports.measures(reports.Scope()).attendances == 1


def test_watching_the_replay_is_no_presence(lecture, learner, at):
    streams.stay(lecture, learner, (at(0), at(10)), replay=True)
    settling.settle_due()
    assert not Presence.objects.exists()


def test_more_than_one_page_of_participants(lecture, at):
    people = [factories.user(name=f"学员{number}") for number in range(60)]
    for person in people:
        streams.stay(lecture, person, (at(0), at(10)))
    assert settling.settle_due() == 60
    assert Presence.objects.filter(credited=True).count() == 60


def test_too_short(lecture, learner, at):
    streams.stay(lecture, learner, (at(0), at(7.9)))
    settling.settle_due()
    assert not Presence.objects.get().credited
    assert not Participation.objects.exists()


def test_settled_once_and_once_only(lecture, learner, at):
    streams.stay(lecture, learner, (at(0), at(10)))
    settling.settle_due()
    assert settling.settle_due() == 0
    assert settling.settle(lecture) == 0
    assert (Presence.objects.count(), Participation.objects.count()) == (1, 1)


def test_broken_off_it_goes_on(lecture, at):
    people = [factories.user() for _person in range(3)]
    for person in people:
        streams.stay(lecture, person, (at(0), at(10)))
    assert settling.settle(lecture, until=0.0) == 0  # no time at all
    assert not Broadcast.objects.get().settled_at
    assert settling.settle(lecture) == 3


def test_not_while_it_may_be_taken_up_again(trainer, learner):
    began = timezone.now() - timedelta(minutes=20)
    broadcast = streams.lecture(began, by=trainer)
    streams.stay(broadcast, learner, (began, began + 10 * MINUTE))
    assert settling.settle_due() == 0
    broadcast.reviewed_at = timezone.now()  # its replay is public: nobody takes it up again
    broadcast.save()
    assert settling.settle_due() == 1


def test_a_replay_that_is_public_at_once_waits_for_the_last_words(trainer, learner):
    began = timezone.now() - timedelta(minutes=11)
    broadcast = streams.lecture(began, minutes=10, by=trainer)
    streams.stay(broadcast, learner, (began, began + 10 * MINUTE))
    broadcast.reviewed_at = timezone.now()
    broadcast.save()
    assert settling.settle_due() == 0
    Broadcast.objects.update(ended_at=timezone.now() - settling.LAST_WORDS)
    assert settling.settle_due() == 1


def test_taken_up_again_the_rest_counts_as_well(began, at, learner, trainer):
    broadcast = streams.lecture(began, minutes=10, by=trainer)
    states.move(broadcast, Broadcast.State.LIVE, reason="wrong click", actor=trainer, at=at(12))
    streams.record(broadcast, at(12), 600)
    streams.end(broadcast, at(22), by=trainer)
    streams.stay(broadcast, learner, (at(0), at(22)))
    assert minutes(broadcast, learner) == 20


# In a course


@pytest.fixture
def lesson(course):
    """A lesson that is held live and has no film yet."""
    return factories.lesson(course, with_video=False, kind=LessonPage.Kind.LIVE, credit_hours=1)


@pytest.fixture
def taught(began, lesson, trainer):
    return streams.lecture(began, by=trainer, lesson=lesson)


def test_presence_reaches_the_course(taught, lesson, course, learner, at):
    study = factories.enrolment(learner, course)
    streams.stay(taught, learner, (at(0), at(10)))
    settling.settle_due()
    row = Attendance.objects.get()
    assert (row.enrolment, row.channel, row.intervals, row.duration_ms) == (study, "live", [[0, 600_000]], 600_000)
    progress = LessonProgress.objects.get(lesson=lesson)
    assert progress.completed_at
    assert progress.channel == "live"


def test_live_and_lesson_are_credited_once(taught, course, learner, at):
    factories.enrolment(learner, course)
    streams.stay(taught, learner, (at(0), at(10)))
    settling.settle_due()
    assert Participation.objects.count() == 2  # of the broadcast, and of the lesson in its course
    measures = reports.measures(reports.Scope())
    assert (measures.minutes, measures.hours) == (Decimal("45.0"), Decimal("1.0"))


def test_part_of_it_live_counts_towards_the_lesson(taught, lesson, course, learner, at):
    factories.enrolment(learner, course)
    streams.stay(taught, learner, (at(0), at(5)))
    settling.settle_due()
    progress = LessonProgress.objects.get(lesson=lesson)
    assert (progress.coverage, progress.completed_at) == ([[0, 300_000]], None)
    assert not Participation.objects.exists()


def test_who_is_not_enrolled_is_in_the_book_alone(taught, learner, at):
    streams.stay(taught, learner, (at(0), at(10)))
    settling.settle_due()
    assert Participation.objects.get().minutes == Decimal("45.0")
    assert not Attendance.objects.exists()


# Corrections


def test_a_decision_otherwise_is_a_reversal_with_a_reason(lecture, learner, trainer, at):
    streams.stay(lecture, learner, (at(0), at(10)))
    settling.settle_due()
    row = Presence.objects.get()
    settling.correct(row, credited=False, author=trainer, role="trainer", reason="换人听课")
    assert list(Participation.objects.order_by("pk").values_list("minutes", "reason")) == [(10, ""), (-10, "换人听课")]
    settling.correct(row, credited=True, author=trainer, role="trainer", reason="查明是本人")
    assert reports.measures(reports.Scope()).minutes == 10
    assert list(Deed.objects.values_list("verb", "detail")) == [("uncredit", "换人听课"), ("credit", "查明是本人")]
    assert Presence.objects.get().credited


def test_no_decision_without_a_reason(lecture, learner, trainer, at):
    streams.stay(lecture, learner, (at(0), at(10)))
    settling.settle_due()
    with pytest.raises(settling.Refused):
        settling.correct(Presence.objects.get(), credited=False, author=trainer, role="", reason=" ")
    assert Presence.objects.get().credited
