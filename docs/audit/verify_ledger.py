#!/usr/bin/env python3
"""Check an exported participation ledger with nothing but Python: python3 verify_ledger.py ledger.jsonl

With --from 2024-01-01 --to 2024-12-31 the figures are those of that period, both days included, by the calendar of
Shanghai: compare them with `manage.py count` of the same days. The chain is always checked from its first batch.

Recomputes the hash of every batch, follows the chain from the first to the last, and counts the six measures anew,
in total and by city. Compare the last hash with one that was kept elsewhere: a chain cut off at its end shows no
break. The file comes from `manage.py audit_ledger --export ledger.jsonl`.
"""

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone

GENESIS = "0" * 64
MINUTES_OF_AN_HOUR = 45
SHANGHAI = timezone(timedelta(hours=8))


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class Batch:
    """A batch as the file announces it, and the hash of what really follows."""

    def __init__(self, head):
        self.head = head
        self.rows = 0
        self.sha = hashlib.sha256(
            canonical({"number": head["batch"], "previous": head["previous"], "sealed_at": head["sealed_at"]})
        )

    def add(self, row):
        self.rows += 1
        self.sha.update(b"\n" + canonical(row))

    def problems(self, previous, number):
        found = []
        if self.head["batch"] != number:
            found.append(f"batch {number} is missing before batch {self.head['batch']}")
        if self.head["previous"] != previous:
            found.append(f"batch {self.head['batch']} does not follow the one before it")
        if self.rows != self.head["rows"]:
            found.append(f"batch {self.head['batch']} has {self.rows} rows instead of {self.head['rows']}")
        if self.sha.hexdigest() != self.head["hash"]:
            found.append(f"batch {self.head['batch']} was changed after it was sealed")
        return found


def read(lines):
    """(rows, problems, last hash, rows not yet sealed)"""
    rows, problems, unsealed = [], [], 0
    batch, previous, number, closed = None, GENESIS, 0, False
    for line in lines:
        value = json.loads(line)
        if "batch" in value:
            if batch:
                problems += batch.problems(previous, number)
                previous, number = batch.head["hash"], batch.head["batch"]
            closed = value["batch"] is None
            batch = None if closed else Batch(value)
            number += not closed
        elif "row" in value:
            rows.append(value["row"])
            if batch:
                batch.add(value["row"])
            unsealed += closed
    if not closed:
        problems.append("the file ends too early")
    return rows, problems, previous, unsealed


def of_days(rows, since, until):
    """The rows whose facts happened between two days, both included. A reversal lies where its fact lies."""

    def day(row):
        return datetime.fromisoformat(row["occurred_at"]).astimezone(SHANGHAI).date()

    return [row for row in rows if (not since or day(row) >= since) and (not until or day(row) <= until)]


def first(rows, *pair):
    """Of each pair its first row: it says to which city the pair belongs, so that cities add up."""
    found = {}
    for row in sorted(rows, key=lambda row: (row["occurred_at"], row["id"])):
        found.setdefault(tuple(row[name] for name in pair), row)
    return found


def best_minutes(rows):
    """A lesson that somebody studied twice is credited once, at its best."""
    best = defaultdict(float)
    for row in rows:
        lesson = row["person"], row["unit"]
        best[lesson] = max(best[lesson], float(row["minutes"]))
    return best


def measures(rows):
    """The six measures and 结业人数 of some rows: {None: the whole, city: its part}."""
    reversed_ids = {row["reverses"] for row in rows if row["kind"] == "reversal"}
    standing = [row for row in rows if row["kind"] != "reversal" and row["id"] not in reversed_ids]
    present = [row for row in standing if row["kind"] != "programme"]
    best = best_minutes(present)
    people = first(present, "person", "activity")
    firms = first([row for row in present if row["enterprise_uscc"]], "enterprise_uscc", "activity")
    lessons = first(present, "person", "unit")
    graduates = first([row for row in standing if row["kind"] == "programme"], "person", "unit")

    def count(city):
        def of_city(pairs):
            return [pair for pair, row in pairs.items() if city in (None, row["city_code"])]

        attended, represented = of_city(people), of_city(firms)
        minutes = sum(best[lesson] for lesson in of_city(lessons))
        return {
            "sessions": len({activity for _person, activity in attended}),
            "attendances": len(attended),
            "persons": len({person for person, _activity in attended}),
            "enterprise_attendances": len(represented),
            "enterprises": len({enterprise for enterprise, _activity in represented}),
            "hours": f"{minutes / MINUTES_OF_AN_HOUR:.1f}",
            "graduates": len(of_city(graduates)),
            "minutes": f"{minutes:.1f}",
        }

    return {city: count(city) for city in [None, *sorted({row["city_code"] for row in rows})]}


def main(arguments):
    parser = argparse.ArgumentParser(description="Check an exported participation ledger and count it anew.")
    parser.add_argument("file")
    parser.add_argument("--from", dest="since", type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--to", dest="until", type=date.fromisoformat, metavar="YYYY-MM-DD")
    asked = parser.parse_args(arguments)
    with open(asked.file, encoding="utf-8") as file:
        rows, problems, last, unsealed = read(file)
    figures = measures(of_days(rows, asked.since, asked.until))
    report = {
        "rows": len(rows),
        "chain": "broken" if problems else "ok",
        "unsealed": unsealed,
        "last_hash": last,
        "problems": problems,
        "total": figures.pop(None),
        "cities": figures,
    }
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
