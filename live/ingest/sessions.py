"""One publisher at work: its run, its encoder, its line. All ends come together in `close`, once."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.utils import timezone

from live import indexes, pids, runs
from live.models import Run
from media import fragments

from .database import ask
from .encoder import Encoder, Gone, Source
from .line import Line

log = structlog.get_logger(__name__)
LOOK = 0.1  # seconds between two looks at what the encoder has finished
HEALTH = 2.0
SPACE = 1.0  # between two looks at whether there is room to write
Closed = Run.Closed


class Session:
    """`hang_up` ends the connection of the publisher; `renewed` asks it to begin anew, for a browser that must."""

    def __init__(
        self, run: Run, encoder: Encoder, source: Source, *, user_id: int | None, key_hash: str,
        hang_up: Callable[[str], None],
    ):  # fmt: skip
        self.run, self.encoder, self.source = run, encoder, source
        self.user_id, self.key_hash, self.hang_up = user_id, key_hash, hang_up
        self.line = Line()
        self.folder = runs.folder(run)
        self.opened = self.last_piece = time.monotonic()
        self.pieces = 0
        self.renew = False  # a new run is wanted at the next key frame
        self.encode = False  # … with the picture encoded here
        self.closing: str = ""
        self.done = asyncio.Event()
        self.interrupted = False
        self._stamp = 0
        self._looked = 0.0
        self._following = asyncio.create_task(self._follow())

    @property
    def broadcast_id(self) -> int:
        return self.run.broadcast_id

    @property
    def silence(self) -> float:
        return self.line.silence

    async def feed(self, data: bytes) -> None:
        """Raises Gone when the encoder ended or the session is being closed."""
        if self.closing:
            raise Gone(self.closing)
        self.line.count(len(data))
        await self.encoder.feed(data)

    async def close(self, reason: str) -> None:
        """Let the encoder finish, write down what is left, close the run. The first reason counts."""
        if self.closing:
            await self.done.wait()
            return
        self.closing = reason
        if asyncio.current_task() is not self._following:
            self._following.cancel()
        code = await self.encoder.finish()
        if code and reason != Closed.KILLED:
            log.warning("encoder_failed", run=self.run.pk, code=code, said=self.encoder.said[-500:])
        try:
            await self._write_down(last=True)
            await ask(runs.close_run, self.run, reason)
        except Exception:
            log.exception("run_left_open", run=self.run.pk)  # the reconciler closes it
        finally:
            self.done.set()
            self.hang_up(reason)

    async def _follow(self):
        """Until the session closes: write down pieces as they are finished, tell how the line is."""
        told = 0.0
        while not self.closing:
            await asyncio.sleep(LOOK)
            try:
                spoilt = await self._miss_space() or await self._write_down()
                if not spoilt and time.monotonic() - told >= HEALTH:
                    told = time.monotonic()
                    await ask(runs.heard, self.run, **self.facts())
            except Exception:
                # The database may be away, or a follower of states may fail: media go on, and this is tried again.
                log.exception("piece_not_written_down", run=self.run.pk)
                continue
            if spoilt:
                await self.close(spoilt)
            elif self.encoder.ended and not self.closing:
                fine = self.source.address and self.encoder.process.returncode == 0
                await self.close(Closed.NETWORK if fine else await self._why_spoilt())

    async def _miss_space(self) -> str:
        """A reason to close when nothing can be written any more. No database is asked: it may lie on the same disk."""
        if time.monotonic() - self._looked < SPACE:
            return ""
        self._looked = time.monotonic()
        if not await asyncio.to_thread(self._is_full):
            return ""
        log.error("disk_full", run=self.run.pk, said=self.encoder.said[-500:])
        return Closed.DISK

    async def _why_spoilt(self) -> str:
        return Closed.DISK if await asyncio.to_thread(self._is_full) else Closed.ENCODER

    def _is_full(self):
        """By the disk itself, by the encoder's words, and by what it left: with a quota the disk may have room."""
        return runs.disk_is_full() or self.encoder.full or indexes.hollow(self.folder, self.pieces)

    async def _write_down(self, *, last=False) -> str:
        """A reason to close when a piece is empty; "" when all is well."""
        stamp = indexes.stamp(self.folder)
        if stamp == self._stamp and not last:
            return ""
        try:
            fresh = await ask(runs.catch_up, self.run, last=last)
        except runs.Spoilt as spoilt:
            log.error("piece_spoilt", run=self.run.pk, what=str(spoilt))
            return await self._why_spoilt()
        self._stamp = stamp
        if fresh:
            if not self.pieces and (refused := await self._look_at_picture()):
                return refused
            self.pieces += len(fresh)
            self.line.pieces.extend(piece.duration_ms for piece in fresh)
            if self.source.address:
                self.line.count(sum(piece.size for piece in fresh))  # the media themselves do not pass through here
            self.last_piece = time.monotonic()
            self.interrupted = False
        return ""

    async def _look_at_picture(self) -> str:
        """Size and codec as the encoder's first file announces them. What is no H.264 cannot be shown everywhere."""
        try:
            tracks = fragments.announced((self.folder / indexes.INIT).read_bytes()).values()
        except (OSError, fragments.Broken):
            return Closed.ENCODER
        picture = next((track for track in tracks if track.kind == fragments.PICTURE), None)
        if picture is None or not picture.codec:
            return Closed.ENCODER
        await ask(runs.heard, self.run, width=picture.width, height=picture.height)
        return ""

    def facts(self) -> dict:
        """What the trainer's page shows, as the run keeps it."""
        return {
            "kbps": self.line.kbps(),
            "keyframe_ms": self.line.keyframe_ms,
            "received": self.line.received,
            "heard_at": timezone.now() - timedelta(seconds=self.silence),
        }


async def open_session(
    broadcast, run_source: str, source: Source, *, rehearsal: bool, user_id: int | None,
    key_hash: str, hang_up: Callable[[str], None], video_codec: str = "h264",
    size: tuple[int | None, int | None] = (None, None),
) -> Session:  # fmt: skip
    """A run in the database, its encoder beside it. Raises runs.Refused."""
    run = await ask(
        runs.open_run, broadcast, run_source, rehearsal=rehearsal, copied=source.copied, video_codec=video_codec,
        width=size[0], height=size[1],
    )  # fmt: skip
    try:
        encoder = await Encoder.start(source, runs.folder(run))
    except OSError as error:
        log.exception("encoder_did_not_start")
        await ask(runs.close_run, run, Closed.ENCODER)
        raise runs.Refused(str(error)) from error
    await ask(runs.heard, run, pid=encoder.pid, pid_started=pids.born(encoder.pid))
    return Session(run, encoder, source, user_id=user_id, key_hash=key_hash, hang_up=hang_up)
