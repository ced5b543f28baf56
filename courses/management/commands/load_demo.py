from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from courses import cast, demonstration
from lms import house


def fingerprint() -> str:
    digest = sha256(Path(demonstration.__file__).read_bytes())
    for path in sorted(demonstration.DEMO.rglob("*.json")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Command(BaseCommand):
    help = "Load the demo school: courses, questions, programmes and an account of every role. May be run again."

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("The demo school is refused outside development.")
        current = fingerprint()
        if not house.done_before("demo", current):
            demonstration.load()
            house.remember("demo", current)
        path = cast.make()
        self.stdout.write(f"Demo logins are in {path}")
