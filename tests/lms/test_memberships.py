"""Who works where: one enterprise at a time, dated rows, and what the ledger copies."""

from datetime import date, datetime
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction

from lms import enterprises
from lms.models import Appointment, Enterprise, IndustryChain, Membership, Region
from tests import factories

MIANYANG = "91510700DEMQ02742E"
DEYANG = "91510600DEMQ04115U"
SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)

pytestmark = pytest.mark.django_db


@pytest.fixture
def mianyang(reference):
    chains = IndustryChain.objects.filter(code__in=["C01", "C06"])
    return enterprises.find_or_create(code=MIANYANG, name="绵阳云岭精密机械有限公司", size="M", chains=chains)


@pytest.fixture
def deyang(reference):
    return enterprises.find_or_create(code=DEYANG, name="德阳重装示范有限公司", size="L")


def test_a_new_enterprise_takes_subject_and_city_from_its_code(learner, reference):
    made = enterprises.find_or_create(code=" 92511500demq06858k", name="宜宾小面馆", size="I", by=learner)
    assert (made.uscc, made.subject, made.city.name) == ("92511500DEMQ06858K", "individual_business", "宜宾市")
    assert (made.created_by, made.inner_check_failed) == (learner, False)


def test_the_city_may_be_corrected_while_it_is_new(reference):
    chengdu = Region.objects.current().get(code="510100")
    made = enterprises.find_or_create(code="12510000DEMQ0959XF", name="省级检测院", city=chengdu)
    assert made.city == chengdu


def test_a_known_enterprise_keeps_what_it_says_of_itself(mianyang, reference):
    elsewhere = Region.objects.current().get(code="510100")
    again = enterprises.find_or_create(code=MIANYANG, name="别的名字", size="S", city=elsewhere)
    assert (again.pk, again.name, again.size, again.city.code) == (
        mianyang.pk,
        "绵阳云岭精密机械有限公司",
        "M",
        "510700",
    )


def test_blanks_of_a_known_enterprise_are_filled_in(reference):
    made = enterprises.find_or_create(code="12510000DEMQ0959XF", name="省级检测院")
    assert (made.city, made.size) == (None, "U")
    chain = IndustryChain.objects.get(code="C01")
    city = Region.objects.current().get(code="510100")
    again = enterprises.find_or_create(code=made.uscc, name="省级检测院", city=city, size="S", chains=[chain])
    assert (again.city, again.size, list(again.chains.all())) == (city, "S", [chain])


def test_an_odd_inner_digit_is_remembered_not_refused(reference):
    assert enterprises.find_or_create(code="91510100DEMQ90010M", name="存疑代码公司").inner_check_failed


