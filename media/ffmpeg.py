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
TICK = 1.0  # seconds between two calls of `on_tick`, with or without news
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


def run(command: list[str], *, limit: float, on_tick: Callable[[float], None]) -> None:
    """`on_tick` hears at least once a second how many seconds of film are done; what it raises stops the run.

    The command must write its progress to standard output. Raises Failed or TimedOut.
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
        tail = _watch(process, limit, on_tick)
        code = process.wait()
    finally:
        _end(process)
    if code:
        raise Failed(code, tail)


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


def _watch(process, limit, on_tick):
    """Read both pipes until they close; the end of its complaints as text."""
    started = moved = time.monotonic()
    done, tail, rest = 0.0, b"", b""
    with selectors.DefaultSelector() as pipes:
        pipes.register(process.stdout, selectors.EVENT_READ)
        pipes.register(process.stderr, selectors.EVENT_READ)
        told = 0.0
        while pipes.get_map():
            for key, _ in pipes.select(timeout=TICK):
                data = os.read(key.fd, 65536)
                if not data:
                    pipes.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    tail = (tail + data)[-TAIL:]
                else:
                    *lines, rest = (rest + data).split(b"\n")
                    reached = _seconds(lines, done)
                    if reached > done:
                        done, moved = reached, time.monotonic()
            now = time.monotonic()
            if now - started > limit or now - moved > STALL:
                raise TimedOut(f"{now - started:.0f} s, {done:.0f} s of film done")
            if now - told >= TICK:
                told = now
                on_tick(done)
    return tail.decode("utf-8", "replace")


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
