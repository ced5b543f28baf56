"""The unified social credit code: all published vectors, and no single mistyped character goes unnoticed."""

import json
from pathlib import Path

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from lms import regions, uscc
from lms.models import Region

VECTORS = json.loads((Path(__file__).parent / "uscc_vectors.json").read_text(encoding="utf-8"))
GOOD = [vector["code"] for vector in VECTORS["valid"]]
DIGITS = "0123456789"


@pytest.fixture
def table(db):
    for vector in VECTORS["valid"]:
        code = vector["region"]
        Region.objects.get_or_create(code=code, valid_to=None, defaults={"name": code, "level": Region.Level.CITY})


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: vector["desc"])
def test_valid_codes_pass_and_tell_the_subject(vector, table):
    checked = uscc.check(vector["code"])
    assert checked == uscc.Checked(vector["code"], subject=vector["kind"])
    assert checked.usable


@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=lambda vector: vector["desc"])
def test_wrong_codes_are_refused_for_the_right_reason(vector, db):
    checked = uscc.check(vector["code"])
    assert [problem.kind for problem in checked.errors] == [vector["reason"]]
    assert checked.warnings == ()
    assert checked.subject == ""


@pytest.mark.parametrize("vector", VECTORS["warning"], ids=lambda vector: vector["desc"])
def test_doubtful_codes_are_usable_with_a_warning(vector, table):
    checked = uscc.check(vector["code"])
    assert checked.usable
    assert [problem.kind for problem in checked.warnings] == [vector["reason"]]


@pytest.mark.parametrize("vector", VECTORS["normalise"], ids=lambda vector: vector["input"])
def test_what_people_type_is_normalised(vector, table):
    assert uscc.check(vector["input"]) == uscc.Checked(vector["output"], subject="enterprise")


def test_messages_name_what_is_wrong(db):
    def message(code):
        with override("en"):
            return str(uscc.check(code).errors[0].message)

    assert "old 15-digit" in message("510100000012345")
    assert "17 were entered" in message("91510100DEMQ01379")
    assert "Character 10 is “O”" in message("91510100DOMQ01379A")
    assert "place of registration" in message("9151A100DEMQ01379A")
    assert "last character does not fit" in message("91510100DEMQ01379B")
    assert "business licence" in message("  ")


bodies = st.tuples(
    st.sampled_from(["91", "92", "93", "12", "11", "51", "52"]),
    st.sampled_from(["510100", "500112", "440300"]),
    st.text(uscc.ALPHABET, min_size=8, max_size=8),
).map("".join)


@given(bodies, st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
def test_any_single_wrong_character_is_caught(body, place, other):
    inner = body + uscc.inner_digit(body[8:])
    code = inner + uscc.outer_digit(inner)
    wrong = code[:place] + other + code[place + 1 :]
    # A wrong code is refused before the table of regions is asked, so no database is needed.
    if wrong != code:
        assert uscc.check(wrong).errors


@given(bodies, st.integers(0, 16))
def test_neighbours_that_changed_places_are_caught(body, place):
    inner = body + uscc.inner_digit(body[8:])
    code = inner + uscc.outer_digit(inner)
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if wrong != code:
        assert uscc.check(wrong).errors


@given(st.text(max_size=40))
def test_anything_may_be_typed(text):
    if len(uscc.normalise(text)) != uscc.LENGTH:
        assert [problem.kind for problem in uscc.check(text).errors] == ["length"]


@pytest.mark.parametrize(
    ("code", "city"),
    [
        ("91510722DEMQ00000X", "510700"),
        ("91510100DEMQ00000X", "510100"),
        ("12510000DEMQ00000X", ""),
        ("91500112DEMQ00000X", "500000"),
        ("91500000DEMQ00000X", "500000"),
        ("91440300DEMQ00000X", "OTHER"),
        ("91100000DEMQ00000X", ""),
        ("91990000DEMQ00000X", ""),
    ],
)
def test_the_place_of_registration_gives_the_city(code, city):
    assert regions.city_code_of(code) == city
