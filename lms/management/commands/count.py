"""The measures of a period on the command line, as every page and export shows them."""

import json
from datetime import date, datetime

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from lms import bureau, reports, timespans
from lms.bureau import Question
from lms.models import Region

SHOWN = ("sessions", "attendances", "persons", "enterprise_attendances", "enterprises", "hours", "graduates")

FILTERS = {
    "county": "code of a county; - for those who gave none, here and below where it makes sense",
    "kind": "only activities of this kind",
    "channel": "only this way of taking part",
    "track": "only activities of this track",
    "campaign": "only activities with this label",
    "chain": "only enterprises of this industry chain",
    "size": "only enterprises of this size",
    "activity": "only the activity with this key",
}


class Command(BaseCommand):
    help = "Count 场次, 人次, 人数, 家次, 家数, 学时 and 结业人数 of a period, per group and in total."

    def add_arguments(self, parser):
        parser.add_argument(
            "--from", dest="first", type=date.fromisoformat, required=True, help="first day, YYYY-MM-DD"
        )
        parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, help="last day, included")
        parser.add_argument("--by", choices=sorted(bureau.GROUPS), default="city")
        parser.add_argument("--region", default="", help="code of a region; the whole school without it")
        for name, what in FILTERS.items():
            parser.add_argument(f"--{name}", default="", help=what)
        parser.add_argument("--as-of", type=datetime.fromisoformat, help="the book as it stood at that moment")
        parser.add_argument("--json", action="store_true", dest="as_json", help="for machines")

    def handle(self, *, first, last, by, region, as_of, as_json, **options):
        try:
            filters = bureau.narrowed({name: options[name] for name in FILTERS})
            span = timespans.between(first, last, today=timezone.localdate())
            question = Question(span, bureau.find(region) if region else None, filters, timespans.moment(as_of))
        except (bureau.Unknown, timespans.Refused) as refusal:
            raise CommandError(str(refusal)) from refusal
        except Region.DoesNotExist as error:
            raise CommandError(f"no region {region}") from error
        table = reports.table(question.scope(), by)
        if as_json:
            self.stdout.write(json.dumps(told(table, question), ensure_ascii=False, indent=1))
            return
        self.stdout.write("\t".join(["code", "name", *SHOWN]))
        for row in table:
            self.stdout.write("\t".join([row.code, row.name, *figures(row.measures)]))
        self.stdout.write("\t".join(["", "total", *figures(table.total)]))


def told(table, question):
    """The conditions stand in it where there are any."""
    asked = question.as_dict()
    rows = [{"code": row.code, "name": row.name, **row.measures.as_dict()} for row in table]
    return {
        "from": asked["span"]["first"],
        "to": asked["span"]["last"],
        "by": table.by,
        **{name: asked[name] for name in ("region", "filters", "as_of") if asked[name]},
        "groups": rows,
        "total": table.total.as_dict(),
    }


def figures(measures):
    known = measures.as_dict()
    return [str(known[name]) for name in SHOWN]
