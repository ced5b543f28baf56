"""One ingest process an installation: the second is refused in words, and a killed one is in nobody's way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as school
from django.core.management import CommandError, call_command

from live.ingest.alone import Taken, alone

HOLD = "from live.ingest.alone import alone; import subprocess, sys\n"
HOLD += "with alone():\n    subprocess.Popen(['sleep', '30']); print('held', flush=True); sys.stdin.read()"


@pytest.fixture(autouse=True)
def place(settings, tmp_path):
    settings.LIVE_ROOT = tmp_path / "live"
    return settings.LIVE_ROOT


def test_one_after_another(place):
    with alone():
        assert (place / ".ingest").read_text() == f"{os.getpid()}\n"
    with alone():
        pass


def test_a_second_one_is_refused_and_told_whom_it_would_disturb(place):
    with alone():
        with pytest.raises(CommandError, match=f"runs already for {place} \\(process {os.getpid()}\\)"):
            call_command("live_ingest")
        with pytest.raises(Taken), alone():
            pass
        assert (place / ".ingest").read_text() == f"{os.getpid()}\n"


def test_a_killed_one_leaves_the_way_free_though_its_children_live(place):
    setting = f"from django.conf import settings; settings.configure(LIVE_ROOT={str(place)!r})\n"
    holder = subprocess.Popen(
        [sys.executable, "-c", setting + HOLD], cwd=Path(school.BASE_DIR), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Taken, match=str(holder.pid)), alone():
            pass
        holder.kill()
        holder.wait()
        with alone():
            pass
    finally:
        os.killpg(holder.pid, signal.SIGKILL)
