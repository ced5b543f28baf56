"""What a page says about itself, on the server's clock, until it is a row."""

from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from django.db import (
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
)
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from courses.intervals import length
from live import lifespan, presence, stays
from live.models import AudienceSample, Stay
from live.presence import GAP, PAGES, Roster
from tests import factories

pytestmark = pytest.mark.django_db
START = 1_790_000_000_000
HALF = 30_000


@pytest.fixture
def broadcast(db):
    return factories.broadcast(state="live")


@pytest.fixture
def page(broadcast, learner):
    """A page of the learner: sits in one process and beats at moments from the start on."""
    return Sitting(Roster(), broadcast.pk, learner.pk)


class Sitting:
    def __init__(self, roster, broadcast, user, key=None):
        self.roster, self.who, self.key = roster, (broadcast, user), key or uuid4()

    def beat(self, at, playing=True, **said):
        self.roster.beat(*self.who, self.key, playing=playing, now=START + at, **said)

    def leave(self, at):
        self.roster.leave(*self.who, self.key, now=START + at)


def present():
    return [[start - START, end - START] for start, end in Stay.objects.get().present]


def test_from_the_first_beat_to_the_last(page):
    for at in (0, HALF, 2 * HALF):
        page.beat(at, address="192.0.2.7", device="Firefox")
    page.leave(2 * HALF + 5_000)
    assert page.roster.flush(now=START + 3 * HALF) == 1
    row = Stay.objects.get()
    assert present() == [[0, 65_000]]
    assert (row.address, row.device, row.left_at) == ("192.0.2.7", "Firefox", stays.moment(START + 65_000))
    assert len(page.roster) == 0


def test_only_while_the_picture_plays(page):
    page.beat(0)
    page.beat(10_000, playing=False)
    page.beat(40_000, playing=True)
    page.beat(60_000)
    page.roster.flush(now=START + 60_000)
    assert present() == [[0, 10_000], [40_000, 60_000]]


def test_silence_is_absence(page):
    page.beat(0)
    page.beat(GAP)
    page.beat(2 * GAP + 1)
    page.beat(2 * GAP + HALF)
    page.roster.flush(now=START + 3 * GAP)
    assert present() == [[0, GAP], [2 * GAP + 1, 2 * GAP + HALF]]


def test_a_page_in_the_background_or_without_sound_is_told_apart(page):
    page.beat(0, hidden=True)
    page.beat(20_000, muted=True)
    page.beat(50_000)
    page.roster.flush(now=START + 50_000)
    row = Stay.objects.get()
    assert (row.hidden_ms, row.muted_ms, length(row.present)) == (20_000, 30_000, 50_000)


def test_five_times_gone_and_back_is_one_row_of_that_page(page):
    for turn in range(5):
        page.beat(turn * 200_000)
        page.beat(turn * 200_000 + HALF)
        page.leave(turn * 200_000 + HALF)
        page.roster.flush(now=START + turn * 200_000 + GAP)
    assert present() == [[turn * 200_000, turn * 200_000 + HALF] for turn in range(5)]


def test_what_is_written_is_not_written_twice(page):
    page.beat(0)
    page.beat(HALF)
    page.roster.flush(now=START + HALF)
    page.beat(2 * HALF)
    page.roster.flush(now=START + 2 * HALF)
    assert page.roster.flush(now=START + 2 * HALF) == 0
    assert present() == [[0, 2 * HALF]]


def test_two_processes_write_one_page_as_a_union(broadcast, learner):
    key = uuid4()
    one, other = (Sitting(Roster(), broadcast.pk, learner.pk, key) for _process in range(2))
    one.beat(0)
    one.beat(HALF)
    other.beat(20_000)
    other.beat(GAP)
    other.roster.flush(now=START + GAP)
    one.roster.flush(now=START + GAP)
    assert present() == [[0, GAP]]
    assert Stay.objects.get().seen_at == stays.moment(START + GAP)


