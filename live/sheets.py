"""The list of a broadcast as a workbook, absentees included. In the wording of record, whoever takes it out."""

from collections.abc import Callable, Iterator
from pathlib import Path

from django.urls import reverse
from django.utils import timezone

from courses.archive import Part
from courses.models import LessonPage
from lms import masking, sheets
from lms.models import Activity, User
from lms.sheets import MOBILE, NAME, WHOLE, Column, Paper, Value, moment, who

from . import registers
from .models import Broadcast
from .registers import FREE, OPEN, YES, Register, Row

COLUMNS = (
    NAME,
    MOBILE,
    Column("单位", width=34),
    Column("市州", width=12),
    Column("到场", width=18),
    Column("最后在场", width=18),
    Column("在场分钟", form=WHOLE),
    Column("应在场分钟", form=WHOLE, width=12),
    Column("进入次数", form=WHOLE),
    Column("设备数", form=WHOLE),
    Column("签到", width=24),
    Column("结果", width=22),
)
SIGNS = {YES: "已签", FREE: "免除", OPEN: "进行中"}


def write(path: Path, broadcast: Broadcast, *, by: User) -> None:
    """Rows are read and written in pieces: the size of the audience does not matter."""
    register = Register.of(broadcast)
    began = broadcast.started_at or broadcast.starts_at
    paper = Paper(
        title=f"直播考勤表：{broadcast.title}",
        reporter="",
        filed_on=timezone.localdate(),
        units="人",
        watermark=f"{moment(began)} 开播；{by.name} 于 {moment(timezone.now())} 导出",
    )
    sheets.write_rows(path, COLUMNS, _lines(register, _for_hosts), paper=paper)


def of_activity(activity: Activity, full: bool) -> Iterator[Part]:
    """For the training archive of a broadcast."""

    def shown(user: User) -> tuple[str, str]:
        return who(user.name, user.mobile, full=full)

    for broadcast in Broadcast.objects.filter(activity=activity):
        yield Part("直播考勤", COLUMNS, _lines(Register.of(broadcast), shown))


def lessons_of(activity: Activity) -> list[LessonPage]:
    rows = Broadcast.objects.filter(activity=activity).exclude(lesson=None).select_related("lesson")
    return [row.lesson for row in rows if row.lesson]


def page_of(activity: Activity) -> str:
    """Where its hosts find the list, what people thought of it, and the archive."""
    found = Broadcast.objects.filter(activity=activity).first()
    return reverse("attendance", args=[found.uuid]) if found else ""


def _for_hosts(user: User) -> tuple[str, str]:
    """Hosts know their audience by name; nobody's number is theirs."""
    return user.name, masking.masked_mobile(user.mobile)


def _lines(register: Register, shown: Callable[[User], tuple[str, str]]) -> Iterator[tuple[Value, ...]]:
    for row in registers.everybody(register):
        yield (
            *shown(row.user),
            row.enterprise,
            row.city,
            moment(row.came_at),
            moment(row.left_at),
            row.minutes,
            register.asked_minutes,
            row.joins,
            row.devices,
            "、".join(SIGNS.get(sign, "未签") for sign in row.signs),
            _result(row),
        )


def _result(row: Row) -> str:
    if row.came_at is None:
        return "缺席"
    if row.enough:
        return "已记入" if row.presence else "已达到要求"
    if row.signs_missing and not row.missing_ms:
        return f"签到还差{row.signs_missing}次"
    return f"还差{row.missing_minutes}分钟"
