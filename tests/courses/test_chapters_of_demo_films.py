"""Demo films have chapters: one for each slide, headed as it is, from the moment at which the film shows it."""

from pathlib import Path

import pypdf
import pytest
from django.core.files.base import ContentFile
from wagtail.models import Locale

from courses import films, premieres, printing
from courses.models import LessonPage, Standard
from media import handouts
from tests import factories

DECK = {"seed": "tqm-basics-03", "diagram": {"title": "PDCA 循环"}}
STARTS = [(0.0, "片头"), (3.217, "缘由"), (20.5, "要点"), (40.0, "图解"), (60.0, "自查"), (70.0, "小结")]


@pytest.fixture
def lesson(course):
    page = factories.lesson(course, title="过程方法与PDCA循环", with_video=False)
    page.slug = "tqm-basics-03"
    page.standards.add(Standard.objects.create(number="GB/T 19001-2016", title="质量管理体系 要求"))
    page.save_revision().publish()
    return LessonPage.objects.get(pk=page.pk)


@pytest.fixture
def film():
    return films.Film(path=Path("film.mp4"), captions={}, duration=80.0, chapters=STARTS)


def test_a_film_brings_its_chapters_in_every_language(lesson, film):
    english = Locale.objects.get_or_create(language_code="en")[0]
    twin = lesson.copy_for_translation(english, copy_parents=True)
    twin.title = "The process approach and PDCA"
    twin.save_revision().publish()
    video = factories.video("过程方法", seconds=80)
    slides = handouts.add(file=ContentFile(b"%PDF-1.7 slides"), name="过程方法.pdf", owner=None)
    premieres.show(lesson, video, film, DECK, slides=slides)
    shown = {page.locale.language_code: page for page in LessonPage.objects.filter(slug__startswith="tqm-basics-03")}
    chinese = [(chapter.start_ms, chapter.title) for chapter in shown["zh-hans"].film_chapters.all()]
    assert chinese == [
        (0, "过程方法与PDCA循环"),
        (3217, "这一课解决什么问题"),
        (20_500, "记住要点"),
        (40_000, "PDCA 循环"),
        (60_000, "停一下，想一想"),
        (70_000, "答案与小结"),
    ]
    titles = [chapter.title for chapter in shown["en"].film_chapters.all()]
    assert titles[0] == "The process approach and PDCA"
    assert all(title.isascii() for title in titles)
    assert {page.video for page in shown.values()} == {video}
    papers = {code: page.body[-1].value for code, page in shown.items()}
    assert {paper["file"] for paper in papers.values()} == {slides}
    assert papers["zh-hans"]["title"] == "本节幻灯片"


def test_the_slides_are_a_paper_to_keep():
    paper = ContentFile(printing.slides_pdf(films.deck("tqm-basics-03")))
    assert handouts.check(paper, "过程方法.pdf") == ".pdf"
    paper.seek(0)
    assert len(pypdf.PdfReader(paper).pages) == 6
    assert paper.size < 3_000_000


def test_the_main_slide_names_the_clause_it_explains(lesson, film):
    made = premieres.chapters(film, DECK, lesson)
    assert [(chapter.standard.number, chapter.clause) for chapter in made if chapter.standard] == [
        ("GB/T 19001-2016", "4.4")
    ]


def test_every_scene_of_every_deck_has_a_heading(lesson):
    for course in films._read(films.DEMO / "courses.json")["courses"]:
        for row in course["lessons"]:
            deck = films.deck(row["id"])
            scenes = [scene.title for scene in films.scenes(deck)]
            told = films.Film(path=Path("x"), captions={}, duration=9, chapters=[(n, s) for n, s in enumerate(scenes)])
            titles = [chapter.title for chapter in premieres.chapters(told, deck, lesson)]
            assert len(set(titles)) == len(scenes) >= 5
            assert all(titles)