def test_a_killed_process_costs_nothing_that_pages_played_of_late(broadcast, learner):
    """Its picture stands still once its buffer is empty, and moves again after the new process is there."""
    key = uuid4()
    killed = Sitting(Roster(), broadcast.pk, learner.pk, key)
    for at in range(0, 120_001, HALF):
        killed.beat(at)
        if at == 60_000:
            killed.roster.flush(now=START + at)
    fresh = Sitting(Roster(), broadcast.pk, learner.pk, key)
    fresh.beat(132_000, playing=False, played=[(132_000, 7_000)])
    fresh.beat(135_000)
    fresh.leave(140_000)
    fresh.roster.flush(now=START + 140_000)
    assert present() == [[0, 125_000], [135_000, 140_000]]


def test_a_page_tells_each_stretch(page):
    page.beat(100_000, played=[(70_000, 45_000), (30_000, 0)])
    page.beat(101_000, played=[(101_000, 0)])  # by now it is known
    page.roster.flush(now=START + 101_000)
    assert present() == [[30_000, 55_000], [70_000, 101_000]]


@pytest.mark.parametrize(
    "claim",
    [[(1_000_000, 0)], [(10**30, -(10**30))], [(GAP, 0)] * 9, [(900_000, 800_000), (80_000, -5_000)]],
)
def test_nobody_brings_more_than_a_silence_would_have_earned(page, claim):
    page.beat(1_000_000, played=claim)
    page.beat(1_001_000, played=claim)
    page.roster.flush(now=START + 1_001_000)
    assert present() == [[1_000_000 - GAP, 1_001_000]]


def test_what_lies_long_ago_or_ahead_earns_nothing(page):
    page.beat(1_000_000, playing=False, played=[(10**30, 10**29), (90_000, GAP), (-9, -60_000), (0, 50_000)])
    page.roster.flush(now=START + 1_000_000)
    assert present() == []
    assert Stay.objects.get().came_at == stays.moment(START + 1_000_000)


def test_a_foreign_key_opens_nothing(broadcast, learner, outsider):
    roster, key = Roster(), uuid4()
    for user in (learner, outsider):
        sitting = Sitting(roster, broadcast.pk, user.pk, key)
        sitting.beat(0)
        sitting.beat(HALF)
    roster.flush(now=START + HALF)
    assert sorted(Stay.objects.values_list("user", flat=True)) == sorted([learner.pk, outsider.pk])


def test_thirty_thousand_rejoins(broadcast, learner):
    roster = Roster()
    for turn in range(30_000):
        sitting = Sitting(roster, broadcast.pk, learner.pk)
        sitting.beat(turn * 100)
        sitting.leave(turn * 100 + 100)
        if turn % 5_000 == 0:
            roster.flush(now=START + turn * 100)
    roster.flush(now=START + 3_000_000)
    assert Stay.objects.count() == PAGES + 1
    there = sorted(pair for row in Stay.objects.all() for pair in row.present)
    assert (there[0][0], there[-1][1]) == (START, START + 3_000_000)


def test_ten_thousand_viewers_are_written_in_bulk(broadcast, django_assert_num_queries):
    roster = Roster()
    for _viewer in range(10_000):
        sitting = Sitting(roster, broadcast.pk, None)
        sitting.beat(0)
        sitting.beat(HALF)
    assert roster.count(broadcast.pk) == (0, 10_000)
    with django_assert_num_queries({"postgresql": 100, "sqlite": 340}[connection.vendor]):  # in twenty transactions
        assert roster.flush(now=START + HALF) == 10_000
    assert Stay.objects.count() == 10_000
    assert roster.flush(now=START + HALF) == 0


@pytest.mark.django_db(transaction=True)
def test_what_the_database_did_not_take_is_kept(broadcast, learner):
    page = Sitting(Roster(), broadcast.pk + 1, learner.pk)
    page.beat(0)
    page.beat(HALF)
    with pytest.raises(DatabaseError):
        page.roster.flush(now=START + HALF)
    assert not Stay.objects.exists()
    factories.broadcast(pk=broadcast.pk + 1, state="live")
    page.roster.flush(now=START + HALF)
    assert present() == [[0, HALF]]


