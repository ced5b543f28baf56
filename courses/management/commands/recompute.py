"""Make learning records again from their evidence, and say where they differed."""

from django.core.management import BaseCommand, CommandError

from courses import evidence
from courses.models import Enrolment


class Command(BaseCommand):
    help = "Recompute learning records from evidence: all, those of one person, or one enrolment. May be run any time."

    def add_arguments(self, parser):
        parser.add_argument("enrolment", nargs="?", help="UUID of one enrolment")
        parser.add_argument("--person", help="e-mail address or mobile number")

    def handle(self, *, enrolment, person, **options):
        rows = Enrolment.objects.order_by("pk")
        if enrolment:
            rows = rows.filter(uuid=enrolment)
        if person:
            rows = rows.filter(user__email=person) | rows.filter(user__mobile=person)
        if not rows.exists():
            raise CommandError("There is no such enrolment.")
        changed = unproven = 0
        for row in rows.select_related("course").iterator(500):
            for finding in evidence.recompute(row):
                changed += finding.changed
                unproven += finding.unproven
                if finding.changed or finding.unproven:
                    found = "changed" if finding.changed else "finished without sufficient evidence by today's rule"
                    self.stdout.write(f"{row.uuid} · {finding.lesson.title}: {found}")
        self.stdout.write(f"{changed} records changed, {unproven} finished ones that today's rule would not finish")
