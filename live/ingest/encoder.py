"""The ffmpeg of one run: media in by a pipe or from a relay, pieces of two seconds out into the folder of the run.

It sits in a session of its own and outlives us for a moment: when the pipe closes, it finishes the last piece and ends.
"""

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import ffmpeg as graph

from live import indexes
from media import ffmpeg

NO_SPACE = (b"No space left on device", b"Disk quota exceeded")
GRACE = 5.0  # seconds to finish the last piece
TAIL = 4096  # bytes of complaints that are kept
PIECE_SECONDS = 2  # also between key frames of a picture that is encoded here
FRAMES = 25
BITS = "1500k"
QUIET = ("-hide_banner", "-nostats", "-loglevel", "warning")
FLAGS = "independent_segments+program_date_time+temp_file+omit_endlist"


class Gone(Exception):
    """The encoder is no longer there; `tail` is the end of what it said."""


@dataclass(frozen=True)
class Source:
    """What comes in: `form` as ffmpeg calls it, by the pipe unless there is an address."""

    form: str
    copied: bool = True  # the picture needs no encoding
    address: str = ""

    @property
    def sound_copied(self) -> bool:
        return self.form in ("flv", "rtmp")


def command(source: Source) -> list[str]:
    """To be run in the folder of the run."""
    # Not +nobuffer, as is often advised: it throws away what was read to find out what comes, and so two seconds.
    given = {"fflags": "+genpts", "analyzeduration": 2_000_000, "probesize": 2_000_000}
    if source.address:
        media = graph.input(source.address, rw_timeout=15_000_000, **given)
    else:
        media = graph.input("pipe:0", format=source.form, **given)
    options = {
        **({"vcodec": "copy"} if source.copied else _picture()),
        **({"acodec": "copy"} if source.sound_copied else _sound()),
        "map_metadata": -1,
        "max_muxing_queue_size": 1024,
        "format": "hls",
        "hls_time": PIECE_SECONDS,
        "hls_list_size": 0,
        "hls_segment_type": "fmp4",
        "hls_fmp4_init_filename": indexes.INIT,
        "hls_flags": FLAGS,
        "hls_segment_filename": "%05d.m4s",
    }
    output = graph.output(media["v:0"], media["a:0?"], indexes.INDEX, **options)
    return output.global_args(*QUIET).compile(cmd=ffmpeg.binary(), overwrite_output=True)


def _picture():
    return {
        "vcodec": "libx264", "preset": "veryfast", "tune": "zerolatency", "pix_fmt": "yuv420p", "sc_threshold": 0,
        "video_bitrate": BITS, "maxrate": BITS, "bufsize": BITS, "r": FRAMES, "g": FRAMES * PIECE_SECONDS,
        "keyint_min": FRAMES * PIECE_SECONDS,
    }  # fmt: skip


def _sound():
    return {"af": "aresample=async=1000:first_pts=0", "acodec": "aac", "audio_bitrate": "96k", "ac": 2, "ar": 48000}


class Encoder:
    def __init__(self, process: asyncio.subprocess.Process):
        self.process = process
        self.tail = b""
        self.full = False  # it said that it has nowhere to write to
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, source: Source, folder: Path) -> "Encoder":
        process = await asyncio.create_subprocess_exec(
            *command(source), cwd=folder, start_new_session=True,
            stdin=asyncio.subprocess.DEVNULL if source.address else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        return cls(process)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def ended(self) -> bool:
        return self.process.returncode is not None

    async def feed(self, data: bytes) -> None:
        """Waits while the encoder cannot follow, and so the publisher waits. Raises Gone."""
        assert self.process.stdin is not None
        if self.ended:
            raise Gone(self.said)
        try:
            self.process.stdin.write(data)
            await self.process.stdin.drain()
        except (ConnectionError, RuntimeError) as error:
            raise Gone(self.said) from error

    async def finish(self, grace: float = GRACE) -> int:
        """Let it write its last piece and end; its code. What does not end in time is ended."""
        if self.process.stdin is not None:
            with contextlib.suppress(ConnectionError, RuntimeError):
                self.process.stdin.close()
        else:
            self._signal(signal.SIGTERM)
        try:
            code = await asyncio.wait_for(self.process.wait(), grace)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            code = await self.process.wait()
        await self._listening
        return code

    @property
    def said(self) -> str:
        return self.tail.decode("utf-8", "replace").strip()

    def _signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    async def _listen(self):
        while data := await self.process.stderr.read(4096):
            self.tail = (self.tail + data)[-TAIL:]
            self.full = self.full or any(words in self.tail for words in NO_SPACE)
