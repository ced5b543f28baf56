"""The catalogue finds a course by words and by facets; its address says everything; its queries do not grow."""

import re

import pytest
from django.db import transaction
from django.urls import reverse

from courses import catalogue
from courses.catalogue import Narrowing
from courses.models import CoursePage
from tests.courses import curriculum

ALL = [
    "chain-hydrogen",
    "cqo-foundation",
    "excellence-brand",
    "improve-tools",
    "nqi-basics",
    "std-qms",
    "tqm-basics",
]


@pytest.fixture(scope="module")
def school(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        curriculum.build()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def find(school, db):
    return lambda **asked: catalogue.find(Narrowing(**asked), language="zh-hans")


def slugs(found):
    return [entry.course.slug for entry in found.entries]


def counts(found, name):
    [facet] = [facet for facet in found.facets if facet.name == name]
    return {choice.value: choice.count for choice in facet.choices}


def test_without_a_question_every_course_is_listed_with_what_its_card_says(find):
    found = find()
    assert sorted(slugs(found)) == ALL
    [entry] = [entry for entry in found.entries if entry.course.slug == "tqm-basics"]
    assert (entry.track, entry.lessons, entry.hours) == ("tqm", 8, 10)
    assert [trainer.name for trainer in entry.trainers] == ["陈立群"]
    assert sum(entry.hours for entry in found.entries) == 54


def test_a_standard_number_finds_the_courses_with_the_lessons_that_cite_it(find):
    found = find(q="19001")
    assert slugs(found) == ["std-qms", "tqm-basics"]  # more lessons first
    assert [len(entry.hits) for entry in found.entries] == [6, 1]
    assert found.lesson_hits == 7
    assert [standard.number for standard in found.standards] == ["GB/T 19001-2016", "GB/T 19001-2008"]


def test_a_course_that_holds_the_words_itself_comes_first(find):
    assert slugs(find(q="质量基础设施"))[0] == "nqi-basics"


def test_within_a_facet_any_value_will_do_and_facets_add_up(find):
    assert sorted(slugs(find(tracks=("cqo", "chain")))) == ["chain-hydrogen", "cqo-foundation", "excellence-brand"]
    assert slugs(find(tracks=("cqo",), levels=("advanced",))) == ["excellence-brand"]
    assert slugs(find(tracks=("std",), levels=("advanced",))) == []
    assert slugs(find(chains=("C01",))) == ["chain-hydrogen"]
    assert slugs(find(standards=("GB/T 19580-2012",))) == ["excellence-brand"]


def test_a_count_says_what_choosing_it_would_show(find):
    found = find(tracks=("cqo",))
    assert counts(found, "track") == {"cqo": 2, "std": 2, "tqm": 2, "chain": 1}
    assert counts(found, "level") == {"basic": 1, "advanced": 1, "special": 0}
    for level, count in counts(found, "level").items():
        assert len(find(tracks=("cqo",), levels=(level,)).entries) == count


def test_a_value_that_does_not_exist_finds_nothing(find):
    assert slugs(find(tracks=("nowhere",))) == []
    assert slugs(find(standards=("GB/T 0-0",))) == []


def test_sorting_by_hours_puts_the_shortest_first(find):
    assert [int(entry.hours) for entry in find(sort="hours").entries] == [4, 6, 7, 8, 9, 10, 10]


def test_an_old_edition_names_its_successor(find):
    found = find(q="19001-2008")
    assert slugs(found) == []
    assert [(each.number, each.successor.number) for each in found.standards] == [
        ("GB/T 19001-2008", "GB/T 19001-2016")
    ]


def test_drafts_are_not_listed_and_not_found(find):
    course = CoursePage.objects.get(slug="tqm-basics")
    course.lessons().filter(slug="tqm-basics-06").update(live=False)
    assert find(q="质量成本").entries == []
    CoursePage.objects.filter(pk=course.pk).update(live=False)
    assert sorted(slugs(find())) == [slug for slug in ALL if slug != "tqm-basics"]


def test_the_page_marks_what_was_searched_for_and_counts_it(school, db, client):
    page = client.get(reverse("catalogue"), {"q": "19001"})
    assert page.context["count_words"] == "2 门课程，7 节讲到“19001”" or "2 courses" in page.context["count_words"]
    html = page.content.decode()
    assert html.count("<mark>19001</mark>") >= 4
    assert 'value="19001"' in html


def test_the_address_carries_every_choice_and_each_can_be_taken_away(school, db, client):
    page = client.get("/courses/", {"q": "质量", "track": ["cqo", "tqm"], "level": "basic", "sort": "hours"})
    narrowing = page.context["narrowing"]
    assert (narrowing.q, narrowing.tracks, narrowing.levels) == ("质量", ("cqo", "tqm"), ("basic",))
    urls = [item["url"] for item in page.context["chosen"]]
    assert len(urls) == 3
    without = client.get(urls[0]).context["narrowing"]
    assert (without.q, without.tracks, without.sort) == ("质量", ("tqm",), "hours")


def test_what_a_reader_types_is_text_and_never_markup(school, db, client):
    html = client.get("/courses/", {"q": '<script>alert("质量")</script>'}).content.decode()
    assert "<script>alert" not in html


def test_strange_addresses_are_answered_calmly(school, db, client):
    for query in ("?page=99", "?page=x", "?sort=nonsense", "?track=&level=", "?q=" + "质" * 500, "?q=%00"):
        assert client.get(f"/courses/{query}").status_code == 200


def test_nothing_found_says_so_and_offers_all_courses(school, db, client):
    html = client.get("/courses/", {"q": "区块链"}).content.decode()
    assert 'class="empty-state"' in html
    assert re.search(r'<a class="button" href="/courses/">', html)


def test_an_anonymous_catalogue_sets_no_cookie_and_holds_no_token(school, db, client):
    page = client.get("/courses/", {"q": "质量"})
    assert not page.cookies
    assert "csrfmiddlewaretoken" not in page.content.decode()
