import html

import pytest
from filer.models import File
from hypothesis import given
from hypothesis import strategies as st

from media import captions
from media.models import Caption, Video

VTT = """\ufeffWEBVTT - 第五课

NOTE made by hand

STYLE
::cue { color: red }

1
00:01.000 --> 00:03.500 align:start line:90%
<v 陈立群>点出界，说明有<b>特殊原因</b>进来了。</v>

01:00:04.000 --> 01:00:06.000
Cpk < 1.33 &amp; 下降
第二行
"""

SRT = """1\r
00:00:01,000 --> 00:00:03,500\r
点出界。\r
\r
2\r
00:00:04,000 --> 00:00:06,000\r
<i>受控</i>\r
"""


@pytest.fixture
def video(db):
    return Video.objects.create(title="第一课", source=File.objects.create(original_filename="a.mp4"))


def test_webvtt_is_read_with_its_speakers():
    first, second = captions.parse(VTT)
    assert (first.start, first.end, first.voice) == (1.0, 3.5, "陈立群")
    assert first.text == "点出界，说明有特殊原因进来了。"
    assert (second.start, second.text) == (3604.0, "Cpk < 1.33 & 下降 第二行")


def test_srt_becomes_clean_webvtt():
    assert captions.render(captions.parse(SRT)) == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:03.500\n点出界。\n\n00:00:04.000 --> 00:00:06.000\n<i>受控</i>\n"
    )


def test_captions_come_in_order_of_time():
    text = "WEBVTT\n\n00:05.000 --> 00:06.000\nb\n\n00:01.000 --> 00:02.000\na\n"
    assert [cue.text for cue in captions.parse(text)] == ["a", "b"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_common_encodings_are_read(encoding):
    assert captions.parse(captions.decode(SRT.encode(encoding)))[0].text == "点出界。"


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(captions.Unreadable):
        captions.decode(b"\x00\x00\xff\xfe\xff\xff\x80")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("WEBVTT\n", 1),
        ("WEBVTT\n\njust words\n", 3),
        ("WEBVTT\n\n00:01.000 -> 00:02.000\nwords\n", 3),
        ("WEBVTT\n\n1\n00:61:01.000 --> 00:02.000\nwords\n", 4),
        ("WEBVTT\n\n00:02.000 --> 00:02.000\nwords\n", 3),
        ("1\n00:00:05,000 --> 00:00:02,000\nwords\n", 2),
        ("1\n-00:00:05,000 --> 00:00:02,000\nwords\n", 2),
        ("1\n00:00:01,000 --> 00:00:02,000\nok\n\nwords that belong nowhere\n", 5),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text, line):
    with pytest.raises(captions.Unreadable) as refused:
        captions.parse(text)
    assert refused.value.line == line
    assert str(line) in refused.value.message


def test_captions_are_kept_one_text_for_a_language(video):
    captions.attach(video, "zh-hans", SRT)
    captions.attach(video, "en", "WEBVTT\n\n00:01.000 --> 00:02.000\nOut of control.\n")
    captions.attach(video, "zh-hans", VTT)
    assert Caption.objects.count() == 2
    assert [cue.text for cue in captions.cues(video, "en")] == ["Out of control."]
    assert len(captions.cues(video, "zh-hans")) == 2


def test_a_refused_text_leaves_the_old_one(video):
    captions.attach(video, "zh-hans", SRT)
    with pytest.raises(captions.Unreadable):
        captions.attach(video, "zh-hans", "nothing of use")
    assert len(captions.cues(video, "zh-hans")) == 2


def test_a_missing_language_falls_back_to_what_there_is(video):
    assert captions.cues(video, "en") == []
    captions.attach(video, "zh-hans", SRT)
    assert [cue.text for cue in captions.cues(video, "en")] == ["点出界。", "受控"]


def test_a_transcript_costs_one_query(video, django_assert_num_queries):
    captions.attach(video, "zh-hans", SRT)
    with django_assert_num_queries(1):
        captions.cues(video, "zh-hans")


words = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1).map(str.strip).filter(bool)
moments = st.integers(0, 359_999_999)


@given(st.lists(st.tuples(moments, st.integers(1, 60_000), words), min_size=1, max_size=8))
def test_what_is_written_is_read_back(lines):
    cues = [
        captions.Cue(start / 1000, (start + length) / 1000, text, html.escape(text, quote=False))
        for start, length, text in lines
    ]
    read = captions.parse(captions.render(cues))
    expected = [(cue.start, cue.end, " ".join(cue.text.split())) for cue in cues]
    assert sorted((cue.start, cue.end, cue.text) for cue in read) == sorted(expected)


def test_words_that_many_are_shown_are_read_once(video):
    captions.attach(video, "zh-hans", VTT)
    captions.parsed.cache_clear()
    first = captions.transcript(video, "zh-hans")
    first[1].clear()  # what one caller does with the list is nobody else's affair
    assert captions.transcript(video, "zh-hans")[1] == captions.parse(captions.render(captions.parse(VTT)))
    assert captions.parsed.cache_info().misses == 1
