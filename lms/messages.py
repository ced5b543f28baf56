"""Text messages and mail leave through senders that an operator may replace; the embedded ones keep them here.

A text message sender is a class named by the setting SMS_SENDER, called without arguments once per process:

    class Sender:
        def send(self, sms: lms.messages.Sms) -> None: ...

It returns when the gateway has accepted the message and raises `lms.messages.NotSent` when it has not.
Mail leaves through Django's EMAIL_BACKEND.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

import structlog
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.module_loading import import_string

from .models import Outgoing, User

log = structlog.get_logger(__name__)

LOCAL_SMS = "lms.messages.LocalSms"
LOCAL_MAIL = "lms.messages.LocalMail"
SHOWN = 50
KEPT = 500

# What a gateway with approved templates needs to know: which template, and its parameters.
VERIFICATION_CODE = "verification_code"
ALREADY_REGISTERED = "already_registered"
UNKNOWN_ACCOUNT = "unknown_account"


class NotSent(Exception):
    """The message did not leave; the person should try again or use another way."""


@dataclass(frozen=True)
class Sms:
    """`to` is 11 digits of the mainland; `text` is the whole message, `kind` and `params` are the same in parts."""

    to: str
    kind: str
    text: str
    params: dict[str, str] = field(default_factory=dict)


class Sender(Protocol):
    def send(self, sms: Sms) -> None: ...


class LocalSms:
    """Keeps text messages in the database, where the local outbox page shows them."""

    def send(self, sms: Sms) -> None:
        Outgoing.objects.create(channel=Outgoing.Channel.SMS, to=sms.to, body=sms.text)


class LocalMail(BaseEmailBackend):
    """Keeps mail in the database, where the local outbox page shows it."""

    def send_messages(self, email_messages) -> int:
        sent = [
            Outgoing(channel=Outgoing.Channel.MAIL, to=to, subject=mail.subject[:200], body=mail.body)
            for mail in email_messages
            for to in mail.recipients()
        ]
        return len(Outgoing.objects.bulk_create(sent))


@cache
def sender(path: str) -> Sender:
    return import_string(path)()


def send_sms(sms: Sms) -> None:
    """Hand the message to the sender. Raises NotSent. The log names the kind and never the code."""
    try:
        sender(settings.SMS_SENDER).send(sms)
    except NotSent:
        log.warning("sms_not_sent", kind=sms.kind, to=sms.to[-4:])
        raise
    log.info("sms_sent", kind=sms.kind, to=sms.to[-4:])


def reach(user: User, *, subject: str, text: str, kind: str, params: dict[str, str], more: str = "") -> bool:
    """By mail where an address is proved, else by text message; False when neither is. `more` goes into mail only.

    Raises NotSent.
    """
    proved = EmailAddress.objects.filter(user=user, verified=True, primary=True).first()
    if proved:
        try:
            send_mail(subject, f"{text}\n\n{more}\n" if more else f"{text}\n", None, [proved.email])
        except OSError as error:  # also what smtplib raises
            raise NotSent(str(error)) from error
    elif user.mobile and user.mobile_verified:
        send_sms(Sms(to=user.mobile, kind=kind, text=text, params=params))
    else:
        return False
    return True


def shown() -> list[Outgoing]:
    """What the local outbox shows, newest first."""
    return list(Outgoing.objects.all()[:SHOWN])


def prune() -> int:
    """Codes need not be kept: all but the newest messages go."""
    kept = Outgoing.objects.values_list("pk", flat=True)[KEPT : KEPT + 1]
    oldest = list(kept)
    return Outgoing.objects.filter(pk__lte=oldest[0]).delete()[0] if oldest else 0
