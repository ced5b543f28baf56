#!/usr/bin/env python3
"""Check an exported participation ledger with nothing but Python: python3 verify_ledger.py ledger.jsonl

With --from 2024-01-01 --to 2024-12-31 the figures are those of that period, both days included, by the calendar of
Shanghai: compare them with `manage.py count` of the same days. The chain is always checked from its first batch.
--by campaign, kind, track, activity, channel or month counts these parts, --as-of MOMENT the book as it stood then.

Recomputes the hash of every batch, follows the chain from the first to the last, compares each activity with what
the book last said of it, and counts the measures anew, in total and by city. Compare the last hash with one that was
kept elsewhere: a chain cut off at its end shows no break. The file comes from
`manage.py audit_ledger --export ledger.jsonl`.
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
PIECE = 20  # rows that share a digest
NONE = "-"
OF_ACTIVITIES = ("campaign", "kind", "track", "activity", "channel", "month")


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(parts):
    return hashlib.sha256(b"\n".join(map(canonical, parts))).hexdigest()


class Batch:
    """A batch as the file announces it, and what really follows."""

    def __init__(self, head):
        self.head = head
        self.activities, self.rows = [], []

    def problems(self, previous, number):
        name, found = f"batch {self.head['batch']}", []
        if self.head["batch"] != number:
            found.append(f"batch {number} is missing before {name}")
        if self.head["previous"] != previous:
            found.append(f"{name} does not follow the one before it")
        if self.rows_missing():
            found.append(f"{name} has {len(self.rows)} rows instead of {self.head['rows']}")
        if self.hash() != self.head["hash"]:
            return [*found, f"{name} was changed after it was sealed"]
        return found + [f"{name}: {place} changed" for place in self.changed()]

    def rows_missing(self):
        return len(self.rows) != self.head["rows"]

    def hash(self):
        """Of a first format the rows stand behind the head; since then the head names the digests of its pieces."""
        known = {"number": self.head["batch"], "previous": self.head["previous"], "sealed_at": self.head["sealed_at"]}
        if "format" not in self.head:
            return digest([known, *self.rows])
        return digest([{**known, **{name: self.head[name] for name in ("format", "rows", "activities", "pieces")}}])

    def changed(self):
        """The first place that is not what was sealed: the facts of an activity, or a few rows."""
        if "format" not in self.head:
            return
        few = [self.rows[at : at + PIECE] for at in range(0, len(self.rows), PIECE)]
        now = [digest([{"activity": fact}]) for fact in self.activities] + [digest(part) for part in few]
        sealed = self.head["pieces"]
        if now == sealed:
            return
        at = next(at for at in range(max(len(now), len(sealed))) if now[at : at + 1] != sealed[at : at + 1])
        if at < len(self.activities):
            yield f"the facts of {self.activities[at]['key']} were"
        elif at - len(self.activities) < len(few):
            part = few[at - len(self.activities)]
            yield f"rows {part[0]['id']} to {part[-1]['id']} were"
        else:
            yield "its end was"


class Ledger:
    """What a file holds, read from its first line to its last."""

    def __init__(self):
        self.rows, self.problems, self.unsealed = [], [], 0
        self.facts = {}  # of activities, by their number
        self.batch, self.previous, self.number, self.closed = None, GENESIS, 0, False
        self.standing = set()

    @classmethod
    def read(cls, lines):
        ledger = cls()
        for line in lines:
            ledger.take(json.loads(line))
        if not ledger.closed:
            ledger.problems.append("the file ends too early")
        missing = {fact["key"] for fact in ledger.facts.values()} - ledger.standing
        ledger.problems += [f"the file does not say what the activity {key} is now" for key in sorted(missing)]
        return ledger

    def take(self, value):
        if "batch" in value:
            self.begin(value)
        elif "activity" in value:
            self.facts[value["activity"]["id"]] = value["activity"]
            if self.batch:
                self.batch.activities.append(value["activity"])
        elif "row" in value:
            self.rows.append(value["row"])
            if self.batch:
                self.batch.rows.append(value["row"])
            self.unsealed += self.closed
        elif "stands" in value:
            self.compare(value["stands"], self.facts.get(value["facts"], {}))

    def begin(self, head):
        if self.batch:
            self.problems += self.batch.problems(self.previous, self.number)
            self.previous, self.number = self.batch.head["hash"], self.batch.head["batch"]
        self.closed = head["batch"] is None
        self.batch = None if self.closed else Batch(head)
        self.number += not self.closed

    def compare(self, now, fact):
        """An activity is what was last written down of it."""
        self.standing.add(fact.get("key"))
        if any(fact.get(name) != value for name, value in now.items()):
            self.problems.append(f"the activity {now['key']} is not what was last written down of it")

    def activities(self, as_of):
        """{key: facts} as known at a moment, or the first that were ever written down of one."""
        found = {}
        for _number, fact in sorted(self.facts.items()):
            if not as_of or moment(fact) <= as_of:
                found[fact["key"]] = fact
            found.setdefault(fact["key"], fact)
        return found


def moment(line):
    return datetime.fromisoformat(line["recorded_at"])


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


def measures(rows, cities=True):
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

    named = sorted({row["city_code"] for row in rows}) if cities else []
    return {city: count(city) for city in [None, *named]}


def groups(rows, by, activities):
    """{code: the measures of its part}. What an activity is called comes from its facts; campaigns overlap."""

    def labels(row):
        if by == "month":
            return [datetime.fromisoformat(row["occurred_at"]).astimezone(SHANGHAI).strftime("%Y-%m")]
        if by == "channel":
            return [row["channel"]]
        if by == "activity":
            return [row["activity"]]
        known = activities.get(row["activity"], {})
        return (known.get("campaigns") if by == "campaign" else [known.get(by)]) or [NONE]

    # A reversal stands in the part of its fact: both name the same activity, channel and time.
    parts = defaultdict(list)
    for row in rows:
        for label in labels(row):
            parts[label or NONE].append(row)
    return {label: measures(part, cities=False)[None] for label, part in sorted(parts.items())}


def local(text):
    """A moment; without an offset by the clock of Shanghai."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def main(arguments):
    parser = argparse.ArgumentParser(description="Check an exported participation ledger and count it anew.")
    parser.add_argument("file")
    parser.add_argument("--from", dest="since", type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--to", dest="until", type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--by", choices=("city", *OF_ACTIVITIES), default="city", help="what there are figures for")
    parser.add_argument("--as-of", type=local, metavar="MOMENT", help="the book as it stood at that moment")
    asked = parser.parse_args(arguments)
    with open(asked.file, encoding="utf-8") as file:
        ledger = Ledger.read(file)
    told = of_days(
        [row for row in ledger.rows if not asked.as_of or moment(row) <= asked.as_of], asked.since, asked.until
    )
    cities = measures(told)
    total = cities.pop(None)
    parts = cities if asked.by == "city" else groups(told, asked.by, ledger.activities(asked.as_of))
    report = {
        "rows": len(ledger.rows),
        "chain": "broken" if ledger.problems else "ok",
        "unsealed": ledger.unsealed,
        "last_hash": ledger.previous,
        "problems": ledger.problems,
        "by": asked.by,
        "total": total,
        "cities": cities,
        "groups": parts,
    }
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return 1 if ledger.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
