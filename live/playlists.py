"""The playlists of a broadcast, written from the rows of its segments.

Players get the last minute; the whole of it only who goes back. All share one address, signed for the broadcast until
after its latest possible end, so that caches hold one copy of each piece, and of no use soon after the real one. What
it protects is that nobody finds it by guessing; whether somebody may watch is asked where it is handed out.

    /streams/<signature>/<name>/live.m3u8   →   r0001/init.mp4, r0001/00000.m4s …
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from pathlib import Path

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from lms.models import User

from . import indexes
from .models import Broadcast, Run, Segment

TARGET = 4  # seconds that no piece may exceed when rounded; declared from the first playlist to the last
WINDOW = 30  # pieces
LIVE, REWIND, REHEARSAL = "live.m3u8", "rewind.m3u8", "rehearsal.m3u8"
PIECES = re.compile(r"r(\d{4})/(?:init\.mp4|\d{5,7}\.m4s)", re.ASCII)
SIGNATURE = re.compile(r"([vs])([0-9a-z]{6,8})-([0-9a-f]{24})", re.ASCII)
GRAIN = 600  # seconds: addresses made within ten minutes are the same
AFTER = timedelta(hours=3)  # past the planned end; two hours past it the school ends a broadcast
LINGER = timedelta(minutes=5)  # past the end, for viewers who are behind; what comes then is the replay, once reviewed
VIEWER, STAFF = "v", "s"  # what a signature opens: what is public, or rehearsals as well
FIELDS = ("run_id", "run__number", "number", "sequence", "started_at", "duration_ms", "begin_ms")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Refused(Exception):
    """The address opens nothing."""


@dataclass(frozen=True)
class Line:
    """One piece as a playlist lists it."""

    run: int
    folder: str
    number: int
    sequence: int
    started_at: datetime
    duration_ms: int
    begin_ms: int


def window(broadcast: Broadcast) -> str:
    """What players fetch each second: the last pieces, and the end when it has come. "" while there is none."""
    if broadcast.state == Broadcast.State.BLOCKED:
        return _write([], ended=True)
    lines = _lines(_counted(broadcast).order_by("-sequence")[:WINDOW])[::-1]
    if not lines:
        return ""
    return _write(lines, earlier=_runs_before(broadcast, lines[0]), ended=_ended(broadcast))


def newest(name: str) -> int | None:
    """The number of the last piece that its playlists list, -1 before the first; None when no further one can come."""
    broadcast = Broadcast.objects.filter(name=name).exclude(state__in=Broadcast.OVER).first()
    if broadcast is None:
        return None
    last = _counted(broadcast).order_by("-sequence").values_list("sequence", flat=True).first()
    return -1 if last is None else last


def rewind(broadcast: Broadcast) -> str:
    """Everything since the beginning, for those who go back; "" while there is nothing."""
    if broadcast.state == Broadcast.State.BLOCKED:
        return _write([], ended=True)
    lines = _lines(_counted(broadcast).order_by("sequence"))
    return _write(lines, kind="EVENT", ended=_ended(broadcast)) if lines else ""


def rehearsal(broadcast: Broadcast) -> str:
    """What hosts see of a rehearsal that runs now: the last pieces of the newest one. "" while there is none."""
    run = broadcast.runs.filter(rehearsal=True).order_by("-number").first()
    if run is None:
        return ""
    lines = _lines(run.segments.order_by("-sequence")[:WINDOW])[::-1]
    return _write(lines, ended=run.closed_at is not None) if lines else ""


def recording(broadcast: Broadcast, from_ms: int = 0, to_ms: int | None = None) -> str:
    """A finished playlist of the pieces that meet this part of the recording's timeline; "" when none does."""
    pieces = _counted(broadcast).order_by("sequence")
    if to_ms is not None:
        pieces = pieces.filter(begin_ms__lt=to_ms)
    lines = [line for line in _lines(pieces) if line.begin_ms + line.duration_ms > from_ms]
    return _write(lines, kind="VOD", ended=True) if lines else ""


