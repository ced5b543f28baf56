"""The broadcasts of the demo school: one soon, one later. Loading again doubles nothing; what nobody held moves on."""

from datetime import datetime, time, timedelta
from uuid import UUID, uuid5

from django.utils import timezone

from lms.models import User

from . import schedule
from .models import Broadcast, Host

SPACE = UUID("6f1c6e0e-5f0e-4a64-8d8e-0d2f3a4b5c6d")
TRAINER, MODERATOR = "trainer@demo.example", "editor@demo.example"
MISSED = timedelta(hours=12)
ORGANISERS = [
    {"role": "主办", "name": "四川省市场监督管理局"},
    {"role": "承办", "name": "成都市市场监督管理局"},
]
PLANS = [
    {
        "days": 3,
        "at": time(14, 30),
        "title": "直播答疑：新任首席质量官的前一百天",
        "title_en": "Live answers: the first hundred days of a chief quality officer",
        "summary": "讲师与三位企业首席质量官对话，逐题回答大家的问题，现场发布行动清单模板。",
        "summary_en": "The trainer talks with three chief quality officers and answers questions one by one.",
        "minutes": 45,
        "track": "cqo",
        "sign_ins_needed": 2,
    },
    {
        "days": 10,
        "at": time(10, 0),
        "title": "标准云课堂：内审员怎么看过程",
        "title_en": "Classroom of Standards: how an internal auditor looks at a process",
        "summary": "从一张流程图开始，讲清过程的输入、输出和判定准则，适合第一次做内审的同事。",
        "summary_en": "From one flow chart to inputs, outputs and criteria; for those who audit for the first time.",
        "minutes": 90,
        "track": "std",
        "capacity": 300,
        "campaigns": ["2026质量月"],
    },
]


def load() -> int:
    """Says how many broadcasts were made or moved."""
    trainer = User.objects.filter(email=TRAINER).first()
    return sum(_plan(trainer, dict(plan)) for plan in PLANS) if trainer else 0


def _plan(trainer: User, plan: dict) -> bool:
    begin = _begin(plan.pop("days"), plan.pop("at"))
    uuid = uuid5(SPACE, plan["title"])
    kept = Broadcast.objects.filter(uuid=uuid).first()
    if kept is None:
        made = schedule.create(by=trainer, starts_at=begin, organisers=ORGANISERS, **plan)
        Broadcast.objects.filter(pk=made.pk).update(uuid=uuid)
        made.refresh_from_db()
        moderator = User.objects.filter(email=MODERATOR).first()
        people = {trainer.pk: Host.Role.TRAINER} | ({moderator.pk: Host.Role.MODERATOR} if moderator else {})
        schedule.name_hosts(made, people)
        schedule.announce(made, by=trainer)
        return True
    if kept.state in schedule.STANDING and kept.starts_at < timezone.now() - MISSED:
        schedule.move(kept, begin, by=trainer)
        return True
    return False


def _begin(days: int, at: time) -> datetime:
    day = timezone.localdate() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, at))
