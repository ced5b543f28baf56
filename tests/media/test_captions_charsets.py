"""Caption files as they come: whatever the encoding, also short ones, and nothing that is no text."""

import json

import pytest

from courses import demonstration
from media import captions, charsets

CUE = "1\r\n00:00:01,000 --> 00:00:03,500\r\n{}\r\n\r\n2\r\n00:00:04,000 --> 00:00:05,000\r\n{}\r\n"
SIMPLIFIED = [
    "点出界。",
    "受控",
    "质量管理体系 要求",
    "首席质量官",
    "GB/T 19001—2016",
    "陈立群：“先停下来。”",
    "砂轮修整",
]
TRADITIONAL = ["點出界。", "品質管理系統", "首席品質長的職責", "先看第一條判異準則", "過程能力指數", "這是第一課"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
@pytest.mark.parametrize("words", SIMPLIFIED)
def test_two_short_captions_are_enough_to_tell(encoding, words):
    text = CUE.format(words, words)
    assert charsets.decode(text.encode(encoding)) == text


@pytest.mark.parametrize("words", TRADITIONAL)
def test_big5_is_told_from_the_national_standard(words):
    text = CUE.format(words, words)
    assert charsets.decode(text.encode("big5")) == text


def test_every_sentence_of_the_demo_school_is_read_from_gbk():
    sentences = [point for each in demonstration.data("handouts.json").values() for point in each["points"]]
    wrong = [text for text in sentences if charsets.decode(text.encode("gbk")) != text]
    assert len(sentences) > 100
    assert wrong == []


def test_rare_characters_of_four_bytes_are_read():
    assert charsets.decode("讲师：𠮷野先生、㐂田先生".encode("gb18030")) == "讲师：𠮷野先生、㐂田先生"


def test_english_from_an_old_editor_keeps_its_quotes():
    text = CUE.format("Don’t wipe it away – stop.", "“Out of control”")
    assert charsets.decode(text.encode("cp1252")) == text


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\x00\x01\xba!\x00\x01\x00\x01\x80\x00\x01",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01",
        b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00",
        bytes(range(256)) * 8,
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf\xff\xff",
        b"\xff\xff\xff\xff",
        b"\x81\x30\x81\x30" * 20,
    ],
)
def test_what_is_no_text_is_refused(content):
    with pytest.raises(charsets.Unknown):
        charsets.decode(content)
    with pytest.raises(captions.Unreadable) as refused:
        captions.decode(content)
    assert "UTF-8" in refused.value.message


def test_a_file_of_five_megabytes_is_refused_unread():
    with pytest.raises(captions.Unreadable):
        captions.decode(CUE.format("受控", "受控").encode() * 80_000)


def test_a_text_of_a_million_characters_is_refused():
    with pytest.raises(captions.Unreadable):
        captions.read(json.dumps("受控" * 600_000))
