"""Two people of one name stay two: on tables that are brought, in the book, on lists, in archives and on desks."""

import datetime as dt
import io
import re
from zipfile import ZipFile

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from courses import archive, class_rosters, classes, listings
from courses.models import Certificate, ClassSignIn
from lms import exports, reports, rosters
from lms.models import Appointment, Export, Membership, Region
from lms.reports import Scope
from tests import factories
from tests.courses import graduates
from tests.courses import test_listings as lists
from tests.courses.test_class_pages import table
from tests.lms.test_rosters import trial

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 20)
NINE = dt.datetime(2026, 11, 20, 1, tzinfo=dt.UTC)
NAME = "王小芳"
NUMBERS = ("13800010001", "13800010002")


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NINE + dt.timedelta(hours=9), tick=False):
        yield


@pytest.fixture
def firm(db):
    return factories.enterprise()


@pytest.fixture
def both(firm):
    """Of one enterprise, with the same post."""
    people = [factories.user(name=NAME, mobile=number, mobile_verified=True) for number in NUMBERS]
    for person in people:
        factories.member(person, firm)
    return people


@pytest.fixture
def session(provincial_clerk):
    region = Region.objects.get(code="510000")
    held = classes.plan(title="任职培训班", by=provincial_clerk, starts_on=DAY, ends_on=DAY, region=region)
    return classes.add_session(held, title="质量法律法规", starts_at=NINE, minutes=90)


def brought(session, *rows, by):
    judged = class_rosters.judge(session, class_rosters.read(table(*rows)).lines)
    return judged, class_rosters.apply(session, judged, by=by)


def test_on_a_roster_of_a_class_and_in_the_book(session, both, provincial_clerk):
    judged, done = brought(session, *([NAME, number] for number in NUMBERS), [NAME, NUMBERS[0]], by=provincial_clerk)
    assert [one.verdict for one in judged] == ["counts", "counts", "stop"]  # the third is the first once more
    assert (done.signed, done.counted, ClassSignIn.objects.count()) == (2, 2, 2)
    found = reports.measures(Scope())
    assert (found.attendances, found.persons, found.enterprise_attendances, found.enterprises) == (2, 2, 1, 1)
    assert reports.rows(Scope(), "persons").count() == 2
    assert {row.person for row in reports.rows(Scope(), "attendances")} == {each.ledger_key for each in both}


def test_behind_a_figure_and_in_its_file(client, session, both, provincial_clerk):
    brought(session, *([NAME, number] for number in NUMBERS), by=provincial_clerk)
    client.force_login(provincial_clerk)
    asked = "period=custom&since=2026-11-01&until=2026-11-30&measure=persons"
    page = client.get(f"{reverse('bureau_rows')}?{asked}")
    assert page.context["figure"] == len(page.context["lines"]) == 2
    answer = client.post(f"{reverse('bureau_exports')}?{asked}", {"kind": "rows", "measure": "persons"})
    assert answer.status_code == 302
    made = Export.objects.get()
    exports.make(made.pk)
    made.refresh_from_db()
    cells = list(load_workbook(exports.path_of(made)).active.iter_rows(min_row=4, values_only=True))
    assert len(cells) == made.rows == 2


def test_in_the_archive(session, both, provincial_clerk):
    brought(session, *([NAME, number] for number in NUMBERS), by=provincial_clerk)
    made = archive.ask(provincial_clerk, session.training_class.activity, full=True, purpose="归档")
    exports.make(made.pk)
    with ZipFile(exports.path_of(made)) as files:
        tables = {
            name: list(load_workbook(io.BytesIO(files.read(name))).active.iter_rows(min_row=4, values_only=True))
            for name in files.namelist() if name.endswith(".xlsx")
        }  # fmt: skip
    named = {name: [row for row in rows if NAME in row] for name, rows in tables.items()}
    named = {name: rows for name, rows in named.items() if rows}
    assert len(named) >= 2  # roster, and who signed in
    for name, rows in named.items():
        assert len(rows) == 2, name
        assert {cell for row in rows for cell in row} >= {*NUMBERS}, name


def test_on_the_desk_of_the_enterprise(client, firm, both):
    manager = factories.member(factories.user(name="培训经理"), firm, role=Membership.Role.MANAGER).user
    client.force_login(manager)
    page = client.get(reverse("enterprise_desk", args=[firm.uscc])).content.decode()
    people = re.findall(r'name="who" value="(\d+)"', page)
    assert {str(each.pk) for each in both} <= {*people}


def test_a_third_one_on_a_roster_of_the_enterprise_is_asked_about_and_becomes_a_third(firm, both):
    manager = factories.member(factories.user(name="培训经理"), firm, role=Membership.Role.MANAGER).user
    roster = trial(firm, manager, [NAME, NUMBERS[0], ""], [NAME, "13800010003", ""], [NAME, NUMBERS[1], ""])
    assert [line["verdict"] for line in roster.lines] == ["same", "look", "same"]
    done = rosters.apply(roster, by=manager, answers=[roster.lines[1]["number"]])
    assert done.result == {"same": 2, "look": 1}
    assert {row.mobile for row in firm.invitations.all()} == {"13800010003"}
    assert Membership.objects.current().filter(enterprise=firm, user__name=NAME).count() == 2


def test_with_certificates(both, home):
    programme = graduates.programme(home)
    for person in both:
        graduates.certificate(person, programme, completed_at=NINE)
    assert len({row.number for row in Certificate.objects.filter(snapshot__name=NAME)}) == 2
    assert reports.measures(Scope()).certificates == reports.rows(Scope(), "certificates").count() == 2


def test_enterprises_of_one_name_are_two_in_the_coverage(provincial_clerk):
    lists.call_command("load_reference", verbosity=0)
    rows = [["示范公司", lists.code(number), "成都市", "大型"] for number in (1, 2)]
    for number in (1, 2):
        firm = factories.enterprise(lists.code(number), "示范公司")
        Appointment.objects.create(user=factories.user(name=NAME), enterprise=firm, started_on=dt.date(2026, 1, 1))
    told = listings.coverage(lists.kept(provincial_clerk, *rows), provincial_clerk)
    assert (told.total.listed, told.total.appointed) == (2, 2)


def test_they_take_nothing_from_each_other(session, both, provincial_clerk):
    """A sign-in of one that is taken back leaves that of the other."""
    brought(session, *([NAME, number] for number in NUMBERS), by=provincial_clerk)
    row = ClassSignIn.objects.get(member__user=both[0])
    classes.take_back(row, by=provincial_clerk, reason="误签")
    found = reports.measures(Scope())
    assert (found.attendances, found.persons) == (1, 1)
    assert [row.person for row in reports.rows(Scope(), "persons")] == [both[1].ledger_key]
