"""Which enterprises of a list have a chief quality officer: the list on trial, its versions, the rate, who sees it."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import Workbook, load_workbook

from courses import listings
from courses.models import Certificate, EnterpriseList, Listed
from lms import uscc, workbooks
from lms.models import Appointment, AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 1)
COVERAGE, LISTS = reverse("coverage"), reverse("lists")


@pytest.fixture(autouse=True)
def regions(db):
    call_command("load_reference", verbosity=0)


def code(number, place="510104"):
    body = f"91{place}DEMQ{number:05}"
    return body + uscc.outer_digit(body)


def file(*rows, head=("企业名称", "统一社会信用代码", "市（州）", "企业规模")):
    book = Workbook()
    book.active.append(["规模以上企业名录"])
    book.active.append(list(head))
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return io.BytesIO(out.getvalue())


def bring(by, *rows, name="规上工业企业", day=DAY):
    return listings.try_out(name=name, day=day, file=file(*rows), file_name="名录.xlsx", by=by)


def kept(by, *rows, **options):
    return listings.apply(bring(by, *rows, **options), by=by)


def officer(number, place="510104", ended=None):
    firm = factories.enterprise(code(number, place), f"企业{number}")
    person = factories.user(name="首席官")
    Appointment.objects.create(user=person, enterprise=firm, started_on=date(2026, 1, 1), ended_on=ended)
    return person


def certify(person, home, **fields):
    programme = factories.programme(home, [factories.course(home)])
    held = factories.programme_enrolment(person, programme)
    return Certificate.objects.create(
        user=person, programme_enrolment=held, series=programme.series, number=f"T{person.pk}",
        number_key=f"T{person.pk}", token=f"t{person.pk}",
        serial=person.pk, year=2026, issued_at=timezone.now(), snapshot={"name": person.name}, **fields,
    )  # fmt: skip


FOUR = [
    ["甲公司", code(1), "成都市", "大型"],
    ["乙公司", code(2), "成都", "小型"],
    ["丙公司", code(3, "510703"), None, "小型"],
    ["丁公司", code(4, "500103"), None, None],
]


def test_rows_are_judged_and_nothing_counts_before_somebody_says_so(provincial_clerk):
    made = bring(
        provincial_clerk, *FOUR, ["甲公司又一次", code(1).lower(), "成都市", "大型"],
        ["戊公司", "91510104DEMQ000011", "", ""], ["己公司", code(6), "火星市", "大型"],
        [None, code(7), "成都市", "大型"],
    )  # fmt: skip
    told = list(made.rows.order_by("number").values_list("number", "verdict", "city_code", "size"))
    assert told[:4] == [
        (3, "counts", "510100", "L"), (4, "counts", "510100", "S"), (5, "counts", "510700", "S"),
        (6, "counts", "500000", "U"),
    ]  # fmt: skip
    assert [verdict for _number, verdict, _city, _size in told[4:]] == ["stop"] * 4
    assert "3" in made.rows.get(number=7).why
    assert not listings.visible(provincial_clerk).standing().exists()


def test_cities_are_known_by_their_short_names_and_by_no_beginning_that_fits_two(provincial_clerk):
    names = ["阿坝州", "甘孜州", "凉山州", "达州", "达州市", "泸州", "重庆", "凉山彝族", "广"]
    rows = [["甲", code(number), name, ""] for number, name in enumerate(names, 1)]
    told = bring(provincial_clerk, *rows).rows.order_by("number").values_list("city_code", flat=True)
    assert list(told) == [
        "513200", "513300", "513400", "511700", "511700", "510500", "500000", "513400", "",
    ]  # fmt: skip


def test_the_rate_by_city_and_size(provincial_clerk, home):
    certify(officer(1), home)
    officer(3, "510703")
    officer(2, ended=timezone.localdate())  # no longer
    told = listings.coverage(kept(provincial_clerk, *FOUR), provincial_clerk)
    total = told.total
    assert (total.listed, total.appointed, total.certified) == (4, 2, 1)
    assert (total.appointed_rate, total.certified_rate) == (Decimal("50.0"), Decimal("25.0"))
    assert {each.code: (each.listed, each.appointed, each.certified) for each in told.cities} == {
        "510100": (2, 1, 1), "510700": (1, 1, 0), "500000": (1, 0, 0),
    }  # fmt: skip
    assert {each.code: (each.listed, each.appointed) for each in told.sizes} == {"L": (1, 1), "S": (2, 1), "U": (1, 0)}


def test_a_certificate_that_ended_certifies_nobody(provincial_clerk, home):
    certify(officer(1), home, expires_on=timezone.localdate() - timedelta(days=1))
    told = listings.coverage(kept(provincial_clerk, *FOUR), provincial_clerk)
    assert (told.total.appointed, told.total.certified) == (1, 0)


def test_two_officers_of_one_enterprise_are_one_enterprise(provincial_clerk):
    officer(1)
    officer(1)
    assert listings.coverage(kept(provincial_clerk, *FOUR), provincial_clerk).total.appointed == 1


def test_versions_are_kept_and_the_newest_is_shown(client, provincial_clerk):
    old = kept(provincial_clerk, *FOUR)
    new = kept(provincial_clerk, *FOUR[:1], day=DAY + timedelta(days=30))
    client.force_login(provincial_clerk)
    assert client.get(COVERAGE).context["chosen"] == new
    assert client.get(f"{COVERAGE}?list={old.uuid}").context["told"].total.listed == 4


def test_an_officer_of_a_city_sees_and_brings_what_lies_there(client, provincial_clerk, city_clerk):
    whole = kept(provincial_clerk, *FOUR)
    kept(provincial_clerk, FOUR[2], name="别处")
    assert listings.coverage(whole, city_clerk).total.listed == 2
    assert list(listings.visible(city_clerk)) == [whole]
    own = bring(city_clerk, *FOUR)
    assert list(own.rows.order_by("number").values_list("verdict", flat=True)) == ["counts", "counts", "stop", "stop"]
    other = factories.clerk(name="绵阳科员", email="my@example.org", region="510700")
    client.force_login(other)
    assert client.get(reverse("list", args=[own.uuid])).status_code == 404


def test_a_county_counts_only_in_the_city_that_the_list_says(provincial_clerk):
    county = factories.clerk(name="区县科员", region="510104", level="county")
    made = bring(county, ["甲公司", code(1), "绵阳市", "大型"], ["乙公司", code(2), "成都市", "大型"])
    told = made.rows.order_by("number").values_list("verdict", "city_code", "county_code")
    assert list(told) == [("stop", "510700", ""), ("counts", "510100", "510104")]
    kept(provincial_clerk, ["丙公司", code(3), "绵阳市", "大型"], name="别处")
    assert not listings.visible(county).standing().exists()


def test_a_row_that_was_stopped_opens_no_list_to_others(client, provincial_clerk, city_clerk):
    twice = [FOUR[2], ["丙公司又一次", code(3, "510703"), "成都市", "大型"]]
    elsewhere = kept(provincial_clerk, *twice, name="别处")
    assert elsewhere.rows.filter(city_code="510100", verdict="stop").exists()
    assert list(listings.visible(city_clerk)) == []
    shared = kept(provincial_clerk, *twice, FOUR[0])
    client.force_login(city_clerk)
    page = client.get(reverse("list", args=[shared.uuid]))
    assert (page.context["counted"], page.context["stopped"]) == (1, 0)
    assert "又一次" not in page.content.decode()
    assert list(listings.readable(shared, provincial_clerk).values_list("number", flat=True).order_by("number")) == [
        3, 4, 5,
    ]  # fmt: skip


def test_a_service_centre_reads_no_list(client, provincial_clerk, city_clerk):
    whole = kept(provincial_clerk, *FOUR)
    city_clerk.bureau_posts.update(duty="centre", unit="成都一站式服务中心")
    client.force_login(city_clerk)
    for name in ("list", "list_left"):
        assert client.get(reverse(name, args=[whole.uuid])).status_code == 403
    assert not listings.within(city_clerk, whole.rows.all()).exists()


@pytest.mark.parametrize("address", [COVERAGE, LISTS, reverse("coverage_table"), reverse("list_template")])
def test_others_do_not_enter(client, address, learner, trainer, manager):
    for person in (learner, trainer, manager):
        client.force_login(person)
        assert client.get(address).status_code == 403, person
    with pytest.raises(listings.Refused):
        bring(trainer, *FOUR)


def test_from_the_file_to_the_table(client, provincial_clerk):
    client.force_login(provincial_clerk)
    upload = SimpleUploadedFile(
        "名录.xlsx", file(*FOUR, ["+危险", code(9), "成都市", "微型"], ["坏", "1", "", ""]).read()
    )
    answer = client.post(LISTS, {"name": "规上企业", "day": "2026-11-01", "file": upload})
    made = EnterpriseList.objects.get()
    address = reverse("list", args=[made.uuid])
    assert answer.url == address
    assert "坏" in client.get(address).content.decode()
    back = load_workbook(io.BytesIO(client.get(reverse("list_left", args=[made.uuid])).content)).active
    assert back["A2"].value == "坏"
    assert client.post(address, {"apply": "1"}).url == f"{COVERAGE}?list={made.uuid}"
    sheet = load_workbook(io.BytesIO(b"".join(client.get(reverse("coverage_table")).streaming_content))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert rows[0][:4] == ["市（州）", "成都市", 3, 0]
    assert rows[-1][:4] == ["合计", "合计", 5, 0]
    assert sheet["A2"].value.startswith("填报单位：四川省市场监督管理局　省局处员 于 ")
    assert AuditEntry.objects.get().subject.startswith("首席质量官覆盖率")


def test_what_is_no_list_is_refused_and_the_words_stay(client, provincial_clerk):
    client.force_login(provincial_clerk)
    upload = SimpleUploadedFile("名录.xlsx", b"words")
    answer = client.post(LISTS, {"name": "我的名录", "day": "2026-11-01", "file": upload})
    assert (answer.status_code, EnterpriseList.objects.count()) == (422, 0)
    assert "我的名录" in answer.content.decode()
    with pytest.raises(workbooks.Refused):
        listings.try_out(name="x", day=DAY, file=file(head=("甲", "乙")), file_name="x", by=provincial_clerk)


def test_a_list_of_nothing_is_not_kept_and_trials_are_forgotten(provincial_clerk):
    made = bring(provincial_clerk, ["坏", "1", "", ""])
    with pytest.raises(listings.Refused):
        listings.apply(made, by=provincial_clerk)
    EnterpriseList.objects.update(made_at=timezone.now() - timedelta(days=31))
    listings.forget_old()
    assert not Listed.objects.exists()


def test_reasons_are_in_the_language_of_the_reader(provincial_clerk):
    row = bring(provincial_clerk, ["坏", "1", "", ""]).rows.get()
    with translation.override("en"):
        assert row.why == "This is no unified social credit code. Compare it with the licence."


def test_the_rate_costs_as_much_for_many_as_for_few(client, provincial_clerk, django_assert_num_queries):
    few = kept(provincial_clerk, FOUR[0])
    many = kept(provincial_clerk, *FOUR, day=DAY + timedelta(days=1))
    for listing in (few, many):
        with django_assert_num_queries(2):
            listings.coverage(listing, provincial_clerk)


def test_formulas_come_back_as_they_were_entered(provincial_clerk):
    made = bring(provincial_clerk, FOUR[0], ['=B5&"公司"', code(5), "成都市", "=IF(B5,1,2)"])
    sheet = load_workbook(io.BytesIO(listings.returned(made))).active
    assert [cell.value for cell in sheet[2]][:4] == ['=B5&"公司"', code(5), "成都市", "=IF(B5,1,2)"]
    assert {cell.data_type for cell in sheet[2]} == {"s"}


WRONG = {
    "91510104DEMQ000011": "统一社会信用代码", "2026/3/5": "统一社会信用代码", "46086": "统一社会信用代码",
    "": "统一社会信用代码", 911510100000000000.0: "数字已丢失",
}  # fmt: skip


@pytest.mark.parametrize("cell", WRONG)
def test_a_wrong_code_stops_its_row_alone_and_says_why(provincial_clerk, cell):
    made = bring(provincial_clerk, FOUR[0], ["戊公司", cell, "成都市", ""], ["己公司", code(6), "2026年3月5日", ""])
    assert list(made.rows.order_by("number").values_list("verdict", flat=True)) == ["counts", "stop", "stop"]
    with translation.override("zh-hans"):
        why = [row.why for row in made.rows.order_by("number")]
    assert WRONG[cell] in why[1]
    assert "2026年3月5日" in why[2]
