"""Who came, as a table of the organiser: judged row by row, written when somebody says so."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import BinaryIO

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from lms import permissions, reasons, rosters, tally, workbooks
from lms.models import User
from lms.reasons import Reason
from lms.workbooks import Column, Line

from . import class_counting, classes
from .models import ClassSession, ClassSignIn

MOST = 5_000
COLUMNS = (
    Column("name", ("姓名", "学员姓名", "NAME"), required=True),
    Column("mobile", ("手机号码", "手机", "手机号", "联系电话", "MOBILE"), required=True),
)


class Verdict(TextChoices):
    COUNTS = "counts", gettext_lazy("Counts")
    LATER = "later", gettext_lazy("Counts after registering")
    PLACE = "place", gettext_lazy("Gets a place")
    SAME = "same", gettext_lazy("Signed in already")
    LOOK = "look", gettext_lazy("To be checked")
    STOP = "stop", gettext_lazy("Cannot be imported")


WRITTEN = (Verdict.COUNTS, Verdict.LATER, Verdict.PLACE)


@dataclass
class Judged:
    number: int
    name: str
    mobile: str
    verdict: str
    reason: str = ""  # a message id, and what stands in it: see lms.reasons
    params: dict[str, int] = field(default_factory=dict)

    def because(self, reason: Reason) -> None:
        self.reason, self.params = reason.text, reason.params


@dataclass(frozen=True)
class Known:
    holders: dict[str, User]
    there: set[str]  # numbers of those who have signed in; before the meeting has begun, of those who have a place
    ahead: bool


@dataclass(frozen=True)
class Written:
    """What an import did. A second one with the same table does nothing more."""

    places: int  # new in the class
    signed: int  # newly signed in
    counted: int  # of them, and of those before them, newly in the book
    waiting: int  # newly signed in and not registered yet


def read(file: BinaryIO) -> workbooks.Table:
    """Raises workbooks.Refused."""
    return workbooks.read(file, COLUMNS, most=MOST)


def judge(session: ClassSession, lines: Iterable[Line]) -> list[Judged]:
    """A verdict for each line. Two queries, whatever their number."""
    lines = list(lines)
    clean = {line.number: rosters.read_mobile(line) for line in lines}
    numbers = {mobile for mobile, _why in clean.values() if mobile}
    ahead = not class_counting.has_begun(session)
    places = session.training_class.members.values_list("mobile", flat=True)
    there = places if ahead else session.sign_ins.standing().values_list("member__mobile", flat=True)
    known = Known(holders=classes.holders_of(numbers), there=set(there), ahead=ahead)
    seen: dict[str, int] = {}
    judged = []
    for line in lines:
        one = _judge(line, clean[line.number], known, seen)
        seen.setdefault(one.mobile, one.number)
        judged.append(one)
    return judged


def _judge(line: Line, mobile: tuple[str, Reason], known: Known, seen: dict[str, int]) -> Judged:
    name, wrong_name = rosters.read_name(line)
    number, wrong_mobile = mobile
    one = Judged(line.number, name, number or line["mobile"], Verdict.STOP)
    one.because(workbooks.why_unread(line) or wrong_name or wrong_mobile)
    if one.reason:
        return one
    holder = known.holders.get(number)
    if number in seen:
        one.because(Reason(gettext_noop("The same number is in row %(row)d."), {"row": seen[number]}))
    elif number in known.there:
        one.verdict = Verdict.SAME
        if known.ahead:
            one.because(Reason(gettext_noop("Has a place already. The meeting has not begun: nobody is counted yet.")))
    elif holder and holder.name != name:
        one.verdict = Verdict.LOOK
        words = gettext_noop("This number is registered under another name. Compare the two before counting it.")
        one.because(Reason(words))
    elif known.ahead:
        one.verdict = Verdict.PLACE
        one.because(Reason(gettext_noop("The meeting has not begun: nobody is counted yet.")))
    elif holder:
        one.verdict = Verdict.COUNTS
    else:
        one.verdict = Verdict.LATER
        one.because(Reason(gettext_noop("Nobody has registered with this number. It counts when they do.")))
    return one


def apply(
    session: ClassSession, judged: Iterable[Judged], *, by: User, agreed: Iterable[int] = (), reason: str = ""
) -> Written:
    """Give each a place and sign them in; those to be checked only when their number is among `agreed`. Before the
    meeting has begun they get places alone.

    All of it is decided at once: places that do not suffice, or a locked period without a `reason`, raise
    classes.Refused, and nothing is written. The book then follows by parts. Once more changes nothing.
    """
    wanted, reason = set(agreed), reason.strip()
    rows = [one for one in judged if one.verdict in WRITTEN or (one.verdict == Verdict.LOOK and one.number in wanted)]
    if reason and not may_correct(by):
        raise classes.Refused(_("Only officers of the bureau write into a locked period. Nothing was written."))
    try:
        with transaction.atomic():
            places, fresh = _decide(session, rows, by, reason)
    except tally.Locked as locked:
        words = _("%(why)s Nothing of the roster was written: nobody got a place, nobody was signed in.")
        raise classes.Refused(words % {"why": locked}) from locked
    waiting = sum(row.member.user_id is None for row in fresh)
    return Written(places, len(fresh), class_counting.count_session(session), waiting)


def may_correct(user: User) -> bool:
    """Whether somebody may give a reason and import into a locked period."""
    return permissions.is_clerk(user)


def _decide(session: ClassSession, rows: list[Judged], by: User, reason: str) -> tuple[int, list[ClassSignIn]]:
    places = classes.enter(session.training_class, [(one.name, one.mobile) for one in rows])
    came = [one.mobile for one in rows if one.verdict != Verdict.PLACE]
    if not came or not class_counting.has_begun(session):
        return places, []
    found = session.training_class.members.filter(mobile__in=came).select_related("user").order_by("pk")
    return places, classes.note(session, list(found), by=by, reason=reason)


def told(table: workbooks.Table, judged: Iterable[Judged]) -> list[dict]:
    """In plain values with the cells as they came, to be kept between the trial and the decision."""
    raw = {line.number: workbooks.plain(line) for line in table.lines}
    return [asdict(one) | {"raw": raw[one.number]} for one in judged]


def judged(lines: Iterable[dict]) -> list[Judged]:
    """What `told` told."""
    names = {each.name for each in fields(Judged)}
    return [Judged(**{name: value for name, value in line.items() if name in names}) for line in lines]


def returned(headings: Iterable[str], lines: Iterable[dict]) -> bytes:
    """The rows that are not imported as they are, whole and as they came, each with its reason."""
    left = [line for line in lines if line["verdict"] in (Verdict.STOP, Verdict.LOOK)]
    rows = [Line(line["number"], {}, tuple(line["raw"])) for line in left]
    table = workbooks.Table(headings=tuple(headings), lines=rows)
    return workbooks.returned(table, {line["number"]: reasons.told(line) for line in left})
