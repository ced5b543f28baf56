"""The catalogue as JSON: public, kept by caches, in the language that was asked for."""

import pytest
from django.db import transaction
from wagtail.models import Locale

from courses.models import CoursePage
from tests import factories
from tests.courses import curriculum


@pytest.fixture(scope="module")
def school(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        curriculum.build()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def get(school, db, client):
    return lambda path, **query: client.get(f"/api/v1{path}", query)


def test_every_course_is_listed_with_hours_and_standards(get):
    answer = get("/courses")
    assert answer["Cache-Control"] == "public, max-age=60"
    assert not answer.cookies
    data = answer.json()
    assert data["count"] == 7
    assert sum(course["credit_hours"] for course in data["courses"]) == 54
    [quality] = [course for course in data["courses"] if course["slug"] == "tqm-basics"]
    assert (quality["track"], quality["lessons"], quality["trainers"]) == ("tqm", 8, ["陈立群"])
    assert "GB/T 19001-2016" in quality["standards"]


def test_a_search_names_the_lessons_that_hold_the_words(get):
    data = get("/courses", q="19001").json()
    assert [(course["slug"], len(course["hits"])) for course in data["courses"]] == [("std-qms", 6), ("tqm-basics", 1)]
    assert [standard["number"] for standard in data["standards"]] == ["GB/T 19001-2016", "GB/T 19001-2008"]
    assert data["standards"][1]["replaced_by"] == "GB/T 19001-2016"


def test_facets_narrow_and_count(get):
    data = get("/courses", track=["cqo", "chain"], level="basic").json()
    assert [course["slug"] for course in data["courses"]] == ["cqo-foundation"]
    assert {choice["value"]: choice["count"] for choice in data["facets"]["level"]} == {
        "basic": 1,
        "advanced": 1,
        "special": 1,
    }


def test_one_course_brings_its_outline_and_its_rule(get):
    data = get("/courses/cqo-foundation").json()
    assert [lesson["slug"] for lesson in data["outline"]] == [f"cqo-foundation-0{number}" for number in range(1, 7)]
    assert (data["threshold"], data["max_rate"], data["sequential"]) == (90, 1.5, False)


def test_a_course_that_is_not_there_or_not_published_is_404(get):
    assert get("/courses/nowhere").status_code == 404
    CoursePage.objects.filter(slug="tqm-basics").update(live=False)
    answer = get("/courses/tqm-basics")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_search_that_is_too_long_is_refused_in_words(get):
    answer = get("/courses", q="质" * 101)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_request")


def test_programmes_say_what_they_ask(school, db, client):
    courses = {course.slug: course for course in CoursePage.objects.all()}
    factories.programme(
        factories.home(),
        [courses["cqo-foundation"]],
        electives=[courses["tqm-basics"]],
        elective_min=1,
        min_hours=factories.hours(18),
    )
    [programme] = client.get("/api/v1/programmes").json()
    assert [(part["title"], part["required"]) for part in programme["courses"]] == [
        ("首席质量官任职基础", True),
        ("全面质量管理", False),
    ]
    assert (programme["electives_needed"], programme["credit_hours_needed"], programme["exam"]) == (1, 18.0, False)


def test_english_is_asked_for_by_the_header_and_lists_english_pages_only(school, db, client):
    english = Locale.objects.get_or_create(language_code="en")[0]
    CoursePage.objects.get(slug="tqm-basics").copy_for_translation(english, copy_parents=True)
    draft = CoursePage.objects.get(slug="tqm-basics", locale=english)
    draft.title = "Total quality management"
    draft.save_revision().publish()
    data = client.get("/api/v1/courses", headers={"Accept-Language": "en"}).json()
    assert [(course["title"], course["trainers"]) for course in data["courses"]] == [
        ("Total quality management", ["Chen Liqun"])
    ]
    assert client.get("/api/v1/courses").json()["count"] == 7
