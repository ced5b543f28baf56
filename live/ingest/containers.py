"""What a browser's recorder sends, told from its own first bytes: what it claims to send counts for nothing."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from live import runs

from .encoder import Source

ENOUGH = 64 * 1024  # bytes within which a recorder has said what it records
WEBM, MP4 = b"\x1a\x45\xdf\xa3", b"ftyp"
PICTURES = {
    "matroska": {b"V_MPEG4/ISO/AVC": "h264", b"V_VP8": "vp8", b"V_VP9": "vp9", b"V_AV1": "av1", b"V_MPEGH": "hevc"},
    "mov": {b"avc1": "h264", b"avc3": "h264", b"vp09": "vp9", b"av01": "av1", b"hvc1": "hevc", b"hev1": "hevc"},
}
ENCODED = {"vp8", "vp9"}  # in pictures that are encoded anew here


class Unknown(runs.Refused):
    def __str__(self):
        return str(_("This browser records in a way that the school cannot show. Please use Chrome, Edge or Safari."))


@dataclass(frozen=True)
class Recording:
    source: Source
    codec: str


def look(data: bytes) -> Recording | None:
    """What it is; None while more is needed. Raises Unknown."""
    if len(data) < 12:
        return None
    form = "matroska" if data.startswith(WEBM) else "mov" if data[4:8] == MP4 else ""
    if not form:
        raise Unknown
    codec = next((name for mark, name in PICTURES[form].items() if mark in data[:ENOUGH]), "")
    if not codec and len(data) < ENOUGH:
        return None
    if codec != "h264" and codec not in ENCODED:
        raise Unknown
    return Recording(Source(form, copied=codec == "h264"), codec)
