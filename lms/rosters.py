"""A roster of an enterprise: judged line by line first, written when somebody says so; once more changes nothing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import timedelta
from time import monotonic
from typing import BinaryIO

from django.db import transaction
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from . import accounts, enterprises, members, reasons, uscc, workbooks
from .models import Enterprise, Invitation, Membership, Roster, User
from .reasons import Reason
from .workbooks import Column, Line

MOST = 5_000  # people on one roster
KEPT = timedelta(days=30)  # names and numbers of a table are not kept for longer
POST_LENGTH = 40
COLUMNS = (
    Column("name", ("姓名", "员工姓名", "名字", "NAME", "FULL NAME"), required=True),
    Column("mobile", ("手机号码", "手机", "手机号", "联系电话", "移动电话", "MOBILE", "MOBILE NUMBER"), required=True),
    Column("post", ("岗位", "职务", "职位", "部门岗位", "POST", "POSITION")),
    Column("code", ("统一社会信用代码", "信用代码", "USCC")),
)


class Refused(Exception):
    """The message says why, in the reader's language."""


class Verdict(TextChoices):
    NEW = "new", gettext_lazy("New")
    UPDATE = "update", gettext_lazy("Changed post")
    SAME = "same", gettext_lazy("Already there")
    LOOK = "look", gettext_lazy("To be checked")
    STOP = "stop", gettext_lazy("Cannot be imported")


@dataclass
class Judged:
    """A line with its verdict. LOOK is written only when the answer is "import"."""

    number: int
    name: str
    mobile: str
    post: str
    verdict: str
    reason: str = ""  # a message id, and what stands in it: see lms.reasons
    params: dict[str, str | int] = field(default_factory=dict)

    def because(self, reason: Reason) -> None:
        self.reason, self.params = reason.text, reason.params


@dataclass(frozen=True)
class People:
    """Who is known already, read in a few queries for the whole roster."""

    enterprise: Enterprise
    members: dict[str, Membership]  # of this enterprise, by number
    names: dict[str, list[str]]  # of this enterprise: name → numbers
    elsewhere: set[str]  # numbers of people of other enterprises: which ones is not for this one to know
    invited: dict[str, Invitation]


def try_out(*, enterprise: Enterprise, file: BinaryIO, file_name: str, by: User) -> Roster:
    """Judge each line and keep the result for a decision; nothing else is written. Raises workbooks.Refused."""
    began = monotonic()
    table = workbooks.read(file, COLUMNS, most=MOST)
    judged = judge(enterprise, table.lines)
    raw = {line.number: workbooks.plain(line) for line in table.lines}
    return Roster.objects.create(
        enterprise=enterprise,
        file_name=file_name[:200],
        headings=list(table.headings),
        lines=[asdict(line) | {"raw": raw[line.number]} for line in judged],
        made_by=by,
        made_at=timezone.now(),
        seconds=round(monotonic() - began, 2),
    )


def judge(enterprise: Enterprise, lines: Iterable[Line]) -> list[Judged]:
    """A verdict for each line, in the order of the file. The number of queries does not depend on how many they are."""
    lines = list(lines)
    numbers = {read_mobile(line)[0] for line in lines} - {""}
    people = _people(enterprise, numbers)
    seen: dict[str, int] = {}
    judged = []
    for line in lines:
        one = _judge(line, people, seen)
        judged.append(one)
        if one.verdict != Verdict.STOP:
            seen.setdefault(one.mobile, one.number)
    return judged


def _judge(line: Line, people: People, seen: dict[str, int]) -> Judged:
    mobile, wrong_mobile = read_mobile(line)
    name, wrong_name = read_name(line)
    one = Judged(line.number, name, mobile or line["mobile"], line["post"][:POST_LENGTH], Verdict.STOP)
    unread = workbooks.why_unread(line)
    one.because(unread or wrong_name or wrong_mobile or _wrong_enterprise(line, people.enterprise))
    if not one.reason and mobile in seen:
        one.because(Reason(gettext_noop("The same number is in row %(row)d."), {"row": seen[mobile]}))
    if not one.reason:
        _compare(one, people)
    return one


