"""Broadcasts in each state that pages show; run inside the school by `School.script`."""

import datetime as dt
import json
from pathlib import Path
from tempfile import mkdtemp

from django.utils import timezone

from live import polls, schedule
from live.models import Broadcast, Message, RollCall, Room, Run
from lms.models import User
from tests.live import streams

TITLE = "直播答疑：新任首席质量官的前一百天"
STATES = ["scheduled", "ready", "live", "interrupted", "ended", "cancelled", "blocked"]


def bring_about():
    trainer, learner, clerk = (
        User.objects.get(email=f"{name}@demo.example") for name in ("trainer", "learner", "provincial.clerk")
    )
    User.objects.filter(pk=learner.pk).update(mobile_verified=True)
    begin = timezone.now() + dt.timedelta(minutes=20)
    made = {}
    for state in STATES:
        row = schedule.create(by=trainer, starts_at=begin, title=TITLE, minutes=45)
        Broadcast.objects.filter(pk=row.pk).update(state=state)
        row.refresh_from_db()
        talk(row, learner)
        made[state] = row
    on_air(made["live"], trainer)
    attended(made["ended"], learner, clerk)
    print(json.dumps({f"live_{state}": f"/live/{row.uuid}/" for state, row in made.items()}))


def talk(broadcast, learner):
    common = {"broadcast": broadcast, "author": learner, "author_name": learner.name, "at": timezone.now()}
    Message.objects.create(**common, text="生产副总不签字怎么办？", status="shown")
    Message.objects.create(**common, text="任命文件由谁签发？", kind="question", status="shown", votes=47)
    Message.objects.create(**common, text="加我领整套体系文件", status="held", reason="checked_first")
    Room.objects.filter(broadcast=broadcast).update(notice="课件在回放页下载；没听清的地方请写在问答里。")


def on_air(broadcast, trainer):
    """A picture that moves for six seconds, a poll, and a sign-in that asks at once."""
    began = timezone.now() - dt.timedelta(minutes=5)
    Broadcast.objects.filter(pk=broadcast.pk).update(started_at=began, starts_at=began)
    streams.record_film(broadcast, began, streams.encode(Path(mkdtemp()) / "pieces", size="640x360"))
    Run.objects.filter(broadcast=broadcast).update(closed_at=None, closed="", heard_at=timezone.now())
    polls.ask(broadcast, trainer, "贵单位的任命文件由谁签发？", ["董事长", "总经理", "还没有任命"])
    RollCall.objects.create(
        broadcast=broadcast,
        title="上午",
        code="4711",
        opened_at=timezone.now(),
        seconds=3600,
        jitter=0,
        made_by=trainer,
    )


def attended(broadcast, *people):
    began = timezone.now() - dt.timedelta(minutes=50)
    end = began + dt.timedelta(minutes=45)
    Broadcast.objects.filter(pk=broadcast.pk).update(started_at=began, starts_at=began, ended_at=end)
    broadcast.refresh_from_db()
    streams.record(broadcast, began, 45 * 60)
    for number, person in enumerate(people):
        streams.stay(broadcast, person, (began + dt.timedelta(minutes=12 * number), end))
