"""Load what the school is built on: regions, industry chains, the two texts people agree to, the groups of staff."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from lms import accounts, consents, enterprises, regions
from lms.models import Region, Terms
from lms.regions import Row

FOLDER = Path(__file__).resolve().parents[2] / "reference"
FIRST_DAY = date(2000, 1, 1)
TERMS_VERSION = "2026-11"


class Command(BaseCommand):
    help = "Load regions, industry chains, terms and groups. Loading the same data again changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--regions", type=Path, help="another list of regions than the shipped one")
        parser.add_argument(
            "--from",
            dest="valid_from",
            type=date.fromisoformat,
            default=FIRST_DAY,
            help="the day on which that list of regions comes into force",
        )

    def handle(self, *, valid_from: date, verbosity: int, **options):
        english = read(FOLDER / "names_en.json")
        loaded = self.load_regions(options["regions"], valid_from, english["regions"])
        catalogue = read(FOLDER / "industry_chains.json")
        pillars = {pillar["code"]: pillar["name"] for pillar in catalogue["pillars"]}
        chains = enterprises.load_chains(pillars, catalogue["chains"], english=english)
        for kind in Terms.Kind.values:
            consents.publish(kind=kind, version=TERMS_VERSION, texts=texts(kind))
        accounts.prepare_groups()
        if verbosity:
            self.stdout.write(
                f"regions: {loaded.added} new, {loaded.changed} changed, {loaded.closed} closed, "
                f"{loaded.kept} as before; industry chains: {chains}"
            )

    def load_regions(self, path: Path | None, valid_from: date, english: dict[str, str]) -> regions.Loaded:
        """The shipped list is the first one; it does not undo a later one that somebody imported."""
        if path is None and Region.objects.filter(valid_from__gt=valid_from).exists():
            return regions.Loaded()
        try:
            listed = rows(read(path or FOLDER / "regions.json"))
            named = (replace(row, name_en=english.get(row.code, "")) for row in listed)
            return regions.load(named, valid_from=valid_from)
        except regions.OutOfOrder as error:
            raise CommandError(error) from error


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def texts(kind: str) -> dict[str, consents.Text]:
    """The file begins with its title."""
    found = {}
    for path in sorted((FOLDER / "terms").glob(f"{kind}.*.txt")):
        title, _sep, body = path.read_text(encoding="utf-8").partition("\n")
        found[path.name.split(".")[1]] = consents.Text(title=title, body=body.strip())
    return found


def rows(table: dict):
    """Sichuan is a province with cities and counties; Chongqing is one statistical row with its districts."""
    order = 0
    for province in table["provinces"]:
        level = Region.Level.PROVINCE if "cities" in province else Region.Level.CITY
        cities = province.get("cities", [])
        order = order if cities else order + 1
        yield Row(province["code"], province["name"], level, short=province["short"], order=0 if cities else order)
        for city in cities:
            order = city["order"]
            yield Row(
                city["code"],
                city["name"],
                Region.Level.CITY,
                parent=province["code"],
                short=city["short"],
                zone=city["zone"],
                order=order,
            )
            yield from counties(city.get("counties", []), city["code"])
        yield from counties(province.get("districts", []), province["code"])
    for bucket in table["special"]:
        if bucket["code"] in {Region.OTHER, Region.UNKNOWN}:
            order += 1
            yield Row(bucket["code"], bucket["name"], Region.Level.BUCKET, short=bucket["name"], order=order)


def counties(found: list[dict], parent: str):
    for county in found:
        yield Row(county["code"], county["name"], Region.Level.COUNTY, parent=parent, zone=county.get("zone", ""))