def _compare(one: Judged, people: People) -> None:
    """With who is known already."""
    member = people.members.get(one.mobile)
    invited = people.invited.get(one.mobile)
    namesakes = [number for number in people.names.get(one.name, []) if number != one.mobile]
    if member and member.user.name != one.name:
        words = gettext_noop("This number belongs to %(name)s of your enterprise. Names are corrected by the person.")
        one.because(Reason(words, {"name": member.user.name}))
    elif member:
        _compare_post(one, member.post)
    elif invited and (invited.name, invited.post) == (one.name, one.post):
        one.verdict = Verdict.SAME
        one.because(Reason(gettext_noop("Invited; the answer has not come yet.")))
    elif namesakes:
        one.verdict = Verdict.LOOK
        words = gettext_noop("%(name)s (%(mobile)s) is with you already. If it is the same person with a new number, "
                             "let the person change it under “My details”; import the row only for somebody "
                             "else.")  # fmt: skip
        without = gettext_noop(
            "%(name)s, without a mobile on record, is with you already. If it is the same person, let the person add "
            "it under “My details”; import the row only for somebody else."
        )
        mobile = hidden(namesakes[0])
        one.because(Reason(words if mobile else without, {"name": one.name, "mobile": mobile}))
    elif one.mobile in people.elsewhere:
        one.verdict = Verdict.LOOK
        one.because(Reason(gettext_noop("Belongs to another enterprise at present. Importing asks the person to move; "
                                        "it holds when they say so.")))  # fmt: skip
    else:
        one.verdict = Verdict.NEW
        one.because(Reason(gettext_noop("Gets a text message, and confirms at the first visit.")))


def _compare_post(one: Judged, post: str) -> None:
    if not one.post or one.post == post:
        one.verdict = Verdict.SAME
        one.because(Reason())
    else:
        one.verdict = Verdict.UPDATE
        words = gettext_noop("The post changes from “%(before)s” to “%(after)s”; records stay.")
        one.because(Reason(words, {"before": post, "after": one.post}))


def read_mobile(line: Line) -> tuple[str, Reason]:
    """(clean number, nothing) or ("", what is wrong with it)."""
    if shortened := workbooks.why_shortened(line["mobile"]):
        return "", shortened
    try:
        return accounts.clean_mobile(line["mobile"]), Reason()
    except accounts.BadMobile as error:
        return "", error.reason


def read_name(line: Line) -> tuple[str, Reason]:
    try:
        return accounts.clean_name(line["name"]), Reason()
    except accounts.BadName as error:
        return line["name"][:40], error.reason


def _wrong_enterprise(line: Line, enterprise: Enterprise) -> Reason:
    """A roster may name the enterprise in each row; another one's row is not ours to import."""
    code = line["code"]
    if shortened := workbooks.why_shortened(code):
        return shortened
    if code and uscc.normalise(code) != enterprise.uscc:
        return Reason(gettext_noop("The credit code in this row is not that of your enterprise."))
    return Reason()


def _people(enterprise: Enterprise, numbers: set[str]) -> People:
    present = Membership.objects.current().select_related("user")
    here = list(present.filter(enterprise=enterprise))
    away = present.exclude(enterprise=enterprise).filter(user__mobile__in=numbers, user__mobile_verified=True)
    names: dict[str, list[str]] = {}
    for row in here:
        names.setdefault(row.user.name, []).append(row.user.mobile or "")
    invited = Invitation.objects.open(timezone.now()).filter(enterprise=enterprise)
    return People(
        enterprise=enterprise,
        members={row.user.mobile: row for row in here if row.user.mobile},
        names=names,
        elsewhere={row.user.mobile for row in away if row.user.mobile},
        invited={row.mobile: row for row in invited},
    )


def hidden(mobile: str) -> str:
    return f"{mobile[:3]}****{mobile[-4:]}" if mobile else ""


def sums(roster: Roster) -> dict[str, int]:
    """How many lines of each verdict."""
    counted = Counter(line["verdict"] for line in roster.lines)
    return {verdict: counted[verdict] for verdict in Verdict.values}


