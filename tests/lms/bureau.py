"""A small book for the desk: people of three cities and of none, in three activities, in the third quarter of 2026."""

import datetime as dt
from decimal import Decimal
from itertools import count

import time_machine
from django.core.management import call_command

from lms import tally
from lms.models import Region
from tests import factories

serial = count(1)
AUGUST = dt.datetime(2026, 8, 12, 2, tzinfo=dt.UTC)
QUARTER = "period=custom&since=2026-07-01&until=2026-09-30"
NOW = dt.datetime(2026, 11, 29, 4, tzinfo=dt.UTC)


def write(person, run, *, at=AUGUST, minutes=45, kind="lesson", unit="", channel="on_demand"):
    number = next(serial)
    return tally.record(
        key=f"desk:{number}", kind=kind, activity=run, person=person, channel=channel, minutes=minutes,
        occurred_at=at, unit=unit or f"{kind}:{number}", unit_title="第一节",
    )  # fmt: skip


def activity(number=1, kind="course", title="", **fields):
    return tally.activity(key=f"{kind}:desk{number}", kind=kind, title=title or f"质量课程{number}", **fields)


def city(code):
    return Region.objects.current().get(code=code)


def firm(code, name, where):
    return factories.enterprise(code, name, city=city(where))


def people():
    """Two of one firm in Chengdu, one in Mianyang, one in Chongqing, one of nowhere."""
    call_command("load_reference", verbosity=0)
    chengdu = firm("91510100DEMQ01379A", "成都示范轴承有限公司", "510100")
    mianyang = firm("91510700DEMQ00026K", "绵阳示范电子有限公司", "510700")
    chongqing = firm("91500000DEMQ00018X", "重庆示范汽车有限公司", "500000")
    found = []
    for number, enterprise in enumerate([chengdu, chengdu, mianyang, chongqing, None]):
        name = ["何大海", "刘思远", "欧阳静怡", "=危险", "向前"][number]
        person = factories.user(name=name, mobile=f"1380000600{number}")
        if enterprise:
            factories.member(person, enterprise)
        found.append(person)
    return found


def small_book():
    """Chengdu 3 人次, Mianyang 2, Chongqing 1, not given 1; the wanted figures stand in WANTED."""
    with time_machine.travel(dt.datetime(2026, 9, 30, tzinfo=dt.UTC)):
        one, two, three, four, five = persons = people()
        course, live, room = activity(1), activity(2, "broadcast", "川渝联合直播"), activity(3, "classroom", "线下班")
        write(one, course)
        write(one, course)
        write(one, live, channel="live")
        write(two, course, minutes=Decimal("22.5"))
        write(three, course)
        write(three, room, channel="classroom", minutes=180)
        write(four, live, channel="live")
        write(five, course)
        write(one, activity(9, "programme", "任职培训"), kind="programme", minutes=0)
        write(one, course, at=AUGUST - dt.timedelta(days=90))
    return persons


WANTED = {
    "510100": {"sessions": 2, "attendances": 3, "persons": 2, "enterprise_attendances": 2, "enterprises": 1,
               "hours": "3.5", "graduates": 1},
    "510700": {"sessions": 2, "attendances": 2, "persons": 1, "enterprise_attendances": 2, "enterprises": 1,
               "hours": "5.0", "graduates": 0},
    "500000": {"sessions": 1, "attendances": 1, "persons": 1, "enterprise_attendances": 1, "enterprises": 1,
               "hours": "1.0", "graduates": 0},
    "UNKNOWN": {"sessions": 1, "attendances": 1, "persons": 1, "enterprise_attendances": 0, "enterprises": 0,
                "hours": "1.0", "graduates": 0},
}  # fmt: skip
TOTAL = {"sessions": 3, "attendances": 7, "persons": 5, "enterprise_attendances": 5, "enterprises": 3,
         "hours": "10.5", "graduates": 1}  # fmt: skip
