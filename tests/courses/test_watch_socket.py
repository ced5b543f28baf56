"""The socket of an open lesson: receipts, refusals in words, limits, and who may keep it open."""

import json
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import OperationalError, connections
from django.test import Client
from django.utils import timezone

from courses import consumers, enrolment, gathering, progress
from courses.models import LessonProgress, WatchBeat, WatchSession
from lms.models import User
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
async def hang_up(transactional_db):
    """Threads keep their connections, and the database is put back when the test ends."""
    yield
    await gathering.here().close()
    await sync_to_async(connections.close_all)()


@pytest.fixture
def lesson(transactional_db):
    return factories.course(factories.home(), lessons=1).lessons().get()


@pytest.fixture
def learner(transactional_db):
    return factories.user(name="张明远", email="learner@example.org")


@pytest.fixture
def player(learner, lesson):
    """A player that has been open for a minute."""
    enrolment.enrol(learner, lesson.course)
    opened = progress.open_player(learner, lesson)
    WatchSession.objects.update(last_beat_at=timezone.now() - timedelta(minutes=1))
    return opened


@pytest.fixture
def cookie(learner):
    browser = Client()
    browser.force_login(learner)
    return browser.cookies["sessionid"].value


def socket(cookie="", origin="http://localhost"):
    from lms.asgi import application

    headers = [(b"host", b"localhost"), (b"origin", origin.encode()), (b"cookie", f"sessionid={cookie}".encode())]
    return WebsocketCommunicator(application, "/ws/watch/", headers=headers)


@asynccontextmanager
async def line(cookie, player=None, language="en"):
    opened = socket(cookie)
    connected, _code = await opened.connect(timeout=10)
    assert connected
    if player:
        assert await say(opened, {"token": progress.token(player), "language": language}) == {
            "status": 200,
            "reply": {},
        }
    try:
        yield opened
    finally:
        with suppress(Exception):  # some have been closed by the school
            await opened.disconnect()


async def say(opened, told):
    await opened.send_to(text_data=told if isinstance(told, str) else json.dumps(told))
    return await heard(opened)


async def heard(opened):
    return json.loads(await opened.receive_from(timeout=10))


async def closed_with(opened):
    return (await opened.receive_output(timeout=10))["code"]


def beat(sequence=1, *spans):
    return {"sequence": sequence, "intervals": spans or [[0, 10_000]], "rate": 1, "visible": True, "position": 10_000}


def problem(told):
    assert told["reply"]["message"]
    return told["status"], told["reply"]["code"]


async def test_a_beat_is_answered_with_its_receipt(player, cookie):
    async with line(cookie, player) as opened:
        told = await say(opened, beat())
        again = await say(opened, beat())
        more = await say(opened, beat(2, [5_000, 15_000]))
    reply = told["reply"]
    assert (told["status"], reply["sequence"], reply["credited_ms"], reply["verdict"]) == (200, 1, 10_000, "ok")
    assert reply["coverage"]["words"]["verdict"] == "Watch 1 min 20 s more for 1 credit hour"
    assert again["reply"]["credited_ms"] == 10_000
    assert more["reply"]["coverage"]["intervals"] == [[0, 15_000]]
    assert await WatchBeat.objects.acount() == 2


async def test_the_words_are_in_the_language_of_the_page(player, cookie):
    async with line(cookie, player, language="zh-hans") as opened:
        told = await say(opened, beat())
    assert "学时" in told["reply"]["coverage"]["words"]["verdict"]


async def test_the_older_page_is_told_at_once_and_still_gets_its_last_words_in(player, learner, lesson, cookie):
    async with line(cookie, player) as opened:
        await sync_to_async(progress.open_player)(learner, lesson)
        assert await heard(opened) == {"superseded": True}
        told = await say(opened, beat())
        assert problem(told) == (409, "superseded")
        assert told["reply"]["coverage"]["watched_ms"] == 10_000
    assert (await LessonProgress.objects.aget()).watched_ms == 10_000


async def test_an_old_socket_that_dies_leaves_the_newer_one_its_word(player, learner, lesson, cookie):
    """A page comes back over a second socket before the school has noticed that the first one is dead."""
    async with line(cookie, player) as newer_to_be:
        async with line(cookie) as old:
            assert (await say(old, {"token": progress.token(player)}))["status"] == 200
            assert (await say(newer_to_be, {"token": progress.token(player)}))["status"] == 200
        assert (await say(newer_to_be, beat()))["status"] == 200  # the old one has been buried meanwhile
        await sync_to_async(progress.open_player)(learner, lesson)
        assert await heard(newer_to_be) == {"superseded": True}


async def test_the_page_may_go_on_with_another_player(player, learner, lesson, cookie):
    async with line(cookie, player) as opened:
        newer = await sync_to_async(progress.open_player)(learner, lesson)
        assert await heard(opened) == {"superseded": True}
        assert (await say(opened, {"token": progress.token(newer)}))["status"] == 200
        assert (await say(opened, beat(1, [0, 0])))["status"] == 200


async def test_nobody_signed_in_and_other_sites_are_refused(player, cookie):
    assert await socket().connect(timeout=10) == (False, 1000)
    assert await socket("nonsense").connect(timeout=10) == (False, 1000)
    assert (await socket(cookie, origin="https://elsewhere.example").connect(timeout=10))[0] is False


