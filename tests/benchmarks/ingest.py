"""Going on air: what a copied session costs, and how old a picture is when a viewer sees it.

The ingest process is a real one, so is the web process that serves the pieces; publisher and browser share the machine
with them. The age of the picture is read from bars that the publisher burns into it, in a Chromium whose player has the
settings of the room.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings.test"
django.setup()

from django.conf import settings  # noqa: E402 - models want Django to be set up
from django.test.utils import setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from live import keys, playlists, runs  # noqa: E402
from live.models import Run, Segment  # noqa: E402
from media import ffmpeg  # noqa: E402
from tests import databases, factories  # noqa: E402
from tests.benchmarks import _glass, _load  # noqa: E402
from tests.browser import chromium  # noqa: E402
from tests.browser.server import free_port  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SESSIONS, SECONDS = 4, 30  # of the measurement of cost
WARM, WATCH = 14, 25  # seconds until a viewer joins, and that it watches
FAKE = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-features=LocalNetworkAccessChecks",
]  # fmt: skip - our pages here come from no address at all


def row(measure, value, unit):
    return {"measure": measure, "value": value, "unit": unit, "peer": "", "peer_value": 0, "ratio": 0}


class School:
    """The web process and the ingest, on the database of the benchmark."""

    def __init__(self, folder):
        self.web, self.rtmp, self.studio = free_port(), free_port(), free_port()
        self.folder = folder
        self.environment = {
            **os.environ, "DJANGO_SETTINGS_MODULE": "lms.settings.dev", "VAR_DIR": str(folder),
            "SECRET_KEY": settings.SECRET_KEY, "DATABASE_URL": databases.address(), "RTMP_PORT": str(self.rtmp),
            "STUDIO_PORT": str(self.studio), "SITE_URL": f"http://localhost:{self.web}", "LOG_LEVEL": "WARNING",
        }  # fmt: skip
        self.processes = []

    def start(self):
        for command in (
            ["-m", "uvicorn", "lms.asgi:application", "--port", str(self.web), "--lifespan", "off", "--no-access-log"],
            ["manage.py", "live_ingest"],
        ):
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, *command], cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL,
                    stderr=(ROOT / "var/bench/ingest.log").open("a"), start_new_session=True,
                )
            )  # fmt: skip
        _load.wait_until_open(self.web)

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(20)

    @property
    def ingest(self):
        return self.processes[1].pid

    def broadcast(self):
        """One that has been started, with the address for its publisher."""
        made = factories.broadcast(state="ready", starts_at=timezone.now(), trainer=factories.user(name="李蔚然"))
        runs.start(made, None)
        made.publish_to = f"rtmp://127.0.0.1:{self.rtmp}/live/{keys.stream(made, keys.issue(made))}"
        return made


@contextmanager
def school():
    folder = Path(mkdtemp(prefix="cqo-bench-"))
    running = School(folder)
    running.start()
    try:
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder)


def film(folder):
    """Ten seconds at two and a half megabits, encoded before, so that publishers cost next to nothing."""
    path = folder / "film.mp4"
    subprocess.run(
        [
            ffmpeg.binary(), "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25", "-f", "lavfi",
            "-i", "anoisesrc=a=0.1", "-t", "10", "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-b:v", "2500k",
            "-minrate", "2500k", "-maxrate", "2500k", "-bufsize", "2500k", "-x264-params", "nal-hrd=cbr",
            "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", str(path),
        ],
        check=True,
    )  # fmt: skip
    return path


def cost(running):
    """Processor time of the ingest and its encoders, by session."""
    source = film(running.folder)
    publishers = [
        subprocess.Popen(
            [ffmpeg.binary(), "-loglevel", "error", "-re", "-stream_loop", "-1", "-i", str(source), "-c", "copy",
             "-f", "flv", running.broadcast().publish_to],
        )
        for _ in range(SESSIONS)
    ]  # fmt: skip
    until(lambda: Segment.objects.values("run").distinct().count() == SESSIONS)
    pids = list(Run.objects.open().values_list("pid", flat=True))
    spent = {pid: _load.cpu(pid) for pid in [running.ingest, *pids]}
    began = time.monotonic()
    time.sleep(SECONDS)
    passed = time.monotonic() - began
    used = {pid: _load.cpu(pid) - before for pid, before in spent.items()}
    rate = statistics.mean(Run.objects.open().values_list("kbps", flat=True))
    for publisher in publishers:
        publisher.terminate()
        publisher.wait()
    until(lambda: not Run.objects.open().exists())
    ours = used[running.ingest] / passed / SESSIONS * 100
    theirs = sum(used[pid] for pid in pids) / passed / SESSIONS * 100
    return [
        row("a copied session, of a core", ours + theirs, "%"),
        row("of that the ingest process", ours, "%"),
        row("of that its encoder", theirs, "%"),
        row("what each session sent", rate, "kbit/s"),
    ]


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.2)


@contextmanager
def browser(running):
    """A Chromium with an invented camera, and pages of the benchmark under the address of the school."""
    player = (ROOT / "lms/static/vendor/hls/hls.light.min.mjs").read_text()
    pages = {
        "studio": (_glass.STUDIO, "text/html"),
        "viewer": (_glass.VIEWER, "text/html"),
        "hls.mjs": (player, "text/javascript"),
        "edge.mjs": ((ROOT / "live/static/live/js/room/edge.js").read_text(), "text/javascript"),
    }
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium.executable(), args=[*chromium.ARGUMENTS, *FAKE])
        context = opened.new_context(permissions=["camera", "microphone"])
        for name, (text, kind) in pages.items():
            context.route(f"**/bench/{name}", partial(_answer, body=text, content_type=kind))
        yield lambda name: _page(context, f"http://localhost:{running.web}/bench/{name}")
        opened.close()


def _answer(route, *, body, content_type):
    route.fulfill(body=body, content_type=content_type)


def _page(context, address):
    page = context.new_page()
    page.goto(address)
    return page


def ages(opened, running, broadcast):
    """How old the picture was, four times a second."""
    until(lambda: broadcast.segments.count() >= 3)
    time.sleep(WARM)
    viewer = opened("viewer")
    viewer.evaluate("address => watch(address)", playlists.address(broadcast, None))
    time.sleep(WATCH)
    seen = viewer.evaluate("seen")[12:]
    viewer.close()
    assert len(seen) > 20, f"only {len(seen)} readings"
    return statistics.median(seen), statistics.quantiles(seen, n=20)[18], len(seen)


def by_rtmp(opened, running):
    broadcast = running.broadcast()
    publisher = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks._barcode", broadcast.publish_to, "90"], cwd=ROOT
    )
    try:
        return ages(opened, running, broadcast)
    finally:
        publisher.terminate()
        publisher.wait()


def by_studio(opened, running, mime):
    broadcast = running.broadcast()
    host = broadcast.hosts.get().user
    studio = opened("studio")
    address = f"ws://localhost:{running.studio}/ws/live/{broadcast.uuid}/studio"
    studio.evaluate("wish => start(wish)", {"address": address, "ticket": keys.ticket(broadcast, host), "mime": mime})
    try:
        return ages(opened, running, broadcast)
    finally:
        studio.close()


def run():
    setup_test_environment()
    copy = databases.copy()
    copy.make()
    rows = []
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the browser's tool has a loop of its own in this thread
    with school() as running:
        rows += cost(running)
        for name, take in (
            ("RTMP", by_rtmp),
            ("studio, H.264 copied", lambda *given: by_studio(*given, "video/webm;codecs=h264,opus")),
            ("studio, VP8 encoded here", lambda *given: by_studio(*given, "video/webm;codecs=vp8,opus")),
        ):
            with browser(running) as opened:
                middle, late, number = take(opened, running)
            rows.append(row(f"glass to glass by {name}, median of {number}", middle, "s"))
            rows.append(row(f"glass to glass by {name}, 95th percentile", late, "s"))
    copy.remove()
    return rows
