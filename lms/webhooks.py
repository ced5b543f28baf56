"""Other systems are told what happened: once per fact and address, signed, and again until they answer.

What a letter says is written down with the fact, so each try says the same. Nobody is named in it: a person is a key
that is the same in every letter and leads nowhere else.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from . import postman, trail
from .models import Participation, User, Webhook, WebhookCursor, WebhookDelivery
from .tally import HOUR

Event, State = Webhook.Event, WebhookDelivery.State
MINUTES = (1, 5, 30, 120, 360, 1440)  # after each try that failed; then it is given up
LEASE = timedelta(minutes=2)  # for who sends it: another worker leaves it alone for so long
ROUND = 20  # letters of one round, so that other duties get their turn
PATIENCE = 20  # seconds of one round
BLOCK = 2_000  # facts that are read at a time
BACK = 500  # facts that are read again, for those that were committed after newer ones
LATE = timedelta(days=1)  # after which nothing is committed any more: its letter may be forgotten already
KEEP = timedelta(days=90)
LEDGER = "ledger"


class Refused(Exception):
    """The message says why, in the reader's language."""


@dataclass(frozen=True)
class News:
    """A fact to tell. `key` is the fact's own: the same news again is no second letter."""

    event: str
    key: str
    at: datetime  # when it was written down
    data: dict[str, Any]


def save(*, hook: Webhook | None, name: str, url: str, events: Iterable[str], active: bool, by: User) -> Webhook:
    """A new address or another form of an old one. Raises Refused for an address that is never called."""
    try:
        postman.place(url)
    except (postman.Refused, postman.Unreachable) as error:
        raise Refused(str(error)) from error
    with transaction.atomic():
        row = hook or Webhook(secret=secrets.token_urlsafe(32))
        row.name, row.url, row.events, row.active = name, url, sorted(set(events)), active
        row.save()
        trail.note(trail.Verb.HOOK_SAVED, author=by, subject=name, url=url, events=row.events, active=active)
    return row


def renew_secret(hook: Webhook, *, by: User) -> Webhook:
    with transaction.atomic():
        hook.secret = secrets.token_urlsafe(32)
        hook.save(update_fields=["secret"])
        trail.note(trail.Verb.HOOK_SAVED, author=by, subject=hook.name, secret="renewed")  # noqa: S106 - a word
    return hook


def announce(news: Iterable[News]) -> int:
    """Write a letter to each address that wants to know and was there when it happened. Says how many."""
    hooks = list(Webhook.objects.filter(active=True))
    letters = [
        WebhookDelivery(hook=hook, event=each.event, key=each.key, body=_body(each))
        for each in news
        for hook in hooks
        if each.event in hook.events and each.at >= hook.created_at
    ]
    return len(WebhookDelivery.objects.bulk_create(letters, ignore_conflicts=True, batch_size=500))


def _body(news: News) -> dict[str, Any]:
    return {"event": news.event, "key": news.key, "at": news.at.isoformat(), "data": news.data}


def pseudonym(key: object) -> str:
    """The same person is the same key in every letter, and the ledger's own key stays inside."""
    return salted_hmac("webhooks", str(key), algorithm="sha256").hexdigest()[:32]


def read_on(name: str, rows: QuerySet[Any], tell: Callable[[Any], News | None]) -> int:
    """Tell what was added to a table since the last time, in the order of its numbers. Says how many letters."""
    cursor, created = WebhookCursor.objects.get_or_create(name=name)
    newest = rows.aggregate(pk=Max("pk"))["pk"] or 0
    if created or not Webhook.objects.filter(active=True).exists():
        WebhookCursor.objects.filter(pk=cursor.pk).update(upto=newest)
        return 0
    if newest <= cursor.upto:
        return 0
    found = list(rows.filter(pk__gt=cursor.upto - BACK).order_by("pk")[: BLOCK + BACK])
    since = timezone.now() - LATE
    news = [(row.pk, tell(row)) for row in found]
    with transaction.atomic():
        told = announce(each for pk, each in news if each and (pk > cursor.upto or each.at >= since))
        WebhookCursor.objects.filter(pk=cursor.pk).update(upto=found[-1].pk)
    return told


