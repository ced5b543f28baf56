"""One's own details: what is shown, corrected, downloaded."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from lms import accounts, consents, enterprises
from lms.models import AccountChange, Activity, Participation
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def person(client):
    user = accounts.create(name="张明远", password="安静的一号车间 quality", mobile="13800008000")
    consents.give(user, consents.in_force())
    client.force_login(user)
    return user


@pytest.fixture
def employed(person):
    unit = enterprises.find_or_create(code="91510700DEMQ02742E", name="绵阳云岭精密机械有限公司", size="M")
    enterprises.join(user=person, enterprise=unit, post="首席质量官")
    enterprises.appoint(user=person, enterprise=unit, document="云岭发〔2026〕8号")
    return person


def body(page):
    return page.content.decode()


def test_the_page_shows_ones_own_details(client, employed):
    page = body(client.get(reverse("profile")))
    assert "张明远" in page
    assert "138****8000" in page
    assert "13800008000" not in page
    assert "绵阳云岭精密机械有限公司" in page
    assert "云岭发〔2026〕8号" in page
    assert "2026-11" in page
    assert reverse("mfa_index") in page


def test_the_page_takes_the_same_queries_for_one_row_and_for_three(client, employed, django_assert_num_queries):
    client.get(reverse("profile"))  # the facts of the school are kept for a minute
    with django_assert_num_queries(10):
        client.get(reverse("profile"))
    for number, code in enumerate(["91510100DEMQ01379A", "91510600DEMQ04115U"]):
        unit = enterprises.find_or_create(code=code, name=f"公司{number}")
        enterprises.transfer(user=employed, enterprise=unit)
        enterprises.appoint(user=employed, enterprise=unit)
        consents.publish(kind="privacy", version=f"2027-{number}", texts={"zh-hans": consents.Text("隐私政策", "新")})
        consents.give(employed, consents.in_force())
    with django_assert_num_queries(10):
        client.get(reverse("profile"))


def test_a_corrected_name_is_recorded(client, person):
    client.post(reverse("profile_name"), {"name": "张明远·新"})
    person.refresh_from_db()
    assert person.name == "张明远·新"
    change = AccountChange.objects.get()
    assert (change.field, change.before, change.after, change.by) == ("name", "张明远", "张明远·新", person)
    assert "张明远 → 张明远·新" in body(client.get(reverse("profile")))


def test_the_same_name_is_no_change(client, person):
    client.post(reverse("profile_name"), {"name": " 张明远 "})
    assert not AccountChange.objects.exists()


def test_a_bad_name_is_kept_in_the_form(client, person):
    page = client.post(reverse("profile_name"), {"name": "张😀"})
    assert page.status_code == 422
    assert "张😀" in body(page)
    person.refresh_from_db()
    assert person.name == "张明远"


def test_the_download_holds_all_tables_and_nobody_else(client, employed, outsider):
    activity = Activity.objects.create(key="course:1", kind="course", title="质量管理基础")
    for user in (employed, outsider):
        Participation.objects.create(
            key=f"{user.pk}",
            kind="lesson",
            activity=activity,
            person=user.ledger_key,
            channel="on_demand",
            minutes=45,
            occurred_at=timezone.now(),
            recorded_at=timezone.now(),
            unit="lesson:1",
            unit_title=f"{user.name}的一节",
            city_code="510700",
            city_name="绵阳市",
            province_code="510000",
        )
    page = client.get(reverse("my_data"))
    assert page["Content-Disposition"].startswith('attachment; filename="my-data-')
    data = json.loads(page.content)
    assert data["account"]["mobile"] == "13800008000"
    assert data["memberships"][0]["enterprise__name"] == "绵阳云岭精密机械有限公司"
    assert data["appointments"][0]["document"] == "云岭发〔2026〕8号"
    assert len(data["consents"]) == 2
    assert [row["unit_title"] for row in data["ledger"]] == ["张明远的一节"]
    assert outsider.name not in body(page)


def test_other_apps_add_to_the_download(client, person, monkeypatch):
    monkeypatch.setitem(accounts.contributors, "lessons", lambda user: [{"of": user.name}])
    assert json.loads(client.get(reverse("my_data")).content)["lessons"] == [{"of": "张明远"}]


@pytest.mark.parametrize("name", ["profile", "profile_name", "my_data", "consent", "withdraw", "my_enterprise"])
def test_strangers_are_asked_to_sign_in(client, name):
    page = client.get(reverse(name))
    assert page.status_code == 302
    assert page["Location"].startswith(reverse("account_login"))


def test_leaving_is_a_post_and_ones_own(client, employed, outsider):
    other = factories.member(outsider)
    assert client.get(reverse("leave_enterprise")).status_code == 405
    client.post(reverse("leave_enterprise"))
    assert enterprises.membership(employed) is None
    other.refresh_from_db()
    assert other.ended_on is None
