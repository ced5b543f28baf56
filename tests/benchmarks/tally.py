"""The book at the size of a province: standard periods, odd periods, writing, upgrading. TALLY_ROWS says how many rows.

On SQLite, then on PostgreSQL. TALLY_CLOCK=cpu counts processor time, for machines that are not quiet (SQLite alone:
PostgreSQL works elsewhere).
The peer of every figure is the same asked of the raw rows in plain SQL, and the answers have to be equal.
"""

import os
import shutil
import statistics
import sys
import time
from datetime import date, timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings.test"
django.setup()

from django.conf import settings  # noqa: E402 - models want Django to be set up
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from lms import columns, reports, seeding, tallies, tally  # noqa: E402
from lms.models import KeptTally, Participation  # noqa: E402
from lms.reports import Scope  # noqa: E402
from tests import databases, factories  # noqa: E402
from tests.benchmarks import _postgres  # noqa: E402

ROWS = int(os.environ.get("TALLY_ROWS", 5_000_000))
LOOKS, WRITES = 50, 200
CLOCK = time.process_time if os.environ.get("TALLY_CLOCK") == "cpu" else time.perf_counter
STANDARD = ("2025-07", "2025Q3", "2025H2", "2025")
ODD = {
    "seven months": (date(2025, 2, 10), date(2025, 9, 17)),
    "all but two days of three years": (date(2024, 1, 2), date(2026, 12, 30)),
}
STANDING = """
    lms_participation p WHERE p.kind <> 'reversal' AND p.occurred_at >= %s AND p.occurred_at < %s
    AND NOT EXISTS (SELECT 1 FROM lms_participation r WHERE r.reverses_id = p.id)
"""
# Of each pair the first fact decides its city; then plain sums.
RAW = f"""
    SELECT city_code, COUNT(*), COUNT(DISTINCT person) FROM (
        SELECT city_code, person, ROW_NUMBER() OVER (PARTITION BY person, activity_id ORDER BY occurred_at, id) turn
        FROM {STANDING} AND p.kind <> 'programme') ranked WHERE turn = 1 GROUP BY city_code
"""
RAW_FIRMS = f"""
    SELECT city_code, COUNT(*), COUNT(DISTINCT enterprise_uscc) FROM (
        SELECT city_code, enterprise_uscc,
            ROW_NUMBER() OVER (PARTITION BY enterprise_uscc, activity_id ORDER BY occurred_at, id) turn
        FROM {STANDING} AND p.kind <> 'programme' AND enterprise_uscc <> '') ranked WHERE turn = 1 GROUP BY city_code
"""
RAW_WHOLE = f"""
    SELECT COUNT(DISTINCT person), COUNT(DISTINCT activity_id) FROM {STANDING} AND p.kind <> 'programme'
"""


def row(measure, value, unit, peer="", peer_value=0):
    ratio = value / peer_value if peer_value else 0
    line = {"measure": f"{connection.vendor}, {measure}", "value": value, "unit": unit, "peer": peer}
    print("   ", line["measure"], round(value, 2), unit, peer, round(peer_value, 2), file=sys.stderr)
    return {**line, "peer_value": peer_value, "ratio": ratio}


def timed(work):
    started = CLOCK()
    result = work()
    return CLOCK() - started, result


def median(work, times):
    return statistics.median(timed(work)[0] for _ in range(times))


def asked(statement, scope):
    with connection.cursor() as cursor:
        cursor.execute(statement, [connection.ops.adapt_datetimefield_value(at) for at in (scope.since, scope.until)])
        return cursor.fetchall()


def raw(scope):
    """{city: (人次, 人数, 家次, 家数)}, and (人数, 场次) of the whole."""
    found = {city: [attended, people, 0, 0] for city, attended, people in asked(RAW, scope)}
    for city, represented, firms in asked(RAW_FIRMS, scope):
        found[city][2:] = [represented, firms]
    return found, asked(RAW_WHOLE, scope)[0]


def told(table):
    cities = {
        each.code: [m.attendances, m.persons, m.enterprise_attendances, m.enterprises]
        for each in table
        if (m := each.measures).attendances
    }
    return cities, (table.total.persons, table.total.sessions)


