"""Short-lived addresses of films and files. Whoever asks for one has settled before that the person may have it.

The token stands in front of the path, so the relative addresses inside a playlist inherit it, and it says which
folder is meant, so that no segment needs the database:

    /videos/<token>/<video>/master.m3u8   →   <token>/<video>/720p/index.m3u8   →   …/720p/00012.m4s
"""

import base64
import binascii
import re
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from filer.models import File

from lms.models import User
from media import captions, hls
from media.models import Video
from media.transcoding import run_folder

SECONDS = 3600
FILE_SECONDS = 4 * 3600  # as long as somebody may sit over a lesson; the address serves its reader alone
NAMES = re.compile(
    r"master\.m3u8|poster\.jpg|thumbnails\.vtt|thumbnails-\d{2}\.jpg"
    r"|(\d{1,4}p|audio)/(index\.m3u8|init(-\d{3})?\.mp4|\d{5}\.m4s)",
    re.ASCII,
)
VIDEO_GRANT = struct.Struct("!16s16sQQ")  # video, run, viewer, expiry
FILE_GRANT = struct.Struct("!QQQ")  # file, viewer, expiry
NOBODY = 0
CODES = {"zh-hans": "zh-CN"}
LABELS = {"zh-hans": "中文", "en": "English"}


class Refused(Exception):
    """The address opens nothing. `message` is for the reader."""

    message = _("This address is not valid. Please open the lesson again.")


class Forged(Refused):
    """It was not made here, or for something else."""


class Expired(Refused):
    message = _("This address has expired. Please open the lesson again.")


class NotReady(Refused):
    message = _("This video is still being prepared.")


class Gone(Refused):
    """It was right once; the ladder has been replaced since."""

    message = _("This video has been replaced. Please open the lesson again.")


@dataclass(frozen=True)
class Grant:
    """What a token allows; times in seconds since 1970, viewer None for anybody who holds it."""

    video: UUID
    run: UUID
    viewer: int | None
    expires: int


@dataclass(frozen=True)
class FileGrant:
    file: int
    viewer: int | None
    expires: int


@dataclass(frozen=True)
class Track:
    """One language of captions: `code` as browsers write it, `label` in its own words."""

    code: str
    label: str
    src: str


@dataclass(frozen=True)
class Offer:
    """All that a player needs; `run` tells whether a later offer is of the same ladder, `duration` (in seconds, 0 while
    it is not known) whether another one lies on the same timeline.

    `audio_src` is a playlist of the sound alone, `poster` a picture, `thumbnails` a WebVTT file of small pictures;
    each is empty while the ladder has none, and the address of each ends with that of `src`.
    """

    src: str
    run: str
    tracks: tuple[Track, ...]
    audio_src: str = ""
    poster: str = ""
    thumbnails: str = ""
    duration: float = 0.0

    def as_json(self) -> dict:
        return {**vars(self), "tracks": [vars(track) for track in self.tracks]}


def offer(video: Video, *, viewer: User | None, seconds: int = SECONDS) -> Offer:
    """Fresh addresses for one viewer. Raises NotReady."""
    if video.run is None:
        raise NotReady(video.pk)
    token = sign(video, viewer=viewer, seconds=seconds)
    languages = captions.bodies(video)
    tracks = (
        Track(CODES.get(language, language), LABELS.get(language, language), _captions(token, video, language))
        for language in languages
    )
    folder = run_folder(video.uuid, video.run)
    extras = {
        field: _stream(token, video, name) if (folder / name).exists() else "" for field, name in hls.EXTRAS.items()
    }
    return Offer(_stream(token, video), str(video.run), tuple(tracks), **extras, duration=video.duration or 0.0)


def sign(video: Video, *, viewer: User | None, seconds: int = SECONDS) -> str:
    """A token for the ladder that is served now. Raises NotReady."""
    if video.run is None:
        raise NotReady(video.pk)
    payload = VIDEO_GRANT.pack(video.uuid.bytes, video.run.bytes, viewer.pk if viewer else NOBODY, _until(seconds))
    return _seal(payload, "media.video")


def url(video: Video, *, viewer: User | None, seconds: int = SECONDS) -> str:
    """Where a player begins. Raises NotReady."""
    return _stream(sign(video, viewer=viewer, seconds=seconds), video)


def caption_url(video: Video, language: str, *, viewer: User | None, seconds: int = SECONDS) -> str:
    return _captions(sign(video, viewer=viewer, seconds=seconds), video, language)


def _stream(token, video, name=hls.MASTER):
    return reverse("media:stream", args=[token, video.uuid, name])


def _captions(token, video, language):
    return reverse("media:captions", args=[token, video.uuid, language])


def read(token: str, video: UUID) -> Grant:
    """Raises Forged or Expired."""
    grant = trace(token, video)
    if grant.expires <= time.time():
        raise Expired(token)
    return grant


def trace(token: str, video: UUID) -> Grant:
    """For whom an address was made, also after it has expired. Raises Forged."""
    uuid, run, viewer, expires = _unseal(token, VIDEO_GRANT, "media.video")
    grant = Grant(UUID(bytes=uuid), UUID(bytes=run), viewer or None, expires)
    if grant.video != video:
        raise Forged(token)
    return grant


def locate(grant: Grant, name: str) -> Path:
    """The file of this name in the granted ladder; only names that a ladder has. Raises Forged."""
    if not NAMES.fullmatch(name):
        raise Forged(name)
    return run_folder(grant.video, grant.run) / name


def file_url(file: File, *, viewer: User | None, seconds: int = FILE_SECONDS) -> str:
    """A short-lived address of a handout for one person, or for anybody who holds it."""
    payload = FILE_GRANT.pack(file.pk, viewer.pk if viewer else NOBODY, _until(seconds))
    return reverse("media:file", args=[_seal(payload, "media.file")])


def read_file(token: str, *, viewer: User | None) -> FileGrant:
    """Raises Forged, also when the address was made for somebody else, or Expired."""
    file, owner, expires = _unseal(token, FILE_GRANT, "media.file")
    if expires <= time.time():
        raise Expired(token)
    if owner != NOBODY and (viewer is None or viewer.pk != owner):
        raise Forged(token)
    return FileGrant(file, owner or None, expires)


def _until(seconds):
    return int(time.time()) + seconds


def _seal(payload, salt):
    body = base64.urlsafe_b64encode(payload).decode().rstrip("=")
    return signing.Signer(sep=".", salt=salt).sign(body)


def _unseal(token, shape, salt):
    try:
        body = signing.Signer(sep=".", salt=salt).unsign(token)
        return shape.unpack(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (signing.BadSignature, binascii.Error, struct.error) as error:
        raise Forged(token) from error
