"""Facts are written once, with how things stood, and taken back only by another row."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from lms import enterprises, tally
from lms.models import Activity, Participation, Region
from tests import factories

NOW = timezone.now()


@pytest.fixture
def course(db):
    return tally.activity(key="course:1:2026", kind="course", title="质量管理基础")


def write(person, course, key="lesson:1", at=None, **fields):
    fields.setdefault("minutes", 45)
    fields.setdefault("unit", "lesson:1")
    return tally.record(
        key=key, kind="lesson", activity=course, person=person, channel="on_demand", occurred_at=at or timezone.now(),
        **fields,
    )  # fmt: skip


def in_mianyang():
    return factories.enterprise("91510700DEMQ00026K", "绵阳示范电子", city=factories.region("510700", "绵阳市"))


def test_an_activity_is_opened_once(course):
    again = tally.activity(key="course:1:2026", kind="course", title="改了名的课")
    assert again == course
    assert Activity.objects.get().title == "质量管理基础"


def test_a_fact_names_its_person_by_the_opaque_key_alone(learner, course):
    row = write(learner, course)
    assert row.person == learner.ledger_key
    told = str(vars(row))
    assert learner.name not in told
    assert learner.email not in told


def test_the_same_fact_twice_is_one_row(learner, course):
    assert write(learner, course) == write(learner, course, minutes=90)
    assert Participation.objects.get().minutes == 45


def test_half_an_hour_is_not_rounded(learner, course):
    write(learner, course, minutes=Decimal("22.5"))
    assert Participation.objects.get().minutes == Decimal("22.5")


def test_a_fact_carries_how_things_stood(learner, course):
    firm = factories.enterprise()
    factories.member(learner, firm)
    row = write(learner, course)
    assert (row.enterprise_uscc, row.enterprise_name, row.enterprise_size) == (firm.uscc, firm.name, "M")
    assert (row.city_code, row.city_name, row.province_code) == ("510100", "成都市", "510000")


def test_who_names_no_enterprise_is_not_given(learner, course):
    row = write(learner, course)
    assert (row.enterprise_uscc, row.city_code, row.city_name) == ("", Region.UNKNOWN, "未填报")


def test_a_later_change_of_employer_does_not_reach_an_earlier_fact(learner, course):
    old = factories.enterprise()
    new = factories.enterprise(
        uscc="91510700DEMQ00026K", name="绵阳示范电子", city=factories.region("510700", "绵阳市")
    )
    factories.member(learner, old)
    write(learner, course, key="a")
    enterprises.transfer(user=learner, enterprise=new)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        row = write(learner, course, key="b")
    assert row.enterprise_uscc == new.uscc
    first = Participation.objects.get(key="a")
    assert (first.enterprise_uscc, first.city_code) == (old.uscc, "510100")


def test_a_fact_written_late_stands_where_the_person_stood_then(learner, course):
    old = factories.enterprise()
    new = factories.enterprise(
        uscc="91510700DEMQ00026K", name="绵阳示范电子", city=factories.region("510700", "绵阳市")
    )
    factories.member(learner, old)
    enterprises.transfer(user=learner, enterprise=new)
    assert write(learner, course, at=timezone.now() - timedelta(days=3)).enterprise_uscc == old.uscc


def test_a_fact_is_taken_back_by_a_row_that_says_who_and_why(learner, provincial_clerk, course):
    factories.member(learner)
    row = write(learner, course)
    back = tally.reverse(row, author=provincial_clerk, reason="重复计入")
    assert (back.kind, back.minutes, back.reverses, back.reason) == ("reversal", -45, row, "重复计入")
    assert back.author == provincial_clerk.ledger_key
    assert (back.city_code, back.enterprise_uscc, back.occurred_at) == (
        row.city_code,
        row.enterprise_uscc,
        row.occurred_at,
    )
    assert not Participation.objects.standing().exists()
    assert Participation.objects.count() == 2


def test_taking_back_twice_is_one_row(learner, provincial_clerk, course):
    row = write(learner, course)
    tally.reverse(row, author=provincial_clerk, reason="重复计入")
    tally.reverse(row, author=provincial_clerk, reason="再来一次")
    assert Participation.objects.count() == 2


def test_a_reversal_needs_a_reason_and_cannot_be_reversed(learner, provincial_clerk, course):
    row = write(learner, course)
    with pytest.raises(tally.Refused):
        tally.reverse(row, author=provincial_clerk, reason="  ")
    back = tally.reverse(row, author=provincial_clerk, reason="重复计入")
    with pytest.raises(tally.Refused):
        tally.reverse(back, author=provincial_clerk, reason="后悔了")


def test_the_book_can_be_read_as_it_stood_before_a_reversal(learner, provincial_clerk, course):
    row = write(learner, course)
    before = timezone.now()
    tally.reverse(row, author=provincial_clerk, reason="重复计入")
    assert Participation.objects.standing(before).count() == 1
    assert Participation.objects.standing(timezone.now()).count() == 0


def test_the_book_as_it_stood_earlier_does_not_know_later_facts(learner, course):
    before = timezone.now()
    write(learner, course, at=before - timedelta(days=9))
    assert not Participation.objects.standing(before).exists()


def test_the_periods_of_an_activity_are_kept(db):
    run = tally.activity(
        key="course:2:2026", kind="course", title="年度课程", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31),
        organisers=[{"role": "主办", "name": "示范省市场监督管理局"}], region_code="510000",
    )  # fmt: skip
    run.refresh_from_db()
    assert (run.starts_on.year, run.organisers[0]["role"], run.region_code) == (2026, "主办", "510000")


def test_a_fact_names_its_unit(learner, course):
    with pytest.raises(ValueError, match="no unit"):
        write(learner, course, unit="")
    row = write(learner, course)
    with pytest.raises(IntegrityError), transaction.atomic():
        Participation.objects.create(**{**vars_of(row), "key": "another", "unit": ""})


def vars_of(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name != "id"}