def test_a_wrong_code_makes_nothing(reference):
    with pytest.raises(enterprises.BadCode) as refused:
        enterprises.find_or_create(code="91510100DEMQ01379B", name="错码公司")
    assert [problem.kind for problem in refused.value.checked.errors] == ["check_digit"]
    assert not Enterprise.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_people_who_name_the_same_new_enterprise_get_one(reference):
    start, made = Barrier(4), []

    def name_it(number):
        try:
            start.wait()
            made.append(enterprises.find_or_create(code=DEYANG, name=f"公司{number}").pk)
        finally:
            connection.close()

    threads = [Thread(target=name_it, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1


def test_joining_transferring_and_leaving_are_dated_rows(learner, mianyang, deyang):
    enterprises.join(user=learner, enterprise=mianyang, post="内审员", on=date(2026, 1, 5))
    enterprises.transfer(user=learner, enterprise=deyang, post="质量负责人", on=MONDAY)
    enterprises.leave(learner, on=date(2026, 12, 1))
    rows = Membership.objects.filter(user=learner).order_by("started_on")
    assert [(row.enterprise, row.started_on, row.ended_on) for row in rows] == [
        (mianyang, date(2026, 1, 5), MONDAY),
        (deyang, MONDAY, date(2026, 12, 1)),
    ]
    assert enterprises.membership(learner) is None
    assert enterprises.leave(learner) is None


def test_transferring_twice_changes_nothing(learner, mianyang):
    enterprises.join(user=learner, enterprise=mianyang, post="内审员", on=MONDAY)
    first = enterprises.transfer(user=learner, enterprise=mianyang, post="内审员", on=TUESDAY)
    assert Membership.objects.get(user=learner) == first


def test_another_post_is_another_row_and_keeps_the_role(learner, mianyang):
    enterprises.join(user=learner, enterprise=mianyang, post="内审员", role="manager", on=MONDAY)
    enterprises.transfer(user=learner, enterprise=mianyang, post="首席质量官", on=TUESDAY)
    rows = list(Membership.objects.filter(user=learner).order_by("pk").values_list("post", "role", "ended_on"))
    assert rows == [("内审员", "manager", TUESDAY), ("首席质量官", "manager", None)]


def test_nobody_works_for_two(learner, mianyang, deyang):
    enterprises.join(user=learner, enterprise=mianyang, on=MONDAY)
    with pytest.raises(enterprises.Refused):
        enterprises.join(user=learner, enterprise=deyang)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=learner, enterprise=deyang, started_on=MONDAY)
    assert enterprises.membership(learner).enterprise == mianyang


def test_nobody_leaves_before_he_came(learner, mianyang):
    enterprises.join(user=learner, enterprise=mianyang, on=TUESDAY)
    with pytest.raises(enterprises.Refused):
        enterprises.leave(learner, on=MONDAY)


def test_the_standing_is_that_of_the_day(learner, mianyang, deyang):
    enterprises.join(user=learner, enterprise=mianyang, on=date(2026, 1, 5))
    enterprises.transfer(user=learner, enterprise=deyang, on=TUESDAY)
    monday = enterprises.standing(learner, at=datetime(2026, 11, 23, 23, 59, tzinfo=SHANGHAI))
    assert monday == enterprises.Standing(
        uscc=MIANYANG,
        name="绵阳云岭精密机械有限公司",
        subject="enterprise",
        size="M",
        chains=["C01", "C06"],
        city_code="510700",
        city_name="绵阳市",
        province_code="510000",
    )
    tuesday = enterprises.standing(learner, at=datetime(2026, 11, 24, 0, 0, tzinfo=SHANGHAI))
    assert (tuesday.uscc, tuesday.chains) == (DEYANG, [])


def test_without_an_enterprise_the_city_is_not_given(learner):
    standing = enterprises.standing(learner)
    assert (standing.uscc, standing.city_code, standing.city_name) == ("", "UNKNOWN", "未填报")
    assert standing.province_code == "UNKNOWN"


def test_chongqing_is_its_own_province(learner, reference):
    unit = enterprises.find_or_create(code="91500112DEMQ12334X", name="渝北示范公司")
    enterprises.join(user=learner, enterprise=unit)
    standing = enterprises.standing(learner)
    assert (standing.city_code, standing.city_name, standing.province_code) == ("500000", "重庆市", "500000")


def test_the_standing_costs_three_queries(learner, mianyang, django_assert_num_queries):
    enterprises.join(user=learner, enterprise=mianyang)
    with django_assert_num_queries(3):
        enterprises.standing(learner)


def test_an_appointment_lasts_until_it_is_ended(learner, mianyang):
    held = enterprises.appoint(user=learner, enterprise=mianyang, document="云岭发〔2026〕8号", on=MONDAY)
    assert (held.title, held.started_on, held.ended_on) == ("首席质量官", MONDAY, None)
    with pytest.raises(enterprises.Refused):
        enterprises.appoint(user=learner, enterprise=mianyang)
    ended = enterprises.end_appointment(held, on=TUESDAY)
    assert ended.ended_on == TUESDAY
    assert enterprises.end_appointment(held, on=date(2027, 1, 1)).ended_on == TUESDAY
    assert list(Appointment.objects.on(MONDAY)) == [ended]
    assert list(Appointment.objects.on(TUESDAY)) == []


def test_chains_out_of_use_are_kept(reference):
    enterprises.load_chains({"P1": "电子信息"}, [{"code": "C06", "name": "集成电路", "pillar": "P1"}])
    assert list(IndustryChain.objects.filter(in_use=True).values_list("code", flat=True)) == ["C06"]
    assert IndustryChain.objects.count() == 33


def test_factories_agree(learner):
    row = factories.member(learner)
    assert enterprises.standing(learner).uscc == row.enterprise.uscc
