"""A learner says that credit is missing; somebody looks at the evidence and answers, with a reason.

Granting decides by the rule that the keepers of records have anyway; the evidence itself stays as it is.
"""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms import messages, school
from lms.models import User

from . import completion, evidence, facts
from .models import Appeal, Enrolment, LessonPage
from .permissions import decides_appeals

log = structlog.get_logger(__name__)

PER_LESSON = 5  # in one enrolment, withdrawn ones included
TELL_WITHIN = timedelta(days=2)  # a message that could not leave until then never will
AT_ONCE = 50  # messages in one round

State = Appeal.State


class Refused(Exception):
    """The message says why, in the reader's language."""


def file(
    *, user: User, enrolment: Enrolment, lesson: LessonPage, text: str, stretch: tuple[int, int] | None = None
) -> Appeal:
    """Ask for credit that is missing. `stretch` is in milliseconds of the film. One waits at a time for a lesson.

    Raises Refused.
    """
    if enrolment.user_id != user.pk:
        raise Refused(_("You can ask about your own record only."))
    lesson, text = lesson.canonical(), text.strip()
    if not text:
        raise Refused(_("Say what is missing."))
    if len(text) > Appeal.TEXT_LENGTH:
        raise Refused(_("This is longer than %d characters.") % Appeal.TEXT_LENGTH)
    with transaction.atomic():
        held = completion.locked(enrolment)
        _refuse(held, lesson, stretch)
        start, end = stretch or (None, None)
        made = Appeal.objects.create(
            enrolment=held, lesson=lesson, text=text, from_ms=start, to_ms=end, filed_at=timezone.now()
        )
    log.info("appeal_filed", appeal=str(made.uuid), enrolment=str(held.uuid), lesson=lesson.pk)
    return made


def _refuse(held: Enrolment, lesson: LessonPage, stretch: tuple[int, int] | None) -> None:
    if not evidence.is_about(held, lesson):
        raise Refused(_("This lesson is not part of that course."))
    (report,) = evidence.standing(held, [lesson])
    if report.done:
        raise Refused(_("This lesson is finished: no credit is missing."))
    if stretch and not 0 <= stretch[0] < stretch[1] <= max(report.coverage.duration_ms, 1):
        raise Refused(_("The stretch does not lie within the film. Its end comes after its beginning."))
    asked = held.appeals.filter(lesson=lesson)
    if asked.open().exists():
        raise Refused(_("A request for this lesson waits for its answer already."))
    if asked.count() >= PER_LESSON:
        raise Refused(_("You have asked about this lesson %d times. Please call the school.") % PER_LESSON)


def may_file(enrolment: Enrolment, lesson: LessonPage, *, done: bool) -> bool:
    """Whether the page offers it."""
    asked = enrolment.appeals.filter(lesson=lesson)
    return not done and not asked.open().exists() and asked.count() < PER_LESSON


def withdraw(*, user: User, appeal: Appeal) -> Appeal:
    """The learner takes it back. Raises Refused once it is closed."""
    with transaction.atomic():
        row = _held(appeal)
        if row.enrolment.user_id != user.pk:
            raise Refused(_("You can take back your own request only."))
        row.state, row.closed_at = State.WITHDRAWN, timezone.now()
        row.save(update_fields=["state", "closed_at"])
    log.info("appeal_withdrawn", appeal=str(row.uuid))
    return row


def grant(*, author: User, appeal: Appeal, reason: str) -> Appeal:
    """Count the lesson as met, in that person's name and for that reason. Raises Refused."""
    with transaction.atomic():
        row = _decidable(appeal, author, reason)
        (report,) = evidence.standing(row.enrolment, [row.lesson])
        if report.done:
            raise Refused(_("The lesson has been finished meanwhile. Decline the request and say so."))
        made = completion.override(author=author, reason=reason, enrolment=row.enrolment, lesson=row.lesson)
        row.override = made
        return _close(row, State.GRANTED, author, made.reason)


def decline(*, author: User, appeal: Appeal, reason: str) -> Appeal:
    """Leave the record as it is, and say why. Raises Refused."""
    with transaction.atomic():
        return _close(_decidable(appeal, author, reason), State.DECLINED, author, reason.strip())


def _held(appeal: Appeal) -> Appeal:
    """The row as it stands now. The enrolment is taken first, as everywhere. Raises Refused for a closed one."""
    completion.locked(appeal.enrolment)
    rows = Appeal.objects.select_for_update(of=("self",), no_key=True)
    row = rows.select_related("enrolment__course", "enrolment__user", "lesson").get(pk=appeal.pk)
    if not row.is_open:
        raise Refused(_("This request is closed already: %s.") % row.get_state_display())
    return row


def _decidable(appeal: Appeal, author: User, reason: str) -> Appeal:
    if not decides_appeals(author):
        raise Refused(_("You may not decide about this request."))
    if appeal.enrolment.user_id == author.pk:
        raise Refused(_("Nobody decides about their own record."))
    if not reason.strip():
        raise Refused(_("Say why. The learner reads it."))
    if len(reason.strip()) > Appeal.ANSWER_LENGTH:
        raise Refused(_("The reason is longer than %d characters.") % Appeal.ANSWER_LENGTH)
    return _held(appeal)


def _close(row: Appeal, state: str, author: User, answer: str) -> Appeal:
    row.state, row.closed_at, row.decided_by, row.answer = state, timezone.now(), author, answer
    row.save(update_fields=["state", "closed_at", "decided_by", "answer", "override"])
    log.info("appeal_decided", appeal=str(row.uuid), state=str(state), author=author.pk)
    return row


SUBJECT = gettext_lazy("[%(school)s] Your request about a lesson was answered")
SAID = {
    State.GRANTED: gettext_lazy("[%(school)s] Your request about “%(lesson)s” was granted: the lesson counts as met."),
    State.DECLINED: gettext_lazy("[%(school)s] Your request about “%(lesson)s” was declined. The reason stands there:"),
}


KINDS = {State.GRANTED: "appeal_granted", State.DECLINED: "appeal_declined"}  # of text messages, for their templates


def tell_decided() -> int:
    """The periodic duty: tell people what was decided, by mail or else by text message. Says how many it told.

    A message that does not leave is tried again in the next round, for two days; the page shows the answer anyway.
    """
    waiting = Appeal.objects.decided().filter(told_at=None, closed_at__gte=timezone.now() - TELL_WITHIN)
    told = 0
    for row in waiting.select_related("enrolment__user", "lesson").order_by("closed_at")[:AT_ONCE]:
        this = Appeal.objects.filter(pk=row.pk)
        if not this.filter(told_at=None).update(told_at=timezone.now()):
            continue  # another worker was quicker
        try:
            _tell(row)
        except messages.NotSent as error:
            this.update(told_at=None)
            log.warning("appeal_not_told", appeal=str(row.uuid), error=str(error))
            continue
        told += 1
    return told


def _tell(row: Appeal) -> None:
    user = row.enrolment.user
    with translation.override(user.language or settings.LANGUAGE_CODE):
        words = {"school": school.facts().shown_name, "lesson": facts.localised([row.lesson])[row.lesson_id]}
        address = settings.SITE_URL + reverse("evidence_lesson", args=[row.enrolment.uuid, row.lesson_id])
        text = f"{SAID[State(row.state)] % words} {address}"
        subject = SUBJECT % words
    params = {"lesson": words["lesson"], "address": address}
    messages.reach(user, subject=subject, text=text, kind=KINDS[State(row.state)], params=params, more=row.answer)
