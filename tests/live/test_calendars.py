"""The calendar: stable names, changes that arrive, lines that every program reads."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from live import calendars, schedule
from tests import factories

SITE = "https://school.example"


def lines(broadcasts):
    text = calendars.feed(broadcasts, name="首席质量官网校直播", site=SITE).decode()
    return text.replace("\r\n ", "").split("\r\n")


def value(rows, name):
    return next(row.split(":", 1)[1] for row in rows if row.startswith(f"{name}:"))


@pytest.mark.django_db
def test_a_moved_event_keeps_its_name_and_counts_up(trainer):
    made = factories.broadcast(title="标准解读, 第一讲; 上", trainer=trainer)
    before = lines([made])
    schedule.move(made, timezone.now() + timedelta(days=3), by=trainer)
    after = lines([made])
    assert value(before, "UID") == value(after, "UID") == f"{made.uuid}@live.cqo-school"
    assert int(value(after, "SEQUENCE")) > int(value(before, "SEQUENCE"))
    assert value(before, "DTSTART") != value(after, "DTSTART")
    assert value(before, "SUMMARY") == "标准解读\\, 第一讲\\; 上"
    assert value(before, "URL") == f"{SITE}/live/{made.uuid}/"
    assert "TRIGGER:-PT15M" in before


@pytest.mark.django_db
def test_another_title_and_length_reach_calendars_and_the_book(trainer):
    made = schedule.create(by=trainer, starts_at=timezone.now() + timedelta(days=1), title="标准解读", minutes=60)
    announced = schedule.announce(made, by=trainer)
    before = lines([announced])
    changed = schedule.change(announced, by=trainer, title="标准解读与应用", minutes=480)
    after = lines([changed])
    assert int(value(after, "SEQUENCE")) == int(value(before, "SEQUENCE")) + 1
    assert value(after, "SUMMARY") == "标准解读与应用"
    activity = changed.activity
    activity.refresh_from_db()
    assert (activity.title, activity.ends_on) == ("标准解读与应用", timezone.localdate(changed.planned_end))
    assert [facts.title for facts in activity.facts.order_by("pk")] == ["标准解读", "标准解读与应用"]
    schedule.change(changed, by=trainer, title="标准解读与应用")
    assert lines([schedule.change(changed, by=trainer, minutes=480)]) == after


@pytest.mark.django_db
def test_a_cancelled_event_stays_and_says_so(trainer, learner):
    made = factories.broadcast(trainer=trainer)
    made.bookings.create(user=learner, made_at=timezone.now())
    schedule.cancel(made, by=trainer, reason="讲师临时有事")
    rows = lines(calendars.personal(learner))
    assert value(rows, "STATUS") == "CANCELLED"
    assert "BEGIN:VALARM" not in rows


@pytest.mark.django_db
def test_drafts_and_stopped_broadcasts_are_in_no_calendar(trainer, learner):
    shown = factories.broadcast(trainer=trainer)
    for state in ("draft", "blocked"):
        factories.broadcast(trainer=trainer, state=state)
    assert calendars.public() == [shown]
    assert calendars.personal(learner) == []


@pytest.mark.django_db
def test_the_address_of_the_own_calendar_ends_with_the_password(learner):
    token = calendars.token(learner)
    assert calendars.holder(token) == learner
    assert calendars.holder(token[:-2] + "xx") is None
    learner.set_password("another-horse-battery")
    learner.save()
    assert calendars.holder(token) is None


@given(st.text(max_size=300))
def test_every_line_is_short_and_whole(text):
    folded = calendars._folded(f"SUMMARY:{calendars._text(text)}".encode("utf-8", "ignore").decode())
    parts = folded.split(b"\r\n")
    assert all(len(part) <= 75 for part in parts)
    assert all(part.decode() is not None for part in parts)
    assert b"\r" not in folded.replace(b"\r\n", b"")
    assert b"\n" not in folded.replace(b"\r\n", b"")
