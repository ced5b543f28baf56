"""How the line is doing, for the trainer's page and for those who watch the machine."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from . import space
from .models import Broadcast, Run

SILENT = 5.0  # seconds without a word
SLOW = 6.0  # seconds that the newest finished piece may lie behind
SPARSE = 3000  # milliseconds between key frames
THIN = 200  # kilobits a second; a picture of that rate is a blur
SETTLING = timedelta(seconds=8)  # after a run has opened nothing is said about its speed


def line(broadcast: Broadcast) -> dict:
    """The line now: kbps, keyframe_ms, seconds_since_heard, width, height, delay_s, source, and warnings in words."""
    now = timezone.now()
    run = broadcast.runs.order_by("-number").first()
    if run is None or run.closed_at is not None:
        return {"open": False, "run": run.number if run else 0, "warnings": _after(run, broadcast), **NOTHING}
    last = run.segments.order_by("-number").first()
    end = last.started_at + timedelta(milliseconds=last.duration_ms) if last else run.opened_at
    facts = {
        "open": True,
        "run": run.number,
        "source": run.source,
        "rehearsal": run.rehearsal,
        "kbps": run.kbps,
        "keyframe_ms": run.keyframe_ms,
        "seconds_since_heard": round((now - (run.heard_at or run.opened_at)).total_seconds(), 1),
        "width": run.width,
        "height": run.height,
        "segments": last.number + 1 if last else 0,
        "delay_s": round(max(0.0, (now - end).total_seconds()), 1),
    }
    return {**facts, "warnings": warnings(run, facts, space.room(broadcast), settled=now - run.opened_at > SETTLING)}


NOTHING = {
    "source": "", "rehearsal": False, "kbps": 0, "keyframe_ms": 0, "seconds_since_heard": None, "width": None,
    "height": None, "segments": 0, "delay_s": None,
}  # fmt: skip


def warnings(run: Run, facts: dict, room: space.Room, *, settled: bool) -> list[str]:
    """What the trainer should do something about, the most urgent first."""
    found = []
    if room.full:  # what lags then is not the trainer's line
        return [_("The school's disk is full; the broadcast is being closed.")]
    if room.tight:
        found.append(_("The school's disk is nearly full. Please tell the school's operator."))
    if facts["seconds_since_heard"] > SILENT:
        found.append(_("Nothing arrives any more. Please check your connection."))
    elif settled and facts["delay_s"] > SLOW:
        found.append(_("Your connection is slower than your picture. Please lower the bitrate."))
    elif settled and 0 < facts["kbps"] < THIN:
        found.append(_("Very little arrives; the picture may be a blur. Please raise the bitrate."))
    if facts["keyframe_ms"] > SPARSE:
        found.append(
            _("Key frames lie %(seconds)s s apart. Please set the key frame interval to 2 s.")
            % {"seconds": round(facts["keyframe_ms"] / 1000, 1)}
        )
    return found


def _after(run, broadcast):
    """Why the last run closed, while that matters."""
    if run is None or broadcast.is_over:
        return []
    if run.closed == Run.Closed.ENCODER and run.video_codec not in ("", "h264"):
        codec = run.video_codec
    elif run.closed == Run.Closed.ENCODER and run.audio_codec not in ("", "aac"):
        codec = run.audio_codec
    else:
        return [str(run.get_closed_display())]
    words = _("The encoder sends %(codec)s. Please set it to H.264 for the picture and AAC for the sound.")
    return [words % {"codec": codec}]