@pytest.mark.django_db(transaction=True)
async def test_a_process_that_ends_writes_what_it_heard(monkeypatch, broadcast):
    monkeypatch.setattr(presence, "here", Roster())
    presence.beat(broadcast.pk, None, uuid4(), playing=True)
    told, sent = iter(["lifespan.startup", "lifespan.shutdown"]), []

    async def receive():
        return {"type": next(told)}

    async def send(message):
        sent.append(message["type"])

    await lifespan.lifespan({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert await Stay.objects.acount() == 1


@given(st.lists(st.tuples(st.integers(0, 100_000), st.booleans()), max_size=30))
def test_presence_never_exceeds_the_clock(steps):
    roster, key, at = Roster(), uuid4(), START
    for step, playing in steps:
        at += step
        roster.beat(1, 1, key, playing=playing, now=at)
    heard = roster._take()
    for each in heard:
        assert 0 <= length(each.present) <= at - START
        assert all(before[1] < after[0] for before, after in pairwise(each.present))
        allowed = sum(min(step, GAP) if step <= GAP else 0 for step, _playing in steps[1:])
        assert length(each.present) <= allowed


def test_how_many_were_there_is_kept_by_the_minute(broadcast, learner):
    roster = Roster()
    now = stays.milliseconds(timezone.now())
    for user in (learner.pk, learner.pk, None):
        roster.beat(broadcast.pk, user, uuid4(), playing=True, now=now)
    roster.flush(now=now)
    assert presence.sample() == 1
    presence.sample()
    sample = AudienceSample.objects.get()
    assert (sample.people, sample.anonymous) == (1, 1)
    assert presence.there_now(broadcast) == (1, 1)
    assert presence.there_now(broadcast, at=timezone.now() + timedelta(minutes=5)) == (0, 0)


def test_visitors_of_one_network_make_so_many_rows_and_no_more(broadcast, settings):
    settings.LIVE_ROOM_VISITORS, settings.LIVE_ROOM_PLACES = 3, 5
    roster = Roster()
    for number in range(10):
        for address in ("192.0.2.7", "2001:db8::1", f"2001:db8:0:0:{number}::9", f"198.51.100.{number}"):
            roster.beat(broadcast.pk, None, uuid4(), playing=True, address=address, now=START)
    assert roster.count(broadcast.pk) == (0, 6)
    assert roster.flush(now=START) == Stay.objects.filter(user=None).count() == 6


def test_a_visitor_who_leaves_goes_alone(broadcast, settings):
    settings.LIVE_ROOM_VISITORS = 2
    roster, keys = Roster(), [uuid4() for _page in range(4)]
    for key in keys:
        roster.beat(broadcast.pk, None, key, playing=True, address="192.0.2.7", now=START)
    roster.leave(broadcast.pk, None, keys[3], now=START + 1000)
    assert roster.count(broadcast.pk) == (0, 3)
    roster.leave(broadcast.pk, None, keys[0], now=START + 1000)
    assert roster.count(broadcast.pk) == (0, 2)


def spoilt(broadcast, learner, outsider):
    """A page of the learner that no table takes, and one of somebody else. A clock that ran backwards, say: the column
    takes no negative number."""
    roster = Roster()
    sittings = [Sitting(roster, broadcast.pk, user.pk) for user in (learner, outsider)]
    for sitting in sittings:
        sitting.beat(0)
        sitting.beat(HALF)
    bad = next(page for page in roster._pages.values() if page.user_id == learner.pk)
    bad.hidden_ms = -5
    return sittings, bad


def refused(roster, at):
    with pytest.raises(stays.Unwritten) as left:
        roster.flush(now=START + at)
    return [each.user_id for each in left.value.refused]


def test_one_bad_row_is_alone_with_it_and_given_up_after_an_hour(broadcast, learner, outsider):
    (sitting, _other), _bad = spoilt(broadcast, learner, outsider)
    roster = sitting.roster
    assert refused(roster, HALF) == [learner.pk]
    assert [(row.user, row.present) for row in Stay.objects.all()] == [(outsider, [[START, START + HALF]])]
    for _round in range(100):
        assert refused(roster, 2 * HALF) == [learner.pk]
    assert refused(roster, HALF + presence.REFUSED - 1) == [learner.pk]
    assert len(roster) == 1
    assert refused(roster, HALF + presence.REFUSED) == [learner.pk]
    assert len(roster) == 0
    assert roster.flush(now=START + HALF + presence.REFUSED) == 0


def test_who_was_refused_once_has_a_whole_hour_the_next_time(broadcast, learner, outsider):
    (sitting, _other), bad = spoilt(broadcast, learner, outsider)
    refused(sitting.roster, HALF)
    bad.hidden_ms = 0
    sitting.beat(2 * HALF)
    sitting.roster.flush(now=START + 2 * HALF)
    assert Stay.objects.get(user=learner).present == [[START, START + 2 * HALF]]
    sitting.beat(3 * HALF)
    bad.hidden_ms = -5 - HALF
    refused(sitting.roster, HALF + presence.REFUSED)
    assert len(sitting.roster) == 1


def test_a_refused_page_that_left_waits_for_the_ordinary_round(broadcast, learner, outsider):
    (sitting, other), _bad = spoilt(broadcast, learner, outsider)
    sitting.leave(HALF)
    assert sitting.roster.someone_left()
    refused(sitting.roster, HALF)
    assert not sitting.roster.someone_left()
    other.leave(HALF)
    assert sitting.roster.someone_left()


@pytest.mark.parametrize("error", [OperationalError, InternalError, InterfaceError, ProgrammingError])
def test_a_database_that_takes_nothing_costs_nobody_anything(broadcast, learner, outsider, error):
    """While another one takes over, say, it only lets itself be read."""
    (sitting, _other), bad = spoilt(broadcast, learner, outsider)
    bad.hidden_ms = 0
    with connection.execute_wrapper(away(error)):
        for at in (HALF, HALF + presence.REFUSED, 9 * presence.REFUSED):
            assert refused(sitting.roster, at) == []
    assert len(sitting.roster) == 2
    assert not sitting.roster.someone_left()
    assert sitting.roster.flush(now=START + 9 * presence.REFUSED) == 2
    assert [row.present for row in Stay.objects.all()] == [[[START, START + HALF]]] * 2


def test_what_was_written_before_the_database_went_is_not_written_again(broadcast, learner, outsider):
    """The bad row makes them go one by one; the database goes at the last of them."""
    (_sitting, other), _bad = spoilt(broadcast, learner, outsider)
    heard = sorted(other.roster._take(), key=lambda each: each.user_id == learner.pk)
    heard.append(stays.Heard(uuid4(), broadcast.pk, None, START, START + HALF))
    last = away(OperationalError, after=2, of=heard[2].key)  # together it is in two statements that write
    with connection.execute_wrapper(last), pytest.raises(stays.Unwritten) as left:
        stays.write(heard)
    assert [row.key for row in Stay.objects.all()] == [heard[0].key]
    assert (left.value.refused, left.value.waiting) == ([heard[1]], [heard[2]])


def away(error, *, after=0, of=None):
    """For connection.execute_wrapper: this error to each statement that writes, or to those after so many of a row."""
    asked = 0

    def answer(execute, sql, params, *rest):
        nonlocal asked
        if sql.startswith("INSERT") and (of is None or of.hex in str(params).replace("-", "")):
            asked += 1
            if asked > after:
                raise error("cannot execute in a read-only transaction")
        return execute(sql, params, *rest)

    return answer
