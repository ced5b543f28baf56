"""发证数: certificates are counted where their holders stood at issue, whatever moves, closes or is corrected later."""

import datetime as dt
import io
from importlib import import_module
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from openpyxl import load_workbook

from courses import certificates
from courses.models import Certificate, Issuance
from lms import closing, enterprises, exports, extracts, reports, tally
from lms.models import Activity, Enterprise, Export
from lms.reports import Scope
from tests import factories
from tests.courses import graduates
from tests.lms import bureau

JULY, OCTOBER = dt.datetime(2026, 7, 6, 2, tzinfo=dt.UTC), dt.datetime(2026, 10, 9, 2, tzinfo=dt.UTC)
QUARTER, NEXT = Scope.of_period("2026Q3"), Scope.of_period("2026Q4")


@pytest.fixture
def programme(home):
    return graduates.programme(home)


@pytest.fixture
def people(db):
    """Two in Chengdu, one in Mianyang, one in Chongqing, one of nowhere."""
    with time_machine.travel(dt.datetime(2026, 7, 1, tzinfo=dt.UTC)):
        return bureau.people()


@pytest.fixture
def issued(programme, people):
    with time_machine.travel(JULY):
        return [graduates.certificate(person, programme, completed_at=JULY) for person in people]


def cells(scope=QUARTER, by="city"):
    return {row.code: row.measures.certificates for row in reports.table(scope, by) if row.measures.certificates}


def total(scope=QUARTER):
    return reports.measures(scope).certificates


def test_each_counts_where_its_holder_stood(issued):
    assert cells() == {"510100": 2, "510700": 1, "500000": 1, "UNKNOWN": 1}
    assert total() == 5
    assert total(NEXT) == 0
    assert cells(by="month") == {"2026-07": 5}
    assert cells(by="kind") == {"programme": 5}
    assert cells(by="channel") == {"on_demand": 5}
    assert cells(by="size") == {"M": 4, "U": 1}
    assert cells(by="campaign") == cells(by="chain") == cells(by="track") == {"-": 5}
    assert sum(cells(by="activity").values()) == 5


def test_conditions_narrow_it_as_they_do_the_rest(issued, people):
    narrow = {
        "cities": ("510100",), "province": "510000", "enterprise": "91510700DEMQ00026K", "kind": "programme",
        "channel": "on_demand", "chain": "-", "campaign": "-", "size": "M", "track": "-",
    }  # fmt: skip
    wanted = {"cities": 2, "province": 3, "enterprise": 1, "size": 4}
    for name, value in narrow.items():
        assert total(Scope.of_period("2026Q3", **{name: value})) == wanted.get(name, 5), name
    for none in ({"kind": "course"}, {"channel": "live"}, {"size": "L"}, {"campaign": "质量月"}, {"cities": ()}):
        assert total(Scope.of_period("2026Q3", **none)) == 0


def test_moving_and_closing_an_account_change_nothing(issued, people):
    mianyang = Enterprise.objects.get(uscc="91510700DEMQ00026K")
    with time_machine.travel(OCTOBER):
        enterprises.transfer(user=people[0], enterprise=mianyang)
        closing.close(people[1])
    assert cells() == {"510100": 2, "510700": 1, "500000": 1, "UNKNOWN": 1}
    assert Certificate.objects.get(pk=issued[1].pk).user is None


def test_a_revocation_takes_it_out_of_the_period_of_its_issue(issued, admin):
    with time_machine.travel(OCTOBER):
        certificates.revoke(issued[0], author=admin, reason="弄虚作假")
    assert cells() == {"510100": 1, "510700": 1, "500000": 1, "UNKNOWN": 1}
    assert total(Scope.of_period("2026Q3", as_of=OCTOBER - dt.timedelta(days=1))) == 5
    assert total(Scope.of_period("2026Q3", as_of=JULY - dt.timedelta(days=1))) == 0


def test_a_corrected_version_is_no_second_certificate(issued, admin):
    with time_machine.travel(OCTOBER):
        made = certificates.supersede(issued[0], changes={"name": "何大海洋"}, author=admin, reason="姓名有误")
        assert total() == 5
        assert total(NEXT) == 0
        certificates.revoke(made, author=admin, reason="弄虚作假")
    assert total() == 4
    assert Issuance.objects.count() == 5