async def test_who_withdrew_consent_is_refused(player, learner, cookie):
    await User.objects.filter(pk=learner.pk).aupdate(agreement=User.Agreement.WITHDRAWN)
    assert (await socket(cookie).connect(timeout=10))[0] is False


async def test_the_switch_turns_sockets_off(player, cookie, settings):
    settings.WATCH_SOCKET = False
    assert (await socket(cookie).connect(timeout=10))[0] is False


async def test_a_path_that_nobody_serves_is_refused(cookie):
    opened = socket(cookie)
    opened.scope["path"] = "/ws/elsewhere/"
    assert (await opened.connect(timeout=10))[0] is False


async def test_somebody_elses_player_is_refused_in_words(player):
    thief = Client()
    await sync_to_async(lambda: thief.force_login(factories.user(email="thief@example.org")))()
    async with line(thief.cookies["sessionid"].value) as opened:
        for token in (progress.token(player), "nonsense"):
            assert problem(await say(opened, {"token": token})) == (403, "forged")
    assert not await WatchBeat.objects.aexists()


@pytest.mark.parametrize(
    "broken",
    [
        "{no json",
        "[]",
        '{"sequence": 1}',
        json.dumps(beat(0)),
        json.dumps(beat(1, [-5, 10])),
        json.dumps(beat(1, [3000, 2000])),
        json.dumps(beat(1, *[[0, 1]] * 201)),
        json.dumps({**beat(), "rate": 99}),
    ],
)
async def test_what_cannot_be_read_is_answered_in_words_and_closed(player, cookie, broken):
    async with line(cookie, player) as opened:
        assert problem(await say(opened, broken)) == (422, "bad_request")
        assert await closed_with(opened) == 1007
    assert not await WatchBeat.objects.aexists()


async def test_a_beat_before_any_player_is_not_read(player, cookie):
    async with line(cookie) as opened:
        assert problem(await say(opened, beat())) == (422, "bad_request")


async def test_bytes_and_long_messages_are_closed(player, cookie):
    async with line(cookie, player) as opened:
        await opened.send_to(bytes_data=b"\x00\x01")
        assert problem(await heard(opened)) == (422, "bad_request")
    async with line(cookie, player) as opened:
        assert problem(await say(opened, " " * (consumers.LONGEST + 1))) == (413, "too_long")
        assert await closed_with(opened) == 1009


async def test_a_flood_is_stopped(player, cookie, monkeypatch):
    monkeypatch.setattr(consumers, "BURST", 5)
    monkeypatch.setattr(consumers, "RATE", 0)
    async with line(cookie, player) as opened:
        answers = [(await say(opened, beat(n)))["status"] for n in range(1, 6)]
        assert answers == [200, 200, 200, 200, 429]
        assert await closed_with(opened) == 1008
    assert await WatchBeat.objects.acount() == 4


async def test_a_lesson_taken_down_says_so(player, lesson, cookie):
    async with line(cookie, player) as opened:
        await sync_to_async(lesson.unpublish)()
        assert problem(await say(opened, beat())) == (410, "lesson_gone")


def sign_out(learner):
    Client().logout()
    from django.contrib.sessions.models import Session

    Session.objects.all().delete()


def block(learner):
    User.objects.filter(pk=learner.pk).update(is_active=False)


def change_password(learner):
    learner.set_password("another-horse-battery")
    learner.save()


def withdraw(learner):
    User.objects.filter(pk=learner.pk).update(agreement=User.Agreement.WITHDRAWN)


@pytest.mark.parametrize("leave", [sign_out, block, change_password, withdraw])
async def test_who_is_not_signed_in_any_more_is_found_at_the_next_round(player, learner, cookie, leave):
    async with line(cookie, player) as opened:
        await consumers.Patrol.here().look()
        assert (await say(opened, beat()))["status"] == 200
        await sync_to_async(leave)(learner)
        await consumers.Patrol.here().look()
        assert problem(await heard(opened)) == (401, "sign_in")
        assert await closed_with(opened) == 4001


async def test_the_rounds_go_on_after_an_error(player, learner, cookie, monkeypatch):
    from lms import sessions

    valid, asked = sessions.valid, []

    def away_at_first(keys):
        asked.append(keys)
        if len(asked) == 1:
            raise OperationalError("the database is away")
        return valid(keys)

    monkeypatch.setattr(consumers, "PATROL", 0.05)
    monkeypatch.setattr(sessions, "valid", away_at_first)
    async with line(cookie, player) as opened:
        await sync_to_async(sign_out)(learner)
        assert problem(await heard(opened)) == (401, "sign_in")
        assert len(asked) >= 2


async def test_a_round_costs_two_queries_for_any_number(player, cookie, django_assert_num_queries):
    from lms import sessions

    def look():
        with django_assert_num_queries(2):
            assert sessions.valid({cookie, "nonsense"}) == {cookie}

    await sync_to_async(look)()


async def test_a_silent_page_is_let_go(player, cookie, monkeypatch):
    async with line(cookie, player) as opened, line(cookie) as nameless:
        monkeypatch.setattr(consumers, "HELLO", -1)
        await consumers.Patrol.here().look()
        assert problem(await heard(nameless)) == (408, "idle")
        assert await opened.receive_nothing()
        monkeypatch.setattr(consumers, "IDLE", -1)
        await consumers.Patrol.here().look()
        assert problem(await heard(opened)) == (408, "idle")
        assert await closed_with(opened) == 4000
