"""Render the demo lessons' films from their own slides and hand them to the real pipeline, one after the other."""

import os
import tempfile
from pathlib import Path

import structlog
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.management import BaseCommand

from courses import films, premieres, printing
from courses.models import LessonPage
from media import captions, handouts, library

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Make the film of each demo lesson that has none yet. Ends when all are made; may be stopped and run again."

    def add_arguments(self, parser):
        parser.add_argument("--limit", type=int, default=0, help="how many films at most; 0 is all")

    def handle(self, *, limit, **options):
        os.nice(10)
        wanted = premieres.wanted()
        for lesson in wanted[: limit or None]:
            with tempfile.TemporaryDirectory(prefix="film-") as folder:
                self.make(lesson, Path(folder))
        self.stdout.write("All demo films are made.")

    def make(self, lesson: LessonPage, folder: Path):
        deck = films.deck(lesson.slug)
        film = films.make(deck, folder)
        with film.path.open("rb") as file:
            video = library.add(file=File(file), name=f"{lesson.slug}.mp4", title=lesson.title, owner=None)
        for language, text in film.captions.items():
            captions.attach(video, language, text)
        paper = ContentFile(printing.slides_pdf(deck))
        slides = handouts.add(file=paper, name=f"{lesson.title}.pdf", owner=None)
        premieres.show(lesson, video, film, deck, slides=slides)
        log.info("film made", lesson=lesson.slug, seconds=round(film.duration))
