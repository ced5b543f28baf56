"""A learner asks for missing credit once at a time; a keeper grants or declines with a reason; the learner is told."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from courses import appeals, completion, enrolment, evidence
from courses.models import Appeal, LessonProgress, Override
from lms import jobs, messages
from lms.models import Outgoing, Participation
from tests import factories
from tests.courses.viewer import Viewer, frozen


@pytest.fixture
def row(learner, course):
    return enrolment.enrol(learner, course)


@pytest.fixture
def lesson(course):
    return course.lessons().first()


@pytest.fixture
def asked(learner, row, lesson):
    return appeals.file(user=learner, enrolment=row, lesson=lesson, text="昨晚断网，少记了三分钟")


def test_a_request_waits_with_its_words_and_its_stretch(learner, row, lesson):
    made = appeals.file(user=learner, enrolment=row, lesson=lesson, text=" 少记了 ", stretch=(10_000, 40_000))
    assert (made.text, made.from_ms, made.to_ms, made.state) == ("少记了", 10_000, 40_000, "open")


def test_granting_counts_the_lesson_as_met_in_the_keepers_name(provincial_clerk, row, lesson, asked):
    decided = appeals.grant(author=provincial_clerk, appeal=asked, reason="与直播签到记录一致")
    made = Override.objects.get()
    assert (made.author, made.reason, made.lesson, made.enrolment) == (
        provincial_clerk,
        "与直播签到记录一致",
        lesson,
        row,
    )
    assert (decided.state, decided.override, decided.decided_by) == ("granted", made, provincial_clerk)
    assert LessonProgress.objects.get().completed_at
    assert Participation.objects.count() == 1
    evidence.recompute(row)
    assert LessonProgress.objects.get().completed_at


def test_declining_leaves_the_record_as_it_is(provincial_clerk, row, asked):
    decided = appeals.decline(author=provincial_clerk, appeal=asked, reason="播放器没有收到这段时间的任何上报")
    assert (decided.state, decided.answer) == ("declined", "播放器没有收到这段时间的任何上报")
    assert not Override.objects.exists()
    assert not LessonProgress.objects.exclude(completed_at=None).exists()


def test_after_an_answer_one_may_ask_again_but_not_for_ever(learner, provincial_clerk, row, lesson, asked):
    appeals.decline(author=provincial_clerk, appeal=asked, reason="不符")
    for _ in range(appeals.PER_LESSON - 1):
        again = appeals.file(user=learner, enrolment=row, lesson=lesson, text="请再核对")
        appeals.withdraw(user=learner, appeal=again)
    with pytest.raises(appeals.Refused):
        appeals.file(user=learner, enrolment=row, lesson=lesson, text="再一次")
    assert not appeals.may_file(row, lesson, done=False)


def test_of_an_ended_period_one_may_ask_too(learner, provincial_clerk, course, row, lesson):
    enrolment.again(learner, course)
    row.refresh_from_db()
    made = appeals.file(user=learner, enrolment=row, lesson=lesson, text="上一期少记了")
    appeals.grant(author=provincial_clerk, appeal=made, reason="属实")
    assert row.lessons.get().completed_at


def test_who_asked_is_told_by_mail_and_once(learner, provincial_clerk, row, lesson, asked):
    learner.emailaddress_set.create(email=learner.email, verified=True, primary=True)
    appeals.decline(author=provincial_clerk, appeal=asked, reason="没有收到上报")
    assert appeals.tell_decided() == 1
    (sent,) = mail.outbox
    assert sent.to == [learner.email]
    assert "没有收到上报" in sent.body
    assert f"/me/records/{row.uuid}/{lesson.pk}/" in sent.body
    assert appeals.tell_decided() == 0


def test_without_a_proved_address_the_number_gets_a_text_message_without_the_reason(learner, provincial_clerk, asked):
    learner.mobile_verified = True
    learner.save()
    appeals.decline(author=provincial_clerk, appeal=asked, reason="没有收到上报")
    appeals.tell_decided()
    sent = Outgoing.objects.get()
    assert (sent.channel, sent.to) == ("sms", learner.mobile)
    assert "没有收到上报" not in sent.body


class Down:
    def send(self, sms):
        raise messages.NotSent


def test_a_message_that_does_not_leave_is_tried_again_for_two_days(settings, learner, provincial_clerk, row, lesson):
    learner.mobile_verified = True
    learner.save()
    with frozen() as clock:
        made = appeals.file(user=learner, enrolment=row, lesson=lesson, text="少记了")
        appeals.decline(author=provincial_clerk, appeal=made, reason="不符")
        settings.SMS_SENDER = f"{__name__}.Down"
        assert appeals.tell_decided() == 0
        settings.SMS_SENDER = messages.LOCAL_SMS
        clock.shift(3 * 86_400)
        assert appeals.tell_decided() == 0
        clock.shift(-2 * 86_400)
        assert appeals.tell_decided() == 1


def test_telling_is_among_the_workers_duties():
    assert appeals.tell_decided in jobs.periodic


# --- refusals ---


def test_one_waits_at_a_time(learner, row, lesson, asked):
    with pytest.raises(appeals.Refused):
        appeals.file(user=learner, enrolment=row, lesson=lesson, text="还有")
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.create(enrolment=row, lesson=lesson, text="还有", filed_at=asked.filed_at)


@pytest.mark.parametrize("text", ["", "  \n", "长" * 1001])
def test_words_are_needed_and_bounded(learner, row, lesson, text):
    with pytest.raises(appeals.Refused):
        appeals.file(user=learner, enrolment=row, lesson=lesson, text=text)


@pytest.mark.parametrize("stretch", [(50_000, 50_000), (60_000, 50_000), (0, 100_001), (-1, 5)])
def test_a_stretch_lies_within_the_film(learner, row, lesson, stretch):
    with pytest.raises(appeals.Refused):
        appeals.file(user=learner, enrolment=row, lesson=lesson, text="少记了", stretch=stretch)


def test_a_finished_lesson_misses_nothing(admin, learner, row, lesson):
    completion.override(enrolment=row, lesson=lesson, author=admin, reason="面授")
    with pytest.raises(appeals.Refused):
        appeals.file(user=learner, enrolment=row, lesson=lesson, text="少记了")


def test_one_asks_about_ones_own_record_and_about_its_lessons(learner, outsider, home, row, lesson):
    with pytest.raises(appeals.Refused):
        appeals.file(user=outsider, enrolment=row, lesson=lesson, text="少记了")
    stranger = factories.course(home, title="别的课").lessons().get()
    with pytest.raises(appeals.Refused):
        appeals.file(user=learner, enrolment=row, lesson=stranger, text="少记了")


def test_only_who_asked_takes_it_back(outsider, learner, asked):
    with pytest.raises(appeals.Refused):
        appeals.withdraw(user=outsider, appeal=asked)
    assert appeals.withdraw(user=learner, appeal=asked).state == "withdrawn"


@pytest.mark.parametrize("role", ["learner", "trainer", "editor", "city_clerk", "manager", "outsider"])
def test_nobody_but_a_keeper_decides(request, asked, role):
    for decide in (appeals.grant, appeals.decline):
        with pytest.raises(appeals.Refused):
            decide(author=request.getfixturevalue(role), appeal=asked, reason="可以")
    assert Appeal.objects.get().is_open


def test_a_keeper_does_not_decide_about_the_own_record(provincial_clerk, course, lesson):
    row = enrolment.enrol(provincial_clerk, course)
    made = appeals.file(user=provincial_clerk, enrolment=row, lesson=lesson, text="少记了")
    with pytest.raises(appeals.Refused):
        appeals.grant(author=provincial_clerk, appeal=made, reason="属实")


@pytest.mark.parametrize("reason", ["", "   ", "长" * 201])
def test_a_decision_has_a_reason_of_some_length(provincial_clerk, asked, reason):
    for decide in (appeals.grant, appeals.decline):
        with pytest.raises(appeals.Refused):
            decide(author=provincial_clerk, appeal=asked, reason=reason)


def test_what_is_decided_is_not_decided_again(learner, provincial_clerk, admin, asked):
    appeals.decline(author=provincial_clerk, appeal=asked, reason="不符")
    with pytest.raises(appeals.Refused):
        appeals.grant(author=admin, appeal=asked, reason="属实")
    with pytest.raises(appeals.Refused):
        appeals.withdraw(user=learner, appeal=asked)
    assert not Override.objects.exists()


def test_a_lesson_finished_meanwhile_needs_no_decision_of_that_kind(learner, provincial_clerk, row, lesson, asked):
    with frozen("2030-01-01T01:00:00Z") as clock:
        Viewer(clock, learner, lesson).watch(95)
    with pytest.raises(appeals.Refused):
        appeals.grant(author=provincial_clerk, appeal=asked, reason="属实")
    assert not Override.objects.exists()
    assert appeals.decline(author=provincial_clerk, appeal=asked, reason="已学完").state == "declined"
