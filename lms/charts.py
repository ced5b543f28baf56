"""Where the parts of a chart stand. Templates draw them as SVG; a table with the same figures stands behind each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SIDE, GAP = 94, 102  # of a tile, and from one tile to the next
STEPS = (0.03, 0.1, 0.25, 0.5)  # of the largest figure: where a tile gets darker
HEIGHT, WIDTH = 300, 900  # of the plot of bars
NICE = (1, 2, 2.5, 5, 10)

# Column and row of each 市(州) and of 重庆市, as they lie towards each other.
PLACES = {
    "513200": (1, 0), "510700": (2, 0), "510800": (3, 0), "511900": (4, 0),
    "513300": (0, 1), "510100": (1, 1), "510600": (2, 1), "511300": (3, 1), "511700": (4, 1),
    "511800": (0, 2), "511400": (1, 2), "512000": (2, 2), "510900": (3, 2), "511600": (4, 2),
    "513400": (0, 3), "511100": (1, 3), "510300": (2, 3), "511000": (3, 3), "500000": (4, 3),
    "510400": (0, 4), "511500": (2, 4), "510500": (3, 4),
}  # fmt: skip


@dataclass(frozen=True)
class Tile:
    code: str
    figure: int
    step: int  # 1 to 5, the darker the more
    x: int
    y: int

    @property
    def middle(self) -> int:
        return self.x + SIDE // 2


@dataclass(frozen=True)
class TileMap:
    tiles: tuple[Tile, ...]
    borders: tuple[int, ...]  # the figures from which on a tile is of step 2, 3, 4, 5


@dataclass(frozen=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    figure: int
    label: str
    shown: bool  # whether its label fits below it


@dataclass(frozen=True)
class Bars:
    bars: tuple[Bar, ...]
    marks: tuple[int, ...]  # of the axis, from the top
    rules: tuple[str, ...]  # their heights
    highest: Bar | None


def nice(value: float) -> int:
    """The next larger number that people like to read: 1, 2, 25, 500."""
    if value <= 1:
        return 1
    power = 10 ** (len(str(int(value))) - 1)
    return int(next(power * each for each in NICE if power * each >= value and (power * each) % 1 == 0))


def tile_map(figures: Mapping[str, int]) -> TileMap:
    largest = max(figures.values(), default=0)
    borders: list[int] = []
    for share in STEPS:
        borders.append(max(nice(largest * share), borders[-1] + 1 if borders else 1))
    tiles = (
        Tile(code, figures.get(code, 0), _step(figures.get(code, 0), borders), 1 + GAP * column, 1 + GAP * row)
        for code, (column, row) in PLACES.items()
    )
    return TileMap(tuple(tiles), tuple(borders))


def _step(figure: int, borders: Sequence[int]) -> int:
    return 1 + sum(figure >= border for border in borders)


def bars(points: Sequence[tuple[str, int]], *, labels: int = 12) -> Bars:
    """A bar for each (label, figure); of many bars only so many labels are written."""
    top = nice(max((figure for _label, figure in points), default=0))
    room = WIDTH / max(len(points), 1)
    every = -(-len(points) // labels)
    drawn = tuple(
        Bar(
            x=f"{room * (number + 0.2):.1f}",
            y=f"{HEIGHT - HEIGHT * figure / top:.1f}",
            width=f"{room * 0.6:.1f}",
            height=f"{HEIGHT * figure / top:.1f}",
            figure=figure,
            label=label,
            shown=number % every == 0,
        )
        for number, (label, figure) in enumerate(points)
    )
    marks = (top, top // 2, 0) if top > 1 else (1, 0)
    return Bars(
        bars=drawn,
        marks=marks,
        rules=tuple(f"{HEIGHT - HEIGHT * mark / top:.1f}" for mark in marks),
        highest=max(drawn, key=lambda bar: bar.figure, default=None),
    )
