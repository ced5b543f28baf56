"""What a file really is, read from its content: a name and a MIME type are only what somebody claims."""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO

import av
import filetype

from media.models import Video

# What `filetype` calls it → the ffmpeg demuxer that may open it. Naming the demuxer keeps a playlist or a
# script with a film's name from being followed to other files or hosts.
DEMUXERS = {
    "mp4": "mov",
    "m4v": "mov",
    "mov": "mov",
    "3gp": "mov",
    "m4a": "mov",
    "mkv": "matroska",
    "webm": "matroska",
    "avi": "avi",
    "wmv": "asf",
    "mpg": "mpeg",
    "flv": "flv",
}
OLD_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip")
HEAD = 8192  # bytes that are enough to recognise a container
FASTEST = 30  # frames a second; a lecture gains nothing from more
SMALLEST = 16  # pixels of a side
STILL = 0.5  # seconds; anything shorter is a picture
WIDE_RANGE = {16, 18}  # transfer curves of ITU-T H.273: PQ and HLG
TOLD = re.compile(r"(\d+):(\d\d):(\d\d\.\d+)")  # how Matroska says when a track ends
OURS = ("zh", "zho", "chi", "cmn")  # how tracks say that they are in the language of the school
ASIDE = av.stream.Disposition.comment | av.stream.Disposition.visual_impaired | av.stream.Disposition.descriptions


class Refused(Exception):
    """The file is no film we can prepare; `reason` is a Video.Reason, the detail is for the log."""

    def __init__(self, reason: Video.Reason, detail: str = ""):
        super().__init__(detail or reason.value)
        self.reason = reason

    @property
    def message(self) -> str:
        return str(self.reason.label)


@dataclass(frozen=True)
class Film:
    """Width and height are what a person sees: after rotation and with square pixels."""

    demuxer: str
    duration: float
    width: int
    height: int
    rate: Fraction
    sound: int | None = None  # which of its sound tracks the lesson uses
    wide_range: bool = False  # HDR: brightness as PQ or HLG says it, which ordinary screens cannot show
    interlaced: bool = False

    @property
    def has_audio(self) -> bool:
        return self.sound is not None


def sniff(file: IO[bytes]) -> str:
    """The demuxer for this content. Raises Refused when it is no container of films."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    kind = filetype.guess(head)
    if kind and kind.extension in DEMUXERS:
        return DEMUXERS[kind.extension]
    if head[4:8] in OLD_QUICKTIME:
        return "mov"
    for packet, offset in ((188, 0), (192, 4)):
        if len(head) > 3 * packet and all(head[offset + n * packet] == 0x47 for n in range(3)):
            return "mpegts"
    raise Refused(Video.Reason.NOT_VIDEO, "no known container")


def check(file: IO[bytes]) -> str:
    """A quick look at the headers of an upload: its demuxer, or Refused. Decodes nothing."""
    demuxer = sniff(file)
    try:
        with av.open(file, format=demuxer, options=closed(demuxer), metadata_errors="replace") as container:
            _picture(container)
    except av.FFmpegError as error:
        raise Refused(Video.Reason.DAMAGED, str(error)) from error
    finally:
        file.seek(0)
    return demuxer


def probe(path: Path) -> Film:
    """Everything the ladder needs to know; decodes one frame. Raises Refused."""
    try:
        with path.open("rb") as file:
            demuxer = sniff(file)
        with _opened(path, demuxer) as container:
            stream = _picture(container)
            frame = next(container.decode(stream))
            width, height = _seen(stream, frame)
            film = Film(
                demuxer=demuxer,
                duration=_duration(container, stream, path, demuxer),
                width=width,
                height=height,
                rate=_rate(stream),
                sound=_sound(container),
                wide_range=int(frame.color_trc or 0) in WIDE_RANGE,
                interlaced=frame.interlaced_frame,
            )
    except FileNotFoundError as error:
        raise Refused(Video.Reason.MISSING, str(error)) from error
    except (av.FFmpegError, StopIteration) as error:
        raise Refused(Video.Reason.DAMAGED, str(error)) from error
    if film.duration < STILL:
        raise Refused(Video.Reason.STILL, f"{film.duration} s")
    if min(film.width, film.height) < SMALLEST:
        raise Refused(Video.Reason.NO_PICTURE, f"{film.width}x{film.height}")
    return film


def closed(demuxer: str) -> dict[str, str]:
    """Options that keep a file to itself: nothing in it can name another file, host or kind of container."""
    return {"protocol_whitelist": "file", "format_whitelist": demuxer}


def _opened(path, demuxer):
    return av.open(str(path), format=demuxer, options=closed(demuxer), metadata_errors="replace")


def _sound(container):
    """The track in the school's language, else the one that the film itself prefers, else its first."""
    tracks = [track for track in container.streams.audio if track.codec_context and track.codec_context.sample_rate]
    told = [track for track in tracks if not track.disposition & ASIDE] or tracks
    ours = [track for track in told if (track.language or "").lower() in OURS] or told
    preferred = [track for track in ours if track.disposition & av.stream.Disposition.default] or ours
    return container.streams.audio.index(preferred[0]) if preferred else None


def _picture(container):
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    if not container.streams.audio:
        raise Refused(Video.Reason.NOTHING, "no stream")
    raise Refused(Video.Reason.NO_PICTURE, "no video stream")


def _seen(stream, frame):
    """Non-square pixels are made square by shrinking a side, never by stretching one."""
    ratio = stream.sample_aspect_ratio or Fraction(1)
    width, height = frame.width, frame.height
    if ratio > 1:
        height = round(height / ratio)
    elif ratio > 0:
        width = round(width * ratio)
    return (height, width) if frame.rotation % 180 else (width, height)


def _rate(stream) -> Fraction:
    """Constant frames a second for the ladder: the film's own, halved until a lecture's worth is left."""
    rate = next((r for r in (stream.guessed_rate, stream.average_rate) if r and 1 <= r <= 240), Fraction(25))
    while rate > FASTEST:
        rate /= 2
    return max(rate, Fraction(1))


def _duration(container, stream, path, demuxer) -> float:
    """Seconds of picture; a recording of a browser does not know its own length, so its packets are counted."""
    if stream.duration and stream.time_base:
        late = float((stream.start_time or 0) * stream.time_base) - (container.start_time or 0) / av.time_base
        return float(stream.duration * stream.time_base) + max(0.0, late)
    if told := TOLD.fullmatch(stream.metadata.get("DURATION", "")):
        hours, minutes, seconds = map(float, told.groups())
        return 3600 * hours + 60 * minutes + seconds
    if container.duration:
        return container.duration / av.time_base
    last = 0.0
    with _opened(path, demuxer) as again:
        for packet in again.demux():
            if packet.pts is not None:
                last = max(last, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return last
