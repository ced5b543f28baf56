"""Players that are over are looked at once, and what is strange about them is put before somebody. Credit stays.

A flag says where to look, with the figures in which it was seen. Whoever looks calls it harmless or confirms it, in
words that are kept. What follows from it is decided by people elsewhere, with the reasons that they have there.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lms.models import User
from media import deliveries
from media.encoding import SEGMENT_SECONDS
from media.models import Delivery

from . import patterns
from .enrolment import Refused
from .intervals import length
from .models import AttentionPrompt, Flag, FlagReview, WatchBeat, WatchSession
from .patterns import Figures, Said
from .permissions import reviews_flags

AT_ONCE = 100  # players in one round
OVER = timedelta(minutes=20)  # after closing: late beats have come, segments are written down
SILENT = timedelta(hours=24)  # a player that nobody closed
CACHED = timedelta(hours=25)  # a browser may play what it fetched a day ago
UNREAD = timedelta(days=14)  # after which nobody waits for a log any more
NEAR = timedelta(minutes=10)  # between the openings of two players with the same beats
Kind = Flag.Kind
log = structlog.get_logger(__name__)


class NotAllowed(Refused):
    code = "not_allowed"
    text = _("Only the keepers of records look at flags, and nobody at their own.")


class WithoutWords(Refused):
    code = "without_words"
    text = _("Say what you found. Your words are kept with your name.")


def look() -> int:
    """A duty: examine players that are over, and say how many flags were put up."""
    now = timezone.now()
    over = Q(closed_at__lt=now - OVER, last_beat_at__lt=now - OVER) | Q(last_beat_at__lt=now - SILENT)
    rows = WatchSession.objects.filter(over & _witnessed(now), examined_at=None)
    waiting = rows.order_by("last_beat_at", "pk").values_list("pk", flat=True)[: 10 * AT_ONCE]
    new = (found for pk in list(waiting) if (found := _look_at(pk, now)) is not None)
    return sum(islice(new, AT_ONCE))


def _look_at(pk: int, now: datetime) -> int | None:
    """How many flags are new; None for a player that cannot be examined, which does not stop the others."""
    try:
        with transaction.atomic():
            new = examine(WatchSession.objects.select_related("progress__enrolment").get(pk=pk))
            WatchSession.objects.filter(pk=pk).update(examined_at=now)
    except Exception:
        log.exception("player_not_examined", player=pk)
        return None
    return new


def _witnessed(now: datetime) -> Q:
    """A log is read now and then: players wait until it has been read up to their end, but not for ever."""
    if settings.DELIVERIES != "log":
        return Q()
    return Q(last_beat_at__lt=now - UNREAD) | Q(last_beat_at__lt=deliveries.known_until() or now - UNREAD)


def examine(session: WatchSession) -> int:
    """Put up what is strange about one player; the same again changes nothing. Says how many flags are new."""
    beats = _said(session.beats.order_by("received_at", "pk"))
    seen = {
        Kind.TRIMMED: patterns.trimmed(beats, covered=session.progress.coverage),
        Kind.SPEED: patterns.speed(beats, limit=session.rate_cap),
        Kind.CLOCKWORK: patterns.clockwork(beats),
        Kind.REPLAYED: patterns.replayed(beats),
        Kind.UNDELIVERED: _undelivered(session, beats),
        Kind.SHARED: _shared(session, beats),
    }
    new = sum(_put_up(kind, session, figures, about=str(session.uuid)) for kind, figures in seen.items() if figures)
    return new + _examine_day(session)


def _examine_day(session: WatchSession) -> int:
    """What shows only beside the person's other players of that day, or of that lesson."""
    day = timezone.localtime(session.opened_at).replace(hour=0, minute=0, second=0, microsecond=0)
    about = f"{session.user_id}:{day:%F}"
    seen = {Kind.FLAPPING: _flapping(session, day), Kind.TIRELESS: _tireless(session, day)}
    new = sum(_put_up(kind, session, figures, about=about) for kind, figures in seen.items() if figures)
    missed = _absent(session)
    return new + (_put_up(Kind.ABSENT, session, missed, about=str(session.progress_id)) if missed else 0)


def _put_up(kind: str, session: WatchSession, figures: Figures, *, about: str) -> int:
    """One flag for one thing; while nobody has looked at it, its figures follow the evidence."""
    flag, made = Flag.objects.get_or_create(
        key=f"{kind}:{about}",
        defaults={
            "kind": kind,
            "enrolment_id": session.progress.enrolment_id,
            "lesson_id": session.progress.lesson_id,
            "figures": figures,
            "created_at": timezone.now(),
        },
    )
    if made:
        log.info("flag_put_up", kind=str(kind), flag=flag.pk)
    elif flag.state == Flag.State.OPEN and flag.figures != figures:
        Flag.objects.filter(pk=flag.pk).update(figures=figures)
    return int(made)


