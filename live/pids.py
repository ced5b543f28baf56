"""Whether a process that was written down is still that one: numbers are used again, moments of birth are not."""

import contextlib
import os
import signal
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")


def born(pid: int) -> str:
    """When this process began, in a way that no other process of this number shares; "" when there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        return f"{BOOT.read_text()[:8]} {text.rpartition(')')[2].split()[19]}"
    except (OSError, IndexError):
        return ""


def end(pid: int, moment: str) -> bool:
    """End the process of that number if it is the one that began then; whether it was there."""
    if not moment or born(pid) != moment:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    return True
