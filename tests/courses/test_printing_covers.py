"""A course's own picture: its track's colours, its own figure, always the same."""

import io

import pytest
from PIL import Image

from courses import printing
from lms.tracks import TRACKS

TITLE = "质量基础设施：计量、标准、检验检测、认证认可"


def picture(track, **changes):
    options = {"title": TITLE, "seed": "nqi-basics", **changes}
    return Image.open(io.BytesIO(printing.cover(track, **options))).convert("RGB")


def colours(image):
    return {f"#{r:02X}{g:02X}{b:02X}" for _, (r, g, b) in image.getcolors(1 << 24)}


@pytest.mark.parametrize("track", TRACKS)
def test_a_cover_has_the_colours_of_the_pages(track):
    image = picture(track)

    assert image.size == (1200, 675)
    assert {TRACKS[track].ink, TRACKS[track].wash} <= colours(image)
    for other in set(TRACKS) - {track}:
        assert TRACKS[other].ink not in colours(image)


@pytest.mark.parametrize("track", TRACKS)
def test_the_seed_makes_the_picture(track):
    first, again, other = (printing.cover(track, TITLE, seed=seed) for seed in ("tqm-basics", "tqm-basics", "std-qms"))

    assert first == again
    assert first != other


def test_words_are_set_only_where_they_are_wanted():
    plain = {printing.cover("std", title, seed="std-qms") for title in (TITLE, "另一门课")}
    worded = {printing.cover("std", title, seed="std-qms", words=True) for title in (TITLE, "另一门课")}
    cited = printing.cover("std", TITLE, seed="std-qms", standard="GB/T 19001-2016", words=True)

    assert len(plain) == 1
    assert len(worded) == 2
    assert cited not in worded


def test_an_unknown_track_gets_the_first_one_s_looks():
    assert printing.cover("", TITLE, seed="x") == printing.cover("cqo", TITLE, seed="x")


def test_a_very_long_title_is_kept_inside():
    image = picture(
        "chain", title="面向中小微企业的氢能产业链质量基础设施协同服务与供应链质量管理能力提升专题", words=True
    )

    margin = image.crop((20, 0, 80, 675))
    assert colours(margin) == {"#FFFFFF"}
