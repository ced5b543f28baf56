"""Fifteen thousand people counted again with plain dictionaries: every cell of the bureau's tables is the same."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone

from lms import reports, tallies, tally
from lms.models import Participation, UncountedFact
from lms.reports import Scope

PEOPLE = 15_000
CITIES = [
    "510100", "510300", "510400", "510500", "510600", "510700", "510800", "510900", "511000", "511100", "511300",
    "511400", "511500", "511600", "511700", "511800", "511900", "512000", "513200", "513300", "513400",
]  # fmt: skip
PLACES = [*CITIES, "500000", "OTHER", "UNKNOWN"]
YEAR = datetime(2024, 12, 31, 16, tzinfo=UTC)  # midnight of New Year 2025 in Shanghai
KINDS = ("course", "course", "broadcast", "classroom", "programme")


def province(city):
    return f"{city[:2]}0000" if city.isdigit() else city


def firm_of(number):
    """Nobody of 未填报 has one; the others share 1,500, each in one city."""
    number %= 1_500
    return f"91{number:016}", PLACES[number % 23]


@pytest.fixture
def facts(db):
    """As dictionaries and in the ledger: two or three a person, a tenth move in mid-year, some are taken back."""
    luck = random.Random(5_110_000)
    activities = [
        tally.activity(key=f"a{n}", kind=KINDS[n % 5], title=f"活动{n}", campaigns=["川渝联合"] * (n % 7 == 0))
        for n in range(60)
    ]
    made, gone, number = [], [], 0
    for person in range(PEOPLE):
        moves = luck.random() < 0.1
        for _turn in range(2 + person % 2):
            number += 1
            hour, activity = luck.randrange(365 * 24), luck.choice(activities)
            uscc, city = firm_of(person + (moves and hour > 183 * 24))
            if person % 24 == 23:
                uscc, city = "", "UNKNOWN"
            kind = "programme" if activity.kind == "programme" else "lesson"
            made.append(
                {
                    "id": number, "person": person, "activity": activity, "uscc": uscc, "city": city, "kind": kind,
                    "at": YEAR + timedelta(hours=hour), "unit": f"{kind}:{activity.pk}:{luck.randrange(3)}",
                    "minutes": Decimal(0) if kind == "programme" else luck.choice([Decimal("22.5"), Decimal(45)]),
                }
            )  # fmt: skip
            if luck.random() < 0.02:
                gone.append(number)
    write(made, gone)
    return [fact for fact in made if fact["id"] not in set(gone)]


def write(made, gone):
    def row(fact, **more):
        return Participation(
            **{
                "id": fact["id"], "key": f"f{fact['id']}", "kind": fact["kind"], "activity": fact["activity"],
                "person": UUID(int=fact["person"] + 1), "channel": "live", "minutes": fact["minutes"],
                "occurred_at": fact["at"], "recorded_at": fact["at"], "unit": fact["unit"],
                "enterprise_uscc": fact["uscc"], "city_code": fact["city"], "city_name": fact["city"],
                "province_code": province(fact["city"]), **more,
            }
        )  # fmt: skip

    Participation.objects.bulk_create((row(fact) for fact in made), batch_size=2_000)
    backs = [
        row(made[n - 1], id=len(made) + k, key=f"b{n}", kind="reversal", reverses_id=n, reason="误记")
        for k, n in enumerate(gone, 1)
    ]
    Participation.objects.bulk_create(backs)
    go_on_after_given_numbers()
    UncountedFact.objects.bulk_create(
        (UncountedFact(participation=n + 1) for n in range(len(made) + len(backs))), batch_size=5_000
    )


def recount(facts, since, until, place="city"):
    """{value: (人次, 人数, 家次, 家数, minutes, 结业人数, 场次)}, None is the whole."""
    within = sorted((f for f in facts if since <= f["at"] < until), key=lambda f: (f["at"], f["id"]))
    attended, represented, studied, best, finished = {}, {}, {}, {}, {}
    for fact in within:
        where = fact["city"] if place == "city" else province(fact["city"])
        if fact["kind"] == "programme":
            finished.setdefault((fact["person"], fact["unit"]), where)
            continue
        attended.setdefault((fact["person"], fact["activity"].pk), where)
        if fact["uscc"]:
            represented.setdefault((fact["uscc"], fact["activity"].pk), where)
        lesson = fact["person"], fact["unit"]
        studied.setdefault(lesson, where)
        best[lesson] = max(best.get(lesson, 0), fact["minutes"])
    cells = {}
    for value in [None, *{place for pairs in (attended, represented, finished) for place in pairs.values()}]:
        people = [pair for pair, where in attended.items() if value in (None, where)]
        firms = [pair for pair, where in represented.items() if value in (None, where)]
        cells[value] = (
            len(people),
            len({person for person, _activity in people}),
            len(firms),
            len({firm for firm, _activity in firms}),
            sum((best[lesson] for lesson, where in studied.items() if value in (None, where)), Decimal(0)),
            sum(value in (None, where) for where in finished.values()),
            len({activity for _person, activity in people}),
        )
    return cells


def told(m):
    return (
        m.attendances, m.persons, m.enterprise_attendances, m.enterprises, m.minutes, m.graduates, m.sessions,
    )  # fmt: skip


PERIODS = {
    "the year": Scope.of_period("2025"),
    "a half": Scope.of_period("2025H2"),
    "a quarter": Scope.of_period("2025Q2"),
    "a month": Scope.of_period("2025-07"),
    "an odd one": Scope.of_days(date(2025, 2, 10), date(2025, 9, 17)),
}


def test_every_cell_is_what_dictionaries_say(facts, provincial_clerk):
    for name, scope in PERIODS.items():
        cells = recount(facts, scope.since, scope.until)
        table = reports.table(scope)
        assert told(table.total) == cells.pop(None), name
        assert {row.code: told(row.measures) for row in table if row.measures != reports.Measures()} == cells, name
        assert sum(row.measures.attendances for row in table) == table.total.attendances
    assert tallies.differences() == []
    joint = [f for f in facts if f["activity"].campaigns]
    year = PERIODS["the year"]
    cells = recount(joint, year.since, year.until, "province")
    whole = reports.measures(Scope.of_period("2025", campaign="川渝联合"))
    assert told(whole) == cells[None]
    for code in ("510000", "500000", "OTHER", "UNKNOWN"):
        here = reports.measures(Scope.of_period("2025", campaign="川渝联合", province=code))
        assert told(here) == cells[code]
    assert whole.sessions < sum(cells[code][6] for code in ("510000", "500000"))  # a joint one counts once in all
    for kind in ("course", "broadcast", "classroom"):
        of_kind = [f for f in facts if f["activity"].kind == kind]
        table = reports.table(PERIODS["an odd one"], "kind")
        expected = recount(of_kind, table.scope.since, table.scope.until)[None]
        assert told(next(row.measures for row in table if row.code == kind)) == expected
    drill()
    as_it_was(provincial_clerk)


def drill():
    """The rows behind a cell are as many as it says, by a query that has nothing to do with the counting."""
    for scope in (Scope.of_period("2025Q3", cities=("510700",)), Scope.of_period("2025-05", province="500000")):
        found = reports.measures(scope)
        for name in ("attendances", "persons", "enterprise_attendances", "enterprises", "graduates", "sessions"):
            assert reports.rows(scope, name).count() == getattr(found, name), name


def go_on_after_given_numbers():
    """PostgreSQL counts on from its own last number and not from those that were given."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Participation]):
            cursor.execute(statement)


def as_it_was(clerk):
    scope, then = Scope.of_period("2025Q1"), timezone.now()
    before = reports.measures(scope)
    tally.reverse(reports.rows(scope, "attendances").first(), author=clerk, reason="误记")
    assert reports.measures(Scope.of_period("2025Q1", as_of=then)) == before
    assert reports.measures(scope) != before
