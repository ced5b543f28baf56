"""People, enterprises and terms on the content desk."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from lms import accounts, enterprises
from lms.models import AccountChange, BureauPost, Membership, Region, Terms, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

PASSWORD = "安静的一号车间 quality"
LISTS = [
    "enterprise",
    "membership",
    "appointment",
    "bureaupost",
    "industrychain",
    "region",
    "terms",
    "accountchange",
]


@pytest.fixture
def desk(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def unit(reference):
    return enterprises.find_or_create(code="91510700DEMQ02742E", name="绵阳云岭精密机械有限公司")


def new_account(**fields):
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    return {"email": "li@example.org", "name": "李蔚然", "mobile": "13900009000", **passwords, **fields}


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens(desk, name, unit, learner):
    enterprises.join(user=learner, enterprise=unit)
    enterprises.appoint(user=learner, enterprise=unit)
    accounts.rename(user=learner, name="新名字", by=learner)
    BureauPost.objects.create(user=learner, region=Region.objects.first(), started_on="2026-01-01")
    page = desk.get(reverse(f"wagtailsnippets_lms_{name}:list"))
    assert page.status_code == 200
    assert len(page.context["object_list"]) > 0


@pytest.mark.parametrize("name", ["terms", "region", "accountchange"])
def test_what_rules_write_cannot_be_added_by_hand(desk, name):
    assert desk.get(reverse(f"wagtailsnippets_lms_{name}:add")).status_code == 302


@pytest.mark.parametrize("name", ["terms", "region"])
def test_what_rules_write_cannot_be_changed_by_hand(desk, name):
    model = {"terms": Terms, "region": Region}[name]
    row = model.objects.first()
    assert desk.get(reverse(f"wagtailsnippets_lms_{name}:edit", args=[row.pk])).status_code == 302
    assert desk.post(reverse(f"wagtailsnippets_lms_{name}:delete", args=[row.pk])).status_code == 302
    assert model.objects.filter(pk=row.pk).exists()


def test_an_account_made_by_staff_can_sign_in_by_number_and_address(desk, client_factory):
    page = desk.post(reverse("wagtailusers_users:add"), new_account())
    assert page.status_code == 302
    user = User.objects.get(email="li@example.org")
    assert (user.name, user.mobile, user.mobile_verified) == ("李蔚然", "13900009000", True)
    assert EmailAddress.objects.get(user=user).verified
    for login in ("139 0000 9000", "li@example.org"):
        page = client_factory().post(reverse("account_login"), {"login": login, "password": PASSWORD})
        assert page.status_code == 302, login
        assert page["Location"] == reverse("my_learning")


def test_an_account_without_mobile_stays_without(desk):
    desk.post(reverse("wagtailusers_users:add"), new_account(mobile=""))
    user = User.objects.get(email="li@example.org")
    assert (user.mobile, user.mobile_verified) == (None, False)


def test_a_taken_number_is_said(desk):
    accounts.create(name="张明远", password=PASSWORD, mobile="13900009000")
    page = desk.post(reverse("wagtailusers_users:add"), new_account())
    assert page.context["form"].errors["mobile"]


def test_a_corrected_name_says_who_did_it(desk, admin):
    user = accounts.create(name="李蔚然", password=PASSWORD, mobile="13900009000")
    page = desk.post(
        reverse("wagtailusers_users:edit", args=[user.pk]),
        {"name": "李蔚冉", "mobile": "13900009000", "email": "", "is_active": "on"},
    )
    assert page.status_code == 302
    user.refresh_from_db()
    assert (user.name, user.email, user.is_active) == ("李蔚冉", None, True)
    change = AccountChange.objects.get()
    assert (change.before, change.after, change.by) == ("李蔚然", "李蔚冉", admin)


def test_an_account_needs_a_way_in(desk):
    user = accounts.create(name="李蔚然", password=PASSWORD, mobile="13900009000")
    page = desk.post(
        reverse("wagtailusers_users:edit", args=[user.pk]),
        {"name": "李蔚然", "mobile": "", "email": "", "is_active": "on"},
    )
    assert page.context["form"].non_field_errors()


def test_accounts_are_found_by_name_and_number(desk):
    user = accounts.create(name="李蔚然", password=PASSWORD, mobile="13900009000")
    for asked in ("蔚然", "1390000"):
        page = desk.get(reverse("wagtailusers_users:index"), {"q": asked})
        assert list(page.context["users"]) == [user]


def test_somebody_becomes_training_manager(desk, unit, learner):
    row = enterprises.join(user=learner, enterprise=unit, post="内审员")
    page = desk.post(
        reverse("wagtailsnippets_lms_membership:edit", args=[row.pk]), {"post": "内审员", "role": "manager"}
    )
    assert page.status_code == 302
    assert Membership.objects.get().role == "manager"


def test_a_new_version_of_a_text_is_published_for_everybody(desk, learner):
    page = desk.post(
        reverse("publish_terms"),
        {
            "kind": "privacy",
            "version": "2027-01",
            "title_zh": "隐私政策",
            "body_zh": "# 一、新\n内容",
            "title_en": "Privacy policy",
            "body_en": "# 1. New\nWords",
        },
    )
    assert page["Location"] == reverse("wagtailsnippets_lms_terms:list")
    assert Terms.objects.filter(version="2027-01").count() == 2
    learner.refresh_from_db()
    assert learner.agreement == "due"


def test_a_published_version_is_not_published_again(desk):
    data = {"kind": "privacy", "version": "2026-11"} | dict.fromkeys(
        ["title_zh", "body_zh", "title_en", "body_en"], "x"
    )
    page = desk.post(reverse("publish_terms"), data)
    assert page.context["form"].errors["version"]


def test_editors_publish_no_terms(client, editor, reference):
    client.force_login(editor)
    assert client.get(reverse("publish_terms")).status_code == 302
    assert client.get(reverse("wagtailsnippets_lms_terms:list")).status_code == 302


def test_ones_own_settings_open(desk):
    assert desk.get(reverse("wagtailadmin_account")).status_code == 200


@pytest.mark.parametrize("path", ["/cms/password_reset/", "/cms/login/"])
def test_the_desk_has_no_way_in_of_its_own(client, path):
    page = client.get(path, follow=True)
    assert page.status_code == 404 or page.request["PATH_INFO"] == reverse("account_login")


def test_ones_own_settings_are_kept_without_a_first_and_a_last_name(desk, admin):
    address = reverse("wagtailadmin_account")
    forms = [panel.get_form() for tab in desk.get(address).context["panels_by_tab"].values() for panel in tab]
    asked = {f"{form.prefix}-{name}": form[name].value() or "" for form in forms for name in form.fields}
    assert asked
    assert not [name for name in asked if name.startswith("name_email")]
    answer = desk.post(address, asked | {"locale-preferred_language": "en"})
    assert answer.status_code == 302, answer.content.decode()
    assert admin.wagtail_userprofile.preferred_language == "en"