def test_a_renewal_counts_in_its_own_period_and_once_in_one_that_holds_both(issued, programme, people):
    people[0].programme_enrolments.update(ended_at=JULY)
    with time_machine.travel(OCTOBER):
        graduates.certificate(people[0], programme, period=2, completed_at=OCTOBER)
    assert total() == 5
    assert cells(NEXT) == {"510100": 1}
    assert total(Scope.of_period("2026")) == 5  # a person and programme once in a period, like those who completed
    closing.close(people[0])
    assert total(Scope.of_period("2026")) == 5


def test_the_holder_of_a_row_is_named_as_long_as_the_account_lives(issued, people):
    def named():
        return {row.number: row.person for row in reports.rows(QUARTER, "certificates")}

    keys = {made.number: person.ledger_key for made, person in zip(issued, people, strict=True)}
    assert named() == keys
    closing.close(people[1])
    assert named() == keys | {issued[1].number: None}
    assert not {str(key) for key in keys.values()} & set(map(str, Issuance.objects.values_list("holder", flat=True)))
    lines = [line[1] for line in extracts.lines(reports.rows(QUARTER, "certificates").order_by("pk"), full=True)]
    assert lines == [people[0].name, "已注销", *[person.name for person in people[2:]]]


def test_what_was_written_cannot_be_changed(issued):
    for statement in ("update courses_issuance set city_code = %s", "delete from courses_issuance where number <> %s"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, ["510700"])
    with pytest.raises(TypeError):
        Issuance.objects.all().delete()


def test_the_desk_leads_from_the_figure_to_its_rows_and_files(client, issued, provincial_clerk):
    client.force_login(provincial_clerk)
    with time_machine.travel(bureau.NOW, tick=False):
        page = client.get(f"{reverse('bureau')}?{bureau.QUARTER}")
        found = [
            cell
            for row in [*page.context["rows"], {"cells": page.context["total"]}]
            for cell in row["cells"]
            if cell["key"] == "certificates" and cell["value"]
        ]
        assert [cell["value"] for cell in found] == [2, 1, 1, 1, 5]
        for cell in found:
            answer = client.get(cell["url"])
            assert answer.context["figure"] == cell["value"] == len(answer.context["lines"])
        text = answer.content.decode()
        assert issued[0].number in text
        assert "何大海" not in text
        asked = f"{reverse('bureau_exports')}?{bureau.QUARTER}&region=510100"
        client.post(asked, {"kind": "official"})
        client.post(asked, {"kind": "rows", "measure": "certificates"})
        table, rows = (_read(client, export) for export in Export.objects.order_by("pk"))
    last = [row for row in table.active.iter_rows(values_only=True) if "合计" in row]
    assert last[0][10] == 2
    assert sum(issued[0].number in row for row in rows.active.iter_rows(values_only=True)) == 1


def _read(client, export):
    exports.make(export.pk)
    answer = client.get(reverse("bureau_file", args=[export.uuid]))
    return load_workbook(io.BytesIO(b"".join(answer.streaming_content)))


def test_a_city_sees_its_own_certificates_alone(client, issued):
    client.force_login(factories.clerk(name="市局", region="510700"))
    with time_machine.travel(bureau.NOW, tick=False):
        page = client.get(f"{reverse('bureau_rows')}?{bureau.QUARTER}&measure=certificates")
        assert page.context["figure"] == len(page.context["lines"]) == 1
        assert (
            client.get(f"{reverse('bureau_rows')}?{bureau.QUARTER}&measure=certificates&region=510100").status_code
            == 403
        )


def test_certificates_of_before_count_where_the_book_says(issued, people, admin):
    """As after an upgrade: from the fact of completion; without one the place is not given."""
    with time_machine.travel(JULY):
        tally.record(
            key=f"programme:{issued[0].programme_enrolment.uuid}", kind="programme", person=people[0], minutes=0,
            activity=Issuance.objects.first().activity, channel="on_demand", occurred_at=JULY, unit="programme:p",
        )  # fmt: skip
    made = certificates.supersede(issued[0], changes={"name": "何大海洋"}, author=admin, reason="姓名有误")
    Certificate.objects.update(issuance=None)
    import_module("courses.migrations.0013_issuances_of_before").fill(apps, None)
    made.refresh_from_db()
    issued[0].refresh_from_db()
    assert made.issuance == issued[0].issuance
    assert (made.issuance.city_code, made.issuance.number) == ("510100", issued[0].number)
    issued[1].refresh_from_db()
    assert issued[1].issuance.city_code == "UNKNOWN"


