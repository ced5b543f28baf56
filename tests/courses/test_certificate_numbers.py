"""A number names one certificate, shows a slip of the pen, and is never given twice nor left out."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from courses import certificates, numbering
from courses.models import Certificate, CertificateSeries, SerialCounter
from tests import factories
from tests.courses import graduates

numbers = st.builds(
    numbering.number,
    code=st.text("ABCDEFGHIJKLMNOPQRSTUWXYZ", min_size=2, max_size=12),
    year=st.integers(2024, 2099),
    region=st.from_regex(r"[0-9]{6}", fullmatch=True).filter(str.isascii),
    serial=st.integers(1, 999_999),
)


class Broken(Exception):
    pass


@transaction.atomic
def issue_and_break(row):
    raise Broken(certificates.issue(row).number)


def test_a_number_tells_series_year_region_and_serial():
    number = numbering.number(code="CQO", year=2026, region="510000", serial=1)
    assert number[:-1] == "CQO202651000000001"
    assert numbering.is_sound(number)


@given(numbers)
def test_every_number_is_sound(number):
    assert numbering.is_sound(number)


@given(numbers, st.data())
def test_a_wrong_character_is_found(number, data):
    key = numbering.fold(number)
    place = data.draw(st.integers(0, len(key) - 1))
    other = data.draw(st.sampled_from([each for each in numbering.ALPHABET if each != key[place]]))
    assert not numbering.is_sound(key[:place] + other + key[place + 1 :])


@given(numbers, st.data())
def test_two_exchanged_characters_are_found(number, data):
    key = numbering.fold(number)
    place = data.draw(st.integers(0, len(key) - 2))
    swapped = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
    assert numbering.is_sound(swapped) == (swapped == key)


@pytest.mark.parametrize(
    "typed", ["cqo 2026 510000 00001", "ＣＱＯ２０２６－５１００００－００００１", "CQ0-2O26-5I0000-00001"]
)
def test_a_number_is_read_as_people_write_it(typed):
    number = numbering.number(code="CQO", year=2026, region="510000", serial=1)
    assert numbering.fold(typed + number[-1]) == numbering.fold(number)


@pytest.mark.parametrize("text", ["", "7", "张明远", "CQO202651000000001"])
def test_what_is_no_number_is_not_sound(text):
    assert not numbering.is_sound(text)


def test_serials_follow_one_another(home):
    programme = graduates.programme(home)
    made = certificates.issue_batch(graduates.completions(programme, 3))
    assert [row.serial for row in made] == [1, 2, 3]
    assert [row.serial for row in certificates.issue_batch(graduates.completions(programme, 2))] == [4, 5]
    assert SerialCounter.objects.get().last == 5


def test_each_series_counts_for_itself(home):
    first = graduates.programme(home)
    second = graduates.programme(home, series=factories.series("TQM"))
    rows = [graduates.completions(first, 1)[0], graduates.completions(second, 1)[0]]
    assert [row.serial for row in certificates.issue_batch(rows)] == [1, 1]


def test_a_serial_that_was_rolled_back_goes_to_the_next(home):
    programme = graduates.programme(home)
    lost, kept = graduates.completions(programme, 2)
    with pytest.raises(Broken):
        issue_and_break(lost)
    assert certificates.issue(kept).serial == 1
    assert Certificate.objects.count() == 1


def test_a_year_with_more_than_99999_certificates(home):
    programme = graduates.programme(home)
    year = graduates.now().year
    SerialCounter.objects.create(series=programme.series, year=year, last=99_998)
    made = certificates.issue_batch(graduates.completions(programme, 2))
    assert [row.serial for row in made] == [99_999, 100_000]
    assert made[1].number[:-1] == f"CQO{year}510000100000"
    assert numbering.is_sound(made[1].number)


@pytest.mark.parametrize("code", ["cqo", "C", "CQO1", "首席", "CQO-A", "CQV", "CQO\n"])
def test_a_series_is_named_by_letters_that_nobody_confuses(code):
    with pytest.raises(ValidationError):
        CertificateSeries._meta.get_field("code").clean(code, None)


def test_two_series_never_fold_to_the_same_number():
    allowed = [chr(point) for point in range(ord("A"), ord("Z") + 1) if chr(point) != "V"]
    assert len({numbering.fold(letter) for letter in allowed}) == len(allowed)
    assert CertificateSeries._meta.get_field("code").clean("CQO", None) == "CQO"
