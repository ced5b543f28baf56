"""Close the rows written so far into a batch of the hash chain. The worker does the same once an hour."""

from django.core.management import BaseCommand

from lms import chain


class Command(BaseCommand):
    help = "Seal the participation ledger up to now and print the hash to keep in another place."

    def handle(self, **options):
        batches = chain.seal()
        for batch in batches:
            self.stdout.write(f"batch {batch.number}: {batch.rows} rows, {batch.hash}")
        if not batches:
            self.stdout.write("nothing to seal")
