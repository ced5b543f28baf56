"""A service centre has the desk of its own city or county, and nothing else that officers of a bureau may."""

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from lms import bureau, exports, permissions, timespans
from lms.models import BureauPost, Region
from tests import factories


@pytest.fixture
def centre(reference):
    person = factories.clerk(name="服务中心", region="510100")
    person.bureau_posts.update(duty="centre", unit="成都一站式服务中心")
    return person


def region(code):
    return Region.objects.current().get(code=code)


def test_it_sees_its_own_subtree_and_no_more(centre):
    assert permissions.seats(centre) == [region("510100")]
    assert bureau.reach(centre).code == "510100"
    assert bureau.reach(centre, "510104").code == "510104"
    for other in ("510700", "510000", "UNKNOWN"):
        with pytest.raises(bureau.OutOfReach):
            bureau.reach(centre, other)


def test_it_is_no_officer_of_the_bureau(centre):
    firm = factories.enterprise(city=region("510100"))
    assert not permissions.is_clerk(centre)
    assert not permissions.is_provincial_clerk(centre)
    assert not permissions.can_see_region(centre, region("510100"))
    assert not permissions.can_see_enterprise(centre, firm)
    assert permissions.visible_cities(centre) == []
    assert permissions.home_region(centre) is None


def test_its_files_name_the_centre(client, centre):
    client.force_login(centre)
    span = timespans.choose("quarter", today=timezone.localdate())
    made = exports.ask(user=centre, kind="official", question=bureau.Question(span, region("510100")))
    assert "成都一站式服务中心" in openpyxl.load_workbook(exports.path_of(made)).active["A2"].value
    assert client.get(reverse("bureau_file", args=[made.uuid])).status_code == 200
    with pytest.raises(exports.Refused):
        exports.ask(user=centre, kind="rows", question=bureau.Question(span, region("510100")), full=True, purpose="核")


def test_a_centre_for_everything_is_none(centre):
    with pytest.raises(IntegrityError), transaction.atomic():
        BureauPost.objects.create(user=centre, duty="centre", started_on="2026-01-01")
    centre.bureau_posts.update(region=region("510000"))
    permissions.forget(centre)
    assert permissions.seats(centre) == []
    assert not permissions.sees_figures(centre)


@pytest.mark.parametrize("page", ["classes", "bureau_trail", "bureau_locks", "bureau_balances"])
def test_pages_of_officers_are_closed_to_it(client, centre, page):
    client.force_login(centre)
    assert client.get(reverse(page)).status_code == 403
