"""A real school for browser tests: its own folder, its own database, the processes that `make up` starts."""

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

    @property
    def environment(self):
        given = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        return given | {
            "DJANGO_SETTINGS_MODULE": "lms.settings.dev",
            "VAR_DIR": str(self.folder),
            "SITE_URL": self.url,
            "PYTHONWARNINGS": "ignore",
        }

    def manage(self, *arguments, **options):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True, **options,
        )  # fmt: skip

    def script(self, text):
        """Run lines of Python inside the school's own Django."""
        return self.manage("shell", "--verbosity", "0", "-c", text).stdout

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
                "--port", str(self.port), "--lifespan", "off", "--no-access-log",
            ]  # fmt: skip
        return [sys.executable, "manage.py", *{"worker": ["worker"], "transcode": ["transcode_worker"]}[name]]

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

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
