"""A roster of a class is decided at once: all of it or nothing, and nobody is counted for what is to come."""

import io
from datetime import date, timedelta

import pytest
import time_machine
from django.db.models.signals import post_save
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from courses import class_counting, class_rosters, classes
from courses.models import ClassMember, ClassSignIn
from lms import periods, reports, tally
from lms.models import Activity, Participation, Region
from tests import factories
from tests.courses.test_class_pages import on_trial, table

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)
NINE = timezone.make_aware(timezone.datetime(2026, 11, 20, 9))


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NINE + timedelta(days=9)):
        yield


@pytest.fixture
def session(provincial_clerk):
    made = classes.plan(
        title="第三期", by=provincial_clerk, starts_on=DAY, ends_on=DAY, region=Region.objects.get(code="510000")
    )
    return classes.add_session(made, title="质量法律法规", starts_at=NINE, minutes=90)


@pytest.fixture
def rows(db):
    """Five people who are known, and one who is not."""
    names = "甲一", "乙二", "丙三", "丁四", "戊五"
    for number, name in enumerate(names):
        factories.user(name=name, mobile=f"1380000000{number}", mobile_verified=True)
    return [[name, f"1380000000{number}"] for number, name in enumerate([*names, "己六"])]


def judged(session, rows):
    return class_rosters.judge(session, class_rosters.read(table(*rows)).lines)


def written():
    return ClassMember.objects.count(), ClassSignIn.objects.count(), Participation.objects.count()


def test_it_says_what_it_did_and_once_more_does_nothing(session, rows, provincial_clerk):
    done = class_rosters.apply(session, judged(session, rows), by=provincial_clerk)
    assert done == class_rosters.Written(places=6, signed=6, counted=5, waiting=1)
    again = judged(session, rows)
    assert {one.verdict for one in again} == {"same"}
    assert class_rosters.apply(session, again, by=provincial_clerk) == class_rosters.Written(0, 0, 0, 0)
    assert written() == (6, 6, 5)


def test_the_trial_of_before_applied_once_more_does_nothing(session, rows, provincial_clerk):
    first = judged(session, rows)
    class_rosters.apply(session, first, by=provincial_clerk)
    assert class_rosters.apply(session, first, by=provincial_clerk) == class_rosters.Written(0, 0, 0, 0)
    assert written() == (6, 6, 5)
    assert reports.measures(reports.Scope()).attendances == 5


def test_a_locked_period_takes_nothing_and_says_so(session, rows, provincial_clerk):
    first = judged(session, rows)
    periods.lock("2026-11", author=provincial_clerk, reason="报表已上报")
    for _time in range(2):
        with pytest.raises(classes.Refused, match=r"2026-11.*没有写入"):
            class_rosters.apply(session, first, by=provincial_clerk)
        assert written() == (0, 0, 0)


def test_with_a_reason_it_is_a_correction(session, rows, provincial_clerk):
    periods.lock("2026-11", author=provincial_clerk, reason="报表已上报")
    done = class_rosters.apply(session, judged(session, rows), by=provincial_clerk, reason="签到表迟交")
    assert done.counted == 5
    assert set(Participation.objects.values_list("reason", flat=True)) == {"签到表迟交"}
    person = factories.user(name="己六", mobile="13800000005", mobile_verified=True)
    assert classes.claim_due() == 1
    assert Participation.objects.get(person=person.ledger_key).reason == "签到表迟交"


def test_a_trainer_corrects_no_locked_period(session, rows, trainer, provincial_clerk):
    periods.lock("2026-11", author=provincial_clerk, reason="报表已上报")
    with pytest.raises(classes.Refused):
        class_rosters.apply(session, judged(session, rows), by=trainer, reason="签到表迟交")
    assert written() == (0, 0, 0)


@pytest.fixture
def lock_at_the_third(provincial_clerk):
    """Somebody locks the month while the third fact is written."""
    facts = []

    def lock(**kwargs):
        facts.append(kwargs["instance"])
        if len(facts) == 3:
            periods.lock("2026-11", author=provincial_clerk, reason="报表已上报")

    post_save.connect(lock, sender=Participation)
    yield
    post_save.disconnect(lock, sender=Participation)


def test_a_lock_in_the_middle_leaves_no_half(session, rows, provincial_clerk, lock_at_the_third, monkeypatch):
    monkeypatch.setattr(class_counting, "AT_ONCE", 2)
    done = class_rosters.apply(session, judged(session, rows), by=provincial_clerk)
    assert done == class_rosters.Written(places=6, signed=6, counted=5, waiting=1)
    assert written() == (6, 6, 5)
    reasons = list(Participation.objects.order_by("pk").values_list("reason", flat=True))
    assert reasons == ["", "", "", tally.LATE, tally.LATE]


def test_counting_that_broke_off_goes_on(session, rows, provincial_clerk):
    people = judged(session, rows)
    classes.enter(session.training_class, [(one.name, one.mobile) for one in people])
    classes.note(session, list(session.training_class.members.all()), by=provincial_clerk)
    assert written() == (6, 6, 0)
    assert (class_counting.count_due(), class_counting.count_due()) == (5, 0)
    assert Activity.objects.get().status == "held"