def test_certificates_of_before_keep_their_holders_apart_from_the_book(issued, programme, people, admin):
    """A renewal has the holder of the first one, all later versions have its row, and the account can still close."""
    people[0].programme_enrolments.update(ended_at=JULY)
    with time_machine.travel(OCTOBER):
        renewal = graduates.certificate(people[0], programme, period=2, completed_at=OCTOBER)
        made = issued[0]
        for name in ("何大海洋", "何海", "何大海"):
            made = certificates.supersede(made, changes={"name": name}, author=admin, reason="姓名有误")
    closing.close(people[1])
    Certificate.objects.update(issuance=None)
    before = Issuance.objects.count()
    for _again in range(2):
        import_module("courses.migrations.0013_issuances_of_before").fill(apps, None)
    assert Issuance.objects.count() == before + 6
    chain = Certificate.objects.filter(user=people[0]).exclude(pk=renewal.pk)
    assert chain.count() == 4
    assert len(set(chain.values_list("issuance", flat=True))) == 1
    renewal.refresh_from_db()
    assert renewal.issuance.holder == chain[0].issuance.holder
    assert Certificate.objects.values("issuance__holder").distinct().count() == 5
    keys = [person.ledger_key for person in people]
    assert not Issuance.objects.filter(holder__in=keys).exists()


def test_rows_of_certificates_without_an_activity_are_exported(client, issued, provincial_clerk):
    Issuance.objects.create(
        holder=uuid4(), unit="series:1", number="旧证001", occurred_at=JULY, city_code="UNKNOWN", city_name="未填报",
        province_code="UNKNOWN",
    )  # fmt: skip
    client.force_login(provincial_clerk)
    with time_machine.travel(bureau.NOW, tick=False):
        asked = f"{reverse('bureau_exports')}?{bureau.QUARTER}"
        client.post(asked, {"kind": "rows", "measure": "certificates"})
        book = _read(client, Export.objects.get())
        page = client.get(f"{reverse('bureau_rows')}?{bureau.QUARTER}&measure=certificates")
    (found,) = [row for row in book.active.iter_rows(values_only=True) if "旧证001" in row]
    assert (found[1], found[7]) == ("已注销", None)
    assert "旧证001" in page.content.decode()


def test_a_programme_changed_past_the_rules_moves_no_certificate(issued):
    """They count where the book says that their activity belongs, as all other figures do."""
    (key,) = cells(by="activity")
    Activity.objects.filter(key=key).update(kind="course", campaigns=["质量月"], track="std", key="course:x")
    assert cells(by="kind") == {"programme": 5}
    assert cells(by="campaign") == cells(by="track") == {"-": 5}
    assert cells(by="activity") == {key: 5}
    assert total(Scope.of_period("2026Q3", kind="programme", activity=key)) == 5
    assert total(Scope.of_period("2026Q3", kind="course")) == 0


def test_a_campaign_given_later_by_the_rules_counts_from_then_on(issued, provincial_clerk):
    (key,) = cells(by="activity")
    with time_machine.travel(OCTOBER, tick=False):
        tally.change(Activity.objects.get(key=key), by=provincial_clerk, campaigns=["质量月", "川渝"], track="std")
        assert cells(by="campaign") == {"质量月": 5, "川渝": 5}
        assert cells(by="track") == {"std": 5}
        assert total(Scope.of_period("2026Q3", campaign="川渝")) == 5
        then = Scope.of_period("2026Q3", as_of=OCTOBER - dt.timedelta(days=1))
        assert cells(then, by="campaign") == cells(then, by="track") == {"-": 5}


def test_a_certificate_of_which_no_activity_is_known_is_one_without_campaign_and_track(issued):
    Issuance.objects.bulk_create([
        Issuance(holder=uuid4(), unit="programme:x", number="旧-1", occurred_at=JULY, city_code="510100",
                 city_name="成都市", province_code="510000", chains=[])
    ])  # fmt: skip
    for name in ("campaign", "track"):
        assert cells(by=name) == {"-": 6}
        scope = Scope.of_period("2026Q3", **{name: "-"})
        assert total(scope) == reports.rows(scope, "certificates").count() == 6
