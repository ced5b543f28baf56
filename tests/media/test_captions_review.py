"""What an editor is told about captions: what, of which caption, at what time. Advice, never a refusal."""

import pytest

from media import captions, proofreading
from media.proofreading import Kind


def srt(*cues):
    return "\n".join(f"{n}\n{times}\n{words}\n" for n, (times, words) in enumerate(cues, start=1))


def kinds(text, **facts):
    return [(found.kind, found.number) for found in proofreading.review(captions.read(text), **facts)]


def test_good_captions_raise_nothing():
    text = srt(
        ("00:00:01,000 --> 00:00:03,000", "点出界，先停下来。"), ("00:00:03,000 --> 00:00:05,000", "Stop first.")
    )
    assert kinds(text, duration=60) == []


@pytest.mark.parametrize(
    ("second", "kind"),
    [
        (("00:00:02,000 --> 00:00:05,000", "受控"), Kind.OVERLAP),
        (("00:00:00,000 --> 00:00:00,900", "受控"), Kind.ORDER),
        (("00:00:03,000 --> 00:00:04,000", "一二三四五六七八九十"), Kind.FAST),
        (("00:00:03,000 --> 00:00:04,000", "There are far too many words"), Kind.FAST),
        (("00:00:03,000 --> 00:00:08,000", "一" * 21), Kind.LINE),
        (("00:00:03,000 --> 00:00:08,000", "letters " * 6), Kind.LINE),
        (("00:00:03,000 --> 00:00:08,000", "一\n二\n三"), Kind.LINES),
        (("00:00:03,000 --> 00:00:04,000", ""), Kind.EMPTY),
        (("00:00:58,000 --> 00:01:01,000", "受控"), Kind.PAST),
        (("00:00:40,000 --> 00:00:41,000", "受控"), Kind.GAP),
        (("00:00:03,000 --> 00:00:04,000", "<font>受控</font>"), Kind.MARKUP),
    ],
)
def test_each_fault_is_named_with_the_number_of_the_caption(second, kind):
    text = srt(("00:00:01,000 --> 00:00:03,000", "点出界。"), second)
    assert (kind, 2) in kinds(text, duration=60)


@pytest.mark.parametrize("words", ["一二三四五六七八九", "nineteen characters"])
def test_the_limits_differ_for_chinese_and_latin_letters(words):
    assert kinds(srt(("00:00:01,000 --> 00:00:02,000", words))) == []


def test_a_finding_says_when_and_how_much():
    text = srt(("00:00:01,000 --> 00:00:03,000", "点出界。"), ("00:00:02,500 --> 00:00:05,000", "受控"))
    [found] = proofreading.review(captions.read(text))
    assert (found.start, found.number) == (2.5, 2)
    assert "0.5" in found.words


def test_without_a_known_length_nothing_is_past_the_end():
    assert kinds(srt(("00:00:01,000 --> 00:00:03,000", "点出界。")), duration=None) == []


def test_a_long_silence_at_the_beginning_is_a_gap_too():
    assert kinds(srt(("00:00:31,000 --> 00:00:33,000", "点出界。"))) == [(Kind.GAP, 1)]


def test_a_file_that_is_wrong_throughout_is_cut_short():
    text = srt(*[("00:00:01,000 --> 00:00:01,100", "一二三四五六七八九十")] * 400)
    assert len(proofreading.review(captions.read(text))) == proofreading.SHOWN


def test_what_was_saved_has_no_order_and_no_empty_captions_left():
    text = srt(
        ("00:00:05,000 --> 00:00:06,000", "受控"),
        ("00:00:01,000 --> 00:00:02,000", "判异"),
        ("00:09,0 --> 00:10,0", ""),
    )
    assert {kind for kind, _ in kinds(text)} == {Kind.ORDER, Kind.EMPTY}
    assert kinds(captions.render(captions.parse(text))) == []
