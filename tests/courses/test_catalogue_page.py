"""The catalogue's page: languages, pages of results, the reader's own state, a fixed number of queries."""

import pytest
from wagtail.models import Locale

from courses import catalogue
from courses.catalogue import Narrowing
from courses.models import CoursePage, Standard
from tests import factories
from tests.courses import curriculum


def test_a_course_without_an_english_page_is_not_in_the_english_catalogue(home):
    both = factories.course(home, title="两种语言")
    factories.course(home, title="只有中文")
    english = Locale.objects.get_or_create(language_code="en")[0]
    both.copy_for_translation(english, copy_parents=True)
    draft = CoursePage.objects.get(locale=english)
    draft.title = "Both languages"
    draft.save_revision().publish()
    found = catalogue.find(Narrowing(), language="en")
    assert [entry.course.title for entry in found.entries] == ["Both languages"]
    chinese = catalogue.find(Narrowing(), language="zh-hans")
    assert [entry.course.title for entry in chinese.entries] == ["两种语言", "只有中文"]


def test_only_get_is_answered(client, db):
    assert client.post("/courses/").status_code == 405


def test_more_than_ten_courses_go_over_pages(home, client):
    for number in range(12):
        factories.course(home, title=f"第{number}门", lessons=0)
    first = client.get("/courses/")
    assert len(first.context["page_obj"].object_list) == 10
    second = client.get("/courses/?page=2")
    assert [entry.course.title for entry in second.context["page_obj"]] == ["第10门", "第11门"]


def test_a_learner_sees_how_far_each_course_is(home, client, learner):
    begun, other = factories.course(home, title="开始了"), factories.course(home, title="没有开始")
    factories.enrolment(learner, begun)
    client.force_login(learner)
    entries = client.get("/courses/").context["page_obj"].object_list
    assert {entry.course.pk: bool(entry.state) for entry in entries} == {begun.pk: True, other.pk: False}


@pytest.mark.parametrize("courses", [1, 3])
def test_the_queries_of_a_search_do_not_grow(home, client, django_assert_num_queries, courses):
    standard = Standard.objects.create(number="GB/T 19001-2016", title="质量管理体系 要求")
    for number in range(courses):
        course = factories.course(home, title=f"课程{number}", lessons=2)
        for lesson in course.lessons():
            lesson.standards.add(standard)
            lesson.save_revision().publish()
    curriculum.index()
    client.get("/courses/", {"q": "19001"})  # fills what is cached: the school's facts, types of content
    with django_assert_num_queries(15):
        client.get("/courses/", {"q": "19001"})
    with django_assert_num_queries(8):
        client.get("/courses/")


def test_narrowing_in_place_leaves_a_clean_address(home, client):
    page = client.get("/courses/?q=&track=tqm&sort=&level=", headers={"HX-Request": "true"})
    assert page["HX-Push-Url"] == "/courses/?track=tqm"
    assert client.get("/courses/?q=", headers={"HX-Request": "true"})["HX-Push-Url"] == "/courses/"
    assert "HX-Push-Url" not in client.get("/courses/?track=tqm")
