"""Watching other processes: the worker and the encoder it starts."""

import os
import time


def until(condition, seconds=90.0):
    """Wait for something another process does."""
    end = time.monotonic() + seconds
    while not (met := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return met


def encoders_of(video):
    """Numbers of the processes that write into the folders of this video."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{number}/cmdline", "rb") as file:
                words = file.read()
        except OSError:
            continue
        if str(video.uuid).encode() in words and b"ffmpeg" in words:
            found.append(int(number))
    return found
