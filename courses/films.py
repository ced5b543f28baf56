"""Films for the demo lessons, made from each lesson's own slides: a voice, captions timed by it, chapters.

They are ordinary uploads afterwards and go through the same pipeline as a trainer's recording.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from courses import printing, voices
from media import ffmpeg

DEMO = Path(__file__).parent / "demo"
STANDARDS = Path(__file__).parent / "reference/standards.json"
TRACKS = {"首席质量官网校": "cqo", "标准云课堂": "std", "全面质量管理": "tqm", "产业链专区": "chain"}

GAP, TAIL, THINK = 0.35, 0.9, 8.0  # seconds: between sentences, after a slide, to think about the question
FRAMES = 10  # a second; nothing moves but the slides
PPI = 48  # 1280×720
CAPTION = 20  # characters on one line at most
LIMIT = 300.0  # seconds that an encoding may take


class NoSuchLesson(LookupError):
    pass


@dataclass(frozen=True)
class Film:
    """`captions` holds WebVTT text by language; `chapters` the second at which each begins, and its title."""

    path: Path
    captions: dict[str, str]
    duration: float
    chapters: list[tuple[float, str]]


@dataclass(frozen=True)
class Scene:
    """One slide: its chapter's title, what is said, and how long it stays silent afterwards."""

    title: str
    sentences: list[str]
    rest: float = TAIL


def deck(lesson_id: str) -> dict:
    """What slides.typ and the narration need to know about one demo lesson. Raises NoSuchLesson."""
    course, lesson = _place(lesson_id)
    following = [each["title"] for each in course["lessons"] if each["order"] == lesson["order"] + 1]
    titles = {each["number"]: each["title"] for each in _read(STANDARDS)["standards"]}
    track = TRACKS[course["track"]]
    return {
        "track": track,
        "label": printing.TRACKS[track],
        "course": course["title"],
        "seed": lesson["id"],
        "title": lesson["title"],
        "order": lesson["order"],
        "total": len(course["lessons"]),
        "summary": lesson["summary"],
        "goals": course["goals"],
        "standards": [{"number": number, "title": titles.get(number, "")} for number in lesson["standards"]],
        "points": _points(lesson),
        "check": _check(course, lesson),
        "next": following[0] if following else None,
        **_read(DEMO / "lessons.json").get(lesson_id, {}),
    }


def make(deck: dict, folder: Path, voice: str = "espeak") -> Film:
    """Write the film of this deck into the folder. Raises media.ffmpeg.Failed."""
    told = list(scenes(deck))
    sound, starts, cues = _recite(told, voices.named(voice))
    duration = len(sound) / voices.RATE
    path = folder / f"{deck['seed']}.mp4"
    _encode(printing.slides(deck, ppi=PPI), sound, starts, path)
    return Film(
        path=path,
        captions={"zh-hans": _vtt(cues)},
        duration=duration,
        chapters=[(start, scene.title) for start, scene in zip(starts, told, strict=True)],
    )


@cache
def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _place(lesson_id: str) -> tuple[dict, dict]:
    for course in _read(DEMO / "courses.json")["courses"]:
        for lesson in course["lessons"]:
            if lesson["id"] == lesson_id:
                return course, lesson
    raise NoSuchLesson(lesson_id)


def _points(lesson: dict) -> list[dict]:
    """The handout's points, each a short name and a sentence about it."""
    points = _read(DEMO / "handouts.json")[lesson["id"]]["points"]
    return [dict(zip(("title", "text"), point.split("：", 1), strict=True)) for point in points]


def _check(course: dict, lesson: dict) -> dict | None:
    """A question of the lesson's topics, if there is one."""
    for question in _read(DEMO / "questions.json"):
        if question["course"] == course["id"] and question["topic"] in lesson["quiz_topics"]:
            keys = [option["key"] for option in question["options"]]
            return {
                "stem": question["stem"],
                "options": [option["text"] for option in question["options"]],
                "answer": ["ABCDEF"[keys.index(key)] for key in question["answer"]],
                "explanation": question["explanation"],
            }
    return None


