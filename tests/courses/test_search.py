"""Chinese is found: two characters, single ones, standard numbers however they are typed, mixed and full-width text."""

import json
import re
import unicodedata
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import Page
from wagtail.search.backends import get_search_backend
from wagtail.search.query import Or, Phrase, PlainText

from courses import search
from courses.models import CoursePage, CourseTrainer, LessonPage, Standard, Trainer
from tests import factories
from tests.courses import curriculum

QUERIES = json.loads((Path(__file__).parent / "data/queries.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def school(django_db_setup, django_db_blocker):
    """The demo curriculum, built once for this file and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        curriculum.build()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def found(school, db):
    def slugs(query):
        return sorted(
            page.slug
            for model in (CoursePage, LessonPage)
            for page in model.objects.live().search(query, order_by_relevance=False)
        )

    return slugs


def plain(text):
    """The independent, simple-minded view: no spaces, slashes, points or hyphens; small letters."""
    return re.sub(r"[\s/.\-]+", "", unicodedata.normalize("NFKC", text).casefold())


def texts():
    numbers = {row["number"]: row for row in json.loads(curriculum.STANDARDS.read_text("utf-8"))["standards"]}
    for course in curriculum.outline():
        parts = [course["title"], course["summary"], *course["goals"], "、".join(course["audience"])]
        yield course["id"], [*parts, *curriculum.TRAINERS[course["id"]]]
        for lesson in course["lessons"]:
            cited = [numbers[number] for number in lesson["standards"]]
            parts = [part for row in cited for part in (row["number"], row["title"], row.get("adopts", ""))]
            yield lesson["id"], [lesson["title"], lesson["summary"], *parts]


def test_the_hundred_expectations_are_the_plain_truth():
    """What is expected is not what the search happens to find: every word of the query stands in the text."""
    lines = {key: "|".join(map(plain, parts)) for key, parts in texts()}
    assert len(QUERIES) == 100
    for row in QUERIES:
        words = [
            plain(word) for word in re.split(r"[\s、：（）“”:]+", unicodedata.normalize("NFKC", row["query"])) if word
        ]
        truth = sorted(key for key, line in lines.items() if all(word in line for word in words))
        assert row["finds"] == truth, row["query"]


@pytest.mark.parametrize("row", QUERIES, ids=lambda row: row["query"])
def test_each_of_the_hundred_queries_finds_exactly_what_holds_it(found, row):
    assert found(row["query"]) == row["finds"]


@pytest.mark.parametrize("query", ["", " ", "，", "--", "???", "“”"])
def test_a_query_without_a_word_finds_nothing(found, query):
    assert found(query) == []


@pytest.mark.parametrize(
    "query", ["'", '"', "质量'", '质量" OR "标准', "a:*", "NOT 质量", "质量 & !标准", "%s %d", "\\", "(质量"]
)
def test_what_means_something_to_a_database_is_only_text(found, query):
    assert set(found(query)) <= set(found("质量"))


def test_a_piece_from_the_middle_of_a_number_is_no_hit(found):
    assert found("9580") == []


def test_pages_are_found_while_their_name_is_typed(school, db):
    assert [page.slug for page in Page.objects.autocomplete("任职基")] == ["cqo-foundation"]
    assert {standard.number for standard in get_search_backend().autocomplete("19580", Standard)} == {
        "GB/T 19580-2004",
        "GB/T 19580-2012",
    }


def test_queries_of_other_kinds_keep_working(school, db):
    either = LessonPage.objects.search(Or([PlainText("电解槽"), PlainText("擂台")]))
    assert {page.slug for page in either} == {"chain-hydrogen-02", "improve-tools-07"}
    assert [page.slug for page in LessonPage.objects.search(Phrase("质量成本"))] == ["tqm-basics-06"]
    any_of = LessonPage.objects.search("电解槽 擂台", operator="or")
    assert {page.slug for page in any_of} == {"chain-hydrogen-02", "improve-tools-07"}
    without = CoursePage.objects.search(~PlainText("质量"))
    assert [page.slug for page in without] == []


def test_a_title_that_was_changed_is_found_by_its_new_words_only(home):
    course = factories.course(home, title="旧名称甲乙")
    course.title = "新名称丙丁"
    course.save_revision().publish()
    assert [page.pk for page in CoursePage.objects.search("丙丁")] == [course.pk]
    assert not CoursePage.objects.search("甲乙")


@pytest.mark.parametrize("written", ["GB19001", "gb 19001", "GBT19001", "GB/T19001", "ＧＢ１９００１", "19001"])
def test_a_number_is_found_however_it_is_written(home, written):
    course = factories.course(home, title="GB/T 19001-2016 怎样用")
    assert [page.pk for page in CoursePage.objects.search(written)] == [course.pk]


def test_a_renamed_trainer_or_standard_is_found_by_the_new_name(home, client, admin):
    course = factories.course(home, title="甲", lessons=1)
    trainer = Trainer.objects.create(name="欧阳甲乙")
    course.trainers = [CourseTrainer(trainer=trainer)]
    course.save_revision().publish()
    standard = Standard.objects.create(number="GB/T 66666-2026", title="甲标准")
    lesson = course.lessons().first()
    lesson.standards.add(standard)
    lesson.save_revision().publish()
    client.force_login(admin)
    for kind, row, fields in (
        ("trainer", trainer, {"name": "司徒丙丁"}),
        ("standard", standard, {"number": "GB/T 77777-2026", "title": "乙", "status": "current"}),
    ):
        client.post(reverse(f"wagtailsnippets_courses_{kind}:edit", args=[row.pk]), fields)
    assert [page.pk for page in CoursePage.objects.search("司徒")] == [course.pk]
    assert not CoursePage.objects.search("欧阳")
    assert [page.pk for page in LessonPage.objects.search("77777")] == [lesson.pk]


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("质量", "质量 量"),
        ("首席质量官", "首席 席质 质量 量官 官"),
        ("GB/T 19001-2016 要求", "gb t 19001 2016 gbt 19001 2016 要求 求"),
        ("QC小组", "qc 小组 组"),
        ("ＱＣ小组", "qc 小组 组"),
        ("5S、目视化", "5 s 目视 视化 化"),
        ("体系 要求", "体系 系要 要求 求"),
        ("", ""),
    ],
)
def test_what_the_index_stores(text, stored):
    assert search.indexed(text) == stored


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("引用 GB/T 19001-2016", "19001", "引用 GB/T <mark>19001</mark>-2016"),
        ("引用 GB/T 19001-2016", "gbt19001", "引用 <mark>GB/T 19001</mark>-2016"),
        ("首席质量官", "质量", "首席<mark>质量</mark>官"),
        ("质量管理与质量官", "质量 官", "<mark>质量</mark>管理与<mark>质量官</mark>"),
        ("ＱＣ小组", "qc", "<mark>ＱＣ</mark>小组"),
        ("IATF 16949:2016", "16", "IATF <mark>16</mark>949:2016"),
        ("<b>质量</b>", "质量", "&lt;b&gt;<mark>质量</mark>&lt;/b&gt;"),
        ("质量", "", "质量"),
        ("质量", "计量", "质量"),
    ],
)
def test_hits_are_marked_and_the_rest_is_escaped(text, query, marked):
    assert search.mark(text, query) == marked


def test_a_text_holds_a_query_when_it_holds_all_its_words():
    assert search.holds("质量管理体系 要求", "体系 质量")
    assert not search.holds("质量管理体系 要求", "体系 计量")


CHARACTERS = st.sampled_from("质量管理体系标准GBTgbt019 -/.、（QC小组")


@given(st.text(CHARACTERS, max_size=30), st.text(CHARACTERS, max_size=6))
def test_marks_never_change_the_words(text, query):
    bare = re.sub("</?mark>", "", search.mark(text, query))
    assert bare == text
    spans = search.spans(text, query)
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(spans[at][1] < spans[at + 1][0] for at in range(len(spans) - 1))


@given(st.text(CHARACTERS, max_size=30), st.integers(0, 29), st.integers(1, 5))
def test_any_piece_of_chinese_is_among_the_pairs_in_order(text, start, length):
    """A piece of a Chinese run is a run of the pairs that the index stores for it."""
    run = re.sub("[^质量管理体系标准小组]", "", text)
    piece = run[start : start + length]
    if piece:
        stored = f" {search.indexed(run)} "
        [tokens] = search.words(piece)
        assert f" {' '.join(tokens)}" in stored
