"""Other systems are told what becomes of certificates."""

import json

import pytest

from courses import certificates, telling
from lms import closing, webhooks
from lms.models import WebhookDelivery
from tests import factories
from tests.courses import graduates
from tests.lms.listener import listening


@pytest.fixture
def listener(settings, admin):
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    with listening() as opened:
        webhooks.save(hook=None, name="川质通", url=opened.url, events=["certificate"], active=True, by=admin)
        telling.tell_of_certificates()
        yield opened


def test_issued_and_revoked_are_told_without_a_name(listener, home, learner, admin):
    made = graduates.certificate(learner, graduates.programme(home))
    telling.tell_of_certificates()
    certificates.revoke(made, author=admin, reason="误发")
    telling.tell_of_certificates()
    assert webhooks.deliver() == 2
    told = [json.loads(body)["data"] for _headers, body in listener.letters]
    assert [(each["what"], each["status"]) for each in told] == [("issued", "valid"), ("revoked", "revoked")]
    assert {each["number"] for each in told} == {made.number}
    assert learner.name not in str(told)
    assert told[0]["person"] == webhooks.pseudonym(learner.ledger_key)


def test_printing_and_downloads_are_nobodys_business(listener, home, learner):
    made = graduates.certificate(learner, graduates.programme(home))
    made.events.create(verb="taken")
    telling.tell_of_certificates()
    assert WebhookDelivery.objects.count() == 1


def test_letters_kept_here_forget_whose_certificate_it_was(listener, home, learner):
    """The pseudonym is the one of the letters about what the person learned."""
    programme = graduates.programme(home)
    made = [graduates.certificate(person, programme) for person in (learner, factories.user(name="李静"))]
    telling.tell_of_certificates()
    before = {letter.body["data"]["number"]: letter.body["data"]["person"] for letter in WebhookDelivery.objects.all()}
    assert all(before.values())
    closing.close(learner)
    after = {letter.body["data"]["number"]: letter.body["data"]["person"] for letter in WebhookDelivery.objects.all()}
    assert after == before | {made[0].number: ""}
