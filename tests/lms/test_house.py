"""The processes of a school on one machine: the first that people wait for, then the others, and none left behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

RUN = """
import sys
from pathlib import Path
from lms import house
log, opens, house.HEAD_START = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
def note(word, wait):
    return ["sh", "-c", f"sleep {wait}; echo {word} $$ >> {log}; exec sleep 60"]
house.run([house.Service("web", note("web", sys.argv[4])), house.Service("worker", note("worker", 0))],
          opened=lambda: log.exists() and opens in log.read_text())
"""


@pytest.fixture
def house(tmp_path):
    """house(opens, head_start, web) → what the services said, in order, after they were started and stopped by Ctrl-C.
    The first says so after `web` seconds."""
    log = tmp_path / "log"

    def run(opens, head_start, web):
        command = [sys.executable, "-c", RUN, str(log), opens, str(head_start), str(web)]
        process = subprocess.Popen(command, env={**os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings.test"})
        deadline = time.monotonic() + 60
        while not log.exists() or len(log.read_text().splitlines()) < 2:
            assert time.monotonic() < deadline, "the services were not started"
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        said = [line.split() for line in log.read_text().splitlines()]
        for _, pid in said:
            with pytest.raises(ProcessLookupError):
                os.kill(int(pid), 0)
        return [word for word, _ in said]

    return run


def test_the_others_leave_the_machine_to_the_first_until_it_is_open(house):
    assert house("web", 30, 0.5) == ["web", "worker"]


def test_they_do_not_wait_for_ever(house):
    assert house("never", 0.1, 6) == ["worker", "web"]
