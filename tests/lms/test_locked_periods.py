"""A locked period takes nothing new but what names its reason; who locked and unlocked it is kept."""

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from lms import balances, periods, reports, tally
from lms.models import Participation, PeriodLock
from lms.reports import Scope
from tests import factories

MARCH = datetime(2026, 3, 2, 1, tzinfo=UTC)


def write(person, key="k", at=MARCH, **more):
    run = tally.activity(key="class:1", kind="classroom", title="培训班")
    return tally.record(
        key=key, kind="lesson", activity=run, person=person, channel="classroom", minutes=45, occurred_at=at,
        unit=f"class:{key}", **more,
    )  # fmt: skip


def test_the_standard_periods_of_a_day():
    assert periods.labels(date(2026, 7, 1)) == ("2026", "2026H2", "2026Q3", "2026-07")
    assert periods.days("2026H2") == (date(2026, 7, 1), date(2027, 1, 1))
    assert periods.label_of(*periods.bounds("2026Q4")) == "2026Q4"
    for wrong in ("2026Q5", "2026H0", "2026-13", "26"):
        with pytest.raises(ValueError):  # noqa: PT011
            periods.days(wrong)


@pytest.mark.parametrize("label", ["2026", "2026H1", "2026Q1", "2026-03"])
def test_a_locked_period_refuses_a_new_fact(learner, provincial_clerk, label):
    periods.lock(label, author=provincial_clerk, reason="季报已上报")
    with pytest.raises(tally.Locked, match=label):
        write(learner)
    assert not Participation.objects.exists()
    assert write(learner, at=datetime(2025, 3, 2, tzinfo=UTC)).pk


def test_a_correction_that_names_its_reason_passes_and_keeps_it(learner, provincial_clerk):
    wrong = write(learner, key="wrong")
    periods.lock("2026Q1", author=provincial_clerk, reason="季报已上报")
    assert write(learner, correction="补记签到表第3页").reason == "补记签到表第3页"
    assert tally.reverse(wrong, author=provincial_clerk, reason="误记").reason == "误记"
    assert write(learner, key="wrong", correction="重新核实").key == "wrong#2"
    assert reports.measures(Scope.of_period("2026Q1")).attendances == 1


def test_a_fact_that_is_there_is_found_again_although_locked(learner, provincial_clerk):
    row = write(learner)
    periods.lock("2026Q1", author=provincial_clerk, reason="季报已上报")
    assert write(learner) == row


def test_unlocking_lets_facts_in_again_and_all_turns_are_kept(learner, provincial_clerk):
    periods.lock("2026Q1", author=provincial_clerk, reason="季报已上报")
    periods.lock("2026Q1", author=provincial_clerk, reason="再次")
    periods.unlock("2026Q1", author=provincial_clerk, reason="省局退回")
    assert periods.locked() == []
    assert write(learner).reason == ""
    periods.lock("2026Q1", author=provincial_clerk, reason="重新上报")
    assert periods.locked(("2026Q1",)) == ["2026Q1"]
    assert [(row.locked, row.reason) for row in periods.history("2026Q1")] == [
        (True, "季报已上报"), (False, "省局退回"), (True, "重新上报"),
    ]  # fmt: skip


def test_locking_needs_a_reason_and_a_period(provincial_clerk):
    with pytest.raises(periods.Refused):
        periods.lock("2026Q1", author=provincial_clerk, reason=" ")
    with pytest.raises(periods.Refused):
        periods.unlock("2026Q1", author=provincial_clerk, reason="从未锁定")
    with pytest.raises(ValueError, match="2026Q9"):
        periods.lock("2026Q9", author=provincial_clerk, reason="没有第九季度")


def test_what_was_decided_cannot_be_changed(provincial_clerk):
    periods.lock("2026Q1", author=provincial_clerk, reason="季报已上报")
    for statement in ("update lms_periodlock set locked = %s", "delete from lms_periodlock where locked = %s"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [True])
    assert PeriodLock.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_period_is_locked_while_an_import_runs(provincial_clerk):
    """Each row has its verdict: before the lock it is in, after it it is refused; nothing in between."""
    people = [factories.user() for _ in range(12)]
    begun, verdicts = threading.Event(), []

    def bring_in():
        try:
            for n, person in enumerate(people):
                try:
                    write(person, key=f"row{n}")
                    verdicts.append("in")
                except tally.Locked:
                    verdicts.append("refused")
                begun.set()
        finally:
            connection.close()

    running = threading.Thread(target=bring_in)
    running.start()
    begun.wait(30)
    lock = periods.lock("2026Q1", author=provincial_clerk, reason="季报已上报")
    running.join(60)
    assert len(verdicts) == 12
    assert verdicts == sorted(verdicts)  # "in" comes before "refused"
    assert Participation.objects.count() == verdicts.count("in")
    late = Participation.objects.filter(recorded_at__gt=lock.at)
    with pytest.raises(tally.Locked):
        write(people[0], key="later")
    assert late.count() <= 1  # begun before the lock, told its time before it waited


def test_opening_balances_are_signed_and_shown_apart(provincial_clerk):
    facts = {
        "key": "before:2023", "title": "上线前累计", "since": date(2020, 1, 1), "until": date(2023, 12, 31),
        "source": "省局年报", "approver": "质量发展处", "author": provincial_clerk,
    }  # fmt: skip
    row = balances.sign(**facts, sessions=20, enterprise_attendances=150_000)
    assert balances.sign(**facts, sessions=99) == row
    assert balances.standing().get().enterprise_attendances == 150_000
    assert reports.measures(Scope()) == reports.Measures()
    for wrong in ({"source": " "}, {"approver": ""}, {"until": date(2019, 1, 1)}, {"sessions": -1}, {"sessions": 0}):
        with pytest.raises(balances.Refused):
            balances.sign(**{**facts, "key": "x", "sessions": 1, **wrong})
    gone = balances.withdraw(row, author=provincial_clerk, reason="重复")
    assert balances.withdraw(row, author=provincial_clerk, reason="重复") == gone
    assert not balances.standing().exists()
    with pytest.raises(balances.Refused):
        balances.withdraw(gone, author=provincial_clerk, reason="反悔")
