"""Pages in two languages: the switch leads to the same page where there is one, and learning is one record."""

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale, PageViewRestriction

from courses.models import CoursePage, LessonPage, LessonProgress
from tests import factories


@pytest.fixture
def english(db):
    return Locale.objects.get_or_create(language_code="en")[0]


@pytest.fixture
def both(home, english):
    """A course of two lessons; the course and its first lesson in English too."""
    course = factories.course(home, title="中文课程", lessons=2)
    for page, title in ((course, "English course"), (course.lessons().first(), "English lesson")):
        draft = page.copy_for_translation(english, copy_parents=True)
        draft.title = title
        draft.save_revision().publish()
    return course


@pytest.fixture
def translated(both, english):
    return CoursePage.objects.get(locale=english)


def test_each_language_has_its_address(both, translated, client):
    assert translated.url == f"/en{both.url}"
    assert "English course" in client.get(translated.url).content.decode()
    assert "中文课程" in client.get(both.url).content.decode()


def test_the_switch_leads_to_the_same_page(both, translated, client):
    assert f'href="{translated.url}" lang="en" hreflang="en"' in client.get(both.url).content.decode()
    assert f'href="{both.url}" lang="zh-CN" hreflang="zh-CN"' in client.get(translated.url).content.decode()


def test_the_switch_leads_home_where_there_is_no_such_page(both, client):
    second = list(both.lessons())[1]
    html = client.get(second.url).content.decode()
    assert 'href="/en/" lang="en" hreflang="en"' in html
    assert client.get(f"/en{second.url}").status_code == 404


def test_a_draft_translation_is_no_translation(both, translated, client):
    translated.unpublish()
    assert 'href="/en/" lang="en"' in client.get(both.url).content.decode()


def test_what_is_learnt_in_one_language_is_learnt_in_the_other(both, translated, client, learner):
    client.force_login(learner)
    client.post(f"/en/learn/course/{translated.pk}/join")
    enrolment = learner.enrolments.get()
    assert enrolment.course == both
    LessonProgress.objects.create(enrolment=enrolment, lesson=both.lessons().first(), completed_at=timezone.now())
    for page in (both, translated):
        assert client.get(page.url).content.decode().count("outline__state--done") == 1
    lesson = translated.lessons().first()
    assert "outline__state--done" in client.get(lesson.url).content.decode()


def test_a_lesson_without_translation_is_linked_in_its_own_language(both, translated, client, learner):
    client.force_login(learner)
    factories.enrolment(learner, both)
    html = client.get(translated.url).content.decode()
    assert f'href="{list(both.lessons())[1].url}"' in html
    assert "English lesson" in html


def test_the_order_of_lessons_holds_in_english_too(home, english, client, learner):
    course = factories.course(home, lessons=2, sequential=True)
    course.copy_for_translation(english, copy_parents=True).save_revision().publish()
    first, second = course.lessons()
    second.copy_for_translation(english).save_revision().publish()
    client.force_login(learner)
    factories.enrolment(learner, course)
    locked = LessonPage.objects.get(locale=english)
    refusal = client.get(locked.url)
    assert refusal.status_code == 403
    assert f'href="{first.url}"' in refusal.content.decode()


def test_the_translation_of_a_lesson_that_was_taken_down_is_gone_with_it(both, client, learner, editor, english):
    lesson = both.lessons().first()
    client.force_login(learner)
    factories.enrolment(learner, both)
    assert client.get(f"/en{lesson.url}").status_code == 200
    lesson.unpublish()
    assert client.get(lesson.url).status_code == client.get(f"/en{lesson.url}").status_code == 404
    client.logout()
    assert client.get(f"/en{lesson.url}").status_code == 404
    client.force_login(editor)
    draft = LessonPage.objects.get(translation_key=lesson.translation_key, locale=english)
    assert client.get(reverse("wagtailadmin_pages:view_draft", args=[draft.pk])).status_code == 200


def test_a_lesson_that_exists_in_english_only_is_open(translated, client):
    only = LessonPage(title="Only here", slug="only-here")
    translated.add_child(instance=only)
    assert client.get(only.url).status_code == 200


def test_records_hang_on_the_first_language(both, translated):
    assert translated.canonical() == both
    assert both.canonical() == both
    assert translated.lessons().first().canonical() == both.lessons().first()


def test_a_course_that_exists_in_english_only_keeps_its_own_record(both, english, translated):
    only = translated.get_parent().add_child(instance=CoursePage(title="Only English", slug="only", locale=english))
    assert only.canonical() == only


def test_an_address_with_strange_steps_is_404(both, client):
    for path in ("/cqo//", "/cqo/nowhere/", "/cqo/nowhere/deeper/still/and/more/", "/school/", "/en/cqo/nowhere/"):
        assert client.get(path).status_code in (301, 404), path


def test_a_page_that_is_kept_for_some_is_kept_from_others(both, client, learner):
    PageViewRestriction.objects.create(page=both, restriction_type=PageViewRestriction.LOGIN)
    assert client.get(both.url).status_code == 302
    assert client.get(both.lessons().first().url).status_code == 302
    client.force_login(learner)
    assert client.get(both.url).status_code == 200


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_document_says_its_language(both, translated, client, language):
    page = {"zh-hans": both, "en": translated}[language]
    lang = {"zh-hans": "zh-CN", "en": "en"}[language]
    assert f'<html lang="{lang}"' in client.get(page.url).content.decode()
