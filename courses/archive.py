"""The training archive of an activity as one ZIP: plan, roster, attendance, materials, results, evaluation.

Made by a worker as every large export: each table is written row by row to the disk and then packed, so that the size
of a class does not matter. Names and numbers are masked unless an officer of the province said what for.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _
from filer.models import File

from lms import bureau, exports, extracts, file_names, reading, sheets
from lms.models import Activity, Export, User
from lms.sheets import MOBILE, NAME, TENTH, WHOLE, Column, Paper, Value, moment, who

from . import evaluation
from .models import Attempt, ClassSignIn, LessonPage, TrainingClass

KIND = Export.Kind.ARCHIVE
COPIED = 1024 * 1024  # bytes of a material at a time
KINDS = {"course": "网络课程", "programme": "培训项目", "broadcast": "直播", "classroom": "线下培训班"}
STATES = {"planned": "已计划", "held": "已举办", "cancelled": "已取消"}
HOW = {ClassSignIn.How.DOOR: "扫码签到", ClassSignIn.How.ROSTER: "名册导入"}
log = structlog.get_logger(__name__)
Rows = Iterable[Sequence[Value]]


@dataclass(frozen=True)
class Part:
    """A table of the archive."""

    name: str
    columns: Sequence[Column]
    rows: Rows


parts: list[Callable[[Activity, bool], Iterable[Part]]] = []  # what apps above know of their activities
lessons_of: list[Callable[[Activity], Iterable[LessonPage]]] = []  # and which lessons were taught there


def ask(user: User, activity: Activity, *, full: bool = False, purpose: str = "") -> Export:
    """Raises exports.Refused, and bureau.OutOfReach for who does not read the results of the activity."""
    _check(user, activity)
    name = f"培训档案-{file_names.safe(activity.title)}.zip"
    kept = {"activity": str(activity.uuid)}
    title = f"培训档案：{activity.title}"
    return exports.order(user=user, kind=KIND, title=title, file_name=name, kept=kept, full=full, purpose=purpose)


def allow(user: User, export: Export) -> None:
    _check(user, Activity.objects.get(uuid=export.question["activity"]))


def _check(user: User, activity: Activity) -> None:
    if not evaluation.may_read(user, activity):
        raise bureau.OutOfReach(_("The archive is for who held the activity, and for officers of its region."))


def write(export: Export, path: Path) -> int:
    """The ZIP; says how many rows its tables have."""
    activity = Activity.objects.get(uuid=export.question["activity"])
    Export.objects.filter(pk=export.pk).update(rows=activity.participations.count())
    done, index = 0, []
    with tempfile.TemporaryDirectory() as folder, ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for number, part in enumerate(_parts(activity, export.full), 1):
            file, name = Path(folder) / "part.xlsx", f"{number:02}-{part.name}.xlsx"
            counted = _Counted(exports.told(export, part.rows, first=done + 1))
            paper = Paper(part.name, "", timezone.localdate(), "", watermark=exports.watermark(export))
            sheets.write_rows(file, part.columns, counted, paper=paper)
            archive.write(file, name, ZIP_STORED)
            done += counted.number
            index.append(f"{name}\t{counted.number} 行")
            _beat(export)
        index += _materials(archive, activity, export)
        archive.writestr("00-目录.txt", _readme(activity, export, index).encode("utf-8-sig"))
    return done


def _beat(export: Export) -> None:
    """A worker that says nothing for long is taken for dead, and another begins anew."""
    Export.objects.filter(pk=export.pk).update(beat_at=timezone.now())


class _Counted:
    """Rows that are counted while they go by."""

    def __init__(self, rows: Rows):
        self.rows, self.number = rows, 0

    def __iter__(self) -> Iterator[Sequence[Value]]:
        for row in self.rows:
            self.number += 1
            yield row


def _parts(activity: Activity, full: bool) -> Iterator[Part]:
    held = TrainingClass.objects.filter(activity=activity).first()
    yield Part("培训计划", (Column("项目", width=16), Column("内容", width=60)), _plan(activity, held))
    if held:
        yield Part("学员名册", ROSTER, _roster(held, full))
        yield Part("签到考勤", SIGNED, _signed(held, full))
    for more in parts:
        yield from more(activity, full)
    facts = activity.participations.standing().select_related("activity").order_by("pk")
    yield Part("学时记录", extracts.COLUMNS, extracts.lines(reading.through(facts), full=full))
    yield Part("考试成绩", RESULTS, _results(activity, held, full))
    yield Part("活动评价", (Column("项目", width=40), Column("结果", width=60)), _evaluated(activity))


def _plan(activity: Activity, held: TrainingClass | None) -> Iterator[list[Value]]:
    yield ["名称", activity.title]
    yield ["形式", KINDS.get(activity.kind, activity.kind)]
    yield ["日期", f"{activity.starts_on or '—'} 至 {activity.ends_on or '—'}"]
    yield ["地点", activity.place or "—"]
    for each in activity.organisers:
        yield [f"{each.get('role', '')}单位", each.get("name", "")]
    yield ["名额", activity.quota if activity.quota is not None else "不限"]
    yield ["状态", STATES.get(activity.status, activity.status)]
    yield ["主题活动", "、".join(activity.campaigns) or "—"]
    for session in held.sessions.all() if held else ():
        yield ["课次", f"{moment(session.starts_at)} {session.title}（{session.minutes}分钟）"]


ROSTER = (
    NAME,
    MOBILE,
    Column("登记时间", width=18),
    Column("是否注册", width=10),
)


def _roster(held: TrainingClass, full: bool) -> Iterator[list[Value]]:
    for row in reading.through(held.members.order_by("pk")):
        registered = "是" if row.user_id else "否"
        yield [*who(row.name, row.mobile, full=full), moment(row.entered_at), registered]


SIGNED = (
    Column("课次", width=30),
    NAME,
    MOBILE,
    Column("方式", width=12),
    Column("签到时间", width=18),
    Column("备注", width=30),
)


def _signed(held: TrainingClass, full: bool) -> Iterator[list[Value]]:
    rows = ClassSignIn.objects.filter(session__training_class=held).select_related("session", "member")
    for row in reading.through(rows.order_by("session__starts_at", "pk")):
        note = f"已撤销：{row.reason}" if row.taken_back_at else ""
        person = who(row.member.name, row.member.mobile, full=full)
        yield [row.session.title, *person, HOW[ClassSignIn.How(row.how)], moment(row.at), note]


RESULTS = (
    NAME,
    MOBILE,
    Column("考试", width=30),
    Column("次数", form=WHOLE, width=8),
    Column("得分", form=TENTH, width=10),
    Column("满分", form=TENTH, width=10),
    Column("结果", width=10),
    Column("交卷时间", width=18),
)


def _results(activity: Activity, held: TrainingClass | None, full: bool) -> Iterator[list[Value]]:
    """Exams of the courses whose lessons were taught, and of the programme of the class, by who was counted there."""
    people = User.objects.filter(ledger_key__in=activity.participations.standing().values("person")).values("pk")
    courses = {lesson.course.pk for lesson in _lessons(activity)}
    rows = Attempt.objects.exclude(submitted_at=None).filter(user__in=people)
    within = rows.filter(enrolment__course__in=courses)
    if held and held.programme_id:
        within |= rows.filter(programme_enrolment__programme=held.programme_id)
    ordered = within.select_related("user", "assessment").order_by("user_id", "submitted_at", "pk")
    for row in reading.through(ordered):
        result = "合格" if row.passed else "不合格"
        score = [row.number, row.score if row.score is not None else "—", row.full_score, result]
        person = who(row.user.name, row.user.mobile, full=full)
        yield [*person, row.assessment.title, *score, moment(row.submitted_at)]


def _evaluated(activity: Activity) -> Iterator[list[Value]]:
    told = evaluation.results(activity)
    yield ["参加人数", told.took_part]
    yield ["评价人数", told.people]
    if not told.enough:
        yield ["说明", f"可合并公布的评价不足{evaluation.ENOUGH}人，不列平均分和意见。"]
        return
    yield ["计入结果的评价人数", told.told]
    yield ["满意度（%）", told.satisfaction or 0]
    yield ["答题数（N）", told.answers]
    for mean in told.means:
        yield [mean.question.text, mean.stars]
    for words in evaluation.words(activity):
        yield ["意见", words]


def _lessons(activity: Activity) -> list[LessonPage]:
    found = {row.pk: row for row in LessonPage.objects.filter(pk__in=_lessons_of_class(activity))}
    for more in lessons_of:
        found |= {lesson.pk: lesson for lesson in more(activity)}
    return list(found.values())


def _lessons_of_class(activity: Activity) -> list[int]:
    rows = TrainingClass.objects.filter(activity=activity).exclude(sessions__lesson=None)
    return list(rows.values_list("sessions__lesson", flat=True).distinct())


def _materials(archive: ZipFile, activity: Activity, export: Export) -> list[str]:
    """Handouts of the lessons that were taught there, each once. One that is no longer there is said to be missing."""
    files: dict[int, File] = {}
    for lesson in _lessons(activity):
        blocks = [block.value["file"] for block in lesson.body if block.block_type == "handout"]
        files |= {file.pk: file for file in blocks if file}
    lines = []
    for number, file in enumerate(files.values(), 1):
        name = f"课件资料/{number:02}-{file_names.safe(file.original_filename or file.label)}"
        try:
            source = file.file.storage.open(file.file.name)
        except FileNotFoundError:
            log.warning("handout_missing", file=file.pk, export=str(export.uuid))
            lines.append(f"{name}\t文件缺失，未收入档案")
            continue
        with source, archive.open(name, "w") as target:
            while piece := source.read(COPIED):
                target.write(piece)
                _beat(export)
        lines.append(name)
    return lines


def _readme(activity: Activity, export: Export, index: list[str]) -> str:
    lines = [
        f"培训档案：{activity.title}",
        f"生成时间：{moment(timezone.now())}",
        exports.watermark(export),
        "",
        "目录：",
        *index,
        "",
        "学员名册、签到考勤、学时记录、考试成绩和活动评价均取自平台记录。1学时为45分钟。",
    ]
    return "\r\n".join(lines) + "\r\n"