def media_ms(broadcast: Broadcast, at: datetime) -> int | None:
    """The place on the recording's timeline that was being sent at this moment of the server's clock.

    Within a break that is the place where the recording broke off; None before its beginning.
    """
    piece = _counted(broadcast).filter(started_at__lte=at).order_by("-sequence").first()
    if piece is None:
        return None
    return piece.begin_ms + min(piece.duration_ms, round((at - piece.started_at) / timedelta(milliseconds=1)))


def address(broadcast: Broadcast, viewer: User | None, name: str = LIVE) -> str:
    """Where a player begins. The viewer has been allowed in before; the address is the same for all."""
    scope = STAFF if name == REHEARSAL else VIEWER
    return reverse("live_stream", args=[sign(broadcast, scope), broadcast.name, name])


def sign(broadcast: Broadcast, scope: str = VIEWER) -> str:
    until = max((broadcast.planned_end + AFTER).timestamp(), time.time() + GRAIN)
    expires = _digits(int(-(-until // GRAIN) * GRAIN))
    return f"{scope}{expires}-{_seal(broadcast.name, scope, expires)}"


def read(signature: str, name: str) -> str:
    """What the signature opens of the stream with this name: VIEWER or STAFF. Raises Refused."""
    match = SIGNATURE.fullmatch(signature)
    if not match:
        raise Refused(signature)
    scope, expires, seal = match.groups()
    if not compare_digest(seal, _seal(name, scope, expires)) or int(expires, 36) <= time.time():
        raise Refused(signature)
    return scope


def is_past(broadcast: Broadcast | None) -> bool:
    """Whether what was sent is a recording by now, to be seen by nobody before its review."""
    if broadcast is None or not broadcast.is_over or broadcast.ended_at is None:
        return False
    return timezone.now() - broadcast.ended_at > LINGER


def piece(name: str, path: str) -> tuple[int, Path]:
    """The number of the run and the file that this part of an address means. Raises Refused."""
    match = PIECES.fullmatch(path)
    if not match:
        raise Refused(path)
    return int(match[1]), Path(settings.LIVE_ROOT) / name / path


def _seal(name, scope, expires):
    return salted_hmac("live.playlists", f"{name}/{scope}/{expires}", algorithm="sha256").hexdigest()[:24]


def _digits(number):
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = DIGITS[rest] + text
    return text


def _counted(broadcast):
    return Segment.objects.filter(broadcast=broadcast, run__rehearsal=False)


def _lines(pieces):
    return [
        Line(run, f"r{run_number:04}", number, sequence, started_at, duration_ms, begin_ms)
        for run, run_number, number, sequence, started_at, duration_ms, begin_ms in pieces.values_list(*FIELDS)
    ]


def _runs_before(broadcast, first):
    """How many breaks lie before the first piece that is listed."""
    runs = Run.objects.filter(broadcast=broadcast, rehearsal=False, number__lt=int(first.folder[1:]))
    return runs.filter(Exists(Segment.objects.filter(run=OuterRef("pk")))).count()


def _ended(broadcast):
    """The end is written when nothing can follow: over, and the last run has been closed."""
    return broadcast.is_over and not broadcast.runs.open().exists()


def _write(lines: Iterable[Line], *, kind: str = "", earlier: int = 0, ended: bool) -> str:
    lines = list(lines)
    text = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{TARGET}"]
    text += [f"#EXT-X-MEDIA-SEQUENCE:{lines[0].sequence if lines else 0}"]
    text += [f"#EXT-X-DISCONTINUITY-SEQUENCE:{earlier}"] if earlier else []
    text += [f"#EXT-X-PLAYLIST-TYPE:{kind}"] if kind else []
    text += [] if ended else ["#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES"]
    text += ["#EXT-X-INDEPENDENT-SEGMENTS"]
    run = None
    for line in lines:
        if line.run != run:
            text += ["#EXT-X-DISCONTINUITY"] if run is not None else []
            text += [f'#EXT-X-MAP:URI="{line.folder}/{indexes.INIT}"']
            run = line.run
        text += [f"#EXT-X-PROGRAM-DATE-TIME:{_moment(line.started_at)}", f"#EXTINF:{line.duration_ms / 1000:.3f},"]
        text += [f"{line.folder}/{indexes.PIECE.format(line.number)}"]
    text += ["#EXT-X-ENDLIST"] if ended else []
    return "\n".join(text) + "\n"


def _moment(at):
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
