"""Opening balances: signed on a page of their own, shown apart on the desk and in the official table."""

import io

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from lms import balances
from lms.models import Export, OpeningBalance
from tests import factories
from tests.lms import bureau

HERE = reverse("bureau_balances")
SIGNED = {
    "title": "上线前累计", "since": "2020-01-01", "until": "2023-12-31", "city_code": "", "sessions": "20",
    "enterprise_attendances": "150000", "hours": "33.5", "source": "省局年报", "approver": "质量发展处",
    "key": "5d3f7a86-6a0f-4b64-9d0e-0c2f8f1f0a11",
}  # fmt: skip


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(bureau.NOW, tick=False):
        yield


@pytest.fixture
def book(db):
    return bureau.small_book()


@pytest.fixture
def desk(client, book, provincial_clerk):
    client.force_login(provincial_clerk)
    return client


def test_a_balance_is_signed_once_and_stands_apart_on_the_desk(desk):
    for _twice in range(2):
        assert desk.post(HERE, SIGNED).status_code == 302
    row = OpeningBalance.objects.get()
    assert (row.sessions, row.enterprise_attendances, str(row.hours)) == (20, 150_000, "33.5")
    page = desk.get(f"{reverse('bureau')}?{bureau.QUARTER}")
    assert page.context["opening"] == [row]
    assert page.context["shown"].table.total.enterprise_attendances == bureau.TOTAL["enterprise_attendances"]
    text = page.content.decode()
    for words in ("上线前累计", "省局年报", "质量发展处", "150,000"):
        assert words in text


def test_it_stands_below_the_total_of_the_official_table(desk):
    desk.post(HERE, SIGNED)
    desk.post(f"{reverse('bureau_exports')}?{bureau.QUARTER}", {"kind": "official"})
    answer = desk.get(reverse("bureau_file", args=[Export.objects.get().uuid]))
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    lines = list(sheet.iter_rows(values_only=True))
    total = next(number for number, row in enumerate(lines) if "合计" in row)
    assert lines[total][6] == bureau.TOTAL["enterprise_attendances"]
    assert lines[total + 1][0].startswith("期初数")
    assert lines[total + 2][2:] == (
        "上线前累计（2020-01-01至2023-12-31）", 20, 0, 0, 150_000, 0, 33.5, 0, None, "来源：省局年报；批准：质量发展处",
    )  # fmt: skip
    assert lines[total + 3][0].startswith("注")


def test_a_city_sees_its_own_and_a_narrowed_table_none(desk, client):
    desk.post(HERE, SIGNED)
    desk.post(HERE, {**SIGNED, "city_code": "510700", "key": "5d3f7a86-6a0f-4b64-9d0e-0c2f8f1f0a12"})
    assert len(desk.get(f"{reverse('bureau')}?{bureau.QUARTER}").context["opening"]) == 2
    assert desk.get(f"{reverse('bureau')}?{bureau.QUARTER}&kind=course").context["opening"] == []
    client.force_login(factories.clerk(name="绵阳", region="510700"))
    shown = client.get(f"{reverse('bureau')}?{bureau.QUARTER}").context["opening"]
    assert [row.city_code for row in shown] == ["510700"]


def test_a_withdrawn_one_is_gone_but_as_of_before(desk, provincial_clerk):
    desk.post(HERE, SIGNED)
    row = OpeningBalance.objects.get()
    assert desk.post(HERE, {"balance": row.pk, "reason": " "}).status_code == 422
    with time_machine.travel("2026-12-05 01:00:00Z", tick=False):
        assert desk.post(HERE, {"balance": row.pk, "reason": "重复"}).status_code == 302
        assert desk.post(HERE, {"balance": row.pk, "reason": "重复"}).status_code == 404
        assert "重复" in desk.get(HERE).content.decode()
    assert not balances.standing().exists()
    assert balances.standing(as_of=bureau.NOW).get() == row


@pytest.mark.parametrize(
    "wrong",
    [{"source": " "}, {"approver": ""}, {"until": "2019-01-01"}, {"sessions": "-1"}, {"key": "x"},
     {"sessions": "", "enterprise_attendances": "", "hours": ""}, {"city_code": "999999"}],
)  # fmt: skip
def test_what_cannot_be_signed_is_refused_in_words_and_kept(desk, wrong):
    page = desk.post(HERE, {**SIGNED, **wrong})
    assert page.status_code == 422
    assert page.context["form"].errors
    assert "上线前累计" in page.content.decode()
    assert not OpeningBalance.objects.exists()


@pytest.mark.parametrize("odd", ["x", "999", "1" * 40])
def test_an_address_that_names_none_shows_the_page(desk, odd):
    assert desk.get(f"{HERE}?withdraw={odd}").context["leaving"] is None
    assert desk.post(HERE, {"balance": odd, "reason": "重复"}).status_code == 404
