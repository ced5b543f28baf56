"""Processes of the school on the database of the tests: real ones, which may be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from tests import databases
from tests.browser.server import free_port

ROOT = Path(__file__).resolve().parents[2]


class Process:
    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(20)


class Ingest(Process):
    """`manage.py live_ingest`."""

    def __init__(self):
        self.port = free_port()
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "live_ingest"], cwd=ROOT, start_new_session=True,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings.dev", "VAR_DIR": str(settings.VAR_DIR),
                 "DATABASE_URL": databases.address(), "RTMP_PORT": str(self.port), "STUDIO_PORT": str(free_port()),
                 "LIVE_RESERVE_BYTES": "0", "LIVE_WARN_BYTES": "0"},
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        deadline = time.monotonic() + 90
        while "RTMP_PORT: listening" not in self.process.stdout.readline():
            assert time.monotonic() < deadline, "it does not listen"


class Web(Process):
    """A web process as `up` starts it."""

    def __init__(self, protocol="live.protocol:Frames"):
        self.port = free_port()
        self.protocol = protocol

    def start(self):
        environment = {
            **os.environ, "DJANGO_SETTINGS_MODULE": "tests.live.served", "VAR_DIR": str(settings.VAR_DIR),
            "DATABASE_URL": databases.address(), "SECRET_KEY": settings.SECRET_KEY,
        }  # fmt: skip
        command = [
            sys.executable, "-m", "uvicorn", "lms.asgi:application", "--host", "127.0.0.1", "--port", str(self.port),
            "--ws", self.protocol, "--ws-per-message-deflate", "false", "--lifespan", "off", "--log-level", "error",
        ]  # fmt: skip
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.1)
        raise AssertionError("The web process did not start")
