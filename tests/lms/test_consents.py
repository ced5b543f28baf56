"""Two texts in versions: agreed to once, asked for again when they change, taken back at will."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from lms import accounts, consents
from lms.models import Consent, Terms, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

HTML = {"HTTP_ACCEPT": "text/html,*/*"}
TEXTS = {
    "zh-hans": consents.Text("隐私政策", "# 一、新的一条\n内容"),
    "en": consents.Text("Privacy policy", "# 1. A new section\nWords"),
}


@pytest.fixture
def person(client):
    user = accounts.create(name="张明远", password="安静的一号车间 quality", mobile="13800008000")
    consents.give(user, consents.in_force())
    client.force_login(user)
    return user


def publish_next(version="2027-01"):
    return consents.publish(kind="privacy", version=version, texts=TEXTS)


def test_a_new_version_is_asked_for_on_a_page_and_then_no_more(client, person):
    assert client.get(reverse("my_enterprise"), **HTML).status_code == 200
    publish_next()
    page = client.get(reverse("my_enterprise") + "?code=1", **HTML)
    assert page.status_code == 302
    assert page["Location"].startswith(reverse("consent"))
    page = client.get(page["Location"], **HTML)
    assert [row.kind for row, _box in page.context["boxes"]] == ["privacy"]
    page = client.post(reverse("consent"), {"privacy": "on", "next": page.context["next"]})
    assert page["Location"] == reverse("my_enterprise") + "?code=1"
    assert client.get(page["Location"], **HTML).status_code == 200
    given = Consent.objects.filter(user=person, terms__kind="privacy").order_by("pk")
    assert [row.version for row in given] == ["2026-11", "2027-01"]
    assert given[1].sha256 == consents.digest(TEXTS["zh-hans"])


def test_an_unticked_box_leads_nowhere(client, person):
    publish_next()
    page = client.post(reverse("consent"), {})
    assert page.status_code == 422
    assert page.context["form"].errors["privacy"]
    assert client.get(reverse("my_enterprise"), **HTML).status_code == 302


def test_work_under_way_is_not_interrupted(client, person):
    publish_next()
    assert client.post(reverse("leave_enterprise")).status_code == 302
    assert client.get(reverse("my_enterprise"), HTTP_ACCEPT="application/json").status_code == 200


@pytest.mark.parametrize("name", ["profile", "my_data", "withdraw", "agreement", "privacy", "account_logout"])
def test_what_is_ones_own_stays_open(client, person, name):
    publish_next()
    assert client.get(reverse(name), **HTML).status_code == 200


def test_a_version_of_tomorrow_leaves_what_is_in_force_in_force(client, person):
    tomorrow = timezone.now() + timedelta(days=1)
    consents.publish(kind="privacy", version="2027-01", texts=TEXTS, at=tomorrow)
    assert consents.text("privacy").version == "2026-11"
    assert consents.missing(person) == []
    assert client.get(reverse("my_enterprise"), **HTML).status_code == 200
    call_command("tick", verbosity=0)
    assert client.get(reverse("my_enterprise"), **HTML).status_code == 200

    with time_machine.travel(tomorrow + timedelta(minutes=1), tick=False):
        call_command("tick", verbosity=0)
        assert consents.text("privacy").version == "2027-01"
        client.force_login(User.objects.get(pk=person.pk))
        assert client.get(reverse("my_enterprise"), **HTML)["Location"].startswith(reverse("consent"))
        client.post(reverse("consent"), {"privacy": "on"})
        call_command("tick", verbosity=0)
        assert client.get(reverse("my_enterprise"), **HTML).status_code == 200


def test_waiting_for_a_version_costs_a_query_each_round(person, django_assert_num_queries):
    consents.publish(kind="privacy", version="2027-01", texts=TEXTS, at=timezone.now() + timedelta(days=1))
    with django_assert_num_queries(1):
        assert consents.ask_due() == 0


def test_agreeing_in_english_counts_everywhere(client, person):
    publish_next()
    client.post("/en/me/account/consent/", {"privacy": "on"})
    assert Consent.objects.get(user=person, version="2027-01").terms.language == "en"
    assert client.get(reverse("my_enterprise"), **HTML).status_code == 200


def test_nothing_missing_leads_on_at_once(client, person):
    page = client.get(reverse("consent"), {"next": reverse("privacy")})
    assert page["Location"] == reverse("privacy")


def test_the_way_on_is_ours(client, person):
    page = client.get(reverse("consent"), {"next": "https://evil.example/"})
    assert page["Location"] == reverse("my_learning")


def test_withdrawal_is_explained_recorded_and_ends_recording(client, person):
    assert client.get(reverse("withdraw")).status_code == 200
    assert Consent.objects.standing().filter(user=person).count() == 2
    client.post(reverse("withdraw"))
    assert Consent.objects.standing().filter(user=person).count() == 0
    assert Consent.objects.filter(user=person).count() == 2
    assert "_auth_user_id" not in client.session
    person.refresh_from_db()
    assert person.agreement == "withdrawn"

    client.force_login(person)
    assert client.get(reverse("my_enterprise"), **HTML).status_code == 302
    assert client.post(reverse("leave_enterprise")).status_code == 403
    assert client.get(reverse("my_data"), **HTML).status_code == 200

    client.post(reverse("consent"), {"agreement": "on", "privacy": "on"})
    assert client.get(reverse("my_enterprise"), **HTML).status_code == 200
    assert Consent.objects.filter(user=person).count() == 4


def test_a_published_text_is_never_edited(reference):
    with pytest.raises(consents.AlreadyPublished):
        consents.publish(kind="privacy", version="2026-11", texts=TEXTS)
    assert Terms.objects.filter(kind="privacy").count() == 2


def test_loading_the_same_texts_again_asks_nobody(client, person):
    call_command("load_reference", verbosity=0)
    assert User.objects.get(pk=person.pk).agreement == "given"


def test_texts_can_be_read_in_both_languages_and_in_old_versions(client, person):
    publish_next()
    assert "新的一条" in client.get("/privacy/").content.decode()
    assert "A new section" in client.get("/en/privacy/").content.decode()
    old = client.get("/privacy/", {"version": "2026-11"}).content.decode()
    assert "一、我们收集什么" in old
    assert "2027-01" in old
    assert client.get("/privacy/", {"version": "1999"}).status_code == 404


def test_the_gate_costs_no_query(client, person, django_assert_num_queries):
    client.get("/agreement/")
    with django_assert_num_queries(2):  # session, user
        client.get(reverse("enterprise_lookup"), {"code": ""})


def test_anonymous_readers_are_not_asked_who_they_are(client, django_assert_num_queries):
    publish_next()
    client.get("/agreement/")
    with django_assert_num_queries(2):  # the text, its versions
        assert client.get("/agreement/").status_code == 200


def test_somebody_who_never_agreed_is_asked_after_signing_in(client):
    accounts.create(name="李蔚然", password="安静的一号车间 quality", mobile="13900009000")
    User.objects.update(agreement="given")
    client.post(reverse("account_login"), {"login": "13900009000", "password": "安静的一号车间 quality"})
    page = client.get(reverse("my_enterprise"), **HTML)
    assert page["Location"].startswith(reverse("consent"))


@pytest.mark.parametrize("made", ["create_user", "create_superuser"])
def test_an_account_made_without_sign_up_is_asked_at_its_first_page(client, made):
    user = getattr(User.objects, made)(email="new@example.org", password="x", name="新人")
    client.force_login(user)
    page = client.get(reverse("my_enterprise"), **HTML)
    assert page["Location"].startswith(reverse("consent"))
    client.post(reverse("consent"), {"agreement": "on", "privacy": "on"})
    assert client.get(reverse("my_enterprise"), **HTML).status_code == 200
