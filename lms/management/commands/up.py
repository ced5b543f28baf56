"""Run the whole school on this machine: what `make up` calls."""

import logging.config
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from wagtail.models import Site

from lms import house, wording
from lms.settings import logs

PORT = 8000  # unless told otherwise
LARGE_LOG = 50 * 1024**2  # bytes; the next start puts a larger one aside


class Command(BaseCommand):
    help = "Prepare the database, content and static files, then serve and run the workers until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=PORT)
        parser.add_argument("--empty", action="store_true", help="without the demo school")
        parser.add_argument("--prepare-only", action="store_true", help="make everything ready, start nothing")

    def handle(self, *, host, port, empty, prepare_only, **options):
        self.began = time.monotonic()
        if not prepare_only:
            self.refuse_busy(host, port)
        self.keep_log()
        self.address = os.environ.get("SITE_URL") or f"http://localhost:{port}"
        self.prepare(demo=settings.DEMO and not empty)
        if prepare_only:
            return
        self.announced = False
        self.health = f"http://{host}:{port}/healthz"
        house.run(self.services(host, port, demo=settings.DEMO and not empty), opened=self.announce)
        self.stdout.write("Stopped.")

    def say(self, text):
        self.stdout.write(f"[{time.monotonic() - self.began:5.1f} s] {text}")
        self.stdout.flush()

    def keep_log(self):
        """Hundreds of lines go into a file, of this process and those that it starts; LOG_FILE=- shows them here."""
        if "LOG_FILE" in os.environ:
            return
        file = Path(settings.VAR_DIR) / "logs/school.jsonl"
        os.environ["LOG_FILE"] = str(file)
        if file.exists() and file.stat().st_size > LARGE_LOG:
            file.replace(file.with_suffix(".1.jsonl"))
        logging.config.dictConfig(logs.configuration(level=settings.LOG_LEVEL, file=str(file)))
        self.say(f"the log is kept in {file}")

    def refuse_busy(self, host, port):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise CommandError(
                    f"Port {port} is taken ({error.strerror}). Choose another: make up PORT={port + 1}"
                ) from error

    def prepare(self, *, demo):
        Path(settings.VAR_DIR).mkdir(parents=True, exist_ok=True)
        if wording.compile_all():
            self.say("translations compiled")
        if count := house.unapplied_migrations():
            self.say(f"applying {count} migrations")
            call_command("migrate", verbosity=0, interactive=False)
        self.once_for("static", house.static_fingerprint(), "collectstatic", interactive=False)
        self.once_for("reference", house.fingerprint(settings.BASE_DIR / "lms/reference"), "load_reference")
        self.once_for("school", house.fingerprint(settings.BASE_DIR / "courses/reference"), "prepare_school")
        if demo:
            self.say("loading the demo school")
            call_command("load_demo", verbosity=0)
        address = urlsplit(self.address)
        Site.objects.filter(is_default_site=True).update(hostname=address.hostname, port=address.port or 80)
        call_command("check", fail_level="ERROR", verbosity=0)

    def once_for(self, name, fingerprint, command, **options):
        """Run a command unless it was last run for the same input."""
        if not house.done_before(name, fingerprint):
            self.say(command.replace("_", " "))
            call_command(command, verbosity=0, **options)
            house.remember(name, fingerprint)

    def services(self, host, port, *, demo):
        site = {"SITE_URL": self.address, **live_ports(port)}
        web = [
            sys.executable, "-m", "uvicorn", "lms.asgi:application", "--host", host, "--port", str(port),
            "--workers", "1", "--ws", settings.SOCKET_PROTOCOL, "--ws-per-message-deflate", "false",
            "--ws-max-size", "65536", "--backlog", "4096", "--no-access-log",
            "--timeout-graceful-shutdown", "5", "--lifespan", "on", "--no-server-header",
        ]  # fmt: skip
        yield house.Service("web", web, environment=site)
        yield house.Service("worker", house.manage("worker"), environment=site)
        yield house.Service("ingest", house.manage("live_ingest"), environment=site)
        yield house.Service("transcode", house.manage("transcode_worker"), environment=site)
        if demo:
            yield house.Service("films", house.manage("make_demo_films"), once=True, environment=site)

    def announce(self) -> bool:
        """Say once that the school is open; whether it is."""
        if self.announced:
            return True
        try:
            with urllib.request.urlopen(self.health, timeout=1):  # noqa: S310
                pass
        except (urllib.error.URLError, OSError):
            return False
        self.announced = True
        self.say(f"The school is open: {self.address}")
        accounts = Path(settings.VAR_DIR) / "demo-accounts.json"
        if accounts.exists():
            self.stdout.write(f"          Demo logins:        {accounts}")
            self.stdout.write(f"          Codes (SMS, mail):  {self.address}/outbox/")
        self.stdout.write(f"          Editors:            {self.address}/cms/")
        self.stdout.write("          Ctrl-C stops everything.")
        self.stdout.flush()
        return True


def live_ports(port: int) -> dict[str, str]:
    """Where the ingest process listens: a school on another port has its own, unless the environment says which."""
    step = port - PORT
    return {
        name: os.environ.get(name) or str(usual + step if 1024 < usual + step < 65536 else usual)
        for name, usual in (("RTMP_PORT", settings.RTMP_PORT), ("STUDIO_PORT", settings.STUDIO_PORT))
    }
