"""The local outbox of a demo school, and senders that replace it."""

import pytest
from django.core.mail import EmailMessage
from django.urls import reverse

from lms import messages
from lms.messages import Sms
from lms.models import Outgoing

pytestmark = pytest.mark.django_db

SENT = []


class Gateway:
    def send(self, sms):
        SENT.append(sms)


class Silent:
    def send(self, sms):
        raise messages.NotSent("no answer")


def sms(text="您的验证码是 123456", **fields):
    return Sms(to="13800008000", kind=messages.VERIFICATION_CODE, text=text, params={"code": "123456"}, **fields)


def test_messages_are_shown_newest_first(client, kept_mail):
    messages.send_sms(sms("第一条"))
    EmailMessage("主题", "第二条", to=["a@example.org", "b@example.org"]).send()
    page = client.get(reverse("outbox"))
    assert [(row.to, row.body) for row in page.context["outgoing"]] == [
        ("b@example.org", "第二条"),
        ("a@example.org", "第二条"),
        ("13800008000", "第一条"),
    ]
    assert "第一条" in page.content.decode()


def test_only_the_latest_fifty_are_shown(client, django_assert_num_queries):
    Outgoing.objects.bulk_create(Outgoing(channel="sms", to="13800008000", body=f"n{n}") for n in range(60))
    client.get(reverse("outbox"))
    with django_assert_num_queries(1):
        page = client.get(reverse("outbox"))
    assert len(page.context["outgoing"]) == 50
    assert page.context["outgoing"][0].body == "n59"


def test_the_list_renews_itself_without_an_inline_script(client):
    page = client.get(reverse("outbox")).content.decode()
    assert 'hx-trigger="every 3s"' in page
    assert "http-equiv" not in page
    part = client.get(reverse("outbox"), HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in part


def test_production_has_no_such_page(client, settings):
    settings.DEMO = False
    messages.send_sms(sms())
    page = client.get(reverse("outbox"))
    assert page.status_code == 404
    assert "123456" not in page.content.decode()


def test_a_gateway_takes_the_place_of_the_outbox(settings):
    settings.SMS_SENDER = "tests.lms.test_outbox.Gateway"
    messages.send_sms(sms())
    assert SENT.pop() == sms()
    assert not Outgoing.objects.exists()


def test_a_gateway_that_fails_is_told(settings, caplog):
    settings.SMS_SENDER = "tests.lms.test_outbox.Silent"
    with pytest.raises(messages.NotSent):
        messages.send_sms(sms())
    assert "sms_not_sent" in caplog.text
    assert "123456" not in caplog.text


def test_bodies_are_shown_as_text(client):
    Outgoing.objects.create(
        channel="mail", to="a@example.org", body="<script>alert(1)</script> https://school.example/x"
    )
    page = client.get(reverse("outbox")).content.decode()
    assert "<script>alert(1)</script>" not in page
    assert 'href="https://school.example/x"' in page
