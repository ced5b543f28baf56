"""FLV as RTMP carries it: what a tag holds, and the stream that an encoder reads."""

from dataclasses import dataclass

SOUND, PICTURE, FACTS = 8, 9, 18
HEAD = b"FLV\x01\x05\0\0\0\x09\0\0\0\0"  # picture and sound
H264, AAC = 7, 10
PICTURES = {
    2: "Sorenson H.263",
    3: "Screen video",
    4: "VP6",
    5: "VP6",
    6: "Screen video 2",
    7: "h264",
    12: "hevc",
    13: "av1",
}
SOUNDS = {0: "PCM", 1: "ADPCM", 2: "MP3", 3: "PCM", 4: "Nellymoser", 5: "Nellymoser", 6: "Nellymoser", 7: "G.711",
          8: "G.711", 10: "aac", 11: "Speex", 13: "Opus", 14: "MP3"}  # fmt: skip
ENHANCED = {"avc1": "h264", "hvc1": "hevc", "av01": "av1", "vp09": "vp9"}
CLOCK = 1 << 32


@dataclass(frozen=True)
class Look:
    """What the first bytes of a tag tell. `header` is a codec's configuration, `key` a picture to begin with."""

    codec: str
    taken: bool  # whether we take this codec, in this form
    key: bool = False
    header: bool = False


def picture(body: bytes) -> Look:
    first = body[0]
    if first & 0x80:
        code = body[1:5].decode("latin-1")
        return Look(ENHANCED.get(code, code.strip("\0") or "?"), taken=False)
    codec = first & 15
    if codec != H264:
        return Look(PICTURES.get(codec, f"codec {codec}"), taken=False)
    header = len(body) > 1 and body[1] == 0
    return Look("h264", taken=True, key=(first >> 4) & 7 == 1 and not header, header=header)


def sound(body: bytes) -> Look:
    codec = body[0] >> 4
    return Look(SOUNDS.get(codec, f"codec {codec}"), taken=codec == AAC, header=codec == AAC and body[1:2] == b"\0")


class Writer:
    """Tags with times that begin near 0, whatever the sender's clock says and however often it wraps."""

    def __init__(self) -> None:
        self.origin: int | None = None
        self.passed = 0

    def tag(self, kind: int, timestamp: int, body: bytes) -> bytes:
        moment = self._moment(timestamp)
        size = len(body).to_bytes(3, "big")
        head = bytes([kind]) + size + (moment & 0xFFFFFF).to_bytes(3, "big") + bytes([moment >> 24 & 0x7F]) + b"\0\0\0"
        return head + body + (11 + len(body)).to_bytes(4, "big")

    def _moment(self, timestamp):
        """Milliseconds since the first tag; the step from the last one is taken the short way around the clock."""
        if self.origin is None:
            self.origin = timestamp
        step = (timestamp - self.origin - self.passed) % CLOCK
        self.passed += step - CLOCK if step >= CLOCK // 2 else step
        return max(0, self.passed)
