"""The measures of a period on the command line, as every page and export shows them."""

import json
from datetime import date

from django.core.management import BaseCommand

from lms import headings, reports
from lms.reports import Scope

SHOWN = ("sessions", "attendances", "persons", "enterprise_attendances", "enterprises", "hours", "graduates")


class Command(BaseCommand):
    help = "Count 场次, 人次, 人数, 家次, 家数, 学时 and 结业人数 of a period, per group and in total."

    def add_arguments(self, parser):
        parser.add_argument(
            "--from", dest="first", type=date.fromisoformat, required=True, help="first day, YYYY-MM-DD"
        )
        parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, help="last day, included")
        parser.add_argument("--by", choices=sorted(headings.BY), default="city")
        parser.add_argument("--campaign", default="", help="only activities with this label")
        parser.add_argument("--json", action="store_true", dest="as_json", help="for machines")

    def handle(self, *, first, last, by, campaign, as_json, **options):
        table = reports.table(Scope.of_days(first, last, campaign=campaign), by)
        if as_json:
            self.stdout.write(json.dumps(told(table, first, last), ensure_ascii=False, indent=1))
            return
        self.stdout.write("\t".join(["code", "name", *SHOWN]))
        for row in table:
            self.stdout.write("\t".join([row.code, row.name, *figures(row.measures)]))
        self.stdout.write("\t".join(["", "total", *figures(table.total)]))


def told(table, first, last):
    rows = [{"code": row.code, "name": row.name, **row.measures.as_dict()} for row in table]
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "by": table.by,
        "groups": rows,
        "total": table.total.as_dict(),
    }


def figures(measures):
    known = measures.as_dict()
    return [str(known[name]) for name in SHOWN]
