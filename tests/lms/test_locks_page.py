"""The page on which officers of the province lock periods and open them again."""

import pytest
import time_machine
from django.urls import reverse

from lms import periods
from lms.models import PeriodLock
from lms.views import locks
from tests.lms import bureau

HERE = reverse("bureau_locks")


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(bureau.NOW, tick=False):
        yield


@pytest.fixture
def desk(client, reference, provincial_clerk):
    client.force_login(provincial_clerk)
    return client


def turn(desk, how="lock", period="2026Q3", reason="季报已上报"):
    return desk.post(HERE, {"turn": how, "period": period, "reason": reason}, follow=True)


def test_a_period_is_locked_and_opened_again_with_a_reason(desk):
    page = turn(desk)
    assert periods.locked() == ["2026Q3"]
    assert locks.name_of("2026Q3") in page.content.decode()
    page = turn(desk, "unlock", reason="省局退回")
    assert periods.locked() == []
    text = page.content.decode()
    for words in ("季报已上报", "省局退回", "省局处员"):
        assert words in text
    assert [each["row"].locked for each in page.context["rows"]] == [False, True]


def test_the_desk_leads_to_the_lock_of_what_it_shows(desk):
    bureau.write(bureau.people()[0], bureau.activity(1))
    page = desk.get(f"{reverse('bureau')}?{bureau.QUARTER}").content.decode()
    assert f"{HERE}?period=2026Q3#lock-form" in page
    form = desk.get(f"{HERE}?period=2026Q3&turn=unlock").context["form"]
    assert form.initial == {"turn": "unlock", "period": "2026Q3"}


@pytest.mark.parametrize(
    "wrong", [{"reason": " "}, {"period": "2026Q9"}, {"period": "2031"}, {"how": "unlock"}, {"how": "burn"}]
)
def test_what_makes_no_sense_is_refused_in_words_and_kept(desk, wrong):
    page = turn(desk, **wrong)
    assert page.status_code == 422
    assert page.context["form"].errors
    assert "reason" in wrong or "季报已上报" in page.content.decode()
    assert not PeriodLock.objects.exists()


def test_only_what_has_begun_is_offered(desk):
    choices = desk.get(HERE).context["form"].fields["period"].choices
    offered = [label for _year, labels in choices for label, _name in labels]
    assert "2026-11" in offered
    assert "2026-12" not in offered


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_number(desk, provincial_clerk, count, django_assert_num_queries):
    for month in range(1, 1 + count):
        periods.lock(f"2026-0{month}", author=provincial_clerk, reason="月报")
    desk.get(HERE)
    with django_assert_num_queries(9):
        desk.get(HERE)
