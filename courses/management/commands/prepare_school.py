from django.core.management import BaseCommand, call_command

from courses import foundation


class Command(BaseCommand):
    help = "Lay what a school stands on: home page, tracks, texts, standards, editors' groups. May be run again."

    def handle(self, **options):
        foundation.lay(anew=False)
        call_command("update_index", verbosity=0)
