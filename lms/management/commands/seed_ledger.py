"""Fill an empty book with made-up rows, to try the school at the size of a province."""

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from lms import periods, seeding


class Command(BaseCommand):
    help = "Write made-up participations over 21 cities and three years into an empty ledger, sealed and counted."

    def add_arguments(self, parser):
        parser.add_argument("--rows", type=int, default=100_000, help="how many, besides those of --letter")
        parser.add_argument(
            "--letter",
            action="store_true",
            help="also two campaigns of 2024: 14 sessions with 15,000 attendances, 24 with 150,000 of enterprises",
        )

    def handle(self, *, rows, letter, verbosity, **options):
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError("Rows of the book cannot be taken out again: made-up ones are for demonstrations only.")
        say = self.stdout.write if verbosity > 1 else (lambda text: None)
        try:
            written = seeding.seed(rows, letter=letter, say=say)
        except periods.Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{written} rows written, sealed and counted")
