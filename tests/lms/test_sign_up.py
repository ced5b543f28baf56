"""Signing up by mobile number or e-mail, with the code from the local outbox, without any script."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from lms import accounts
from lms.models import Consent, Membership, Outgoing, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "kept_mail")]

MOBILE = "13800008000"
PASSWORD = "安静的一号车间 quality"


def details(**given):
    boxes = {"agreement": "on", "privacy": "on"}
    return {"login": MOBILE, "name": "张明远", "password1": PASSWORD, **boxes, **given}


def sign_up(client, **given):
    return client.post(reverse("account_signup"), details(**given), follow=True)


def last_code():
    return re.search(r"\b\d{6}\b", Outgoing.objects.first().body).group()


def enter(client, code, page="account_verify_phone"):
    return client.post(reverse(page), {"code": code}, follow=True)


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def text(response):
    return response.content.decode()


def test_a_new_person_signs_up_by_mobile(client):
    page = sign_up(client, login="+86 138-0000 ８０００")
    assert page.request["PATH_INFO"] == reverse("account_verify_phone")
    assert "138****8000" in text(page)
    assert MOBILE not in text(page)
    sent = Outgoing.objects.get()
    assert (sent.channel, sent.to) == ("sms", MOBILE)

    page = enter(client, last_code())
    assert page.request["PATH_INFO"] == reverse("my_enterprise")
    user = User.objects.get()
    assert (user.name, user.mobile, user.mobile_verified, user.email) == ("张明远", MOBILE, True, None)
    assert page.wsgi_request.user == user
    assert user.check_password(PASSWORD)
    assert user.agreement == "given"
    given = Consent.objects.filter(user=user).order_by("terms__kind")
    assert [(row.terms.kind, row.version, len(row.sha256)) for row in given] == [
        ("agreement", "2026-11", 64),
        ("privacy", "2026-11", 64),
    ]


def test_a_new_person_signs_up_by_mail(client):
    page = sign_up(client, login="Zhang@Example.org")
    assert page.request["PATH_INFO"] == reverse("account_email_verification_sent")
    assert Outgoing.objects.get().to == "zhang@example.org"
    page = enter(client, last_code(), "account_email_verification_sent")
    assert page.request["PATH_INFO"] == reverse("my_enterprise")
    user = User.objects.get()
    assert (user.email, user.mobile, page.wsgi_request.user) == ("zhang@example.org", None, user)
    assert EmailAddress.objects.get(user=user).verified


def test_the_enterprise_is_the_second_step_and_leads_on(client):
    onward = reverse("agreement")
    client.post(f"{reverse('account_signup')}?next={onward}", details(next=onward))
    page = enter(client, last_code())
    assert page.context["signing_up"]
    assert page.context["skip_url"] == onward
    page = client.get(reverse("my_enterprise"), {"code": "91510700demq02742e", "step": "sign-up", "next": onward})
    assert "绵阳市" in text(page)
    fields = {"code": "91510700DEMQ02742E", "name": "绵阳云岭精密机械有限公司", "size": "M", "post": "首席质量官"}
    city = page.context["form"].fields["city"].queryset.get(code="510700")
    page = client.post(reverse("my_enterprise"), fields | {"city": city.pk, "next": onward, "step": "sign-up"})
    assert (page.status_code, page["Location"]) == (302, onward)
    row = Membership.objects.get()
    assert (row.enterprise.city, row.enterprise.size, row.post) == (city, "M", "首席质量官")


def test_full_width_digits_are_a_code_too(client):
    sign_up(client)
    enter(client, last_code().translate(str.maketrans("0123456789", "０１２３４５６７８９")))
    assert User.objects.get().mobile_verified


def test_a_wrong_code_is_refused_and_can_be_tried_again(client):
    sign_up(client)
    code = last_code()
    page = enter(client, wrong(code))
    assert page.context["form"].errors["code"]
    assert not User.objects.get().mobile_verified
    enter(client, code)
    assert User.objects.get().mobile_verified


def test_five_wrong_codes_end_the_attempt_and_keep_what_was_typed(client):
    sign_up(client)
    code = last_code()
    for _ in range(5):
        page = enter(client, wrong(code))
    assert page.request["PATH_INFO"] == reverse("account_login")
    enter(client, code)
    assert not User.objects.get().mobile_verified
    form = client.get(reverse("account_signup")).context["form"]
    assert (form.initial["login"], form.initial["name"]) == (MOBILE, "张明远")


def test_a_mistake_keeps_everything_but_the_password(client):
    page = client.post(reverse("account_signup"), details(login="1380000800", name="张三 😀"))
    assert set(page.context["form"].errors) == {"login", "name"}
    assert 'value="1380000800"' in text(page)
    assert "张三 😀" in text(page)
    assert page.context["form"]["agreement"].value()
    assert PASSWORD not in text(page)
    assert not User.objects.exists()


@pytest.mark.parametrize("box", ["agreement", "privacy"])
def test_each_text_is_agreed_to_by_itself(client, box):
    data = details()
    del data[box]
    page = client.post(reverse("account_signup"), data)
    assert set(page.context["form"].errors) == {box}
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["short", "1357924680", "password123", "13800008000"])
def test_weak_passwords_are_refused(client, password):
    page = client.post(reverse("account_signup"), details(password1=password))
    assert set(page.context["form"].errors) == {"password1"}


def test_a_number_with_an_account_tells_only_its_owner(client):
    accounts.create(name="李蔚然", password=PASSWORD, mobile=MOBILE)
    page = sign_up(client, name="别人")
    assert page.request["PATH_INFO"] == reverse("account_verify_phone")
    assert Outgoing.objects.count() == 1
    assert not re.search(r"\b\d{6}\b", Outgoing.objects.get().body)
    page = enter(client, "123456")
    assert page.context["form"].errors["code"]
    assert [user.name for user in User.objects.all()] == ["李蔚然"]
    page = client.post(reverse("account_signup_again"), follow=True)
    assert page.request["PATH_INFO"] == reverse("account_signup")
    assert page.context["form"].initial["name"] == "别人"


def test_known_and_unknown_numbers_see_the_same_page(client, client_factory):
    accounts.create(name="李蔚然", password=PASSWORD, mobile=MOBILE)
    known = sign_up(client_factory())
    unknown = sign_up(client_factory(), login="13800008999")

    def words(page, number):
        without = re.sub(r'value="[^"]+"|nonce-[^"]+', "", text(page))
        return without.replace(number, "number")

    assert words(known, "138****8000") == words(unknown, "138****8999")


def test_an_address_with_an_account_tells_only_its_owner(client):
    accounts.create(name="李蔚然", password=PASSWORD, email="li@example.org")
    page = sign_up(client, login="li@example.org")
    assert page.request["PATH_INFO"] == reverse("account_email_verification_sent")
    assert not re.search(r"\b\d{6}\b", Outgoing.objects.get().body)
    assert User.objects.count() == 1


def test_another_number_gives_up_the_first_one(client):
    sign_up(client)
    page = client.post(reverse("account_signup_again"), follow=True)
    assert page.context["form"].initial["login"] == MOBILE
    assert not User.objects.exists()
    sign_up(client, login="13900009000")
    enter(client, last_code())
    assert User.objects.get().mobile == "13900009000"


def test_an_unfinished_sign_up_keeps_nobody_out(client, client_factory, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    squatter = client_factory()
    sign_up(squatter, name="占号的人", password1="squatters-own-secret")
    stale = last_code()
    sign_up(client)
    enter(client, last_code())
    owner = User.objects.get()
    assert (owner.name, owner.mobile_verified) == ("张明远", True)
    assert not owner.check_password("squatters-own-secret")
    page = enter(squatter, stale)
    assert page.status_code == 200
    assert not page.wsgi_request.user.is_authenticated
    assert [user.pk for user in User.objects.all()] == [owner.pk]


def test_accounts_made_by_staff_are_not_unfinished(client):
    staff = accounts.create(name="李蔚然", password=PASSWORD, email="li@example.org")
    EmailAddress.objects.update(verified=False)
    sign_up(client, login="li@example.org")
    assert User.objects.get() == staff


def test_abandoned_sign_ups_are_forgotten_after_a_day(client):
    sign_up(client)
    call_command("tick", verbosity=0)
    assert User.objects.count() == 1
    User.objects.update(date_joined=timezone.now() - timedelta(days=2))
    call_command("tick", verbosity=0)
    assert User.objects.count() == 0


def test_a_second_code_is_not_sent_at_once(client):
    sign_up(client)
    client.post(reverse("account_verify_phone"), {"action": "resend"})
    assert Outgoing.objects.count() == 1


def test_a_later_code_replaces_the_first(client, time_machine):
    time_machine.move_to("2026-11-23 14:32:00+08:00")
    sign_up(client)
    time_machine.move_to("2026-11-23 14:32:40+08:00")
    client.post(reverse("account_verify_phone"), {"action": "resend"})
    assert Outgoing.objects.count() == 2
    enter(client, last_code())
    assert User.objects.get().mobile_verified


def test_a_code_is_too_old_after_ten_minutes(client, time_machine):
    time_machine.move_to("2026-11-23 14:32:00+08:00")
    sign_up(client)
    time_machine.move_to("2026-11-23 14:43:00+08:00")
    enter(client, last_code())
    assert not User.objects.get().mobile_verified


def test_many_sign_ups_of_one_number_are_slowed_down(client, client_factory):
    sign_up(client)
    page = sign_up(client_factory())
    assert page.status_code == 429
    assert Outgoing.objects.count() == 1


def test_a_gateway_that_does_not_answer_loses_nothing(client, settings):
    settings.SMS_SENDER = "tests.lms.test_sign_up.Broken"
    page = sign_up(client)
    assert page.status_code == 424
    page = client.post(reverse("account_signup_again"), follow=True)
    assert page.context["form"].initial["login"] == MOBILE


class Broken:
    def send(self, sms):
        from lms import messages

        raise messages.NotSent("gateway closed")


def test_the_form_speaks_english_under_en(client):
    page = client.get("/en/accounts/signup/")
    assert "Mobile number or e-mail" in text(page)
    assert 'href="/en/agreement/"' in text(page)
