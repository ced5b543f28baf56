"""A post in the bureau that is given or taken back in the administration reaches rooms that are open."""

import datetime as dt

import pytest
from channels.db import database_sync_to_async as sync_to_async

from lms.models import BureauPost, User
from tests import factories

from .guests import inside, speaker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hang_up")]


@pytest.fixture
def live(transactional_db):
    factories.region("510100", "成都市")
    factories.region("510300", "自贡市")
    return factories.broadcast(state="live", region_code="510100")


@pytest.fixture
def chen(live):
    return speaker("陈处长")


def appoint(person, region):
    return BureauPost.objects.create(user=person, region=factories.region(region), started_on=dt.date(2026, 1, 1))


async def role(broadcast, person):
    async with inside(broadcast, person) as guest:
        return guest.beginning[0]["role"]


async def test_who_gets_a_post_comes_back_as_an_officer(live, chen):
    async with inside(live, chen) as guest, inside(live, await sync_to_async(speaker)("张明远")) as other:
        assert guest.beginning[0]["role"] == ""
        await sync_to_async(appoint)(chen, "510100")
        assert await guest.closed_with() == 4005
        assert await other.hears_nothing()
    assert await role(live, chen) == "bureau"


@pytest.mark.parametrize("how", ["ended", "deleted"])
async def test_who_loses_it_is_one_of_the_audience(live, chen, how):
    post = await sync_to_async(appoint)(chen, "510100")
    async with inside(live, chen) as guest:
        assert guest.beginning[0]["role"] == "bureau"
        if how == "ended":
            await BureauPost.objects.filter(pk=post.pk).aupdate(ended_on=dt.date(2026, 1, 2))
        else:
            await post.adelete()
        assert await guest.closed_with() == 4005
    assert await role(live, chen) == ""


async def test_who_may_do_everything_no_longer_may(live, chen):
    await User.objects.filter(pk=chen.pk).aupdate(is_superuser=True)
    async with inside(live, chen) as guest:
        assert guest.beginning[0]["role"] == "bureau"
        await User.objects.filter(pk=chen.pk).aupdate(is_superuser=False)
        assert await guest.closed_with() == 4005


async def test_a_post_elsewhere_disturbs_nobody(live, chen):
    async with inside(live, chen) as guest:
        await sync_to_async(appoint)(chen, "510300")
        assert await guest.hears_nothing(2.5)
        assert (await guest.say("老师好"))["type"] == "said"
