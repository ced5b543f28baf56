import re
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from media import deliveries, playback
from media.deliveries import Where

# The common and the combined format of nginx: … [23/Nov/2026:17:40:01 +0000] "GET /videos/…/00012.m4s HTTP/2.0" 200 …
LINE = re.compile(r'\[(?P<at>[^\]]+)\] "GET (?P<path>/videos/[^ "]+) HTTP/[\d.]+" (?P<status>\d{3}) ')
ADDRESS = re.compile(r"/videos/(?P<token>[^/]+)/(?P<video>[0-9a-f-]{36})(?P<name>/[^?]*/\d{5}\.m4s)")
SENT = {"200", "206", "304"}
AT_ONCE = 5_000  # rows in memory


class Command(BaseCommand):
    help = (
        "Read which segments of films went to whom from an access log of nginx, in its combined format. Reading a log "
        "twice changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="*", help="log files; without one, standard input")

    def handle(self, *, files, **options):
        self.found, self.rows, self.lines, self.strange = defaultdict(set), 0, 0, 0
        for name in files:
            try:
                with Path(name).open(encoding="utf-8", errors="replace") as lines:
                    self.read(lines)
            except OSError as error:
                raise CommandError(f"{name}: {error.strerror}") from error
        if not files:
            self.read(sys.stdin)
        self.write()
        self.stdout.write(f"{self.lines} segments, {self.rows} rows, {self.strange} addresses that were not ours")

    def read(self, lines):
        for line in lines:
            found = LINE.search(line)
            address = found and ADDRESS.match(found["path"])
            if address and found["status"] in SENT:
                self.take(address, found["at"])
            if len(self.found) >= AT_ONCE:
                self.write()

    def take(self, address, at):
        try:
            moment = datetime.strptime(at, "%d/%b/%Y:%H:%M:%S %z").astimezone(UTC)
            grant = playback.trace(address["token"], UUID(address["video"]))
        except (ValueError, playback.Forged):
            self.strange += 1
            return
        if grant.viewer:
            where = Where(grant.viewer, grant.video, grant.run, moment.replace(minute=0, second=0))
            self.found[where].add(int(deliveries.SEGMENT.search(address["name"])[1]))
            self.lines += 1

    def write(self):
        self.rows += deliveries.write(self.found)
        self.found.clear()
