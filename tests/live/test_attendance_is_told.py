"""Other systems are told once of attendance: of a broadcast when it is settled, of a class at the door."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from courses import classes
from live import settling
from lms import webhooks
from lms.models import WebhookDelivery
from tests import factories
from tests.live import streams
from tests.lms.listener import listening

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def listener(settings, admin):
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    with listening() as opened:
        webhooks.save(hook=None, name="川质通", url=opened.url, events=["attendance"], active=True, by=admin)
        webhooks.tell_of_the_ledger()
        yield opened


def told(listener):
    assert webhooks.deliver() == WebhookDelivery.objects.count()
    return [(headers["X-CQO-Event"], json.loads(body)["data"]) for headers, body in listener.letters]


def test_of_a_broadcast_when_it_is_settled(listener, trainer, learner):
    began = timezone.now().replace(microsecond=0) - timedelta(hours=2)
    lecture = streams.lecture(began, by=trainer)
    streams.stay(lecture, learner, (began, began + 10 * MINUTE))
    streams.stay(lecture, factories.user(name="早退"), (began, began + MINUTE))  # not credited: no attendance
    assert webhooks.tell_of_the_ledger() == 0
    settling.settle_due()
    settling.settle_due()
    assert [webhooks.tell_of_the_ledger() for _ in range(2)] == [1, 0]
    ((event, data),) = told(listener)
    assert (event, data["channel"], data["person"]) == ("attendance", "live", webhooks.pseudonym(learner.ledger_key))


def test_of_a_class_when_somebody_comes_to_the_door(listener, provincial_clerk, learner):
    today = timezone.localdate()
    held = classes.plan(title="培训班", by=provincial_clerk, starts_on=today, ends_on=today)
    session = classes.add_session(held, title="第一课", starts_at=timezone.now(), minutes=45)
    for _turn in range(2):
        classes.come_in(session, user=learner, secret=session.door_secret)
    assert [webhooks.tell_of_the_ledger() for _ in range(2)] == [1, 0]
    ((event, data),) = told(listener)
    assert (event, data["channel"], data["title"]) == ("attendance", "classroom", "培训班")
    assert learner.name not in str(data)