def apply(roster: Roster, *, by: User, answers: Iterable[int] = (), whole: bool = False) -> Roster:
    """Write what may be written: new and changed lines, and those to be checked whose number is among `answers`.

    With `whole` nothing is written unless every line may be. Lines are judged anew, since people may have joined
    meanwhile. Raises Refused; applying twice changes nothing.
    """
    agreed = set(answers)
    with transaction.atomic():
        row = Roster.objects.select_for_update(of=("self",)).select_related("enterprise").get(pk=roster.pk)
        if row.dropped_at:
            raise Refused(_("This roster was put aside. Bring the file again."))
        if row.applied_at:
            return row
        judged = _anew(row)
        stay = [one for one in judged if not _may_be_written(one, agreed)]
        if whole and stay:
            raise Refused(_("%(count)d rows cannot be imported, so nothing was written.") % {"count": len(stay)})
        _write(row.enterprise, [one for one in judged if _may_be_written(one, agreed)], by)
        raw = {each["number"]: each["raw"] for each in row.lines}
        row.lines = [asdict(one) | {"raw": raw[one.number], "written": one not in stay} for one in judged]
        row.result = Counter(one.verdict for one in judged if one not in stay)
        row.applied_at = timezone.now()
        row.save(update_fields=["lines", "result", "applied_at"])
    return row


def _anew(row: Roster) -> list[Judged]:
    """Judged by who is known now. What could not be imported at the trial cannot be later: not all cells are kept."""
    stopped = {each["number"]: _kept(each) for each in row.lines if each["verdict"] == Verdict.STOP}
    cells = ("name", "mobile", "post")
    open_ones = [each for each in row.lines if each["number"] not in stopped]
    judged = judge(row.enterprise, [Line(each["number"], {key: each[key] for key in cells}) for each in open_ones])
    known = stopped | {one.number: one for one in judged}
    return [known[each["number"]] for each in row.lines]


def _kept(line: dict) -> Judged:
    return Judged(**{each.name: line[each.name] for each in fields(Judged) if each.name in line})


def _may_be_written(one: Judged, agreed: set[int]) -> bool:
    if one.verdict == Verdict.LOOK:
        return one.number in agreed
    return one.verdict != Verdict.STOP


def _write(enterprise: Enterprise, judged: list[Judged], by: User) -> None:
    mobiles = {one.mobile: one for one in judged}
    here = Membership.objects.current().filter(enterprise=enterprise, user__mobile__in=mobiles).select_related("user")
    known = set()
    for row in here:
        known.add(row.user.mobile)
        one = mobiles[row.user.mobile or ""]
        if one.verdict == Verdict.UPDATE:
            enterprises.transfer(user=row.user, enterprise=enterprise, post=one.post)
        if row.confirmed_at is None:
            members.confirm(enterprises.membership(row.user) or row, by=by)
    fresh = [one for one in judged if one.mobile not in known and one.verdict in (Verdict.NEW, Verdict.LOOK)]
    members.invite(enterprise, [(one.name, one.mobile, one.post) for one in fresh], by=by)


def drop(roster: Roster) -> None:
    """Put it aside; its lines go at once."""
    Roster.objects.filter(pk=roster.pk, applied_at=None).update(dropped_at=timezone.now(), lines=[])


def returned(roster: Roster) -> bytes:
    """The rows that were not, or cannot be, written, as they came, each with its reason."""
    left = [each for each in roster.lines if not _is_fine(each)]
    table = workbooks.Table(
        headings=tuple(roster.headings),
        lines=[Line(each["number"], {}, tuple(each["raw"])) for each in left],
    )
    return workbooks.returned(table, {each["number"]: reasons.told(each) or "—" for each in left})


def _is_fine(line: dict) -> bool:
    if "written" in line:
        return bool(line["written"])
    return line["verdict"] not in (Verdict.LOOK, Verdict.STOP)


def forget_old() -> int:
    """The periodic duty; the number of rosters that went."""
    return Roster.objects.filter(made_at__lt=timezone.now() - KEPT).delete()[0]
