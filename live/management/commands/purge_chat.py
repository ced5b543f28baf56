"""What was said in broadcasts goes after its term: see live.keeping. The worker does the same by itself."""

from django.core.management import BaseCommand

from live import keeping


class Command(BaseCommand):
    help = "Remove what was said in broadcasts longer ago than CHAT_KEEP_DAYS, and say how much it was."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="count only")

    def handle(self, *, dry_run, **options):
        gone = keeping.purge(dry=dry_run)
        verb = "Would remove" if dry_run else "Removed"
        self.stdout.write(f"{verb} {gone}.")
        while not dry_run and any((gone.messages, gone.deeds, gone.restrictions, gone.ballots)):
            gone = keeping.purge()
            self.stdout.write(f"Removed {gone}.")
