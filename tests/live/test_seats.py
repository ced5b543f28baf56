"""A socket in its room: what waits is bounded, and who is too slow is told to come back."""

import asyncio
from types import SimpleNamespace

import pytest

from live import frames, seats
from live.hubs import Hub

SOMEBODY = SimpleNamespace(user_id=7, role="")


class Page:
    """The other end of ASGI's `send`: it takes nothing until it is let."""

    def __init__(self):
        self.taken, self.may = [], asyncio.Event()

    async def send(self, message):
        await self.may.wait()
        self.taken.append(message)


async def settle():
    for _turn in range(3):
        await asyncio.sleep(0)


async def test_frames_arrive_in_their_order():
    page = Page()
    seat = seats.seat(SOMEBODY, None, page.send)
    assert all(seat.put(frames.Frame(str(n))) for n in range(5))
    page.may.set()
    await settle()
    assert [message["text"] for message in page.taken] == list("01234")


async def test_a_slow_page_is_dropped_and_the_others_are_not_kept_waiting():
    slow, quick = Page(), Page()
    quick.may.set()
    hub = Hub(1, lambda hub: None)
    seat = seats.seat(SOMEBODY, None, slow.send)
    hub.join(seat)
    hub.join(seats.seat(SOMEBODY, None, quick.send))
    for n in range(seats.QUEUE + 3):
        hub.tell(7, str(n))
        await settle()
    assert len(quick.taken) == seats.QUEUE + 3
    slow.may.set()
    await settle()
    assert [message["type"] for message in slow.taken] == ["websocket.send", "websocket.close"]
    assert slow.taken[-1]["code"] == 4008


async def test_a_page_that_has_gone_is_no_error():
    async def gone(message):
        raise OSError

    seat = seats.seat(SOMEBODY, None, gone)
    seat.put(frames.Frame("a"))
    await settle()
    seat.put(frames.Frame("b"))
    await settle()
    await seat.gone()
    assert seat.put(frames.Frame("c"))


@pytest.mark.parametrize(("length", "head"), [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)])
def test_a_frame_on_the_wire_says_how_long_it_is(length, head):
    frame = frames.Frame("x" * length)
    assert len(frame.wire) == head + length
    assert frame.wire[0] == 0x81


async def test_news_of_a_tick_travel_together_and_only_the_last_of_its_kind():
    page = Page()
    page.may.set()
    hub = Hub(1, lambda hub: None)
    hub.join(seats.seat(SOMEBODY, None, page.send))
    for n in range(1, 4):
        hub.say(n, f'{{"n":{n}}}')
        hub.say(n, f'{{"n":{n}}}')
    hub.replace("votes 1", '"old"')
    hub.replace("votes 1", '"new"')
    await asyncio.sleep(0.2)
    assert "".join(message["text"] for message in page.taken) == '[{"n":1},{"n":2},{"n":3},"new"]'
    assert [number for number, _item in hub.history] == [1, 2, 3]


async def test_who_comes_back_after_too_long_is_told_that_something_is_missing():
    hub = Hub(1, lambda hub: None)
    hub.remember((n, str(n)) for n in range(1, 302))
    assert hub.recent(250) == ([str(n) for n in range(251, 302)], False)
    assert hub.recent(50)[1] is True
    assert len(hub.recent(None)[0]) == 50


async def test_what_a_room_was_not_told_at_its_opening_is_missing_as_well():
    hub = Hub(1, lambda hub: None)
    assert hub.recent(0) == ([], False)
    hub.whole = False
    hub.remember((n, str(n)) for n in range(101, 151))
    assert hub.recent(120) == ([str(n) for n in range(121, 151)], False)
    assert hub.recent(100)[1] is False
    assert hub.recent(50)[1] is True
