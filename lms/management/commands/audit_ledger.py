"""Check the hash chain and the kept tallies, and hand the whole book to an auditor as one file."""

import json
from pathlib import Path

from django.core.management import BaseCommand, CommandError

from lms import audit, chain


class Command(BaseCommand):
    help = (
        "Verify the participation ledger and what is kept of it; with --export, write it as JSON lines for "
        "docs/audit/verify_ledger.py."
    )

    def add_arguments(self, parser):
        parser.add_argument("--export", type=Path, metavar="FILE", help="where to write the book")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print what was found for machines")

    def handle(self, *, export, as_json, **options):
        found = audit.audit()
        if export:
            with export.open("w", encoding="utf-8") as file:
                count = sum(1 for line in chain.export() if file.write(line + "\n"))
            if not as_json:
                self.stdout.write(f"{count} lines written to {export}")
        if as_json:
            self.stdout.write(json.dumps(found.as_dict(), ensure_ascii=False, indent=1))
        for problem in [*found.problems, *found.differences]:
            self.stderr.write(problem)
        if found.problems:
            raise CommandError(f"the ledger is not as it was sealed: {len(found.problems)} problems")
        if found.differences:
            raise CommandError(f"kept tallies differ from the ledger: {len(found.differences)}")
        if not as_json:
            self.stdout.write("every sealed row is as it was sealed")
