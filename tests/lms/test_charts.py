"""Where the parts of a chart stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms import charts
from lms.regions import CHONGQING


@pytest.mark.parametrize(
    ("value", "nice"), [(0, 1), (1, 1), (1.5, 2), (3, 5), (11, 20), (21, 25), (260, 500), (2617, 5000), (999, 1000)]
)
def test_the_next_number_that_people_like(value, nice):
    assert charts.nice(value) == nice


def test_every_city_has_a_place_of_its_own():
    places = charts.PLACES
    assert len(places) == len(set(places.values())) == 22
    assert CHONGQING in places


def test_the_more_the_darker():
    drawn = charts.tile_map({"510100": 4558, "510700": 1027, "513300": 78})
    steps = {tile.code: tile.step for tile in drawn.tiles}
    assert (steps["510100"], steps["510700"], steps["513300"], steps["510400"]) == (5, 3, 1, 1)
    assert list(drawn.borders) == sorted(set(drawn.borders))


def test_a_period_in_which_nothing_happened_is_drawn_light():
    drawn = charts.tile_map({})
    assert {tile.step for tile in drawn.tiles} == {1}
    assert drawn.borders == (1, 2, 3, 4)


@given(st.dictionaries(st.sampled_from(sorted(charts.PLACES)), st.integers(0, 10**7)))
def test_borders_rise_and_nothing_is_lost(figures):
    drawn = charts.tile_map(figures)
    assert list(drawn.borders) == sorted(set(drawn.borders))
    assert sum(tile.figure for tile in drawn.tiles) == sum(figures.values())


@given(st.lists(st.integers(0, 10**6), max_size=60))
def test_bars_stand_on_the_ground_and_stay_below_the_top(figures):
    drawn = charts.bars([(str(n), figure) for n, figure in enumerate(figures)])
    assert [bar.figure for bar in drawn.bars] == figures
    for bar in drawn.bars:
        assert abs(float(bar.y) + float(bar.height) - charts.HEIGHT) < 0.2
        assert float(bar.y) >= -0.1
    assert sum(bar.shown for bar in drawn.bars) <= 12
    assert drawn.rules[-1] == "300.0"


def test_no_bars():
    assert charts.bars([]).highest is None
