"""Who may open what: every page of the desk, every export and the keys, for everybody of the cast."""

from urllib.parse import urlencode

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from lms import exports, periods, reports, timespans
from lms.bureau import Question, find
from lms.models import Export, OpeningBalance, WebhookDelivery
from lms.models import Webhook as Hook
from tests import factories
from tests.lms import bureau, test_balances_page

ROLES = [
    "anonymous",
    "learner",
    "outsider",
    "trainer",
    "editor",
    "manager",
    "county",
    "centre",
    "city",
    "province",
    "admin",
    "former",
]
OFFICERS = {"county", "centre", "city", "province", "admin"}
WHOLE = {"province", "admin"}
REGIONS = {"": OFFICERS, "510104": OFFICERS, "510100": OFFICERS - {"county", "centre"}, "510700": WHOLE,
           "500000": WHOLE, "OTHER": WHOLE, "UNKNOWN": WHOLE, "510000": WHOLE}  # fmt: skip
PAGES = ["bureau", "bureau_rows"]
CLERKS = OFFICERS - {"centre"}  # a service centre has the figures, and nothing that names people or enterprises
ROWS = ("bureau_rows", "rows", "rows_csv")
PLAIN = {
    "bureau_definitions": OFFICERS,
    "bureau_online": OFFICERS,
    "bureau_exports": OFFICERS,
    "bureau_trail": WHOLE,
    "bureau_balances": WHOLE,
    "bureau_locks": WHOLE,
    "coverage": CLERKS,
    "lists": CLERKS,
    "list_template": CLERKS,
}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(bureau.NOW, tick=False):
        yield


@pytest.fixture
def cast(db, client, learner, outsider, trainer, editor, manager, city_clerk, provincial_clerk, admin):
    """A client of each role, over a book in which there is something to see."""
    bureau.small_book()
    former = factories.clerk(name="前科员", region="510100")
    former.bureau_posts.update(ended_on="2026-06-30")
    people = {
        "learner": learner, "outsider": outsider, "trainer": trainer, "editor": editor, "manager": manager,
        "city": city_clerk, "province": provincial_clerk, "admin": admin, "former": former,
        "county": factories.clerk(name="区局科员", region="510104", level="county"),
        "centre": factories.clerk(name="服务中心", region="510104", level="county"),
    }  # fmt: skip

    people["centre"].bureau_posts.update(duty="centre", unit="锦江区一站式服务中心")

    def enter(role):
        client.logout()
        if role != "anonymous":
            client.force_login(people[role])
        return client

    enter.people = people
    return enter


def shut(role):
    """A stranger is led to the sign-in, everybody else is told no."""
    return 302 if role == "anonymous" else 403


@pytest.mark.parametrize("role", ROLES)
def test_figures_and_rows_of_every_region(cast, role):
    client = cast(role)
    for page in PAGES:
        for region, figures_to in REGIONS.items():
            open_to = figures_to & CLERKS if page in ROWS else figures_to
            query = urlencode({"period": "custom", "since": "2026-07-01", "until": "2026-09-30", "region": region})
            answer = client.get(f"{reverse(page)}?{query}&measure=attendances")
            assert answer.status_code == (200 if role in open_to else shut(role)), (page, region)
            if role not in open_to:
                assert "138****6000" not in answer.content.decode()


@pytest.mark.parametrize("role", ROLES)
def test_the_other_pages(cast, role):
    client = cast(role)
    for page, open_to in PLAIN.items():
        assert client.get(reverse(page)).status_code == (200 if role in open_to else shut(role)), page


@pytest.mark.parametrize("role", ROLES)
def test_periods_are_locked_by_the_province(cast, role):
    answer = cast(role).post(reverse("bureau_locks"), {"turn": "lock", "period": "2026Q3", "reason": "季报已上报"})
    assert answer.status_code == (302 if role in WHOLE else shut(role))
    assert periods.locked() == (["2026Q3"] if role in WHOLE else [])


