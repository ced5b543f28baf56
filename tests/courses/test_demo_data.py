"""The demo's words: complete in both languages, and free of the marks that typing leaves behind."""

import json
import re

import pytest

from courses import films, foundation

DEMO = films.DEMO
PAGES = foundation.REFERENCE / "pages.json"
SHIPPED = [*sorted(DEMO.glob("*.json")), films.STANDARDS, PAGES]
OUTLINE = json.loads((DEMO / "courses.json").read_text("utf-8"))
LESSONS = {lesson["id"] for course in OUTLINE["courses"] for lesson in course["lessons"]}
HALF_WIDTH = re.compile(r"[\u3400-\u9fff“”《》（）][,:;?!()]|[,:;?!()][\u3400-\u9fff“”《》]")
HAN = re.compile(r"[\u3400-\u9fff]")


def read(name):
    return json.loads((DEMO / name).read_text("utf-8"))


def texts(data):
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from texts(value)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_chinese_sentences_carry_full_width_marks(path):
    assert [text for text in texts(json.loads(path.read_text("utf-8"))) if HALF_WIDTH.search(text)] == []


def test_every_lesson_has_words_in_both_languages():
    english = read("courses.en.json")

    assert set(read("handouts.json")) == set(read("handouts.en.json")) == set(english["lessons"]) == LESSONS
    assert set(english["courses"]) == {course["id"] for course in OUTLINE["courses"]}
    assert set(english["programmes"]) == {programme["id"] for programme in OUTLINE["programmes"]}
    for course in OUTLINE["courses"]:
        assert len(english["courses"][course["id"]]["goals"]) == len(course["goals"])


@pytest.mark.parametrize("name", ["handouts.json", "handouts.en.json"])
def test_a_handout_has_a_lead_three_points_and_something_to_do(name):
    for lesson, handout in read(name).items():
        assert 2 <= len(handout["lead"]) <= 3, lesson
        assert len(handout["points"]) == 3, lesson
        assert len(handout["practice"]) > 20, lesson


def test_english_texts_hold_no_chinese():
    english = [read("courses.en.json")["courses"], read("courses.en.json")["lessons"], read("handouts.en.json")]
    rows = [
        *read("notices.json")["notices"],
        *json.loads(PAGES.read_text("utf-8"))["pages"],
        *read("trainers.json")["trainers"],
    ]
    english += [value for row in rows for key, value in row.items() if key.endswith("_en")]

    assert [text for text in texts(english) if HAN.search(text)] == []


def test_every_course_has_a_trainer_and_every_cited_standard_is_known():
    taught = [course for trainer in read("trainers.json")["trainers"] for course in trainer["courses"]]
    known = {standard["number"] for standard in json.loads(films.STANDARDS.read_text("utf-8"))["standards"]}
    cited = {number for course in OUTLINE["courses"] for lesson in course["lessons"] for number in lesson["standards"]}

    assert sorted(taught) == sorted(course["id"] for course in OUTLINE["courses"])
    assert cited <= known


def test_no_private_numbers():
    """The national hotline is the only telephone number; resident ID and mobile numbers have no place here."""
    long = re.compile(r"(?<![\d-])(?:1[3-9]\d{9}|\d{17}[\dX]|0\d{2,3}-\d{7,8})(?!\d)")
    found = [text for path in SHIPPED for text in texts(json.loads(path.read_text("utf-8"))) if long.search(text)]

    assert found == []
