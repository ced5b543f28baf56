"""Signing in by password or code, the lock-out, a new password, a second factor."""

import re

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.models import Group
from django.urls import reverse

from lms import accounts, consents
from lms.models import AccountChange, Outgoing, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_mail")]

MOBILE = "13800008000"
PASSWORD = "安静的一号车间 quality"


@pytest.fixture
def person():
    return accounts.create(name="张明远", password=PASSWORD, mobile=MOBILE, email="zhang@example.org")


def sign_in(client, login=MOBILE, password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": login, "password": password}, follow=True, **more)


def ask_code(client, login=MOBILE):
    return client.post(reverse("account_request_login_code"), {"login": login}, follow=True)


def last_code():
    return re.search(r"\b\d{6}\b", Outgoing.objects.first().body).group()


def signed_in(page):
    return page.wsgi_request.user if page.wsgi_request.user.is_authenticated else None


@pytest.mark.parametrize(
    "login", [MOBILE, "+86 138 0000 8000", "８６13800008000", "zhang@example.org", "ZHANG@example.org "]
)
def test_by_password(client, person, login):
    page = sign_in(client, login)
    assert signed_in(page) == person
    assert page.request["PATH_INFO"] == reverse("my_learning")


@pytest.mark.parametrize("login", [MOBILE, "zhang@example.org"])
def test_by_code(client, person, login):
    page = ask_code(client, login)
    assert page.request["PATH_INFO"] == reverse("account_confirm_login_code")
    page = client.post(reverse("account_confirm_login_code"), {"code": last_code()}, follow=True)
    assert signed_in(page) == person


def test_a_wrong_password_says_so_and_keeps_the_login(client, person):
    page = sign_in(client, password="not the password")
    assert signed_in(page) is None
    assert f'value="{MOBILE}"' in page.content.decode()
    assert page.context["form"].non_field_errors()


def test_an_unknown_number_gets_the_same_answer(client, person):
    def errors(login):
        return sign_in(client, login, "not the password").context["form"].errors

    assert errors(MOBILE) == errors("13900009000") == errors("nobody@example.org")


def test_a_code_for_an_unknown_number_is_none(client):
    page = ask_code(client)
    assert page.request["PATH_INFO"] == reverse("account_confirm_login_code")
    assert not re.search(r"\b\d{6}\b", Outgoing.objects.get().body)
    page = client.post(reverse("account_confirm_login_code"), {"code": "000000"}, follow=True)
    assert signed_in(page) is None


def test_what_is_neither_number_nor_address_is_refused(client):
    for page in (sign_in(client, "138"), ask_code(client, "someone@nowhere")):
        assert page.context["form"].errors["login"]
    assert not Outgoing.objects.exists()


def test_one_account_is_locked_from_one_address_only(client, client_factory, person, settings):
    other = accounts.create(name="李蔚然", password=PASSWORD, mobile="13900009000")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        page = sign_in(client, password="not the password")
    page = sign_in(client)
    assert page.status_code == 429
    assert "15" in page.content.decode()
    assert reverse("account_request_login_code") in page.content.decode()
    # A colleague in the same office, and the same person from elsewhere, get in.
    assert signed_in(sign_in(client_factory(), "13900009000")) == other
    assert signed_in(sign_in(client_factory(), REMOTE_ADDR="203.0.113.7")) == person


def test_the_lock_knows_every_spelling_of_a_number(client, person, settings):
    spellings = [MOBILE, "+8613800008000", "138 0000 8000", "138-0000-8000"]
    for number in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, spellings[number % 4], "not the password")
    assert sign_in(client, "1380000 8000").status_code == 429


def test_a_false_forwarding_header_does_not_get_round_the_lock(client, person, settings):
    for number in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, password="not the password", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    assert sign_in(client).status_code == 429


def test_failures_of_others_do_not_count(client_factory, person):
    """allauth counts failed logins by mobile number under one key for everybody."""
    for number in range(25):
        sign_in(client_factory(), f"139000090{number:02}", "not the password", REMOTE_ADDR=f"198.51.100.{number}")
    assert signed_in(sign_in(client_factory())) == person


def test_after_a_code_a_new_password_needs_no_old_one(client, person):
    ask_code(client)
    client.post(reverse("account_confirm_login_code"), {"code": last_code()})
    page = client.post(reverse("account_change_password"), {"password1": "ein anderes Wort 2026"})
    assert page.status_code == 302
    person.refresh_from_db()
    assert person.check_password("ein anderes Wort 2026")


def test_otherwise_it_does(client, person):
    sign_in(client)
    page = client.post(reverse("account_change_password"), {"password1": "ein anderes Wort 2026"})
    assert "oldpassword" in page.context["form"].errors


