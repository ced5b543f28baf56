"""The list of standards is taken in once, editions know their successors, and what cites an old one is flagged."""

import json
from pathlib import Path

import pytest
from django.urls import reverse

from courses import desk, standards
from courses.models import LessonPage, Standard

ROWS = json.loads((Path(standards.__file__).parent / "reference/standards.json").read_text())["standards"]
OLD = {"number": "GB/T 19001-2008", "title": "质量管理体系 要求", "status": "被代替"}
NEW = {"number": "GB/T 19001-2016", "title": "质量管理体系 要求", "status": "现行", "replaces": "GB/T 19001-2008"}


@pytest.fixture
def cited(course):
    """A course whose first lesson cites the old edition in its list, its second on a card in the text."""
    standards.load([OLD, NEW])
    first, second, _ = course.lessons()
    old = Standard.objects.get(number=OLD["number"])
    first.standards.add(old)
    first.save_revision().publish()
    second.body.append(("standard", old))
    second.save_revision().publish()
    return course


def test_the_whole_list_is_loaded_with_its_statuses(db):
    assert standards.load(ROWS) == Standard.objects.count()
    assert Standard.objects.filter(number__in=[row["number"] for row in ROWS]).count() == len(ROWS) == 88
    assert Standard.objects.filter(status="unchecked").count() == 4
    assert Standard.objects.get(number="GB/T 19004-2020").status == Standard.Status.CURRENT


def test_loading_again_adds_nothing_and_keeps_an_editors_change(db):
    standards.load(ROWS)
    Standard.objects.filter(number="GB/T 19001-2016").update(status="superseded")
    assert standards.load(ROWS) == 0
    assert Standard.objects.get(number="GB/T 19001-2016").status == "superseded"


def test_an_update_takes_the_catalogues_word(db):
    standards.load([NEW])
    assert standards.load([{**NEW, "status": "废止"}], update=True) == 0
    assert Standard.objects.get(number=NEW["number"]).status == Standard.Status.WITHDRAWN


def test_an_edition_points_to_the_one_that_replaced_it(db):
    standards.load([OLD, NEW])
    assert Standard.objects.get(number=OLD["number"]).successor.number == NEW["number"]


def test_a_replaced_edition_that_nobody_entered_is_added_by_number(db):
    assert standards.load([NEW]) == 2
    old = Standard.objects.get(number="GB/T 19001-2008")
    assert (old.status, old.successor.number, old.title) == ("superseded", "GB/T 19001-2016", "")


def test_an_unknown_status_is_refused_and_nothing_is_loaded(db):
    with pytest.raises(standards.UnknownStatus, match="有效"):
        standards.load([OLD, {**NEW, "status": "有效"}])
    assert not Standard.objects.exists()


def test_a_course_that_cites_an_old_edition_is_flagged(cited):
    [review] = standards.outdated_courses()
    assert review.course == cited
    assert [lesson.title for lesson in review.lessons] == ["质量管理基础第1节", "质量管理基础第2节"]
    assert [standard.number for standard in review.standards] == ["GB/T 19001-2008"]


def test_a_course_that_cites_only_what_is_in_force_is_not_flagged(cited):
    Standard.objects.update(status="current")
    assert standards.outdated_courses() == []


def test_what_a_lesson_cites_in_its_list_and_on_its_cards_is_one_list(cited):
    first, second, third = cited.lessons()
    old = Standard.objects.get(number=OLD["number"])
    first.body.append(("standard", old))
    first.save_revision().publish()
    assert standards.cited_by([first, second, third]) == {first.pk: [old], second.pk: [old]}


def test_the_editor_of_a_flagged_lesson_says_so(cited, client, editor):
    desk.prepare()
    client.force_login(editor)
    page = client.get(reverse("wagtailadmin_pages:edit", args=[cited.lessons()[0].pk]))
    assert "GB/T 19001-2016" in next(str(message) for message in page.context["messages"])
    page = client.get(reverse("wagtailadmin_pages:edit", args=[cited.lessons()[2].pk]))
    assert list(page.context["messages"]) == []


def test_the_report_lists_the_lessons_to_review(cited, client, editor):
    desk.prepare()
    client.force_login(editor)
    page = client.get(reverse("standards_review"))
    assert [lesson.title for lesson in page.context["object_list"]] == ["质量管理基础第1节", "质量管理基础第2节"]
    Standard.objects.update(status="current")
    assert list(client.get(reverse("standards_review")).context["object_list"]) == []


def test_the_report_is_for_editors(cited, client, learner):
    client.force_login(learner)
    assert client.get(reverse("standards_review")).status_code == 302


def test_a_standard_shows_its_english_title_to_english_readers(db, settings):
    standard = Standard(number="X", title="质量", title_en="Quality")
    from django.utils import translation

    with translation.override("en"):
        assert standard.shown_title == "Quality"
    with translation.override("zh-hans"):
        assert standard.shown_title == "质量"
    assert LessonPage.objects.count() == 0
