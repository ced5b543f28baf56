"""The bureau's table as it is filed: its columns, its notes, its name."""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from django.utils import timezone, translation

from . import bureau, file_names, periods, reports
from .bureau import Question
from .definitions import BY_KEY
from .models import OpeningBalance, Region
from .reports import Measures
from .sheets import TENTH, WHOLE, Column, Paper, Value

# What stands in a row, and the head above it. The order is that of the page as well.
FIGURES = (
    ("sessions", ""),
    ("attendances", "参训人员"),
    ("persons", "参训人员"),
    ("enterprise_attendances", "参训企业"),
    ("enterprises", "参训企业"),
    ("hours", ""),
    ("graduates", "结业发证"),
    ("certificates", "结业发证"),
)
ROWS = {
    "city": "市（州）", "county": "县（市、区）", "activity": "活动", "kind": "活动类型", "channel": "参加方式",
    "track": "板块", "campaign": "专题活动", "chain": "产业链", "size": "企业规模", "month": "月份",
}  # fmt: skip
LONG = ("activity", "campaign")
SIGNS = re.compile("[（）、]")
PRELIMINARY, CLOSED = "初步", "已锁定"  # figures of a locked period are those that were reported
LONGEST = 230  # bytes of the name of a file
APART = "期初数（上线前历史数据，另行签批，单独列示，不计入上表及合计）"
NOTES = (
    "注：1.全年的人数、家数不等于各季之和：同一人、同一家企业在一个时段内只计一次；跨季参加同一活动的，人次、家次各季分别计，全年只计一次。",
    "2.场次是该行有人参加的活动数，同一活动可有多个市（州）参加，各行不可相加；人数、家数合计只计一次。",
    "3.市（州）按参加当时所在企业的地址认定；未填报企业的人计入人次，不计家次。1学时为45分钟。",
    "4.历史导入的期初数单独列示，不在本表之内。",
    "5.学时先合计分钟再折算，保留一位小数；各行分别取舍，相加与合计可有尾差，以合计为准。",
)


def columns(by: str) -> list[Column]:
    figures = [Column(BY_KEY[key].chinese, over, TENTH if key == "hours" else WHOLE, width=11) for key, over in FIGURES]
    place = Column(ROWS[by], width=34 if by in LONG else 22)
    return [
        Column("序号", form=WHOLE, width=6),
        Column("区划代码", width=10),
        place,
        *figures,
        Column("备注", width=14),
    ]


def figures(counted: Measures) -> list[Value]:
    """0 and not blank."""
    return [getattr(counted, key) or (Decimal("0.0") if key == "hours" else 0) for key, _over in FIGURES]


def rows(table: "reports.Table") -> list[list[Value]]:
    """In the official order, numbered, codes as text."""
    return [
        [number, _shown_code(row.code), row.name, *figures(row.measures), ""]
        for number, row in enumerate(table.rows, 1)
    ]


def _shown_code(code: str) -> str:
    return code if code.isdigit() else "—"


def total(table: "reports.Table") -> list[Value]:
    return ["", "", "合计", *figures(table.total), ""]


def apart(kept: Sequence[OpeningBalance]) -> list[list[Value]]:
    """Opening balances by the columns of the table. Certificates and rows of cities are not among what was signed."""
    return [
        ["", _shown_code(each.city_code), f"{each.title}（{each.since}至{each.until}）", *_signed(each),
         f"来源：{each.source}；批准：{each.approver}"]
        for each in kept
    ]  # fmt: skip


def _signed(each: OpeningBalance) -> list[Value]:
    return ["" if key == "certificates" else getattr(each, key) for key, _over in FIGURES]


def title(question: Question) -> str:
    return f"{question.span.chinese}{_place(question)}企业首席质量官培训情况统计表"


def file_name(question: Question, ending: str = "xlsx", what: str = "统计表", measure: str = "") -> str:
    """2024年第三季度培训统计表-按市州-板块＝质量管理-初步(截至2024-09-30).xlsx

    Tables of one period have different names when they are different tables: by what their rows are, by what they are
    narrowed, whether the period was locked, and which moment's book it is when somebody chose one.
    """
    told = _what(question, what, measure)
    head = f"{question.span.chinese}{_place(question)}培训{what}{told}"
    span = question.span
    closed = periods.are_closed(span.since, replace(span, last=span.end).until, as_of=question.as_of)
    foot = f"-{CLOSED if closed else PRELIMINARY}{_moment(question)}(截至{question.span.last}).{ending}"
    narrowed = file_names.listed(_narrowed(question), room=LONGEST - len(f"{head}-{foot}".encode()))
    return file_names.plain(f"{head}-{narrowed}{foot}" if narrowed else f"{head}{foot}")


def _what(question: Question, what: str, measure: str) -> str:
    """What a table has a row for; of which figure the rows are."""
    if what == "统计表":
        return f"-按{SIGNS.sub('', ROWS[question.by])}"
    return f"-{BY_KEY[measure].chinese}" if measure in BY_KEY else ""


def _narrowed(question: Question) -> list[str]:
    with translation.override("zh-hans"):
        return [f"{what}＝{which}" for what, which in bureau.conditions(question)]


def _moment(question: Question) -> str:
    return f"-{timezone.localtime(question.as_of):%Y%m%d%H%M%S}账面" if question.as_of else ""


def _place(question: Question) -> str:
    region = question.region
    return region.name if region and region.level != Region.Level.PROVINCE else ""


def paper(question: Question, *, watermark: str = "", notes: Sequence[str] = NOTES) -> Paper:
    units = "、".join(str(unit) for unit in ("场", "人次", "人", "家次", "户", "学时"))
    narrowed = "；".join(f"{what}＝{which}" for what, which in bureau.conditions(question))
    return Paper(
        title=title(question),
        reporter=bureau.reporter(question.region),
        filed_on=timezone.localdate(question.as_of) if question.as_of else timezone.localdate(),
        units=units,
        notes=((f"筛选条件：{narrowed}。本表只统计符合条件的记录。",) if narrowed else ()) + tuple(notes),
        watermark=watermark,
    )