def scenes(deck: dict) -> Iterable[Scene]:
    """In the order of the slides."""
    yield Scene("片头", [f"第{deck['order']}课。", f"{deck['title']}。"])
    yield Scene("缘由", [deck["summary"], "学完整门课，你将能够：", *(f"{goal}。" for goal in deck["goals"])])
    yield Scene(
        "要点", ["：".join(filter(None, (p["title"], p.get("text")))).rstrip("。") + "。" for p in deck["points"]]
    )
    if diagram := deck.get("diagram"):
        nodes = [node for node in diagram.get("nodes", []) if isinstance(node, dict)]
        yield Scene("图解", [f"{diagram['title']}。", *(f"{node['name']}，{node['text']}。" for node in nodes)])
    if check := deck["check"]:
        yield Scene("自查", [check["stem"], "先想一想。"], rest=THINK)
        yield Scene("小结", [check["explanation"]])
    else:
        yield Scene("自查", ["问自己：下面几条，哪一条已经做得到？"], rest=THINK)
        yield Scene("小结", ["这一课到这里。", *([f"下一课：{deck['next']}。"] if deck["next"] else [])])


def _recite(scenes: list[Scene], voice: voices.Voice) -> tuple[np.ndarray, list[float], list[tuple[float, float, str]]]:
    """All sound in one line, the second at which each scene begins, and each sentence with its seconds."""
    sound: list[np.ndarray] = []
    starts, cues, now = [], [], 0.0
    for scene in scenes:
        starts.append(now)
        for sentence in scene.sentences:
            spoken = voice(sentence)
            cues.append((now, now + len(spoken) / voices.RATE, sentence))
            sound += [spoken, _silence(GAP)]
            now = sum(map(len, sound[-2:])) / voices.RATE + now
        sound.append(_silence(scene.rest))
        now += len(sound[-1]) / voices.RATE
    return np.concatenate(sound), starts, cues


def _silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * voices.RATE), dtype=np.float32)


def _vtt(cues: list[tuple[float, float, str]]) -> str:
    lines = [f"{_clock(a)} --> {_clock(b)}\n{text}\n" for cue in cues for a, b, text in _captions(*cue)]
    return "WEBVTT\n\n" + "\n".join(lines)


def _captions(start: float, end: float, sentence: str) -> Iterable[tuple[float, float, str]]:
    """A long sentence as several captions, cut after its marks, each with its share of the time."""
    parts = [""]
    for piece in re.findall(r"[^，。；：？、]+[，。；：？、”]*", sentence):
        if parts[-1] and len(parts[-1]) + len(piece) > CAPTION:
            parts.append("")
        parts[-1] += piece
    each = (end - start) / sum(map(len, parts))
    for part in parts:
        yield start, start + each * len(part), part.rstrip("，。；：、")
        start += each * len(part)


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(seconds, 60)
    return f"{int(minutes // 60):02}:{int(minutes % 60):02}:{seconds:06.3f}"


def _encode(pages: list[bytes], sound: np.ndarray, starts: list[float], path: Path) -> None:
    ends = [*starts[1:], len(sound) / voices.RATE]
    names = [f"{path.stem}-{number}.png" for number in range(1, len(pages) + 1)]
    listing = []
    for name, page, start, end in zip(names, pages, starts, ends, strict=True):
        (path.parent / name).write_bytes(page)
        listing += [f"file '{name}'", f"duration {end - start:.3f}"]
    listing.append(f"file '{names[-1]}'")
    show, voice = path.with_suffix(".txt"), path.with_suffix(".pcm")
    show.write_text("\n".join(listing), "utf-8")
    voice.write_bytes((sound * 32767).astype("<i2").tobytes())
    ffmpeg.run(_command(show, voice, path, length=ends[-1]), limit=LIMIT, on_tick=lambda done: None)
    for leftover in (show, voice, *(path.parent / name for name in names)):
        leftover.unlink()


def _command(show: Path, voice: Path, path: Path, *, length: float) -> list[str]:
    """Fast rather than small: the pipeline encodes it again."""
    return [
        *(ffmpeg.binary(), "-y", "-v", "error", "-nostdin", "-progress", "pipe:1"),
        *("-f", "concat", "-i", str(show)),
        *("-f", "s16le", "-ar", str(voices.RATE), "-ac", "1", "-i", str(voice)),
        # The last slide stays as long as the voice goes on: what the list says of its last entry is not heeded.
        *("-vf", f"fps={FRAMES},tpad=stop_mode=clone:stop_duration={LIMIT:.0f}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-tune", "stillimage", "-crf", "20"),
        *("-pix_fmt", "yuv420p", "-g", str(FRAMES * 5)),
        *("-c:a", "aac", "-b:a", "64k", "-ar", "44100"),
        *("-t", f"{length:.3f}", "-movflags", "+faststart", str(path)),
    ]
