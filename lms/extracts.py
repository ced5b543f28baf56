"""The rows behind a figure, as they are shown and exported: who stands masked unless somebody said what for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from . import masking
from .models import Participation, User
from .sheets import MOBILE, NAME, TENTH, WHOLE, Column, Value, moment, who
from .tally import HOUR

CHUNK = 2_000  # rows whose people are looked up together
DRILLED = (
    "sessions", "attendances", "persons", "enterprise_attendances", "enterprises", "hours", "graduates", "certificates",
)  # fmt: skip
COLUMNS = (
    Column("行号", form=WHOLE, width=9),
    NAME,
    MOBILE,
    Column("单位", width=32),
    Column("统一社会信用代码", width=21),
    Column("规模", width=8),
    Column("市（州）", width=16),
    Column("活动", width=36),
    Column("课时", width=30),
    Column("方式", width=8),
    Column("时间", width=18),
    Column("学时", form=TENTH, width=8),
)
# The wording of record, whatever the language of who asks.
CHANNELS = {"live": "直播", "replay": "回放", "on_demand": "点播", "classroom": "线下"}
SIZES = {"L": "大型", "M": "中型", "S": "小型", "X": "微型", "I": "个体工商户"}


@dataclass(frozen=True)
class Person:
    """Who a key stands for. Somebody who closed the account is nobody."""

    name: str = ""
    mobile: str = ""


def people(keys: Iterable[UUID | None], *, full: bool = False) -> dict[UUID, Person]:
    wanted = {key for key in keys if key}
    found = User.objects.filter(ledger_key__in=wanted).values_list("ledger_key", "name", "mobile")
    return {key: Person(*who(name, mobile, full=full)) for key, name, mobile in found}


def lines(facts: Iterable[Participation], *, full: bool = False) -> Iterator[list[Value]]:
    """Rows for a file, some thousand people at a time."""
    for chunk in _chunks(facts):
        known = people((fact.person for fact in chunk), full=full)
        for fact in chunk:
            yield _line(fact, known.get(fact.person, Person()), full=full)


def _chunks(facts: Iterable[Participation]) -> Iterator[list[Participation]]:
    chunk: list[Participation] = []
    for fact in facts:
        chunk.append(fact)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _line(fact: Participation, person: Person, *, full: bool) -> list[Value]:
    code = fact.enterprise_uscc
    return [
        fact.pk,
        person.name or "已注销",
        person.mobile,
        fact.enterprise_name or "未填报",
        code if full else masking.masked_code(code),
        SIZES.get(fact.enterprise_size, "未填报"),
        fact.city_name,
        fact.activity.title if fact.activity else "",  # of certificates of before nobody may know it
        fact.unit_title,
        CHANNELS.get(fact.channel, fact.channel),
        moment(fact.occurred_at),
        round(fact.minutes / HOUR, 1),
    ]
