"""An editor gives a film its chapters: times as people write them, every fault at its own field, nothing lost."""

import pytest
from django.urls import reverse
from wagtail.models import Locale, ReferenceIndex
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from courses import desk, standards
from courses.models import LessonPage, Standard
from tests import factories


@pytest.fixture
def office(client, admin):
    desk.prepare()
    client.force_login(admin)
    return client


@pytest.fixture
def lesson(course):
    return course.lessons().first()


@pytest.fixture
def standard(db):
    return Standard.objects.create(number="GB/T 19001-2016", title="质量管理体系 要求")


def fields(lesson, rows, *, blocks, initial=0):
    return nested_form_data(
        {
            "title": lesson.title,
            "slug": lesson.slug,
            "summary": "",
            "kind": "video",
            "credit_hours": "1",
            "minutes": "45",
            "must_watch": "on",
            "body": streamfield(blocks),
            "comments": inline_formset([]),
            "film_chapters": inline_formset(rows, initial=initial),
        }
    )


def save(office, lesson, chapters, *, video=None, publish=True):
    """The page that comes back with faults, or nothing when it was saved."""
    blocks = [("video", str((video or lesson.video).pk))] if video is not False else []
    initial = sum("id" in more for _, _, more in chapters)
    rows = [
        {"start_ms": start, "title": title, "standard": "", "clause": "", **more} for start, title, more in chapters
    ]
    data = fields(lesson, rows, blocks=blocks, initial=initial) | ({"action-publish": "1"} if publish else {})
    answer = office.post(reverse("wagtailadmin_pages:edit", args=[lesson.pk]), data)
    return answer.content.decode() if answer.status_code == 200 else ""


def kept(lesson):
    return list(LessonPage.objects.get(pk=lesson.pk).film_chapters.values_list("start_ms", "title"))


def test_chapters_are_kept_in_the_order_of_the_film_whatever_the_order_of_typing(office, lesson, standard):
    explained = {"standard": str(standard.pk), "clause": "8.3"}
    assert not save(office, lesson, [("1:05", "小结", {}), ("00:00", "缘由", {}), ("0:20.5", "设计和开发", explained)])
    assert kept(lesson) == [(0, "缘由"), (20_500, "设计和开发"), (65_000, "小结")]
    chapter = lesson.film_chapters.get(title="设计和开发")
    assert (chapter.standard, chapter.clause) == (standard, "8.3")


@pytest.mark.parametrize(
    ("chapters", "fault"),
    [
        ([("0:20", "甲", {}), ("00:20", "乙", {})], "begins at the same moment"),
        ([("1:40", "甲", {})], "over before this moment"),
        ([("20", "甲", {})], "12:40"),
        ([("twenty", "甲", {})], "12:40"),
        ([("-0:20", "甲", {})], "12:40"),
        ([("0:20", "甲", {"clause": "8.3"})], "Which standard"),
    ],
)
def test_each_fault_is_told_and_what_was_typed_stays(office, lesson, chapters, fault, settings):
    settings.LANGUAGE_CODE = "en"
    office.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    office.get(reverse("wagtailadmin_home"))
    html = save(office, lesson, chapters)
    assert html
    assert 'value="甲"' in html
    assert chapters[0][0] in html
    assert kept(lesson) == []


def test_a_lesson_without_a_film_has_no_chapters(office, lesson):
    assert save(office, lesson, [("0:20", "甲", {})], video=False)
    assert kept(lesson) == []


def test_a_film_that_is_still_prepared_takes_any_moment(office, lesson):
    video = factories.video("新片", seconds=None)
    assert not save(office, lesson, [("59:00", "甲", {})], video=video)
    assert kept(lesson) == [(3_540_000, "甲")]


def test_two_chapters_may_swap_their_places(office, lesson):
    save(office, lesson, [("0:10", "甲", {}), ("0:20", "乙", {})])
    first, second = lesson.film_chapters.all()
    assert not save(office, lesson, [("0:20", "甲", {"id": str(first.pk)}), ("0:10", "乙", {"id": str(second.pk)})])
    assert kept(lesson) == [(10_000, "乙"), (20_000, "甲")]


def test_a_draft_shows_learners_the_published_chapters(office, lesson, client):
    save(office, lesson, [("0:10", "甲", {})])
    save(office, lesson, [("0:10", "乙", {})], publish=False)
    assert kept(lesson) == [(10_000, "甲")]


def test_a_translation_takes_the_chapters_along(office, lesson):
    save(office, lesson, [("0:10", "甲", {})])
    english = Locale.objects.get_or_create(language_code="en")[0]
    page = LessonPage.objects.get(pk=lesson.pk).copy_for_translation(english, copy_parents=True)
    assert list(page.film_chapters.values_list("start_ms", "title")) == [(10_000, "甲")]
    assert kept(lesson) == [(10_000, "甲")]


def test_a_chapter_on_an_outdated_standard_is_up_for_review(office, lesson, standard):
    Standard.objects.filter(pk=standard.pk).update(status=Standard.Status.WITHDRAWN)
    save(office, lesson, [("0:10", "甲", {"standard": str(standard.pk)})])
    ReferenceIndex.create_or_update_for_object(LessonPage.objects.get(pk=lesson.pk))
    assert [each.pk for each in standards.lessons_to_review()] == [lesson.pk]


def test_a_standard_that_is_deleted_leaves_the_chapter(office, lesson, standard):
    save(office, lesson, [("0:10", "甲", {"standard": str(standard.pk), "clause": "8.3"})])
    standard.delete()
    assert kept(lesson) == [(10_000, "甲")]
