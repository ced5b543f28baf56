from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from courses import cast, demonstration
from lms import house


class Command(BaseCommand):
    help = "Load the demo school: courses, questions, programmes and an account of every role. May be run again."

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("The demo school is refused outside development.")
        current = house.fingerprint(demonstration.DEMO)
        if not house.done_before("demo", current):
            demonstration.load()
            call_command("update_index", verbosity=0)  # searchable at once; the workers would take a minute
            house.remember("demo", current)
        path = cast.make()
        for load in demonstration.besides:
            load()
        self.stdout.write(f"Demo logins are in {path}")
