"""Beats of many learners in one transaction: same cost, same result as one after another, nothing overwritten."""

import asyncio
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from courses import enrolment, gathering, intake, progress
from courses.intake import Asked
from courses.models import LessonProgress, WatchBeat, WatchSession
from courses.progress import Beat
from lms.models import Participation
from tests import databases, factories
from tests.benchmarks import _load
from tests.courses.viewer import frozen


@pytest.fixture
def lesson(course):
    return course.lessons().first()


def opened(lesson, count):
    """Players of that many learners, open for ten minutes."""
    people = [factories.user() for _n in range(count)]
    for person in people:
        enrolment.enrol(person, lesson.course)
    players = [progress.open_player(person, lesson) for person in people]
    WatchSession.objects.update(last_beat_at=timezone.now() - timedelta(minutes=10))
    return players


def asked(player, sequence, *spans, **told):
    return Asked(player.user_id, player.uuid, Beat(sequence, [list(span) for span in spans], **told))


def watched():
    return list(LessonProgress.objects.order_by("enrolment__user").values_list("watched_ms", flat=True))


@pytest.mark.parametrize("count", [1, 50])
def test_any_number_of_beats_costs_the_same(lesson, django_assert_num_queries, count):
    players = opened(lesson, count)
    with django_assert_num_queries(6 + connection.features.has_select_for_update):
        receipts = intake.take([asked(player, 1, (0, 10_000)) for player in players])
    assert [receipt.credited_ms for receipt in receipts] == [10_000] * count
    assert watched() == [10_000] * count
    assert WatchBeat.objects.count() == count


def test_beats_of_one_player_in_one_batch_follow_one_another(lesson):
    (player,) = opened(lesson, 1)
    receipts = intake.take(
        [asked(player, 1, (0, 9_000)), asked(player, 1, (50_000, 60_000)), asked(player, 2, (5, 12_000))]
    )
    assert [receipt.credited_ms for receipt in receipts] == [9_000, 9_000, 3_000]
    assert [receipt.coverage.seen for receipt in receipts] == [[[0, 9_000]], [[0, 9_000]], [[0, 12_000]]]
    assert WatchBeat.objects.count() == 2


def test_who_finishes_is_told_so_and_the_others_are_not(lesson):
    players = opened(lesson, 3)
    last = players[1]
    batch = [asked(players[0], 1, (0, 9_000)), asked(last, 1, (0, 95_000)), asked(last, 2), asked(players[2], 1)]
    receipts = intake.take(batch)
    assert [receipt.coverage.complete for receipt in receipts] == [False, True, True, False]
    assert Participation.objects.get().unit == f"lesson:{lesson.translation_key}"


def test_what_is_refused_keeps_nobody_else_out(lesson, learner):
    one, other, ended = opened(lesson, 3)
    enrolment.again(ended.user, lesson.course)
    foreign = Asked(learner.pk, other.uuid, Beat(1, [[0, 5_000]]))
    outcomes = intake.take(
        [asked(one, 1, (0, 5_000)), foreign, asked(ended, 1, (0, 5_000)), asked(other, 1, (0, 4_000))]
    )
    assert [getattr(outcome, "code", "taken") for outcome in outcomes] == [
        "taken", "not_found", "enrolment_ended", "taken",
    ]  # fmt: skip
    assert watched()[:2] == [5_000, 4_000]


@pytest.mark.django_db(transaction=True)
def test_a_beat_that_breaks_the_transaction_breaks_it_for_itself_alone():
    one, broken, other = opened(factories.course(factories.home()).lessons().get(), 3)
    batch = [asked(one, 1, (0, 5_000)), asked(broken, 2**70, (0, 5_000)), asked(other, 1, (0, 4_000))]
    outcomes = gathering.write(batch)
    assert [getattr(outcome, "code", "taken") for outcome in outcomes] == ["taken", "unwritten", "taken"]
    assert watched() == [5_000, 0, 4_000]


moves = st.tuples(
    st.integers(0, 2),  # who
    st.integers(1, 6),  # sequence
    st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 100_000)), max_size=3),
    st.booleans(),  # whether a batch ends here
)