def test_a_forgotten_password_is_replaced_by_mail(client, person):
    client.post(reverse("account_reset_password"), {"email": "zhang@example.org"})
    code = last_code()
    client.post(reverse("account_confirm_password_reset_code"), {"code": code})
    new = {"password1": "ein anderes Wort 2026", "password2": "ein anderes Wort 2026"}
    client.post(reverse("account_complete_password_reset"), new)
    person.refresh_from_db()
    assert person.check_password("ein anderes Wort 2026")


def reauthenticated(client):
    sign_in(client)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def test_a_new_number_is_proved_and_recorded(client, person):
    reauthenticated(client)
    client.post(reverse("account_change_phone"), {"phone": "139 0000 9000"})
    person.refresh_from_db()
    assert person.mobile == MOBILE
    client.post(reverse("account_verify_phone"), {"code": last_code()})
    person.refresh_from_db()
    assert (person.mobile, person.mobile_verified) == ("13900009000", True)
    change = AccountChange.objects.get()
    assert (change.field, change.before, change.after, change.by) == ("mobile", MOBILE, "13900009000", person)


def test_the_number_of_another_account_is_refused(client, person):
    accounts.create(name="李蔚然", password=PASSWORD, mobile="13900009000")
    reauthenticated(client)
    page = client.post(reverse("account_change_phone"), {"phone": "13900009000"}, follow=True)
    page = client.post(reverse("account_verify_phone"), {"code": last_code()}, follow=True)
    assert page.context["form"].errors["code"]
    person.refresh_from_db()
    assert person.mobile == MOBILE


def test_a_new_address_is_proved_and_recorded(client, person):
    reauthenticated(client)
    page = client.post(reverse("account_email"), {"email": "new@example.org", "action_add": ""}, follow=True)
    assert page.request["PATH_INFO"] == reverse("account_email_verification_sent")
    client.post(reverse("account_email_verification_sent"), {"code": last_code()})
    person.refresh_from_db()
    assert person.email == "new@example.org"
    change = AccountChange.objects.get()
    assert (change.field, change.before, change.after) == ("email", "zhang@example.org", "new@example.org")


def test_somebody_without_mail_can_add_an_address(client):
    person = accounts.create(name="李蔚然", password=PASSWORD, mobile=MOBILE)
    reauthenticated(client)
    client.post(reverse("account_email"), {"email": "li@example.org", "action_add": ""})
    client.post(reverse("account_email_verification_sent"), {"code": last_code()})
    assert signed_in(sign_in(client, "li@example.org")) == person
    assert not AccountChange.objects.exists()


def test_a_second_factor_is_asked_for(client, client_factory, person):
    reauthenticated(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    code = totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))
    page = client.post(reverse("mfa_activate_totp"), {"code": code}, follow=True)
    assert page.status_code == 200
    page = sign_in(client_factory())
    assert page.request["PATH_INFO"] == reverse("mfa_authenticate")
    assert signed_in(page) is None


@pytest.mark.parametrize("path", ["/cms/", "/cms/login/", "/admin/", "/admin/login/"])
def test_both_admins_have_one_door(client, path):
    page = client.get(path, follow=True)
    assert page.request["PATH_INFO"] == reverse("account_login")


def test_somebody_without_the_right_is_told_so(client, learner):
    client.force_login(learner)
    assert client.get("/admin/", follow=True).status_code == 403
    assert client.get("/cms/login/").status_code == 403


def test_staff_enter_after_signing_in(client):
    admin = accounts.create(name="管理员", password=PASSWORD, email="admin@example.org")
    User.objects.filter(pk=admin.pk).update(is_staff=True, is_superuser=True)
    page = client.post(reverse("account_login") + "?next=/cms/", {"login": "admin@example.org", "password": PASSWORD})
    assert page["Location"] == "/cms/"
    assert client.get("/cms/").status_code == 200


def test_an_account_out_of_use_does_not_get_in(client, person):
    person.is_active = False
    person.save()
    page = sign_in(client)
    assert signed_in(page) is None
    ask_code(client)
    assert not re.search(r"\b\d{6}\b", Outgoing.objects.first().body)


def test_next_leads_only_to_ourselves(client, person):
    page = client.post(
        reverse("account_login") + "?next=https://evil.example/", {"login": MOBILE, "password": PASSWORD}
    )
    assert page["Location"] == reverse("my_learning")


@pytest.mark.parametrize(("groups", "seen"), [(["Trainers"], True), (["Editors"], True), ([], False)])
def test_who_may_work_at_the_content_desk_finds_it_in_the_menu(client, home, reference, person, groups, seen):
    person.groups.add(*Group.objects.filter(name__in=groups))
    consents.give(person, consents.in_force())
    page = sign_in(client)
    assert (f'href="{reverse("wagtailadmin_home")}"' in page.content.decode()) is seen
    assert client.get(reverse("wagtailadmin_home")).status_code == (200 if seen else 302)
    client.post(reverse("account_logout"))
    assert reverse("wagtailadmin_home") not in client.get("/").content.decode()
