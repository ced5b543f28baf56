"""The list of words that messages are looked through for, from a CSV file: word,action,category.

The school ships no list, because such lists are themselves sensitive; live/reference/words.sample.csv shows the form.
"""

import csv
from pathlib import Path

from django.core.management import BaseCommand, CommandError
from django.db import transaction

from live.models import Word
from live.words import normal


class Command(BaseCommand):
    help = "Take words from a CSV file (word,action,category; action is block, hold or mask). All of it or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="forget the words that are not in the file")

    def handle(self, *, file, replace, **options):
        rows, problems = self.read(file)
        if problems:
            raise CommandError("Nothing was imported.\n" + "\n".join(problems))
        with transaction.atomic():
            gone = Word.objects.exclude(normal__in=rows).delete()[0] if replace else 0
            for folded, (word, action, category) in rows.items():
                told = {"text": word, "action": action, "category": category}
                Word.objects.update_or_create(normal=folded, defaults=told)
        self.stdout.write(f"{len(rows)} words taken over, {gone} forgotten.")

    def read(self, file):
        """(rows by the folded word, what is wrong line by line)"""
        rows, problems = {}, []
        try:
            lines = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        for number, line in enumerate(lines, 1):
            if not line or line[0] == "word":
                continue
            word, action, category = [*map(str.strip, line[:3]), "", ""][:3]
            if not normal(word) or len(word) > 40:
                problems.append(f"line {number}: {word!r} is no word of at most 40 characters")
            elif (action or Word.Action.HOLD) not in Word.Action.values:
                problems.append(f"line {number}: {action!r} is neither block, hold nor mask")
            else:
                rows[normal(word)] = (word, action or Word.Action.HOLD, category[:40])
        return rows, problems
