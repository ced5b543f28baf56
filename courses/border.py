"""The certificate's frame and rosette, drawn once and kept as files beside the templates.

Three ribbons of five threads run between two limits like the trace on a control chart and never
leave them. One wave is drawn and then only moved: the page repeats the same bytes, which deflate
away, so the frame costs little time and little of the file.
"""

from collections.abc import Callable
from itertools import pairwise
from math import cos, pi, sin
from pathlib import Path

FOLDER = Path(__file__).parent / "print"
# All lengths in twentieths of a millimetre: whole numbers of few digits, and finer than the pen.
SHEETS = {"landscape": (5940, 4200, 15, 10), "portrait": (4200, 5940, 10, 15)}
INSET, RADIUS, BAND = 260, 180, 62
HEIGHT = BAND - 12
RIBBONS, THREADS, SPREAD = 3, 4, 0.15
PEN, LIMITS = 1.8, ((BAND + 10, 5.6), (-BAND - 10, 2.8))
THREAD, LIMIT, GROUND = "#7FB1AF", "#084C4F", "#C9DFDD"

Point = tuple[float, float]
Cubic = tuple[Point, Point, Point, Point]


def draw() -> dict[str, str]:
    """Every drawing as SVG text, by the name of its file. `manage.py draw_certificate_border` keeps them."""
    return {"rosette.svg": _rosette(), **{f"frame-{name}.svg": _frame(name) for name in SHEETS}}


def _frame(name: str) -> str:
    width, height, along, down = SHEETS[name]
    w, h, r = width - 2 * INSET, height - 2 * INSET, RADIUS
    wave = round((w - 2 * r) / along)
    starts, centres = ((r, 0), (w, r), (w - r, h), (0, h - r)), ((w - r, r), (w - r, h - r), (r, h - r), (r, r))
    parts = []
    for turn, (start, centre) in enumerate(zip(starts, centres, strict=True)):
        count, length = (along, w - 2 * r) if turn % 2 == 0 else (down, h - 2 * r)
        stretch = length / count / wave
        pieces = ["head", *["body"] * (count - 1), "tail"]
        moved = "".join(f'<use href="#{piece}" x="{wave * max(k - 1, 0)}"/>' for k, piece in enumerate(pieces))
        parts.append(f'<g transform="{_placed(start, turn, stretch)}">{moved}</g>')
        parts.append(f'<use href="#bend" transform="{_placed(centre, turn)}"/>')
    for away, pen in LIMITS:
        box = f'x="{-away}" y="{-away}" width="{w + 2 * away}" height="{h + 2 * away}" rx="{r + away}"'
        parts.append(f'<rect {box} stroke="{LIMIT}" stroke-width="{pen}"/>')
    shapes = "".join(f'<path id="{part}" d="{_waves(wave, part)}"/>' for part in ("head", "body", "tail"))
    shapes += f'<path id="bend" d="{_bends()}"/>'
    drawing = f'<g transform="translate({INSET} {INSET})">{"".join(parts)}</g>'
    return _sheet(f"0 0 {width} {height}", THREAD, shapes, drawing)


def _rosette(*, radius: int = 300, lobes: int = 12, rings: int = 8, depth: float = 0.36) -> str:
    def at(u: float) -> Point:
        away = radius * (1 - depth + depth * cos(2 * pi * u))
        return away * cos(2 * pi * u / lobes), away * sin(2 * pi * u / lobes)

    ring = _path(_traced(at, [k / 2 for k in range(2 * lobes + 1)]))
    turned = "".join(f'<use href="#ring" transform="rotate({k * 360 / rings / lobes:g})"/>' for k in range(rings))
    view = f"{-radius} {-radius} {2 * radius} {2 * radius}"
    return _sheet(view, GROUND, f'<path id="ring" d="{ring}"/>', turned)


def _sheet(view: str, paint: str, shapes: str, drawing: str) -> str:
    style = f'fill="none" stroke="{paint}" stroke-width="{PEN}" stroke-linecap="round"'
    body = f"<defs>{shapes}</defs><g {style}>{drawing}</g>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}">{body}</svg>\n'


def _placed(at: tuple[int, int], quarter_turns: int, stretch: float = 1) -> str:
    c, s = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarter_turns]
    return f"matrix({c * stretch:.5g} {s * stretch:.5g} {-s} {c} {at[0]} {at[1]})"


def _phases() -> list[float]:
    return [i / RIBBONS + (j / (THREADS - 1) - 0.5) * SPREAD for i in range(RIBBONS) for j in range(THREADS)]


def _waves(length: int, part: str) -> str:
    """Each thread's part of one wave: its `head` up to the first crest, its `body` from crest to crest,
    or its `tail` from the last crest on. Bodies can be repeated; head and tail together make one more."""

    def thread(phase: float) -> str:
        first, last, step = {"head": (0, phase, 0.25), "body": (phase, phase + 1, 0.5), "tail": (phase, 1, 0.25)}[part]
        inner = [phase + k * step for k in range(-4, 5) if first < phase + k * step < last]
        knots = [first, *inner, last]
        return (
            _path(_traced(lambda u: (u * length, -HEIGHT * cos(2 * pi * (u - phase))), knots)) if first < last else ""
        )

    return "".join(thread(phase % 1) for phase in _phases())


def _bends() -> str:
    """One wave of every thread bent round a corner's centre, from above it to its right."""

    def thread(phase: float) -> str:
        def at(u: float) -> Point:
            away = RADIUS + HEIGHT * cos(2 * pi * (u - phase))
            return away * sin(pi / 2 * u), -away * cos(pi / 2 * u)

        return _path(_traced(at, [k / 6 for k in range(7)]))

    return "".join(thread(phase) for phase in _phases())


def _traced(at: Callable[[float], Point], knots: list[float]) -> list[Cubic]:
    """A smooth line through `at(u)` for each knot, by the slopes there."""
    small = 1e-5

    def pull(u: float) -> Point:
        (x0, y0), (x1, y1) = at(u - small), at(u + small)
        return (x1 - x0) / (2 * small), (y1 - y0) / (2 * small)

    cubics = []
    for before, after in pairwise(knots):
        step = after - before
        reach = step * (0.3642 if step > 0.3 else 1 / 3)  # the first serves a half wave best, the second short pieces
        (ax, ay), (bx, by), (px, py), (qx, qy) = at(before), at(after), pull(before), pull(after)
        cubics.append(((ax, ay), (ax + reach * px, ay + reach * py), (bx - reach * qx, by - reach * qy), (bx, by)))
    return cubics


def _path(cubics: list[Cubic]) -> str:
    def pair(point: Point) -> str:
        return f"{round(point[0])} {round(point[1])}"

    return f"M{pair(cubics[0][0])}C" + " ".join(pair(point) for cubic in cubics for point in cubic[1:])
