"""What becomes of learning when an account is closed: the record stays without a person, the private goes."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from lms import closing
from lms.models import User

from . import register
from .models import (
    Appeal,
    Attempt,
    Certificate,
    CertificateEvent,
    ClassMember,
    Enrolment,
    Note,
    ProgrammeEnrolment,
    Trainer,
    WatchSession,
)

CLEARED = "（账号已注销，内容已清除）"


def hindrance(user: User) -> str:
    """A paper that lies open would be marked as nobody's."""
    if Attempt.objects.open().filter(user=user).exists():
        return _("You are sitting an exam. Hand it in first.")
    return ""


def farewell(user: User) -> None:
    """Studies end as they are; evidence and marks stay, so that every figure can be made again. Notes are deleted,
    words of requests and places in classes cleared. Certificates stay valid and verifiable, with a masked name, and
    belong to nobody: no key leads from the name that is printed there to the cleared account or its studies."""
    now = timezone.now()
    user.watch_sessions.all().close(at=now, reason=WatchSession.Closed.ENDED)
    Enrolment.objects.current().filter(user=user).update(ended_at=now)
    ProgrammeEnrolment.objects.current().filter(user=user).update(ended_at=now)
    Note.objects.filter(user=user).delete()
    asked = Appeal.objects.filter(enrolment__user=user)
    asked.open().update(state=Appeal.State.WITHDRAWN, closed_at=now)
    asked.update(text=CLEARED)
    proved = Q(user=None, mobile=user.mobile) if user.mobile and user.mobile_verified else Q(pk=None)
    ClassMember.objects.filter(Q(user=user) | proved).update(name=closing.NAME, mobile="")
    Trainer.objects.filter(account=user).update(account=None)
    held = Certificate.objects.filter(user=user)
    register.note(list(held.filter(shows_name=True)), CertificateEvent.Verb.NAME_HIDDEN, author=None)
    CertificateEvent.objects.filter(certificate__in=held, author=user).update(author=None)
    held.update(user=None, programme_enrolment=None, shows_name=False)
