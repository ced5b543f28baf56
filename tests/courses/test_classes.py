"""Classes on site: planned, entered, signed in to, and counted in the book like everything else."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from courses import classes, enrolment
from courses.models import ClassMember, ClassSignIn, LessonProgress
from lms import periods, permissions, reports, tally
from lms.models import Activity, Participation, Region
from tests import factories

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


@pytest.fixture
def class_(provincial_clerk):
    return classes.plan(
        title="首席质量官任职培训班（第三期）", by=provincial_clerk, starts_on=DAY, ends_on=DAY + timedelta(days=1),
        region=Region.objects.get(code="510000"), organisers=[{"role": "主办", "name": "示范省市场监督管理局"}],
        place="示范会堂", quota=3, campaigns=["2026质量月"],
    )  # fmt: skip


def at(hour, minute=0):
    return timezone.make_aware(timezone.datetime(2026, 11, 20, hour, minute))


@pytest.fixture
def session(class_):
    return classes.add_session(class_, title="质量法律法规", starts_at=at(9), minutes=90)


@pytest.fixture
def proved(learner):
    learner.mobile_verified = True
    learner.save()
    return learner


def come(session, user, when=None):
    return classes.come_in(session, user=user, secret=session.door_secret, at=when or at(9))


def test_what_is_planned_is_an_activity(class_, session):
    activity = Activity.objects.get()
    assert (activity.kind, activity.status, activity.planned_sessions, activity.place) == (
        "classroom", "planned", 1, "示范会堂",
    )  # fmt: skip
    assert (activity.region_code, activity.campaigns) == ("510000", ["2026质量月"])


def test_a_class_does_not_end_before_it_begins(provincial_clerk):
    with pytest.raises(classes.Refused):
        classes.plan(title="班", by=provincial_clerk, starts_on=DAY, ends_on=DAY - timedelta(days=1))
    assert not Activity.objects.exists()


def test_a_meeting_lies_within_the_class(class_):
    with pytest.raises(classes.Refused):
        classes.add_session(class_, title="晚了", starts_at=at(9) + timedelta(days=2), minutes=45)


def test_who_comes_to_the_door_is_counted(session, proved):
    come(session, proved)
    row = Participation.objects.get()
    assert (row.person, row.channel, row.minutes, row.occurred_at) == (proved.ledger_key, "classroom", 90, at(9))
    assert row.activity == session.training_class.activity
    assert row.activity.status == "held"
    figures = reports.measures(reports.Scope())
    assert (figures.attendances, figures.persons, figures.hours) == (1, 1, 2)


def test_coming_twice_is_once(session, proved):
    first = come(session, proved)
    assert come(session, proved, at(9, 30)) == first
    assert (ClassSignIn.objects.count(), Participation.objects.count()) == (1, 1)


@pytest.mark.parametrize("when", [at(7, 59), at(11, 1)])
def test_the_door_has_hours(session, proved, when):
    with pytest.raises(classes.Refused):
        come(session, proved, when)
    assert not ClassSignIn.objects.exists()


def test_a_guessed_address_opens_no_door(session, proved):
    with pytest.raises(classes.Refused):
        classes.come_in(session, user=proved, secret="guess", at=at(9))


def test_places_are_limited_and_the_roster_keeps_its_own(class_, session, proved, outsider, trainer):
    classes.enter(class_, [("张明远", proved.mobile), ("甲", "13500000001"), ("乙", "13500000002")])
    with pytest.raises(classes.Refused, match="3"):
        come(session, outsider)
    with pytest.raises(classes.Refused, match="3"):
        classes.enter(class_, [("丙", "13500000003")])
    assert come(session, proved).member.user == proved
    assert class_.members.count() == 3


def test_a_walk_in_who_proves_the_number_keeps_the_place(class_, session, learner):
    come(session, learner)
    learner.mobile_verified = True
    learner.save()
    assert classes.enter(class_, [("张明远", learner.mobile)]) == 0
    assert ClassMember.objects.get().mobile == learner.mobile


def test_entering_again_takes_no_second_place(class_):
    people = [("甲", "13500000001"), ("乙", "13500000002")]
    assert (classes.enter(class_, people), classes.enter(class_, people)) == (2, 0)


def test_who_has_no_account_yet_is_counted_when_the_number_is_proved(class_, session, trainer):
    classes.enter(class_, [("张明远", "13800000001")])
    classes.sign_in(session, list(class_.members.all()), by=trainer)
    assert not Participation.objects.exists()
    person = factories.user(name="张明远", mobile="13800000001", mobile_verified=True)
    assert (classes.claim_due(), classes.claim_due()) == (1, 0)
    row = Participation.objects.get()
    assert (row.person, row.occurred_at) == (person.ledger_key, at(9))


def test_an_unproved_number_claims_nothing(class_, session, learner, trainer):
    classes.enter(class_, [("张明远", learner.mobile)])
    classes.sign_in(session, list(class_.members.all()), by=trainer)
    assert classes.claim_due() == 0
    assert ClassMember.objects.get().user is None


def test_namesakes_are_two_people(class_, session, trainer):
    users = [factories.user(name="罗军", mobile=f"1350000000{n}", mobile_verified=True) for n in (1, 2)]
    classes.enter(class_, [(user.name, user.mobile) for user in users])
    classes.sign_in(session, list(class_.members.filter(mobile=users[1].mobile)), by=trainer)
    assert Participation.objects.get().person == users[1].ledger_key


def test_hours_of_a_lesson_count_for_the_course_once(class_, course, proved, provincial_clerk):
    lesson = course.lessons().first()
    enrolment.enrol(proved, course)
    session = classes.add_session(class_, title="第一课", starts_at=at(14), minutes=90, lesson=lesson)
    come(session, proved, at(14))
    assert LessonProgress.objects.get(lesson=lesson).completed_at
    assert Participation.objects.filter(unit=f"lesson:{lesson.translation_key}").count() == 2
    figures = reports.measures(reports.Scope())
    assert (figures.attendances, figures.persons, figures.hours) == (2, 1, 2)  # the longer of the two, once


def test_taken_back_it_counts_no_longer_and_the_row_stays(session, proved, trainer):
    row = come(session, proved)
    with pytest.raises(classes.Refused):
        classes.take_back(row, by=trainer, reason=" ")
    classes.take_back(row, by=trainer, reason="代签")
    classes.take_back(row, by=trainer, reason="代签")
    assert reports.measures(reports.Scope()).attendances == 0
    assert ClassSignIn.objects.get().reason == "代签"
    assert Participation.objects.count() == 2
    come(session, proved, at(9, 40))
    assert reports.measures(reports.Scope()).attendances == 1


def test_what_was_held_is_not_cancelled(class_, session, proved):
    come(session, proved)
    with pytest.raises(classes.Refused):
        classes.cancel(class_)
    assert Activity.objects.get().status == "held"


def test_nobody_comes_to_a_cancelled_class(class_, session, proved):
    classes.cancel(class_)
    with pytest.raises(classes.Refused):
        come(session, proved)


def test_a_locked_month_takes_only_late_registrations(class_, session, trainer, provincial_clerk):
    known = factories.user(name="李四", mobile="13800000002", mobile_verified=True)
    classes.enter(class_, [("张明远", "13800000001"), ("李四", known.mobile)])
    classes.sign_in(session, [class_.members.get(mobile="13800000001")], by=trainer)
    with time_machine.travel(at(9) + timedelta(days=20)):
        periods.lock("2026-11", author=provincial_clerk, reason="报表已上报")
        with pytest.raises(tally.Locked):
            classes.sign_in(session, [class_.members.get(mobile=known.mobile)], by=trainer)
        assert not ClassSignIn.objects.filter(member__mobile=known.mobile).exists()
        factories.user(name="张明远", mobile="13800000001", mobile_verified=True)
        classes.claim_due()
    assert Participation.objects.get().reason


def test_the_door_takes_in_whoever_comes_in_a_locked_month(session, proved, provincial_clerk):
    periods.lock("2026-11", author=provincial_clerk, reason="报表已上报")
    come(session, proved)
    assert ClassSignIn.objects.get().counted_at
    assert Participation.objects.get().reason == tally.LATE


def test_a_code_of_other_letters_opens_no_door(session, proved):
    with pytest.raises(classes.Refused):
        classes.come_in(session, user=proved, secret="门口的码", at=at(9))


def renumber(user, mobile):
    user.mobile = mobile
    user.save()
    return user


def test_a_new_number_takes_no_second_place(class_, session, proved):
    come(session, proved)
    renumber(proved, "13800000099")
    assert classes.enter(class_, [("张明远", "13800000099")]) == 0
    assert ClassMember.objects.get().mobile == "13800000099"


def test_two_places_of_a_person_become_one(class_, session, proved, trainer):
    own = come(session, proved).member
    later = classes.add_session(class_, title="标准化", starts_at=at(14), minutes=45)
    classes.enter(class_, [("张明远", "13800000099")])
    other = class_.members.get(mobile="13800000099")
    for each in (session, later):
        classes.sign_in(each, [other], by=trainer)
    renumber(proved, "13800000099")
    assert come(session, proved, at(9, 30)).member == own
    assert (classes.claim_due(), classes.claim_due()) == (1, 0)
    assert (class_.members.get(), class_.members.get().mobile) == (own, "13800000099")
    assert ClassSignIn.objects.standing().count() == 2
    assert ClassSignIn.objects.exclude(taken_back_at=None).get().reason
    figures = reports.measures(reports.Scope())
    assert (figures.attendances, figures.minutes) == (1, 135)


def test_a_city_sees_the_classes_of_its_counties(city_clerk, trainer):
    plan = {"by": trainer, "starts_on": DAY, "ends_on": DAY}
    county = Region(code="510104", name="锦江区", level=Region.Level.COUNTY)
    other = Region(code="510303", name="贡井区", level=Region.Level.COUNTY)
    own = classes.plan(title="锦江班", region=county, **plan)
    classes.plan(title="贡井班", region=other, **plan)
    assert set(classes.visible(city_clerk)) == {own}


def test_a_county_sees_its_own_classes_whoever_planned_them(trainer):
    plan = {"by": trainer, "starts_on": DAY, "ends_on": DAY}
    own = Region(code="510104", name="锦江区", level=Region.Level.COUNTY)
    made = classes.plan(title="锦江班", region=own, **plan)
    for code in ("510107", "510100"):
        classes.plan(title="别处班", region=Region(code=code, name=code, level=Region.Level.COUNTY), **plan)
    clerk = factories.clerk(name="区局科员", region="510104", level="county")
    assert set(classes.visible(clerk)) == {made}
    clerk.bureau_posts.update(duty="centre", unit="一站式服务中心")
    permissions.forget(clerk)
    assert set(classes.visible(clerk)) == set()


def test_each_sees_the_classes_of_the_own_region(class_, city_clerk, provincial_clerk, outsider, trainer):
    own = classes.plan(title="成都班", by=trainer, starts_on=DAY, ends_on=DAY, region=Region.objects.get(code="510100"))
    assert set(classes.visible(provincial_clerk)) == {class_, own}
    assert set(classes.visible(city_clerk)) == {own}
    assert set(classes.visible(trainer)) == {own}
    assert set(classes.visible(outsider)) == set()
