"""Draw the certificate's frame and rosette anew, after their rule in courses.border was changed."""

from django.core.management import BaseCommand

from courses import border


class Command(BaseCommand):
    help = "Write the certificate's frame and rosette beside the templates."

    def handle(self, **options):
        for name, drawing in border.draw().items():
            (border.FOLDER / name).write_text(drawing, "utf-8")
            self.stdout.write(f"{name}: {len(drawing)} characters")