@pytest.mark.parametrize("role", ROLES)
def test_balances_are_signed_by_the_province(cast, role):
    answer = cast(role).post(reverse("bureau_balances"), test_balances_page.SIGNED)
    assert answer.status_code == (302 if role in WHOLE else shut(role))
    assert OpeningBalance.objects.count() == (role in WHOLE)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", exports.ENDINGS)
def test_exports_of_every_region(cast, role, kind):
    client = cast(role)
    for region, figures_to in REGIONS.items():
        open_to = figures_to & CLERKS if kind in ROWS else figures_to
        before = Export.objects.count()
        answer = client.post(f"{reverse('bureau_exports')}?{bureau.QUARTER}&region={region}", {"kind": kind})
        assert answer.status_code == (302 if role in open_to else shut(role)), region
        assert Export.objects.count() - before == (role in open_to)


@pytest.mark.parametrize("role", ROLES)
def test_the_file_and_the_page_of_an_export_of_the_city(cast, role):
    """Its author and the province."""
    city = cast.people["city"]
    client = cast("city")
    client.post(f"{reverse('bureau_exports')}?{bureau.QUARTER}", {"kind": "official"})
    export = Export.objects.get(author=city)
    client = cast(role)
    allowed = role in WHOLE | {"city"}
    wanted = 200 if allowed else 404 if role in {"county", "centre"} else shut(role)
    for page in ("bureau_export", "bureau_file"):
        assert client.get(reverse(page, args=[export.uuid])).status_code == wanted, page
    again = client.post(reverse("bureau_export_again", args=[export.uuid]))
    assert again.status_code == (302 if allowed else wanted)


@pytest.mark.parametrize("role", ROLES)
def test_full_names_are_for_the_province(cast, role):
    client = cast(role)
    answer = client.post(
        f"{reverse('bureau_exports')}?{bureau.QUARTER}", {"kind": "rows", "full": "on", "purpose": "核对"}
    )
    assert Export.objects.filter(full=True).count() == (role in WHOLE)
    assert answer.status_code == (302 if role in WHOLE else 422 if role in CLERKS else shut(role))


@pytest.mark.parametrize("role", ROLES)
def test_keys_and_webhooks_are_for_administrators(cast, role):
    hook = Hook.objects.create(name="川质通", url="https://example.org/", secret="s" * 40, events=[])
    letter = WebhookDelivery.objects.create(hook=hook, event="attendance", key="ledger:1", body={}, state="given_up")
    client = cast(role)
    pages = [("platform_desk", []), ("platform_issue", []), ("platform_hook_add", []), ("platform_hook", [hook.pk])]
    for name, arguments in pages:
        answer = client.get(reverse(name, args=arguments))
        assert (answer.status_code == 200) == (role == "admin"), name
    for name, arguments in [("platform_secret", [hook.pk]), ("platform_again", [letter.pk])]:
        client.post(reverse(name, args=arguments))
    hook.refresh_from_db()
    letter.refresh_from_db()
    assert (hook.secret != "s" * 40) == (letter.state == "waiting") == (role == "admin")


def test_there_was_something_to_leak(cast):
    page = cast("province").get(f"{reverse('bureau_rows')}?{bureau.QUARTER}&measure=attendances&region=510100")
    assert "138****6000" in page.content.decode()
    span = timespans.choose("quarter", today=timezone.localdate())
    assert Question(span).scope().cities is None


@pytest.mark.parametrize("county", ["-", "510107"])
def test_no_filter_leads_a_county_out_of_itself(cast, county):
    """Those of the book gave no county: an officer of one sees none of them, on pages, in files and on the trail."""
    client = cast("county")
    address = f"{bureau.QUARTER}&region=510104&county={county}"
    for page in PAGES:
        answer = client.get(f"{reverse(page)}?{address}&measure=attendances")
        assert answer.status_code == 200
        assert "138****6000" not in answer.content.decode()
    client.post(f"{reverse('bureau_exports')}?{address}", {"kind": "rows"})
    assert "county" not in Export.objects.get().question["filters"]
    span = timespans.choose("quarter", today=timezone.localdate())
    own = Question(span, find("510104"), {"county": county}).scope()
    assert own.county == "510104"
    assert reports.measures(own).attendances == 0
