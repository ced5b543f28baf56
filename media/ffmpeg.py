"""Run ffmpeg as a guest that can be watched, stopped and outlived.

Its own process group, low priority, a time limit, a bounded tail of what it complained about; and it
dies with us, so that a killed worker leaves no encoder behind.
"""

import contextlib
import ctypes
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import imageio_ffmpeg
from django.conf import settings

NICE = 10
TICK = 0.5  # seconds between two calls of `on_tick`, with or without news
STALL = 180.0  # seconds without a step forward
TAIL = 8192  # bytes of complaints that are kept
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_libc = ctypes.CDLL(None)  # loaded before any fork


class Failed(Exception):
    def __init__(self, code: int, tail: str):
        super().__init__(f"ffmpeg ended with {code}: {tail[-500:]}")
        self.code = code
        self.tail = tail


class TimedOut(Exception):
    """It ran longer than allowed, or stood still."""


def binary() -> str:
    """The configured one, the system's, the bundled one. Raises RuntimeError when there is none."""
    return settings.FFMPEG or shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()


def run(
    command: list[str],
    *,
    limit: float,
    on_tick: Callable[[float], None],
    waits: Callable[[], bool] = lambda: False,
) -> str:
    """`on_tick` hears twice a second how many seconds of film are done; what it raises stops the run.

    While `waits` is true the process stands still, and that time counts for no limit. The command must write its
    progress to standard output. Returns the end of what it said besides. Raises Failed or TimedOut.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_humble,  # safe: a worker has one thread
    )
    try:
        tail = _watch(process, limit, on_tick, waits)
        code = process.wait()
    finally:
        _end(process)
    if code:
        raise Failed(code, tail)
    return tail


def ask(command: list[str]) -> str:
    """What it prints when asked about itself. Raises Failed."""
    answer = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=STALL, check=False)
    if answer.returncode:
        raise Failed(answer.returncode, answer.stderr.decode("utf-8", "replace"))
    return answer.stdout.decode("utf-8", "replace")


def _humble():
    os.nice(NICE)
    if sys.platform == "linux":
        _libc.prctl(DIE_WITH_PARENT, signal.SIGKILL)


def _watch(process, limit, on_tick, waits):
    """Read both pipes until they close; the end of its complaints as text."""
    clock = _Clock(limit)
    tail, rest = b"", b""
    with selectors.DefaultSelector() as pipes:
        pipes.register(process.stdout, selectors.EVENT_READ)
        pipes.register(process.stderr, selectors.EVENT_READ)
        while pipes.get_map():
            for key, _ in pipes.select(timeout=TICK):
                data = os.read(key.fd, 65536)
                if not data:
                    pipes.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    tail = (tail + data)[-TAIL:]
                else:
                    *lines, rest = (rest + data).split(b"\n")
                    clock.reach(_seconds(lines, clock.done))
            if clock.ticks():
                on_tick(clock.done)
                _let(process, clock, waiting=waits())
    return tail.decode("utf-8", "replace")


class _Clock:
    """How long it has run and stood still, without the time that it was told to wait."""

    def __init__(self, limit):
        self.limit, self.done, self.waiting = limit, 0.0, False
        self.ran = self.idle = 0.0
        self.told = time.monotonic()

    def reach(self, done):
        if done > self.done:
            self.done, self.idle = done, 0.0

    def ticks(self):
        """True when `on_tick` is due. Raises TimedOut."""
        passed = time.monotonic() - self.told
        if passed < TICK:
            return False
        self.told += passed
        if not self.waiting:
            self.ran += passed
            self.idle += passed
        if self.ran > self.limit or self.idle > STALL:
            raise TimedOut(f"{self.ran:.0f} s, {self.done:.0f} s of film done")
        return True


def _let(process, clock, *, waiting):
    if waiting != clock.waiting:
        clock.waiting = waiting
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGSTOP if waiting else signal.SIGCONT)


def _seconds(lines, done):
    for line in lines:
        key, _, value = line.partition(b"=")
        if key == b"out_time_us" and value.strip().isdigit():
            done = max(done, int(value) / 1_000_000)
    return done


def _end(process):
    """Nothing of the group stays behind, whatever happened."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    process.stderr.close()
