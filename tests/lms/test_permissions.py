"""Who may see and do what."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from lms import enterprises, permissions
from lms.models import BureauPost, Region
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def chengdu(reference):
    return Region.objects.current().get(code="510100")


@pytest.fixture
def mianyang(reference):
    return Region.objects.current().get(code="510700")


def post(user, region, **dates):
    BureauPost.objects.create(user=user, region=region, **({"started_on": date(2026, 1, 1)} | dates))
    return user


def test_a_city_clerk_sees_her_city_and_its_counties(learner, chengdu, mianyang):
    clerk = post(learner, chengdu)
    wuhou = Region.objects.current().get(code="510107")
    assert permissions.can_see_region(clerk, chengdu)
    assert permissions.can_see_region(clerk, wuhou)
    assert not permissions.can_see_region(clerk, mianyang)
    assert not permissions.can_see_region(clerk, Region.objects.get(code="OTHER"))
    assert not permissions.can_see_region(clerk, Region.objects.get(code="510000"))
    assert permissions.visible_cities(clerk) == ["510100"]


def test_the_province_sees_everything(learner, outsider, reference):
    clerk = post(learner, Region.objects.get(code="510000"))
    assert all(permissions.can_see_region(clerk, region) for region in Region.objects.all())
    assert permissions.visible_cities(clerk) is None
    assert permissions.visible_cities(post(outsider, None)) is None


def test_chongqing_sees_its_districts_and_nothing_of_sichuan(learner, chengdu):
    clerk = post(learner, Region.objects.current().get(code="500000"))
    assert permissions.can_see_region(clerk, Region.objects.get(code="500112"))
    assert not permissions.can_see_region(clerk, chengdu)


def test_a_renamed_city_is_still_hers(learner, chengdu):
    clerk = post(learner, chengdu)
    chengdu.valid_to = date(2026, 6, 30)
    chengdu.save()
    renamed = Region.objects.create(code="510100", name="新成都市", level="city", valid_from=date(2026, 7, 1))
    assert permissions.can_see_region(clerk, renamed)


def test_a_county_clerk_reads_no_city(learner, chengdu):
    clerk = post(learner, Region.objects.current().get(code="510107"))
    assert not permissions.can_see_region(clerk, chengdu)
    assert permissions.visible_cities(clerk) == []


@pytest.mark.parametrize(
    ("started", "ended", "holds"), [(0, None, True), (1, None, False), (-9, 0, False), (-9, 1, True)]
)
def test_a_post_holds_from_its_first_day_until_before_its_last(learner, chengdu, started, ended, holds):
    day = timezone.localdate()
    clerk = post(
        learner,
        chengdu,
        started_on=day + timedelta(started),
        ended_on=None if ended is None else day + timedelta(ended),
    )
    assert permissions.is_clerk(clerk) is holds
    assert permissions.can_see_region(clerk, chengdu) is holds


def test_a_manager_manages_only_her_own_enterprise(manager, learner, reference):
    own = enterprises.membership(manager).enterprise
    other = enterprises.find_or_create(code="91510700DEMQ02742E", name="别的公司")
    assert permissions.manages(manager, own)
    assert permissions.can_see_enterprise(manager, own)
    assert not permissions.manages(manager, other)
    assert not permissions.can_see_enterprise(manager, other)
    factories.member(learner, own)
    assert not permissions.manages(learner, own)
    assert not permissions.is_manager(learner)


def test_a_manager_who_left_manages_nothing(manager, reference):
    own = enterprises.membership(manager).enterprise
    enterprises.leave(manager)
    assert not permissions.manages(manager, own)


def test_an_officer_sees_the_enterprises_of_her_city(learner, chengdu, reference):
    clerk = post(learner, chengdu)
    here = enterprises.find_or_create(code="91510100DEMQ01379A", name="成都公司")
    there = enterprises.find_or_create(code="91510700DEMQ02742E", name="绵阳公司")
    assert permissions.can_see_enterprise(clerk, here)
    assert not permissions.can_see_enterprise(clerk, there)
    assert not permissions.manages(clerk, here)


def test_groups_make_trainers_and_editors(trainer, editor, learner):
    assert permissions.is_trainer(trainer)
    assert not permissions.is_trainer(editor)
    assert permissions.is_editor(editor)
    assert not permissions.is_editor(learner)


def test_permissions_can_be_asked_of_the_user(learner, chengdu, mianyang):
    clerk = post(learner, chengdu)
    assert clerk.has_perm("lms.view_region_figures", chengdu)
    assert not clerk.has_perm("lms.view_region_figures", mianyang)


def test_strangers_may_nothing(chengdu):
    nobody = AnonymousUser()
    enterprise = enterprises.find_or_create(code="91510100DEMQ01379A", name="成都公司")
    for asked in (permissions.is_clerk, permissions.is_trainer, permissions.is_editor, permissions.is_manager):
        assert not asked(nobody)
    assert not permissions.can_see_region(nobody, chengdu)
    assert not permissions.can_see_enterprise(nobody, enterprise)
    assert permissions.visible_cities(nobody) == []


def test_an_account_out_of_use_may_nothing(learner, chengdu):
    clerk = post(learner, chengdu)
    clerk.is_active = False
    assert not permissions.can_see_region(clerk, chengdu)
    assert permissions.visible_cities(clerk) == []


def test_a_page_asks_each_question_once(learner, chengdu, mianyang, django_assert_num_queries):
    clerk = post(learner, chengdu)
    with django_assert_num_queries(1):
        for _ in range(3):
            permissions.is_clerk(clerk)
            permissions.can_see_region(clerk, mianyang)
