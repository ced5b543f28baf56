"""The list of who came: as a page, page by page, by name; as a workbook with those who did not come."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from live import presence, settling
from live.models import Booking, Host, Presence, Stay
from lms.models import Participation
from tests import factories
from tests.live import streams

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def lecture(began, trainer):
    return streams.lecture(began, by=trainer)


@pytest.fixture
def host(client, trainer):
    client.force_login(trainer)
    return client


def page(client, broadcast, **query):
    return client.get(reverse("attendance", args=[broadcast.uuid]), query)


def attendee(broadcast, name, *pairs, mobile=None, unit=None, **fields):
    person = factories.user(name=name, mobile=mobile)
    if unit:
        factories.member(person, unit)
    streams.stay(broadcast, person, *pairs, **fields)
    return person


def test_who_came_and_for_how_long(host, lecture, at):
    unit = factories.enterprise()
    attendee(lecture, "王慧敏", (at(0), at(10)), mobile="13800008000", unit=unit)
    attendee(lecture, "杨国栋", (at(2), at(4)), (at(6), at(7)))
    streams.stay(lecture, None, (at(0), at(10)))
    text = page(host, lecture).content.decode()
    for words in (
        "王慧敏",
        "成都示范轴承有限公司",
        "成都市",
        "138****8000",
        "<b>10</b> 分",
        "<b>3</b> 分",
        "还差 5 分钟",
    ):
        assert words in text, words
    assert "13800008000" not in text
    assert '<rect class="presence__here" x="200" width="200" height="12"/>' in text
    assert "未登录打开" in text


def test_settled_it_says_what_was_credited(host, lecture, at):
    attendee(lecture, "王慧敏", (at(0), at(10)))
    settling.settle_due()
    assert "已计入" in page(host, lecture).content.decode()


def test_the_list_costs_the_same_for_one_and_three(host, lecture, at, django_assert_num_queries):
    attendee(lecture, "甲", (at(0), at(10)), unit=factories.enterprise())
    page(host, lecture)
    with django_assert_num_queries(19):
        page(host, lecture)
    for name in ("乙", "丙"):
        attendee(lecture, name, (at(0), at(10)), unit=factories.enterprise())
    with django_assert_num_queries(19):
        page(host, lecture)


def test_more_than_one_page(host, lecture, at):
    for number in range(53):
        attendee(lecture, f"学员{number:02}", (at(0), at(10)))
    first, second = (page(host, lecture, page=number).content.decode() for number in (1, 2))
    assert ("学员49" in first, "学员50" in first) == (True, False)
    assert ("学员49" in second, "学员52" in second) == (False, True)


def test_found_by_name_or_enterprise(host, lecture, at):
    attendee(lecture, "王慧敏", (at(0), at(10)), unit=factories.enterprise())
    attendee(lecture, "杨国栋", (at(0), at(10)))
    for query in ("王慧", "示范轴承"):
        text = page(host, lecture, q=query).content.decode()
        assert ("王慧敏" in text, "杨国栋" in text) == (True, False), query
    assert "没有这个姓名或单位" in page(host, lecture, q="李").content.decode()


def test_on_air_it_renews_itself(host, trainer, learner):
    now = timezone.now()
    broadcast = factories.broadcast(state="live", trainer=trainer, starts_at=now, started_at=now)
    streams.record(broadcast, now - MINUTE, 60)
    streams.stay(broadcast, learner, (now - MINUTE, now))
    text = page(host, broadcast).content.decode()
    assert 'hx-trigger="every 15s"' in text
    assert "仍在场" in text


@pytest.mark.parametrize(
    ("who", "status"), [("learner", 403), ("outsider", 403), (None, 302), ("provincial_clerk", 200)]
)
def test_only_for_those_who_work_in_the_room(client, lecture, who, status, request):
    if who:
        client.force_login(request.getfixturevalue(who))
    for name in ("attendance", "attendance_sheet"):
        assert client.get(reverse(name, args=[lecture.uuid])).status_code == status


def workbook(client, broadcast):
    answer = client.get(reverse("attendance_sheet", args=[broadcast.uuid]))
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)], sheet


def test_as_a_workbook_with_absentees(host, lecture, at, learner, outsider, course):
    lecture.lesson = course.lessons()[0]
    lecture.save()
    attendee(lecture, "王慧敏", (at(0), at(10)), mobile="13800008000", unit=factories.enterprise())
    attendee(lecture, "=1+1", (at(0), at(1)))
    Booking.objects.create(broadcast=lecture, user=learner, made_at=at(-60))
    factories.enrolment(outsider, course)
    streams.stay(lecture, None, (at(0), at(10)))
    lines, sheet = workbook(host, lecture)
    found = {line[0]: line for line in lines}
    assert set(found) == {"王慧敏", "=1+1", "张明远", "外来者"}
    assert found["王慧敏"][1:4] == ["138****8000", "成都示范轴承有限公司", "成都市"]
    assert (found["王慧敏"][6], found["王慧敏"][11]) == (10, "已达到要求")
    assert found["张明远"][11] == found["外来者"][11] == "缺席"
    active = next(cell for row in sheet.iter_rows(min_row=4) for cell in row if cell.value == "=1+1")
    assert (active.data_type, active.quotePrefix) == ("s", True)


def test_a_decision_otherwise(host, lecture, at):
    attendee(lecture, "王慧敏", (at(0), at(10)))
    settling.settle_due()
    row = Presence.objects.get()
    address = reverse("correct_attendance", args=[lecture.uuid, row.pk])
    answer = host.post(address, {"credited": "0", "reason": ""}, follow=True)
    assert "请写明原因" in answer.content.decode()
    host.post(address, {"credited": "0", "reason": "换人听课"})
    row.refresh_from_db()
    assert not row.credited
    assert Participation.objects.filter(kind="reversal", reason="换人听课").exists()


def test_the_list_leads_to_the_archive_and_the_archive_back(host, lecture, at, client):
    attendee(lecture, "王慧敏", (at(0), at(10)))
    assert "/archive/" not in page(host, lecture).content.decode()
    settling.settle_due()
    lecture.refresh_from_db()
    order = reverse("archive", args=[lecture.activity.uuid])
    assert order in page(host, lecture).content.decode()
    waiting = host.post(order, follow=True)
    assert waiting.status_code == 200
    assert reverse("attendance", args=[lecture.uuid]) in waiting.content.decode()
    assistant = factories.user(name="助教")
    Host.objects.create(broadcast=lecture, user=assistant, role=Host.Role.MODERATOR)
    client.force_login(assistant)
    shown = page(client, lecture)
    assert shown.status_code == 200
    assert order not in shown.content.decode()


# Beats of pages whose socket does not get through


def beat(client, broadcast, body):
    return client.post(reverse("presence", args=[broadcast.uuid]), body, content_type="application/json")


def test_a_beat_by_http(client, learner, trainer, monkeypatch):
    monkeypatch.setattr(presence, "here", presence.Roster())
    broadcast = factories.broadcast(state="live", trainer=trainer)
    client.force_login(learner)
    key = str(uuid4())
    for body in ({"key": key, "playing": True}, {"key": key, "do": "leave"}):
        assert beat(client, broadcast, body).json()["state"] == "live"
    presence.flush()
    assert Stay.objects.get().user == learner


WITH_MORE = '{"key": "0b0e7b1c-59c6-4a7e-9d0c-1b7f6f0f4a11", "more": 1}'


@pytest.mark.parametrize("body", ["", "[]", '{"key": "1"}', WITH_MORE, "x" * 5_000, "[" * 999])
def test_a_beat_that_cannot_be_read(client, learner, body):
    client.force_login(learner)
    assert beat(client, factories.broadcast(state="live"), body).status_code == 400


def test_no_beat_without_the_right_to_watch(client):
    assert beat(client, factories.broadcast(state="live"), {"key": str(uuid4()), "playing": True}).status_code == 403
