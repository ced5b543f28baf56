from django.core.management.base import BaseCommand

from lms import jobs


class Command(BaseCommand):
    help = "Do the periodic duties of all apps once. Run it every half minute; running it twice does no harm."

    def handle(self, *, verbosity: int, **options):
        for name, result in jobs.tick().items():
            if verbosity > 1:
                self.stdout.write(f"{name}: {result}")