def standard():
    for label in STANDARD:
        scope = Scope.of_period(label)
        spent = median(lambda scope=scope: reports.table(scope), LOOKS)
        slow, expected = timed(lambda scope=scope: raw(scope))
        assert told(reports.table(scope)) == expected, label
        yield row(f"{label} by city, kept", spent * 1000, "ms", "raw SQL", slow * 1000)


def odd():
    for name, days in ODD.items():
        scope = Scope.of_days(*days)
        first, table = timed(lambda scope=scope: reports.table(scope))
        spent = median(lambda scope=scope: reports.table(scope), 5)
        slow, expected = timed(lambda scope=scope: raw(scope))
        assert told(table) == expected, name
        yield row(f"{name} by city, the first time in a process", first, "s")
        yield row(f"{name} by city", spent, "s", "raw SQL", slow)
        yield row(f"{name}, the whole", median(lambda scope=scope: reports.measures(scope), 5), "s")
    scope = Scope.of_days(*ODD["seven months"])
    for by in ("county", "kind", "track", "activity", "chain"):
        yield row(f"seven months by {by}", median(lambda by=by: reports.table(scope, by), 3), "s")


def written(person, run, number):
    with transaction.atomic():
        return tally.record(
            key=f"bench:{number}", kind="lesson", activity=run, person=person, channel="live", minutes=45,
            occurred_at=timezone.now() - timedelta(seconds=number), unit=f"lesson:bench-{number}",
        )  # fmt: skip


def writing():
    """Into the year that holds most of the rows, by twenty people of an enterprise that is in the book."""
    run = tally.activity(key="bench", kind="broadcast", title="测")
    known = Participation.objects.exclude(enterprise_uscc="").order_by("-pk").first()
    firm = factories.enterprise(known.enterprise_uscc, "示范企业")
    people = [factories.member(factories.user(name="写入"), firm).user for _ in range(20)]

    def write(n):
        return written(people[n % 20], run, n)

    write(0)
    tallies.catch_up()
    alone = [timed(lambda n=n: write(n))[0] for n in range(1, WRITES)]
    tallies.catch_up()
    both = [timed(lambda n=n: (write(n), tallies.catch_up()))[0] for n in range(WRITES, 2 * WRITES)]
    yield row("a fact", statistics.median(alone) * 1000, "ms")
    yield row("a fact, and the tallies taken up at once", statistics.median(both) * 1000, "ms")
    for n in range(2 * WRITES, 3 * WRITES):
        write(n)
    yield row("tallies taken up together, a fact", timed(tallies.catch_up)[0] / WRITES * 1000, "ms")
    assert told(reports.table(Scope.of_period("2026"))) == raw(Scope.of_period("2026"))


def upgrading():
    """What the migration does to a large book, and keeping all periods anew after it."""
    statements = [
        "ALTER TABLE lms_participation ADD COLUMN probe varchar(8) DEFAULT '' NOT NULL",
        "DROP INDEX participation_firm_when",
        "CREATE INDEX participation_firm_when ON lms_participation (enterprise_uscc, occurred_at)",
    ]
    with connection.cursor() as cursor:
        spent = sum(timed(lambda statement=statement: cursor.execute(statement))[0] for statement in statements)
    yield row("upgrade: a column and an index", spent, "s")
    shutil.rmtree(columns.folder())
    columns._held.clear()
    yield row("upgrade: the image of the book", timed(lambda: columns.renew(1))[0], "s")
    KeptTally.objects.all().delete()
    spent, periods = timed(lambda: sum(iter(tallies.keep, 0)))
    assert tallies.missing() == []
    yield row(f"upgrade: {periods} periods kept", spent, "s")


def run():
    found, on_sqlite = measured(), connection.vendor == "sqlite"
    return found + (_postgres.again("tally.run()") if on_sqlite and CLOCK is time.perf_counter else [])


def measured():
    copy = databases.copy()
    copy.make()
    try:
        call_command("load_reference", verbosity=0)
        spent, rows = timed(lambda: seeding.seed(ROWS, say=lambda text: None))
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # as a server does by itself soon after so many rows
        found = [row(f"{rows} rows seeded, sealed and kept", spent, "s")]
        for part in (standard, odd, writing, upgrading):
            found += part()
        return found
    finally:
        copy.remove()
        shutil.rmtree(settings.VAR_DIR, ignore_errors=True)
