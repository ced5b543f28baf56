from hypothesis import given
from hypothesis import strategies as st

from media import ladder

sides = st.integers(min_value=16, max_value=8000)


def names(width, height):
    return [rung.name for rung in ladder.rungs(width, height)]


def sizes(width, height):
    return [(rung.width, rung.height) for rung in ladder.rungs(width, height)]


def test_a_full_hd_film_gets_three_renditions_lowest_first():
    assert sizes(1920, 1080) == [(640, 360), (1280, 720), (1920, 1080)]


def test_a_larger_film_stops_at_1080():
    assert names(3840, 2160) == ["360p", "720p", "1080p"]


def test_a_small_film_keeps_its_size():
    assert sizes(320, 240) == [(320, 240)]


def test_a_film_between_two_steps_keeps_its_own_size_as_the_top():
    assert sizes(854, 480) == [(640, 360), (854, 480)]
    assert sizes(1600, 900) == [(640, 360), (1280, 720), (1600, 900)]


def test_an_upright_film_stays_upright():
    assert sizes(1080, 1920) == [(360, 640), (720, 1280), (1080, 1920)]


def test_a_wide_film_is_measured_by_its_width():
    assert sizes(1920, 800) == [(640, 266), (1280, 532), (1920, 800)]


def test_odd_sides_become_even_and_smaller():
    assert sizes(641, 361) == [(638, 360)]
    assert sizes(271, 151) == [(270, 150)]


@given(sides, sides)
def test_nothing_is_ever_larger_than_the_film(width, height):
    rungs = ladder.rungs(width, height)
    assert rungs
    assert all(rung.width <= max(width, 2) and rung.height <= max(height, 2) for rung in rungs)
    assert all(rung.width % 2 == rung.height % 2 == 0 and min(rung.width, rung.height) >= 2 for rung in rungs)


@given(sides, sides)
def test_each_step_is_larger_than_the_one_before(width, height):
    rungs = ladder.rungs(width, height)
    assert len({rung.name for rung in rungs}) == len(rungs)
    assert [r.bits for r in rungs] == sorted({r.bits for r in rungs})
    assert [r.width * r.height for r in rungs] == sorted(r.width * r.height for r in rungs)


@given(st.integers(300, 4000), st.integers(300, 4000))
def test_the_shape_is_kept(width, height):
    for rung in ladder.rungs(width, height):
        assert abs(rung.width - rung.height * width / height) <= 2 * max(1, width / height)
