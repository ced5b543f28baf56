"""The platform around the school reads counts and the status of certificates with a token."""

import datetime as dt
import io
import json

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse

from courses import certificates
from lms import bureau as bureau_rules
from lms import tallies, tokens
from lms.models import Export
from tests.courses import graduates
from tests.lms import bureau

COUNTS = "/api/v1/platform/counts?from=2026-07-01&to=2026-09-30"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(bureau.NOW, tick=False):
        yield


@pytest.fixture
def ask(client, admin):
    def get(path, scopes=("counts", "certificates"), **fields):
        _token, text = tokens.issue(name="川质通", scopes=scopes, by=admin, **fields)
        return client.get(path, headers={"Authorization": f"Bearer {text}"})

    return get


@pytest.fixture
def book(db):
    return bureau.small_book()


def test_the_counts_are_those_of_the_desk(ask, book):
    told = ask(COUNTS).json()
    assert {key: told["total"][key] for key in bureau.TOTAL} == bureau.TOTAL
    rows = {row["code"]: row for row in told["rows"]}
    assert len(rows) == 24
    for code, wanted in bureau.WANTED.items():
        assert {key: rows[code][key] for key in wanted} == wanted
    assert (told["from"], told["to"], told["edition"]) == ("2026-07-01", "2026-09-30", "2026-01")


@pytest.mark.parametrize("by", [*bureau_rules.GROUPS])
def test_they_come_by_other_parts_as_well(ask, book, by):
    told = ask(f"{COUNTS}&by={by}").json()
    assert told["total"]["attendances"] == 7
    assert told["rows"]


@pytest.mark.parametrize(
    ("narrowed", "wanted"),
    [
        ("kind=broadcast", 2), ("channel=classroom", 1), ("county=-", 7), ("track=-", 7), ("campaign=-", 7),
        ("chain=-", 7), ("size=U", 1), ("size=M", 6), ("activity=course:desk1", 4), ("region=510700&kind=course", 1),
    ],
)  # fmt: skip
def test_they_are_narrowed_as_on_the_desk_and_by_the_command(ask, book, client, provincial_clerk, narrowed, wanted):
    told = ask(f"{COUNTS}&{narrowed}").json()
    assert told["total"]["attendances"] == wanted
    given = dict(pair.split("=") for pair in narrowed.split("&"))
    assert told["filters"] == {name: value for name, value in given.items() if name != "region"}
    client.force_login(provincial_clerk)
    shown = client.get(f"/bureau/?{bureau.QUARTER}&{narrowed}").context["shown"].table.total
    assert shown.attendances == wanted
    out = io.StringIO()
    options = [f"--{pair}" for pair in narrowed.split("&")]
    call_command("count", "--from", "2026-07-01", "--to", "2026-09-30", *options, "--json", stdout=out)
    counted = json.loads(out.getvalue())
    assert counted["total"]["attendances"] == wanted
    assert [row["code"] for row in counted["groups"]] == [row["code"] for row in told["rows"]]


@pytest.mark.parametrize("narrowed", ["kind=x", "county=999999", "campaign=x", "activity=x", "channel=-", "size=Q"])
def test_what_nobody_knows_is_refused_and_not_counted_as_nothing(ask, book, narrowed):
    refused = ask(f"{COUNTS}&{narrowed}")
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_filter")
    with pytest.raises(CommandError):
        call_command("count", "--from", "2026-07-01", "--to", "2026-09-30", f"--{narrowed}")


def test_the_command_knows_regions_and_moments(book):
    def counted(*options):
        out = io.StringIO()
        call_command("count", "--from", "2026-07-01", "--to", "2026-09-30", "--json", *options, stdout=out)
        return json.loads(out.getvalue())

    city = counted("--region", "510700", "--by", "county")
    assert (city["region"], city["total"]["attendances"]) == ("510700", 2)
    assert counted("--as-of", "2026-09-01T00:00:00")["total"]["attendances"] == 0
    for wrong in (["--region", "999999"], ["--to", "2026-01-01"]):
        with pytest.raises(CommandError):
            counted(*wrong)


def test_the_province_is_not_the_whole_school(ask, book):
    def additive(region):
        out = io.StringIO()
        days = ("--from", "2026-07-01", "--to", "2026-09-30")
        call_command("count", *days, "--json", "--region", region, stdout=out)
        total = ask(f"{COUNTS}&region={region}").json()["total"]
        assert json.loads(out.getvalue())["total"]["attendances"] == total["attendances"]
        return total["attendances"], total["enterprise_attendances"], total["graduates"]

    parts = [additive(region) for region in ("510000", "500000", "OTHER", "UNKNOWN")]
    assert parts == [(5, 4, 1), (1, 1, 0), (0, 0, 0), (1, 0, 0)]
    assert additive("") == (7, 5, 1) == tuple(map(sum, zip(*parts, strict=True)))


