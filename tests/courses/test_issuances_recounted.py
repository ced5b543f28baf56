"""发证数 counted again with plain dictionaries: moves, corrections, revocations and renewals, every cell the same."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from courses.models import Certificate, CertificateSeries, Issuance
from lms import reports, tally
from lms.reports import Scope
from tests.lms.test_province_recounted import PLACES, province

YEAR = datetime(2024, 12, 31, 16, tzinfo=UTC)  # midnight of New Year 2025 in Shanghai
MANY = 4_000


def make(luck):
    """Certificates of 2,500 people in four programmes; some are revoked, some of those in a corrected version."""
    runs = [
        tally.activity(key=f"programme:p{n}:2025", kind="programme", title=f"项目{n}", campaigns=["川渝联合"] * (n % 2))
        for n in range(4)
    ]
    rows = []
    for number in range(MANY):
        run, city = luck.randrange(4), luck.choice(PLACES)
        rows.append(
            {
                "number": f"N{number:05}", "person": luck.randrange(2_500), "run": run, "city": city,
                "at": YEAR + timedelta(minutes=luck.randrange(365 * 24 * 60)), "size": luck.choice(["L", "S", ""]),
                "revoked": luck.choice([None] * 12 + [10, 400]),
            }
        )  # fmt: skip
    Issuance.objects.bulk_create(
        Issuance(
            holder=UUID(int=row["person"] * 4 + row["run"] + 1), activity=runs[row["run"]],
            unit=f"programme:p{row['run']}",
            number=row["number"], occurred_at=row["at"], city_code=row["city"], city_name=row["city"],
            province_code=province(row["city"]), enterprise_size=row["size"],
        )
        for row in rows
    )  # fmt: skip
    _papers(rows)
    return rows


def _papers(rows):
    """A first version each, and of every second revoked one a corrected version that was revoked in its place."""
    series = CertificateSeries.objects.create(code="CQO")
    known = dict(Issuance.objects.values_list("number", "pk"))

    def paper(row, number, serial, revoked):
        days = row["revoked"]
        return Certificate(
            number=number, number_key=number, series=series, year=2025, serial=serial, snapshot={},
            issued_at=row["at"], issuance_id=known[row["number"]],
            revoked_at=row["at"] + timedelta(days=days) if revoked and days else None,
        )  # fmt: skip

    firsts = [paper(row, row["number"], n, n % 2 == 0) for n, row in enumerate(rows)]
    later = [paper(row, f"{row['number']}V2", MANY + n, True) for n, row in enumerate(rows) if n % 2 and row["revoked"]]
    Certificate.objects.bulk_create([*firsts, *later], batch_size=500)


def recount(rows, scope, by, as_of=None):
    """{value: how many} of each person and programme the first one that stands; None is the whole."""
    found = {}
    for row in sorted(rows, key=lambda row: (row["at"], row["number"])):
        gone = row["revoked"] and (as_of is None or row["at"] + timedelta(days=row["revoked"]) <= as_of)
        if scope.since <= row["at"] < scope.until and not gone and (as_of is None or row["at"] <= as_of):
            found.setdefault((row["person"], row["run"]), by(row))
    cells = {None: len(found)}
    for value in found.values():
        cells[value] = cells.get(value, 0) + 1
    return cells


WAYS = {
    "city": lambda row: row["city"],
    "size": lambda row: row["size"] or "U",
    "activity": lambda row: f"programme:p{row['run']}:2025",
    "campaign": lambda row: "川渝联合" if row["run"] % 2 else "-",
}


def test_every_cell_is_what_dictionaries_say(db):
    rows = make(random.Random(5_110_008))
    then = YEAR + timedelta(days=200)
    for label in ("2025", "2025H1", "2025Q3", "2025-05"):
        for by, value in WAYS.items():
            for as_of in (None, then):
                scope = Scope.of_period(label, as_of=as_of)
                expected = recount(rows, scope, value, as_of)
                table = reports.table(scope, by)
                assert table.total.certificates == expected.pop(None), (label, by)
                found = {row.code: row.measures.certificates for row in table if row.measures.certificates}
                assert found == expected, (label, by)
                assert sum(found.values()) == table.total.certificates
    for code in ("510000", "500000", "OTHER"):
        within = Scope.of_period("2025", province=code, campaign="川渝联合")
        joint = [row for row in rows if row["run"] % 2]
        expected = recount(joint, within, lambda row: province(row["city"])).get(code, 0)
        assert reports.measures(within).certificates == reports.rows(within, "certificates").count() == expected
