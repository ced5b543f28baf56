"""Names as people really have them: long, rare, mixed, or full of signs. They are printed, or a person is asked."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses import faces, printing
from tests.courses.test_printing import ORIENTATIONS, SHEET, faces_in, text_of


def printed(**changes):
    return text_of(printing.certificate(replace(SHEET, **changes))).replace("\n", "")


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize(
    "name",
    [
        "阿卜杜拉·买买提",
        "阿卜杜热西提·买买提吐尔逊·阿不都克里木",
        "欧阳慕容司马",
        "㛃祥",
        "𠮷田",
        "王Anna",
        "JOHN O'NEILL-MÜLLER",
        "刘 洋",
    ],
)
def test_a_real_name_is_printed_whole(name, orientation):
    assert name in printed(name=name, orientation=orientation)


@pytest.mark.parametrize(
    "name",
    [
        "#set page(fill: red)",
        "$x^2$",
        "*粗* _斜_",
        "`代码`",
        r"\u{5b57}\ 李",
        "[李]",
        "</text><b>李",
        "@李<ref>",
        "李//王",
        "{{ name }}",
    ],
)
def test_signs_in_a_name_are_letters_and_no_markup(name):
    assert name in printed(name=name)


@pytest.mark.parametrize("character", ["\U0002b740", "\U00030000", "\U000323af", "😀", "བ", "\ue000"])
@pytest.mark.parametrize("field", ["name", "enterprise", "programme", "title"])
def test_a_character_without_a_glyph_goes_to_a_person(character, field):
    with pytest.raises(printing.Unprintable) as refusal:
        printing.certificate(replace(SHEET, **{field: f"李{character}明"}))

    assert refusal.value.characters == [character]
    assert f"U+{ord(character):04X}" in str(refusal.value)


@pytest.mark.parametrize("character", ["\x00", "\x07", "\n", "\t", "\u200b", "\u202e", "\u2028", "\ufeff", "\ud800"])
def test_a_character_that_cannot_be_seen_goes_to_a_person(character):
    with pytest.raises(printing.Unprintable) as refusal:
        printing.certificate(replace(SHEET, name=f"李{character}明"))

    assert refusal.value.characters == [character]


def test_all_missing_characters_are_named_once():
    with pytest.raises(printing.Unprintable) as refusal:
        printing.certificate_png(replace(SHEET, name="\U0002b740李\U0002b740", issuers=("局", "院\U00030000")))

    assert refusal.value.characters == ["\U0002b740", "\U00030000"]


def test_a_name_with_one_rare_character_is_set_in_one_face():
    """The serif face lacks it, so that the whole name is set in the other; nothing else on the page is."""
    pdf = printing.certificate(replace(SHEET, name="𠮷田"))

    assert faces_in(pdf) == ["NotoSansCJKsc-Regular", "NotoSerifSC-Regular"]
    assert not faces.serif("𠮷田")
    assert faces.serif("吉田")


def test_a_very_long_enterprise_stays_on_one_page():
    firm = (
        "示范省川南老工业基地装备制造与新材料产业链质量基础设施一站式服务中心（示范省质量和标准化研究院川南分院）" * 2
        + "首席质量官工作站"
    )
    programme = "首席质量官能力提升班（中小燃机产业链专题，2024年第三期，线上线下结合）"

    for orientation in ORIENTATIONS:
        text = printed(enterprise=firm, programme=programme, result="合格（87分）", orientation=orientation)
        assert firm in text
        assert programme in text
        assert SHEET.number in text


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6))
def test_whatever_is_typed_is_printed_or_refused(name):
    """The fonts' tables and the printer agree: what the tables allow, the printer, which refuses boxes, prints."""
    sheet = replace(SHEET, name=name)
    if faces.missing([name]):
        with pytest.raises(printing.Unprintable):
            printing.certificate(sheet)
    else:
        assert printing.certificate(sheet).startswith(b"%PDF-1.7")
