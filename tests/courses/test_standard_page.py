"""The page of a standard: its edition, and the lessons and chapters that explain it."""

import pytest
from django.urls import reverse
from django.utils import translation
from wagtail.models import Locale

from courses import standards
from courses.models import ChapterPage, FilmChapter, LessonPage, Standard
from tests import factories


@pytest.fixture
def standard(db):
    return Standard.objects.create(
        number="GB/T 19001-2016", title="质量管理体系 要求", adopts="ISO 9001:2015", degree="IDT"
    )


@pytest.fixture
def lesson(course, standard):
    page = course.lessons().first()
    page.film_chapters = [
        FilmChapter(start_ms=20_500, title="设计和开发", standard=standard, clause="8.3"),
        FilmChapter(start_ms=0, title="缘由"),
    ]
    page.save_revision().publish()
    return LessonPage.objects.get(pk=page.pk)


def html(client, standard):
    return client.get(reverse("standard", args=[standard.pk])).content.decode()


def treated(standard, language="zh-hans"):
    return [(each.lesson.pk, len(each.chapters)) for each in standards.treatments(standard, language=language)]


def test_it_leads_to_the_chapter_that_explains_the_clause(lesson, standard, client):
    page = html(client, standard)
    assert "GB/T 19001-2016" in page
    assert "ISO 9001:2015" in page
    assert f'href="{lesson.get_url()}?t=20.5"' in page
    assert "设计和开发" in page
    assert "8.3" in page
    assert "缘由" not in page
    assert lesson.course.title in page


def test_lessons_are_found_by_list_by_card_and_by_chapter_once_each(lesson, course, standard):
    listed = factories.lesson(course, title="列出的一节")
    listed.standards.add(standard)
    listed.save_revision().publish()
    within = course.add_child(instance=ChapterPage(title="第一章", slug="chapter"))
    card = factories.lesson(within, title="卡片的一节", body=[("standard", standard)])
    lesson.standards.add(standard)
    lesson.save_revision().publish()
    assert treated(standard) == [(lesson.pk, 1), (listed.pk, 0), (card.pk, 0)]


def test_what_is_not_published_is_not_listed(lesson, standard, client):
    lesson.unpublish()
    assert treated(standard) == []
    assert lesson.title not in html(client, standard)


def test_each_language_lists_its_own_lessons(lesson, standard, client):
    english = Locale.objects.get_or_create(language_code="en")[0]
    twin = lesson.copy_for_translation(english, copy_parents=True)
    twin.title = "Design and development"
    twin.save_revision().publish()
    assert treated(standard, "en") == [(twin.pk, 1)]
    assert treated(standard) == [(lesson.pk, 1)]
    with translation.override("en"):
        assert "Design and development" in html(client, standard)


def test_an_old_edition_leads_to_the_one_in_force(lesson, standard, client):
    old = Standard.objects.create(number="GB/T 19001-2008", status=Standard.Status.SUPERSEDED, successor=standard)
    page = html(client, old)
    assert reverse("standard", args=[standard.pk]) in page
    assert reverse("standard", args=[old.pk]) in html(client, standard)


def test_lessons_and_catalogue_lead_to_it(lesson, standard, client, learner):
    address = reverse("standard", args=[standard.pk])
    assert address in client.get("/courses/", {"q": "19001"}).content.decode()
    factories.enrolment(learner, lesson.course)
    client.force_login(learner)
    assert address in client.get(lesson.url).content.decode()


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 18])
def test_a_standard_that_is_not_there_is_not_found(client, db, pk):
    assert client.get(f"/standards/{pk}/").status_code == 404


def test_the_queries_do_not_grow_with_the_lessons(lesson, standard, course, django_assert_num_queries):
    for _ in range(3):
        page = factories.lesson(course)
        page.standards.add(standard)
        page.film_chapters = [FilmChapter(start_ms=0, title="甲", standard=standard)]
        page.save_revision().publish()
    standard = Standard.objects.get(pk=standard.pk)
    standards.treatments(standard, language="zh-hans")
    with django_assert_num_queries(5):
        assert len(standards.treatments(standard, language="zh-hans")) == 4
