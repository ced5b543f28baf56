from django.core.management.base import BaseCommand

from courses import papers
from courses.models import Certificate


class Command(BaseCommand):
    help = "Print the certificates that have no file yet; with --again also those that wait for a person."

    def add_arguments(self, parser):
        parser.add_argument("--again", action="store_true", help="try those that wait for a person, too")
        parser.add_argument("--check", action="store_true", help="also make again what is lost or was changed on disk")

    def handle(self, *, again, check, **options):
        states = [Certificate.Print.WAITING]
        if again:
            states.append(Certificate.Print.REVIEW)
        if check:
            states.append(Certificate.Print.READY)
        made = self._made(states)
        held = Certificate.objects.filter(print_state=Certificate.Print.REVIEW)
        self.stdout.write(f"{made} printed, {held.count()} wait for a person")
        for row in held.order_by("number"):
            self.stdout.write(f"  {row.number} {row.snapshot['name']}: {row.print_note}")

    def _made(self, states):
        keys = list(Certificate.objects.filter(print_state__in=states).order_by("pk").values_list("pk", flat=True))
        made = 0
        for start in range(0, len(keys), papers.CHUNK):
            chunk = keys[start : start + papers.CHUNK]
            made += papers.make(chunk)
            if Certificate.Print.REVIEW in states:
                held = Certificate.objects.filter(pk__in=chunk, print_state=Certificate.Print.REVIEW)
                made += papers.make_again(list(held.values_list("pk", flat=True)), author=None)
        return made
