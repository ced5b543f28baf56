"""A real school for browser tests: its own folder, its own database, the processes that `make up` starts."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIBE = """
import contextlib, io, json, os, sys, traceback
told = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # whatever else is printed goes to the log
import django
django.setup()
from django.core.cache import caches
from django.core.management.commands.shell import Command
from django.db import connections
known = Command().get_namespace(verbosity=0)
for line in sys.stdin:
    printed, error = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(printed):
            exec(json.loads(line), dict(known))
    except Exception:
        error = traceback.format_exc()
    connections.close_all()
    if "locmem" in type(caches["default"]).__module__:
        caches["default"].clear()  # of this process alone: others change what it would remember
    print(json.dumps([printed.getvalue(), error]), file=told, flush=True)
"""
COMMANDS = {"worker": ["worker"], "transcode": ["transcode_worker"], "ingest": ["live_ingest"]}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class School:
    """Processes of one school under one folder. Only what was started here is ever ended here."""

    def __init__(self, folder: Path, port: int | None = None):
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}"
        self.processes: dict[str, subprocess.Popen] = {}
        self.log = folder / "log.txt"
        self.scribe: subprocess.Popen | None = None
        self.more: dict[str, str] = {}  # of the environment

    @property
    def environment(self):
        given = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        return given | {
            "DJANGO_SETTINGS_MODULE": "lms.settings.dev",
            "VAR_DIR": str(self.folder),
            "SITE_URL": self.url,
            "PYTHONWARNINGS": "ignore",
            **self.more,
        }

    def manage(self, *arguments, **options):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True, **options,
        )  # fmt: skip

    def script(self, text):
        """Run lines of Python inside the school's own Django: in one process for all of them, for it starts slowly."""
        if self.scribe is None:
            self.scribe = subprocess.Popen(
                [sys.executable, "-c", SCRIBE], cwd=ROOT, env=self.environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log.open("a"),
            )  # fmt: skip
        self.scribe.stdin.write(json.dumps(text) + "\n")
        self.scribe.stdin.flush()
        printed, error = json.loads(self.scribe.stdout.readline())
        assert not error, error
        return printed

    def prepare(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.manage("up", "--prepare-only", "--port", str(self.port))

    def copy(self, folder: Path):
        """The same school once more; only of one that is not running."""
        shutil.copytree(self.folder, folder)
        return School(folder)

    def start(self, *names):
        for name in names:
            self.processes[name] = subprocess.Popen(
                self.command(name), cwd=ROOT, env=self.environment, stdout=self.log.open("a"),
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        if "web" in names:
            self.wait_until_open()

    def command(self, name):
        if name == "web":
            return [
                sys.executable, "-m", "uvicorn", "lms.asgi:application", "--host", "127.0.0.1",
                "--port", str(self.port), "--lifespan", "on", "--no-access-log",
            ]  # fmt: skip
        return [sys.executable, "manage.py", *COMMANDS[name]]

    def wait_until_open(self, seconds=40):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                    return
            except OSError:
                time.sleep(0.2)
        raise TimeoutError(f"The web process did not answer:\n{self.log.read_text()[-4000:]}")

    def kill(self, name):
        """SIGKILL: nothing is said goodbye to."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self):
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()
        if self.scribe:
            self.scribe.communicate()  # nothing more to do, so it ends
            self.scribe = None

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