def test_a_token_of_a_city_reads_that_city_alone(ask, book):
    city = bureau.city("510700")
    own = ask(COUNTS, region=city).json()
    assert (own["region"], own["total"]["attendances"]) == ("510700", 2)
    assert ask(f"{COUNTS}&region=510703", region=city).status_code == 200
    refused = ask(f"{COUNTS}&region=510100", region=city)
    assert (refused.status_code, refused.json()["code"]) == (403, "region")


def test_the_book_as_it_stood(ask, book):
    before = ask(f"{COUNTS}&as_of=2026-09-01T00:00:00").json()
    assert before["total"]["attendances"] == 0


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2026-09-30&to=2026-07-01", 422),
        ("from=x&to=2026-07-01", 422),
        ("to=2026-07-01", 422),
        ("from=2026-07-01&to=2026-09-30&by=person", 422),
        ("from=2026-07-01&to=2026-09-30&region=999999", 404),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_words(ask, book, query, status):
    refused = ask(f"/api/v1/platform/counts?{query}")
    assert refused.status_code == status
    assert {"code", "message"} <= set(refused.json())


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer cqo_wrong"}, {"Authorization": "Basic abc"}])
def test_without_a_token_nothing_is_told(client, book, provincial_clerk, header):
    client.force_login(provincial_clerk)  # a session is no key here
    refused = client.get(COUNTS, headers=header)
    assert refused.status_code == 401
    assert "total" not in refused.json()


def test_a_token_without_the_scope_is_refused(ask, book):
    refused = ask(COUNTS, scopes=["certificates"])
    assert (refused.status_code, refused.json()["code"]) == (403, "scope")


def test_the_status_of_a_certificate_without_a_name(ask, home, learner, admin):
    made = graduates.certificate(learner, graduates.programme(home))
    path = f"/api/v1/platform/certificates/{made.number}"
    told = ask(path)
    assert (told.status_code, told.json()["status"]) == (200, "valid")
    assert "张" not in told.content.decode().replace(made.snapshot["programme"], "")
    certificates.revoke(made, author=admin, reason="误发")
    assert ask(path).json()["status"] == "revoked"
    assert ask("/api/v1/platform/certificates/CQO2026").status_code == 404


def test_an_expired_token_is_refused(ask, book):
    past = bureau.NOW - dt.timedelta(days=1)
    assert ask(COUNTS, expires_at=past).status_code == 401


def test_the_counts_cost_the_same_for_any_book(client, admin, book, django_assert_num_queries):
    _token, text = tokens.issue(name="川质通", scopes=["counts"], by=admin)
    headers = {"Authorization": f"Bearer {text}"}
    tallies.keep()
    client.get(COUNTS, headers=headers)
    with django_assert_num_queries(QUERIES):
        client.get(COUNTS, headers=headers)
    for number in range(3):
        bureau.write(book[0], bureau.activity(40 + number))
    tallies.keep()
    with django_assert_num_queries(QUERIES):
        client.get(COUNTS, headers=headers)


QUERIES = 8  # each of both sources of figures once for the rows and once for the whole


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59",
        "2026-11-29T13:00:00",
        "1999-12-31T00:00:00",
    ],
)
def test_a_moment_that_has_not_come_or_never_was_is_said_in_words(ask, book, moment):
    answer = ask(f"{COUNTS}&as_of={moment}")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_period")
    assert answer.json()["message"]
    with pytest.raises(CommandError):
        call_command("count", "--from=2026-07-01", "--to=2026-09-30", f"--as-of={moment}")


def test_a_moment_that_has_come_is_read(ask, book):
    told = ask(f"{COUNTS}&as_of=2026-11-29T11:59:00").json()
    assert told["total"]["attendances"] == 7
    assert told["as_of"].startswith("2026-11-29T11:59:00")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59", "2026-11-29T13:00"])
@pytest.mark.parametrize("page", ["bureau", "bureau_rows", "bureau_exports"])
def test_the_pages_and_exports_refuse_it_too(client, provincial_clerk, book, moment, page):
    client.force_login(provincial_clerk)
    address = f"{reverse(page)}?{bureau.QUARTER}&measure=attendances&as_of={moment}"
    answer = client.post(address, {"kind": "official"}) if page == "bureau_exports" else client.get(address)
    assert answer.status_code == 422
    assert not Export.objects.exists()
