"""Who came, as a table of the organiser: judged row by row, written when somebody says so."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import BinaryIO

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy, gettext_noop

from lms import rosters, tally, workbooks
from lms.models import User
from lms.reasons import Reason
from lms.workbooks import Column, Line

from . import classes
from .models import ClassMember, ClassSession

MOST = 5_000
AT_ONCE = 200  # people signed in by one transaction: others write meanwhile
COLUMNS = (
    Column("name", ("姓名", "学员姓名", "NAME"), required=True),
    Column("mobile", ("手机号码", "手机", "手机号", "联系电话", "MOBILE"), required=True),
)


class Verdict(TextChoices):
    COUNTS = "counts", gettext_lazy("Counts")
    LATER = "later", gettext_lazy("Counts after registering")
    SAME = "same", gettext_lazy("Signed in already")
    LOOK = "look", gettext_lazy("To be checked")
    STOP = "stop", gettext_lazy("Cannot be imported")


WRITTEN = (Verdict.COUNTS, Verdict.LATER)


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
    signed: set[str]  # numbers


def read(file: BinaryIO) -> workbooks.Table:
    """Raises workbooks.Refused."""
    return workbooks.read(file, COLUMNS, most=MOST)


def judge(session: ClassSession, lines: Iterable[Line]) -> list[Judged]:
    """A verdict for each line. Two queries, whatever their number."""
    lines = list(lines)
    clean = {line.number: rosters.read_mobile(line) for line in lines}
    numbers = {mobile for mobile, _why in clean.values() if mobile}
    signed = session.sign_ins.standing().values_list("member__mobile", flat=True)
    known = Known(holders=classes.holders_of(numbers), signed=set(signed))
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
    one.because(wrong_name or wrong_mobile)
    if one.reason:
        return one
    holder = known.holders.get(number)
    if number in seen:
        one.because(Reason(gettext_noop("The same number is in row %(row)d."), {"row": seen[number]}))
    elif number in known.signed:
        one.verdict = Verdict.SAME
    elif holder and holder.name != name:
        one.verdict = Verdict.LOOK
        words = gettext_noop("This number is registered under another name. Compare the two before counting it.")
        one.because(Reason(words))
    elif holder:
        one.verdict = Verdict.COUNTS
    else:
        one.verdict = Verdict.LATER
        one.because(Reason(gettext_noop("Nobody has registered with this number. It counts when they do.")))
    return one


def apply(session: ClassSession, judged: Iterable[Judged], *, by: User, agreed: Iterable[int] = ()) -> Counter[str]:
    """Give each a place and sign them in; those to be checked only when their number is among `agreed`.

    Once more changes nothing. Raises classes.Refused when places do not suffice, or the period is locked.
    """
    wanted = set(agreed)
    rows = [one for one in judged if one.verdict in WRITTEN or (one.verdict == Verdict.LOOK and one.number in wanted)]
    classes.enter(session.training_class, [(one.name, one.mobile) for one in rows])
    found = ClassMember.objects.filter(
        training_class=session.training_class, mobile__in=[one.mobile for one in rows]
    ).select_related("user")
    members = list(found.order_by("pk"))
    try:
        for first in range(0, len(members), AT_ONCE):
            classes.sign_in(session, members[first : first + AT_ONCE], by=by)
    except tally.Locked as locked:
        raise classes.Refused(str(locked)) from locked
    return Counter(one.verdict for one in rows)


def told(judged: Iterable[Judged]) -> list[dict]:
    """In plain values, to be kept between the trial and the decision."""
    return [asdict(one) for one in judged]
