from django.core.management.base import BaseCommand, CommandError

from courses import certificates
from courses.models import Certificate
from lms.models import User

CHUNK = 500


class Command(BaseCommand):
    help = (
        "Issue certificates anew whose holder's name or series' wording has changed; the old ones verify as superseded."
    )

    def add_arguments(self, parser):
        parser.add_argument("numbers", nargs="*", help="certificate numbers; none for a whole series")
        parser.add_argument("--series", help="code of a series, such as CQO")
        parser.add_argument("--year", type=int)
        parser.add_argument("--reason", required=True, help="strangers who verify an old certificate read it")
        parser.add_argument("--author", required=True, help="e-mail address of who decided it")

    def handle(self, *, numbers, series, year, reason, author, **options):
        if not numbers and not series:
            raise CommandError("Name certificates by their numbers, or a series with --series.")
        decided_by = User.objects.filter(email=author).first()
        if decided_by is None:
            raise CommandError(f"Nobody has the address {author}.")
        chosen = Certificate.objects.filter(successor=None, revoked_at=None)
        if numbers:
            chosen = chosen.filter(number__in=numbers)
        if series:
            chosen = chosen.filter(series__code=series)
        if year:
            chosen = chosen.filter(year=year)
        try:
            made = self._reissued(list(chosen.order_by("pk").values_list("pk", flat=True)), decided_by, reason)
        except certificates.Refused as refused:
            raise CommandError(str(refused)) from refused
        for row in made:
            self.stdout.write(f"{row.supersedes.number} -> {row.number}")
        self.stdout.write(f"{len(made)} issued anew")

    def _reissued(self, keys, author, reason):
        made = []
        for start in range(0, len(keys), CHUNK):
            rows = Certificate.objects.filter(pk__in=keys[start : start + CHUNK])
            made += certificates.reissue(rows, author=author, reason=reason)
        return made
