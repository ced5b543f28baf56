"""The dated table of regions."""

import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from lms import regions
from lms.models import Region
from lms.regions import Row

PROVINCE = Row("510000", "四川省", "province")
START = date(2000, 1, 1)
LATER = date(2027, 3, 1)


def small(*extra, city="德阳市"):
    return [PROVINCE, Row("510600", city, "city", "510000", order=5), *extra]


def county(name="罗江区"):
    return Row("510604", name, "county", "510600")


@pytest.fixture
def sichuan(db):
    regions.load(small(county()), valid_from=START)


def names(day):
    return {row.code: row.name for row in Region.objects.on(day)}


def test_a_list_is_loaded_once(db):
    first = regions.load(small(county()), valid_from=START)
    assert (first.added, first.kept) == (3, 0)
    again = regions.load(small(county()), valid_from=LATER)
    assert (again.added, again.changed, again.closed, again.kept) == (0, 0, 0, 3)
    assert Region.objects.get(code="510604").parent.code == "510600"


def test_a_renamed_county_is_closed_and_opened(sichuan):
    done = regions.load(small(county("罗江新区")), valid_from=LATER)
    assert (done.changed, done.kept, done.closed) == (1, 2, 0)
    assert names(date(2027, 2, 28))["510604"] == "罗江区"
    assert names(LATER)["510604"] == "罗江新区"
    old = Region.objects.get(name="罗江区")
    assert (old.valid_from, old.valid_to) == (START, date(2027, 2, 28))


def test_a_renamed_city_takes_its_counties_along(sichuan):
    regions.load(small(county(), city="新德阳市"), valid_from=LATER)
    now = Region.objects.current().get(code="510604")
    assert (now.parent.name, now.valid_from) == ("新德阳市", LATER)
    then = Region.objects.on(date(2026, 1, 1)).get(code="510604")
    assert then.parent.name == "德阳市"


def test_a_region_that_is_gone_is_closed(sichuan):
    done = regions.load(small(), valid_from=LATER)
    assert done.closed == 1
    assert "510604" not in names(LATER)
    assert "510604" in names(date(2027, 2, 28))


def test_other_provinces_are_left_alone(sichuan):
    regions.load([Row("500000", "重庆市", "city")], valid_from=LATER)
    assert set(names(LATER)) == {"510000", "510600", "510604", "500000"}


def test_a_misprint_is_corrected_on_the_same_day(sichuan):
    regions.load(small(county("罗江县")), valid_from=START)
    assert [row.name for row in Region.objects.filter(code="510604")] == ["罗江县"]


def test_order_and_zone_are_not_history(sichuan):
    regions.load([PROVINCE, Row("510600", "德阳市", "city", "510000", order=9), county()], valid_from=LATER)
    assert Region.objects.get(code="510600").order == 9


def test_a_list_from_before_the_present_one_is_refused(sichuan):
    regions.load(small(county("罗江新区")), valid_from=LATER)
    with pytest.raises(regions.OutOfOrder):
        regions.load(small(county("别的区")), valid_from=date(2026, 1, 1))
    assert names(LATER)["510604"] == "罗江新区"


def test_the_shipped_table_has_the_rows_of_the_bureau(db):
    call_command("load_reference", verbosity=0)
    call_command("load_reference", verbosity=0)
    rows = list(Region.objects.current().statistical())
    assert len(rows) == 24
    assert [row.name for row in rows[:2]] == ["成都市", "自贡市"]
    assert [row.code for row in rows[-3:]] == ["500000", "OTHER", "UNKNOWN"]
    assert Region.objects.filter(level="county", code__startswith="51").count() == 183
    assert Region.objects.filter(level="county", code__startswith="50").count() == 38
    assert Region.objects.filter(valid_to__isnull=False).count() == 0
    assert regions.city_of("91510722DEMQ02742E").name == "绵阳市"
    assert regions.city_of("91500112DEMQ12334X").name == "重庆市"
    assert regions.city_of("91440300DEMQ12334X").name == "省外"
    assert regions.city_of("12510000DEMQ0959XF") is None


def test_an_imported_list_is_not_undone_by_the_shipped_one(db, tmp_path):
    call_command("load_reference", verbosity=0)
    path = tmp_path / "regions.json"
    chongqing = {
        "code": "500000",
        "name": "重庆市",
        "short": "渝",
        "districts": [{"code": "500112", "name": "两江新区"}],
    }
    path.write_text(json.dumps({"provinces": [chongqing], "special": []}))
    call_command("load_reference", regions=path, valid_from=LATER, verbosity=0)
    call_command("load_reference", verbosity=0)
    assert list(Region.objects.on(LATER).filter(code__startswith="5001").values_list("name", flat=True)) == ["两江新区"]
    assert Region.objects.on(date(2027, 2, 28)).filter(code__startswith="50", level="county").count() == 38
    path.write_text(path.read_text().replace("\\u4e24\\u6c5f\\u65b0\\u533a", "别的区"))
    with pytest.raises(CommandError):
        call_command("load_reference", regions=path, valid_from=date(1999, 1, 1), verbosity=0)
