"""A service centre has the desk of its own city or county, and nothing else that officers of a bureau may."""

import openpyxl
import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from lms import bureau, exports, permissions, timespans
from lms.models import BureauPost, Region
from tests import factories
from tests.lms import bureau as tally_book


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
        exports.ask(
            user=centre, kind="table", question=bureau.Question(span, region("510100")), full=True, purpose="核"
        )


@pytest.mark.parametrize("kind", ["rows", "rows_csv"])
def test_it_takes_out_no_rows_nor_a_file_of_when_it_was_an_officer(client, centre, kind):
    span = timespans.choose("quarter", today=timezone.localdate())
    question = bureau.Question(span, region("510100"))
    with pytest.raises(bureau.OutOfReach):
        exports.ask(user=centre, kind=kind, question=question)
    client.force_login(centre)
    assert client.post(reverse("bureau_exports"), {"kind": kind}).status_code == 403
    officer = factories.clerk(name="市局科员", region="510100")
    made = exports.ask(user=officer, kind=kind, question=question)
    exports.make(made.pk)
    officer.bureau_posts.update(duty="centre", unit="成都一站式服务中心")
    permissions.forget(officer)
    with pytest.raises(bureau.OutOfReach):
        exports.take(officer, made.uuid)


def test_its_desk_leads_to_no_rows(client, centre):
    tally_book.small_book()
    client.force_login(centre)
    with time_machine.travel(tally_book.NOW, tick=False):
        page = client.get(f"{reverse('bureau')}?{tally_book.QUARTER}")
    assert page.context["shown"].table.total.attendances
    for closed in (reverse("bureau_rows"), reverse("coverage"), 'value="rows"'):
        assert closed not in page.content.decode()


def test_a_post_in_another_region_opens_no_rows_here(client, centre):
    BureauPost.objects.create(user=centre, region=region("510700"), started_on="2026-01-01")
    client.force_login(centre)
    assert client.get(reverse("bureau_rows"), {"region": "510700"}).status_code == 200
    assert client.get(reverse("bureau_rows"), {"region": "510100"}).status_code == 403


def test_a_centre_for_everything_is_none(centre):
    with pytest.raises(IntegrityError), transaction.atomic():
        BureauPost.objects.create(user=centre, duty="centre", started_on="2026-01-01")
    centre.bureau_posts.update(region=region("510000"))
    permissions.forget(centre)
    assert permissions.seats(centre) == []
    assert not permissions.sees_figures(centre)


CLOSED = [
    "classes", "bureau_trail", "bureau_locks", "bureau_balances",
    "bureau_rows", "coverage", "coverage_table", "lists", "list_template",
]  # fmt: skip


@pytest.mark.parametrize("page", CLOSED)
def test_pages_of_officers_are_closed_to_it(client, centre, page):
    client.force_login(centre)
    assert client.get(reverse(page)).status_code == 403