def test_a_meeting_ahead_gives_places_and_counts_nobody(session, rows, provincial_clerk):
    with time_machine.travel(NINE - timedelta(days=2)):
        first = judged(session, rows)
        assert {one.verdict for one in first} == {"place"}
        assert all("nobody is counted yet" in one.reason for one in first)
        done = class_rosters.apply(session, first, by=provincial_clerk)
        assert done == class_rosters.Written(places=6, signed=0, counted=0, waiting=0)
        assert {one.verdict for one in judged(session, rows)} == {"same"}
        assert written() == (6, 0, 0)
        with pytest.raises(classes.Refused):
            classes.sign_in(session, list(ClassMember.objects.all()), by=provincial_clerk)
        classes.cancel(session.training_class)
    assert Activity.objects.get().status == "cancelled"


def test_a_trial_of_before_the_meeting_signs_nobody_in_after_it(session, rows, provincial_clerk):
    with time_machine.travel(NINE - timedelta(days=2)):
        first = judged(session, rows)
    class_rosters.apply(session, first, by=provincial_clerk)
    assert written() == (6, 0, 0)


def test_who_comes_early_is_counted_when_the_meeting_begins(session, learner):
    with time_machine.travel(NINE - timedelta(minutes=30)):
        came = classes.come_in(session, user=learner, secret=session.door_secret)
        assert classes.come_in(session, user=learner, secret=session.door_secret) == came
        assert class_counting.count_due() == 0
        assert (Participation.objects.count(), Activity.objects.get().status) == (0, "planned")
    with time_machine.travel(NINE + timedelta(minutes=1)):
        assert (class_counting.count_due(), class_counting.count_due()) == (1, 0)
    assert Participation.objects.get().occurred_at == NINE
    assert Activity.objects.get().status == "held"


def test_the_book_takes_nothing_of_the_future(learner):
    run = tally.activity(key="course:ahead", kind="course", title="课程")
    fact = {"kind": "lesson", "activity": run, "person": learner, "channel": "on_demand", "minutes": 45, "unit": "u"}
    with time_machine.travel(NINE, tick=False):
        with pytest.raises(tally.Ahead):
            tally.record(key="k1", occurred_at=NINE + timedelta(minutes=3), **fact)
        assert tally.record(key="k2", occurred_at=NINE + timedelta(minutes=1), **fact)
    assert Participation.objects.get().key == "k2"


def test_the_page_asks_officers_for_the_reason(client, session, rows, trainer, provincial_clerk):
    session.training_class.activity.created_by = trainer
    session.training_class.activity.save()
    periods.lock("2026-11", author=provincial_clerk, reason="报表已上报")
    here = reverse("class_session", args=[session.training_class.uuid, session.pk])
    roster = reverse("class_roster", args=[session.training_class.uuid, session.pk])
    for who, asked in (trainer, False), (provincial_clerk, True):
        client.force_login(who)
        client.post(roster, {"file": table(*rows)})
        assert ('name="reason"' in client.get(here).content.decode()) == asked
        answer = client.post(roster, {"apply": "1", "trial": on_trial(client), "reason": ""})
        assert answer.status_code == 422
        assert written() == (0, 0, 0)
    client.post(roster, {"apply": "1", "trial": on_trial(client), "reason": "签到表迟交"})
    assert written() == (6, 6, 5)


def test_the_page_of_a_meeting_ahead(client, session, rows, provincial_clerk):
    client.force_login(provincial_clerk)
    here = reverse("class_session", args=[session.training_class.uuid, session.pk])
    roster = reverse("class_roster", args=[session.training_class.uuid, session.pk])
    with time_machine.travel(NINE - timedelta(days=2)):
        client.force_login(provincial_clerk)
        client.post(roster, {"file": table(*rows)})
        assert "会议尚未开始" in client.get(here).content.decode() or "尚未开始" in client.get(here).content.decode()
        page = client.post(roster, {"apply": "1", "trial": on_trial(client)}, follow=True).content.decode()
    assert "6" in page
    assert written() == (6, 0, 0)


def test_formulas_come_back_as_they_were_entered(client, session, provincial_clerk):
    client.force_login(provincial_clerk)
    meeting = [session.training_class.uuid, session.pk]
    brought = table(["张明远", '="138"&"00000001"', "=C2"], ["=VLOOKUP(B3,Sheet2!A:B,2,0)", "13800000002"])
    client.post(reverse("class_roster", args=meeting), {"file": brought})
    left = client.get(reverse("class_roster_left", args=meeting))
    sheet = load_workbook(io.BytesIO(left.content)).active
    rows = [tuple(cell.value for cell in row)[:-1] for row in sheet.iter_rows(min_row=2)]
    assert rows == [
        ("张明远", '="138"&"00000001"', "=C2"), ("=VLOOKUP(B3,Sheet2!A:B,2,0)", "13800000002", None),
    ]  # fmt: skip
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert not ClassSignIn.objects.exists()