def _said(rows: Iterable[WatchBeat]) -> list[Said]:
    return [
        Said(row.sequence, row.received_at, row.claimed, row.credited, row.rate, row.visible, row.verdict)
        for row in rows
    ]


def _undelivered(session: WatchSession, beats: list[Said]) -> Figures | None:
    """Only where deliveries were noted at all at that time: by this school's setting, and for that film."""
    credited = [beat for beat in beats if beat.credited]
    if settings.DELIVERIES == "off" or not credited:
        return None
    known = deliveries.known_until() if settings.DELIVERIES == "log" else None
    if settings.DELIVERIES == "log" and (known is None or known <= session.last_beat_at):
        return None
    since, until = session.opened_at - CACHED, credited[-1].at
    if not Delivery.objects.filter(hour__gte=since, hour__lte=until).exists():
        return None
    fetched = deliveries.sent(viewer=session.user_id, video=session.video_id, since=since, until=until)
    return patterns.undelivered(credited, fetched=fetched, segment_ms=SEGMENT_SECONDS * 1000)


def _shared(session: WatchSession, beats: list[Said]) -> Figures | None:
    """Players of others that opened about then; those that agree in one beat are looked at beat by beat."""
    told = [beat for beat in beats if beat.claimed]
    if len(told) < patterns.SAME_BEATS:
        return None
    near = {"opened_at__gte": session.opened_at - NEAR, "opened_at__lte": session.opened_at + NEAR}
    others = WatchSession.objects.filter(progress__lesson=session.progress.lesson_id, **near).exclude(
        user=session.user_id
    )
    probe, within = told[len(told) // 2], timedelta(seconds=patterns.SAME_SECONDS)
    agreeing = WatchBeat.objects.filter(
        session__in=others,
        claimed=probe.claimed,
        received_at__gte=probe.at - within,
        received_at__lte=probe.at + within,
    )
    found: list[Figures] = []
    for other in others.filter(pk__in=agreeing.values("session"))[:20]:
        figures = patterns.shared(beats, _said(other.beats.order_by("received_at", "pk")))
        found += [figures] if figures else []
    if not found:
        return None
    return {**max(found, key=lambda figures: figures["beats"]), "people": len(found) + 1}


def _flapping(session: WatchSession, day: datetime) -> Figures | None:
    closed = WatchSession.objects.filter(user=session.user_id, closed=WatchSession.Closed.SUPERSEDED)
    within = closed.filter(closed_at__gte=day, closed_at__lt=day + timedelta(days=1), last_sequence__gt=0)
    moments = within.order_by("closed_at").values_list("closed_at", flat=True)
    return patterns.flapping([moment for moment in moments if moment])


def _tireless(session: WatchSession, day: datetime) -> Figures | None:
    beats = WatchBeat.objects.filter(session__user=session.user_id, received_at__gte=day)
    credited = beats.filter(received_at__lt=day + timedelta(days=1)).values_list("credited", flat=True)
    return patterns.tireless(sum(length(each) for each in credited))


def _absent(session: WatchSession) -> Figures | None:
    if not session.attention_minutes:
        return None
    asked = AttentionPrompt.objects.filter(session__progress=session.progress_id)
    missed = asked.filter(Q(answered_at=None) | Q(answered_at__gt=F("due_at"))).exclude(carried=True)
    return patterns.absent(asked.count(), missed.count())


def review(*, reviewer: User, flag: Flag, state: str, note: str) -> FlagReview:
    """What somebody thinks of a flag. Another review is another row; credit is never touched.

    Raises NotAllowed or WithoutWords.
    """
    if not reviews_flags(reviewer) or flag.enrolment.user_id == reviewer.pk:
        raise NotAllowed
    if not note.strip():
        raise WithoutWords
    with transaction.atomic():
        row = Flag.objects.select_for_update(of=("self",), no_key=True).get(pk=flag.pk)
        row.state = Flag.State(state)
        row.save(update_fields=["state"])
        made = FlagReview.objects.create(
            flag=row, reviewer=reviewer, state=row.state, note=note.strip()[:200], made_at=timezone.now()
        )
    log.info("flag_reviewed", flag=row.pk, state=str(row.state), reviewer=reviewer.pk)
    return made
