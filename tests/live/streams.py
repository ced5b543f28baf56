"""What a broadcast leaves in the database: runs and their pieces, stays, changes of state."""

import shutil
import subprocess
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from live import states, stays
from live.models import Broadcast, Run, Segment, Stay
from media import ffmpeg
from tests import factories

serial = count(1)
TWO = 2_000


def record(broadcast, at, seconds, *, rehearsal=False, piece_ms=TWO):
    """A run from that moment on, in whole pieces."""
    number = broadcast.runs.count() + 1
    end = at + timedelta(seconds=seconds)
    run = Run.objects.create(
        broadcast=broadcast, number=number, source="rtmp", rehearsal=rehearsal, opened_at=at, closed_at=end,
        closed="stopped", width=1280, height=720,
    )  # fmt: skip
    last = Segment.objects.filter(broadcast=broadcast).order_by("sequence").last()
    kept = Segment.objects.filter(broadcast=broadcast, run__rehearsal=False).order_by("sequence").last()
    sequence = last.sequence + 1 if last else 0
    begin = kept.begin_ms + kept.duration_ms if kept else 0
    Segment.objects.bulk_create(
        Segment(
            run=run, broadcast=broadcast, number=n, sequence=sequence + n, bytes=1000, duration_ms=piece_ms,
            started_at=at + timedelta(milliseconds=n * piece_ms), begin_ms=begin + (0 if rehearsal else n * piece_ms),
        )
        for n in range(seconds * 1000 // piece_ms)
    )  # fmt: skip
    return run


def stay(broadcast, user, *pairs, device="Firefox", **fields):
    """Present from one moment to another."""
    present = [[stays.milliseconds(start), stays.milliseconds(end)] for start, end in pairs]
    fields.setdefault("came_at", pairs[0][0])
    fields.setdefault("seen_at", pairs[-1][1])
    return Stay.objects.create(broadcast=broadcast, user=user, present=present, device=device, key=uuid4(), **fields)


def lecture(began: datetime, *, minutes=10, by=None, **fields):
    """A broadcast that was on air for so many minutes, and ended by somebody."""
    fields.setdefault("minutes", minutes)
    made = factories.broadcast(state="ready", trainer=by, starts_at=began, **fields)
    states.move(made, Broadcast.State.LIVE, reason="start", actor=by, at=began)
    record(made, began, minutes * 60)
    return end(made, began + timedelta(minutes=minutes), by=by)


def end(broadcast, at, by=None):
    states.move(broadcast, Broadcast.State.ENDED, reason="stop", actor=by, at=at)
    broadcast.refresh_from_db()
    return broadcast


def encode(folder, *, size="320x180", seconds=6, hertz=48_000, sound=True, rate=10):
    """What an encoder leaves in the folder of a run: an announcement and pieces of two seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    picture = f"testsrc2=s={size}:r={rate}:d={seconds}"
    tone = ["-f", "lavfi", "-i", f"sine=f=440:r={hertz}:d={seconds}"] if sound else []
    subprocess.run(
        [
            ffmpeg.binary(), "-loglevel", "error", "-f", "lavfi", "-i", picture, *tone, "-c:v", "libx264", "-preset",
            "ultrafast", "-pix_fmt", "yuv420p", "-g", str(2 * rate), "-c:a", "aac", "-f", "hls", "-hls_time", "2",
            "-hls_list_size", "0", "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4",
            "-hls_segment_filename", str(folder / "%05d.m4s"), str(folder / "index.m3u8"),
        ],
        check=True,
    )  # fmt: skip
    return folder


def record_film(broadcast, at, pieces, *, seconds=6, **fields):
    """A run whose files lie where those of an encoder would."""
    run = record(broadcast, at, seconds, **fields)
    shutil.copytree(pieces, Path(settings.LIVE_ROOT) / broadcast.name / run.folder, dirs_exist_ok=True)
    return run