@given(st.lists(moves, max_size=12))
@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_together_or_one_by_one_the_result_is_the_same(db, story):
    def tell(together):
        """Everything that can be seen afterwards; nothing of it is kept."""
        with transaction.atomic():
            lesson = factories.course(factories.home(), lessons=1).lessons().get()
            players = opened(lesson, 3)
            batch, outcomes = [], []
            for who, sequence, spans, ends in story:
                batch.append(asked(players[who], sequence, *spans))
                if ends or not together:
                    outcomes += intake.take(batch)
                    batch = []
            outcomes += intake.take(batch)
            accounts = WatchSession.objects.order_by("pk").values_list("balance_ms", "last_sequence")
            seen = LessonProgress.objects.order_by("pk").values_list("coverage", "watched_ms", "position_ms")
            told = [outcomes, list(accounts), list(seen), WatchBeat.objects.count(), Participation.objects.count()]
            transaction.set_rollback(True)
        return told

    with frozen():
        assert tell(together=True) == tell(together=False)


@pytest.fixture
async def hang_up(transactional_db):
    """Threads keep their connections, and the database is put back when the test ends."""
    yield
    await gathering.here().close()
    await sync_to_async(connections.close_all)()


async def test_beats_that_come_at_once_share_a_commit(hang_up):
    players = await sync_to_async(lambda: opened(factories.course(factories.home()).lessons().get(), 20))()
    beat = Beat(1, [[0, 10_000]])
    sent = [progress.watched(user=player.user, session=player.uuid, beat=beat) for player in players]
    receipts = await asyncio.gather(*sent)
    assert [receipt.credited_ms for receipt in receipts] == [10_000] * 20
    heard = await sync_to_async(lambda: set(WatchBeat.objects.values_list("received_at", flat=True)))()
    assert len(heard) == 1


@pytest.mark.django_db(transaction=True)
def test_batches_of_many_threads_lose_nothing():
    players = opened(factories.course(factories.home()).lessons().get(), 8)

    def write(n):
        """Each its own order, so that locks taken in the order of the batch would embrace each other."""
        batch = [asked(player, n, (n * 1000, n * 1000 + 1000)) for player in players]
        try:
            return gathering.write(batch if n % 2 else batch[::-1])
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        outcomes = [outcome for batch in pool.map(write, range(1, 13)) for outcome in batch]
    assert {outcome.credited_ms for outcome in outcomes} == {1_000}
    assert watched() == [12_000] * 8
    assert WatchBeat.objects.count() == 96


WRITE = """
import json, sys, django
django.setup()
from uuid import UUID
from courses import gathering
from courses.intake import Asked
from courses.progress import Beat
players, first = json.loads(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for n in range(first, 60, 2):
    gathering.write([Asked(user, UUID(uuid), Beat(n, [[n * 1000, n * 1000 + 1000]])) for user, uuid in players])
"""


@pytest.mark.django_db(transaction=True)
def test_two_processes_never_overwrite_each_other():
    players = opened(factories.course(factories.home()).lessons().get(), 5)
    told = json.dumps([(player.user_id, str(player.uuid)) for player in players])
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "lms.settings.test", "DATABASE_URL": databases.address()}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, told, str(first)], env=environment, cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        for first in (0, 1)
    ]  # fmt: skip
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.wait(120) for writer in writers] == [0, 0]
    assert watched() == [60_000] * 5
    assert WatchBeat.objects.count() == 300
    spent = set(WatchSession.objects.values_list("last_sequence", flat=True))
    assert spent == {59}


@pytest.mark.django_db(transaction=True)
def test_what_was_acknowledged_survives_the_death_of_the_server(client):
    """SIGKILL with sixty sockets in mid-sentence, before anybody has said more than a socket may."""
    players = opened(factories.course(factories.home(), seconds=3600).lessons().get(), 60)
    keys = []
    for player in players:
        client.force_login(player.user)
        keys.append(client.cookies["sessionid"].value)
        client.cookies.clear()
    with _load.served(databases.address()) as (process, port):
        people = [_load.Viewer(port, key, progress.token(player)) for key, player in zip(keys, players, strict=True)]
        answers, _spent, _waits = _load.drive(people, 3, pid=process.pid, kill_after=1)
    assert answers > 40
    for player, person in zip(players, people, strict=True):
        kept = WatchBeat.objects.filter(session=player)
        assert set(range(1, person.acknowledged + 1)) <= set(kept.values_list("sequence", flat=True))
        assert LessonProgress.objects.get(sessions=player).watched_ms >= person.acknowledged * _load.STEP
