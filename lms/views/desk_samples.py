"""Figures, map and trend of a made-up quarter for the style guide."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

from lms import charts, definitions, overview, timespans
from lms.models import Region
from lms.reports import Measures

NOW = Measures(14, 14_862, 9_350, 4_837, 3_194, Decimal("21392.0"))
BEFORE = Measures(11, 13_224, 8_571, 4_177, 2_895, Decimal("21753.5"))
CITIES = {"510100": 4558, "510700": 1027, "510600": 912, "511500": 768, "510500": 619, "511300": 570, "500000": 1181}
WEEKS = (520, 1730, 2536, 1546, 2226, 1352, 2617, 2181, 154)


def sample(label):
    """`label` writes the name of a region into its tile."""
    span = timespans.natural(timespans.QUARTER, date(2026, 10, 1), today=date(2026, 11, 23))
    spans = overview.steps(span)
    drawn = charts.tile_map(CITIES)
    names = {each.code: each for each in Region.objects.statistical().current()}
    return {
        "shown": SimpleNamespace(
            figures=[_figure(each) for each in definitions.MAIN],
            before=timespans.before(span),
            question=SimpleNamespace(span=span),
            map=drawn,
            trend=charts.bars([(f"{each.first:%m-%d}", week) for each, week in zip(spans, WEEKS, strict=False)]),
            points=[],
        ),
        "tiles": [
            {"tile": tile, "region": names[tile.code], "label": label(names[tile.code]), "url": "#bureau"}
            for tile in drawn.tiles
            if tile.code in names
        ],
    }


def _figure(definition):
    value, former = getattr(NOW, definition.key), getattr(BEFORE, definition.key)
    change = overview.change(value, former, absolute=definition.key == "sessions")
    return overview.Figure(definition, value, change)
