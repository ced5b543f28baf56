"""Administrators give keys and say which addresses are told."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from lms import tokens, webhooks
from lms.models import ApiToken, Webhook, WebhookDelivery
from tests.lms.listener import listening

DESK = reverse("platform_desk")


@pytest.fixture
def office(client, admin):
    client.force_login(admin)
    return client


def test_a_token_is_issued_shown_once_and_revoked(office):
    form = {"name": "川质通", "scopes": ["counts"], "expires_on": "2099-12-31"}
    page = office.post(reverse("platform_issue"), form)
    text = re.search(r'<code id="token">(.*?)</code>', page.content.decode()).group(1)
    token = tokens.check(text, "counts")
    assert "no-store" in page["Cache-Control"]
    assert text not in office.get(DESK).content.decode()
    office.post(reverse("platform_revoke", args=[token.pk]))
    with pytest.raises(tokens.Refused):
        tokens.check(text, "counts")


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"scopes": []}, {"scopes": ["everything"]}, {"expires_on": ""}, {"expires_on": "2020-01-01"}],
)
def test_a_token_without_a_name_a_scope_or_an_end_is_refused(office, wrong):
    form = {"name": "川质通", "scopes": ["counts"], "expires_on": "2099-12-31"} | wrong
    assert office.post(reverse("platform_issue"), form).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_webhook_is_added_and_its_secret_renewed(office, settings):
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    with listening() as listener:
        form = {"name": "川质通", "url": listener.url, "events": ["attendance"], "active": "on"}
        page = office.post(reverse("platform_hook_add"), form, follow=True)
    hook = Webhook.objects.get()
    assert hook.secret in page.content.decode()
    office.post(reverse("platform_secret", args=[hook.pk]))
    assert Webhook.objects.get().secret != hook.secret


def test_an_inner_address_is_refused_and_what_was_typed_stays(office):
    form = {"name": "内网", "url": "https://10.0.0.7/hook", "events": ["attendance"]}
    page = office.post(reverse("platform_hook_add"), form)
    assert page.status_code == 422
    assert "https://10.0.0.7/hook" in page.content.decode()
    assert "内网" in page.content.decode()


def test_a_letter_that_was_given_up_is_sent_again(office, admin):
    hook = Webhook.objects.create(name="川质通", url="https://example.org/", secret="s" * 40, events=["attendance"])
    letter = WebhookDelivery.objects.create(hook=hook, event="attendance", key="ledger:1", body={}, state="given_up")
    office.post(reverse("platform_again", args=[letter.pk]))
    letter.refresh_from_db()
    assert (letter.state, letter.tries) == ("waiting", 0)
    assert letter.next_at <= timezone.now()
    letter.state = "delivered"
    with pytest.raises(webhooks.Refused):
        webhooks.send_again(letter, by=admin)
