"""Demo films: made from the lesson's own slides, quickly, with captions that follow the voice."""

import ctypes
import json
import re
import time
from itertools import pairwise

import av
import espeakng_loader
import pytest

from courses import films, printing, voices

LESSONS = [
    lesson["id"]
    for course in json.loads((films.DEMO / "courses.json").read_text("utf-8"))["courses"]
    for lesson in course["lessons"]
]
CUE = re.compile(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\n(.+)\n")


def cues(vtt):
    def seconds(hours, minutes, rest):
        return int(hours) * 3600 + int(minutes) * 60 + float(rest)

    return [(seconds(*found[:3]), seconds(*found[3:6]), found[6]) for found in CUE.findall(vtt)]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return films.make(films.deck("tqm-basics-03"), tmp_path_factory.mktemp("film"))


def test_a_film_can_be_played(film):
    with av.open(str(film.path)) as file:
        picture, sound = file.streams.video[0], file.streams.audio[0]
        assert (picture.width, picture.height, picture.average_rate) == (1280, 720, films.FRAMES)
        assert sound.codec_context.name == "aac"
        assert file.duration / av.time_base == pytest.approx(film.duration, abs=0.5)
        frames = sum(1 for _ in file.decode(picture))
    assert frames == pytest.approx(film.duration * films.FRAMES, abs=5)
    assert 60 <= film.duration <= 120
    assert sorted(path.name for path in film.path.parent.iterdir()) == ["tqm-basics-03.mp4"]


@pytest.mark.parametrize("lesson", ["nqi-basics-02", "nqi-basics-05"])
def test_the_last_slide_stays_until_the_voice_has_ended(lesson, tmp_path):
    made = films.make(films.deck(lesson), tmp_path, voice="tones")
    with av.open(str(made.path)) as file:
        picture = max(packet.pts + packet.duration for packet in file.demux(video=0) if packet.pts is not None)
        assert float(picture * file.streams.video[0].time_base) == pytest.approx(made.duration, abs=0.2)


def test_each_slide_is_shown_while_it_is_spoken_about(film):
    """The picture in the middle of a chapter is that chapter's slide and no other's."""
    middles = [start + 1.5 for start, _ in film.chapters]
    with av.open(str(film.path)) as file:
        shown = []
        for frame in file.decode(video=0):
            if len(shown) < len(middles) and frame.time >= middles[len(shown)]:
                shown.append(frame.to_ndarray(format="gray").tobytes())
    assert len(set(shown)) == len(film.chapters) == 6
    assert [title for _, title in film.chapters] == ["片头", "缘由", "要点", "图解", "自查", "小结"]


def test_captions_follow_the_voice(film):
    told = cues(film.captions["zh-hans"])

    assert film.captions["zh-hans"].startswith("WEBVTT\n\n")
    assert told[0][2] == "第3课"
    assert all(start < end for start, end, _ in told)
    assert all(before[1] <= after[0] + 0.001 for before, after in pairwise(told))
    assert told[-1][1] < film.duration
    assert max(len(text) for _, _, text in told) <= 2 * films.CAPTION
    second = film.chapters[1][0]
    assert any(start == pytest.approx(second, abs=0.01) for start, _, _ in told)


def test_a_film_is_made_in_seconds(tmp_path):
    begun = time.perf_counter()
    films.make(films.deck("std-qms-04"), tmp_path)

    assert time.perf_counter() - begun < 20  # about 2 s on a quiet machine; this one may be busy


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_demo_lesson_has_a_deck(lesson):
    deck = films.deck(lesson)

    assert deck["track"] in printing.TRACKS
    assert 2 <= len(deck["points"]) <= 4
    assert all(0 < len(point["title"]) <= 6 and point["text"] for point in deck["points"])
    assert all(standard["title"] for standard in deck["standards"])
    if deck["check"]:
        assert set(deck["check"]["answer"]) <= set("ABCDEF"[: len(deck["check"]["options"])])
    assert (deck["next"] is None) == (deck["order"] == deck["total"])


def test_every_slide_of_a_course_can_be_drawn():
    for lesson in (lesson for lesson in LESSONS if lesson.startswith("nqi-basics")):
        deck = films.deck(lesson)
        assert len(printing.slides(deck, ppi=12)) == len(list(films.scenes(deck)))


def test_a_lesson_that_is_not_in_the_outline_has_no_deck():
    with pytest.raises(films.NoSuchLesson):
        films.deck("cqo-foundation-99")


def test_mandarin_is_spoken_and_long_sentences_take_longer():
    speak = voices.named("espeak")

    short, long = speak("质量。"), speak("质量目标要与质量方针保持一致。")

    assert speak is not voices.tones
    assert 0.3 < len(short) / voices.RATE < len(long) / voices.RATE < 8
    assert abs(long).max() > 0.1


def test_tones_take_over_where_speech_does_not_load(monkeypatch, caplog, tmp_path):
    voices._espeak.cache_clear()
    monkeypatch.setattr(espeakng_loader, "get_library_path", lambda: str(tmp_path / "missing.so"))
    with pytest.raises(OSError, match="missing"):
        ctypes.CDLL(espeakng_loader.get_library_path())

    try:
        assert voices.named("espeak") is voices.tones
    finally:
        voices._espeak.cache_clear()
    sound = voices.tones("质量目标。")
    assert 0 < abs(sound).max() < 0.2
    assert len(sound) > voices.RATE


def test_a_voice_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="opera"):
        voices.named("opera")
