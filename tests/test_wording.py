"""Every message has its Chinese, and the Chinese keeps the places where values go."""

import re
from collections import Counter

import pytest

from tests import wording


@pytest.fixture(scope="module")
def known():
    return {(entry.msgctxt, entry.msgid): entry for entry in wording.catalogue()}


def test_every_message_is_translated(known):
    used = {(context, message) for context, message, _ in wording.collect()}
    assert used
    assert sorted(message for context, message in used - set(known)) == []
    assert wording.missing(known.values()) == []


def test_no_translation_is_left_over(known):
    used = {(context, message) for context, message, _ in wording.collect()}
    assert sorted(message for context, message in set(known) - used) == []


def test_translations_keep_the_places_of_values(known):
    def places(text):
        return Counter(wording.PLACE.findall(text))

    broken = []
    for entry in known.values():
        chinese = entry.msgstr_plural.get(0) if entry.msgid_plural else entry.msgstr
        if not set(places(chinese)) <= set(places(entry.msgid)) | set(places(entry.msgid_plural)):
            broken.append(entry.msgid)
    assert broken == []


def test_chinese_prose_uses_full_width_marks(known):
    half = re.compile(r"[\u4e00-\u9fff][,;:?!]|[,;?!][\u4e00-\u9fff]")
    texts = [entry.msgstr_plural.get(0) if entry.msgid_plural else entry.msgstr for entry in known.values()]
    assert [text for text in texts if half.search(text)] == []
