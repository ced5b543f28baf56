"""Make learning records again from their evidence, and say where they differed."""

from django.core.management import BaseCommand, CommandError

from courses import completion, evidence
from courses.models import Enrolment, ProgrammeEnrolment
from lms import reading


class Command(BaseCommand):
    help = (
        "Recompute learning records from evidence, courses first and then programmes: all, those of one person, or one "
        "enrolment of either. May be run any time."
    )

    def add_arguments(self, parser):
        parser.add_argument("enrolment", nargs="?", help="UUID of one enrolment")
        parser.add_argument("--person", help="e-mail address or mobile number")

    def handle(self, *, enrolment, person, **options):
        studies, programmes = (
            self.asked(model, enrolment=enrolment, person=person) for model in (Enrolment, ProgrammeEnrolment)
        )
        if not studies.exists() and not programmes.exists():
            raise CommandError("There is no such enrolment.")
        self.recompute_studies(studies)
        self.settle_programmes(programmes.filter(ended_at=None, completed_at=None))

    def asked(self, model, *, enrolment, person):
        rows = model.objects.order_by("pk")
        if enrolment:
            rows = rows.filter(uuid=enrolment)
        if person:
            rows = rows.filter(user__email=person) | rows.filter(user__mobile=person)
        return rows

    def recompute_studies(self, rows):
        changed = unproven = 0
        for row in reading.through(rows.select_related("course")):
            for finding in evidence.recompute(row):
                changed += finding.changed
                unproven += finding.unproven
                if finding.changed or finding.unproven:
                    found = "changed" if finding.changed else "finished without sufficient evidence by today's rule"
                    self.stdout.write(f"{row.uuid} · {finding.lesson.title}: {found}")
        self.stdout.write(f"{changed} records changed, {unproven} finished ones that today's rule would not finish")

    def settle_programmes(self, rows):
        open_before = rows.count()
        for row in reading.through(rows):
            completion.settle_programme(row)
        self.stdout.write(f"{open_before - rows.count()} programmes finished")