def tell_of_the_ledger() -> int:
    """The periodic duty: what the book of record grew by."""
    rows = Participation.objects.exclude(kind=Participation.Kind.REVERSAL).select_related("activity")
    return read_on(LEDGER, rows, _of_a_fact)


def _of_a_fact(fact: Participation) -> News:
    event = Event.COMPLETION if fact.kind == Participation.Kind.PROGRAMME else Event.ATTENDANCE
    data = {
        "person": pseudonym(fact.person),
        "activity": fact.activity.key,
        "title": fact.activity.title,
        "unit": fact.unit,
        "unit_title": fact.unit_title,
        "channel": fact.channel,
        "hours": str(round(fact.minutes / HOUR, 1)),
        "occurred_at": timezone.localtime(fact.occurred_at).isoformat(),
        "city": fact.city_code,
        "enterprise": fact.enterprise_uscc,
    }
    return News(event, f"ledger:{fact.pk}", fact.recorded_at, data)


def deliver() -> int:
    """The periodic duty: send what is due, for some seconds. Says how many letters arrived."""
    began, arrived = time.monotonic(), 0
    for _turn in range(ROUND):
        letter = _take()
        if letter is None or time.monotonic() - began > PATIENCE:
            break
        arrived += _send(letter)
    return arrived


def _take() -> WebhookDelivery | None:
    with transaction.atomic():
        due = WebhookDelivery.objects.due().order_by("next_at", "pk").select_for_update(of=("self",))
        letter = due.select_related("hook").first()
        if letter:
            letter.next_at = timezone.now() + LEASE
            letter.save(update_fields=["next_at"])
    return letter


def _send(letter: WebhookDelivery) -> bool:
    body = json.dumps(letter.body, ensure_ascii=False, separators=(",", ":")).encode()
    moment = int(time.time())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "cqo-school",
        "X-CQO-Event": letter.event,
        "X-CQO-Delivery": str(letter.uuid),
        "X-CQO-Timestamp": str(moment),
        "X-CQO-Signature": postman.signature(letter.hook.secret, moment, body),
    }
    letter.tries, letter.status, letter.note = letter.tries + 1, None, ""
    try:
        letter.status = postman.post(postman.place(letter.hook.url), body, headers)
    except (postman.Refused, postman.Unreachable) as error:
        letter.note = str(error)[:200]
    _settle(letter)
    return letter.state == State.DELIVERED


def _settle(letter: WebhookDelivery) -> None:
    """Any answer of 2xx is an arrival. Anything else is tried again, later each time."""
    now = timezone.now()
    if letter.status is not None and 200 <= letter.status < 300:
        letter.state, letter.delivered_at = State.DELIVERED, now
    elif letter.tries > len(MINUTES):
        letter.state = State.GIVEN_UP
    else:
        letter.next_at = now + timedelta(minutes=MINUTES[letter.tries - 1])
    letter.save(update_fields=["state", "status", "note", "tries", "next_at", "delivered_at"])


def send_again(letter: WebhookDelivery, *, by: User) -> None:
    """Somebody mended the other side: from the first distance on."""
    if letter.state == State.DELIVERED:
        raise Refused(_("This letter has arrived."))
    with transaction.atomic():
        letter.state, letter.tries, letter.next_at = State.WAITING, 0, timezone.now()
        letter.save(update_fields=["state", "tries", "next_at"])
        trail.note(trail.Verb.HOOK_SENT_AGAIN, author=by, subject=letter.hook.name, key=letter.key)


def forget() -> int:
    """The periodic duty: the log of letters is kept for a quarter."""
    over = WebhookDelivery.objects.filter(created_at__lt=timezone.now() - KEEP).exclude(state=State.WAITING)
    return over.delete()[0]
