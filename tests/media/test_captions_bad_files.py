"""Caption files with faults: read where the meaning is plain, refused with the line where it is not."""

import time
from contextlib import suppress

import pytest

from media import captions

HEAD = "WEBVTT\n\n00:01.000 --> 00:02.000\n"


def markup(words):
    [cue] = captions.parse(HEAD + words + "\n")
    return cue.markup


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("<font color='#fff'>受控</font>", "受控"),
        ("第一行<br>第二行<br/>第三行", "第一行\n第二行\n第三行"),
        ("<script>alert(1)</script>受控", "受控"),
        ("<SCRIPT src=//x>\nalert(1)\n</SCRIPT>\n受控", "受控"),
        ("受控<script>alert(1)", "受控alert(1)"),
        ("<img src=x onerror=alert(1)>受控", "受控"),
        ("<b onclick='x'>受控</b>", "<b>受控</b>"),
        ("<i>受控</i> <u>判异</u>", "<i>受控</i> <u>判异</u>"),
        ("<v 陈立群>受控</v>", "<v 陈立群>受控</v>"),
        ("<c.yellow>受控</c>", "<c.yellow>受控</c>"),
        ("<lang en>SPC</lang>", "<lang en>SPC</lang>"),
        ("<ruby>质<rt>zhì</rt></ruby>", "<ruby>质<rt>zhì</rt></ruby>"),
        ("{\\an8}受控", "受控"),
        ("受<00:01.500>控", "受控"),
        ("Cpk <1.33 而 Cp> 1", "Cpk &lt;1.33 而 Cp&gt; 1"),
        ("<陈立群> 受控", "&lt;陈立群&gt; 受控"),
        ("a&nbsp;b &amp;&lt;script&gt;", "a\xa0b &amp;&lt;script&gt;"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;受控", "&lt;script&gt;alert(1)&lt;/script&gt;受控"),
    ],
)
def test_only_the_markup_of_captions_is_kept(words, kept):
    assert markup(words) == kept
    assert markup(kept) == kept  # what was cleaned stays as it is


@pytest.mark.parametrize(
    "times",
    [
        "00:00:01,000 --> 00:00:02,000",
        "00:00:01.000 --> 00:00:02.000",
        "00:00:01，000 --> 00:00:02，000",
        "00:01,000 --> 00:02,000",
        "0:1.000 --> 0:2.000",
        "00:00:01,0 --> 00:00:02,00",
        "00:00:01 --> 00:00:02",
        "00：00：01,000  -->  00：00：02,000 ",
        "00:00:01,000 --> 00:00:02,000 X1:100 X2:200 Y1:1 Y2:2",
    ],
)
def test_times_are_read_in_the_ways_people_write_them(times):
    [cue] = captions.parse(f"1\n{times}\n受控\n")
    assert (cue.start, cue.end, cue.settings) == (1.0, 2.0, "")


@pytest.mark.parametrize(
    ("times", "line"),
    [
        ("00:00:01,000 -> 00:00:02,000", 2),
        ("00:00:01;000 --> 00:00:02;000", 2),
        ("00:00:61,000 --> 00:00:62,000", 2),
        ("-00:00:01,000 --> 00:00:02,000", 2),
        ("00:00:02,000 --> 00:00:01,000", 2),
        ("00:00:01,000 --> 00:00:01,000", 2),
        ("00:00:01,0000 --> 00:00:02,000", 2),
    ],
)
def test_times_that_mean_nothing_are_refused_with_their_line(times, line):
    with pytest.raises(captions.Unreadable) as refused:
        captions.parse(f"1\n{times}\n受控\n")
    assert refused.value.line in (1, line)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "\n", "\n\n\n", " \n\t\n"])
@pytest.mark.parametrize("first", ["", "\ufeff", "\n\n"])
def test_ends_of_lines_and_of_the_file_do_not_matter(end, last, first):
    text = f"{first}1\n00:00:01,000 --> 00:00:02,000\n受控\n\n2\n00:00:03,000 --> 00:00:04,000\n判异{last}"
    assert [cue.text for cue in captions.parse(text.replace("\n", end))] == ["受控", "判异"]


def test_a_forgotten_empty_line_joins_no_captions():
    text = "1\n00:00:01,000 --> 00:00:02,000\n受控\n2\n00:00:03,000 --> 00:00:04,000\n判异\n"
    assert [(cue.start, cue.text) for cue in captions.parse(text)] == [(1.0, "受控"), (3.0, "判异")]


def test_where_a_caption_stands_is_kept_and_nothing_else_behind_the_times():
    text = (
        HEAD.replace("2.000\n", "2.000 line:10%,start position:20% align:left region:fred onclick:alert(1)\n")
        + "受控\n"
    )
    [cue] = captions.parse(text)
    assert cue.settings == "line:10%,start position:20% align:left"
    assert captions.parse(captions.render([cue])) == [cue]


def test_captions_without_words_are_left_out_and_counted():
    text = "1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:03,000 --> 00:00:04,000\n判异\n"
    assert [(cue.number, cue.text) for cue in captions.read(text)] == [(1, ""), (2, "判异")]
    assert [cue.text for cue in captions.parse(text)] == ["判异"]


def test_a_file_of_nothing_but_empty_captions_is_refused():
    with pytest.raises(captions.Unreadable):
        captions.parse("1\n00:00:01,000 --> 00:00:02,000\n\n")


@pytest.mark.parametrize(
    "hostile",
    [
        HEAD + "<" + "a" * 1_900,
        HEAD + "<v" + " " * 1_900,
        HEAD + "<script" * 280,
        HEAD + "{\\" * 900,
        (HEAD + "\n") * 30_000,
        "\n".join(["<script>"] * 100_000),
        "0" * 900_000,
        "00:01.000 --> " * 60_000,
    ],
)
def test_no_file_keeps_the_server_busy(hostile):
    began = time.perf_counter()
    with suppress(captions.Unreadable):
        captions.parse(hostile)
    assert time.perf_counter() - began < 3
