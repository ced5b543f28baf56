"""Chunk streams: whatever is sent, a message comes out whole or the sender is refused, and little is kept meanwhile."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.ingest import chunks
from live.ingest.chunks import Broken, Message, Reader
from tests.live import talk


def read(data, reader=None):
    return list((reader or Reader()).feed(data))


def test_a_message_in_many_chunks():
    body = bytes(range(256)) * 4
    assert read(talk.message(body, kind=9, stream=6, time=40)) == [Message(9, 40, body)]


@given(st.binary(min_size=1, max_size=700), st.integers(1, 300), st.lists(st.integers(1, 64), max_size=60))
def test_it_does_not_matter_how_the_bytes_arrive(body, size, cuts):
    data = talk.message(struct.pack(">I", size), kind=1, stream=2) + talk.message(body, kind=8, size=size, time=7)
    reader, found, place = Reader(), [], 0
    for cut in [*cuts, len(data)]:
        found += read(data[place : place + cut], reader)
        place += cut
    assert found == [Message(8, 7, body)]


def test_chunks_of_one_byte():
    reader = Reader()
    read(talk.message(struct.pack(">I", 1), kind=1, stream=2), reader)
    assert read(talk.message(b"abcdef", kind=8, size=1), reader) == [Message(8, 0, b"abcdef")]


def test_two_streams_take_turns():
    one = talk.head(0, 4, length=200, kind=8) + b"a" * 128
    other = talk.message(b"b" * 10, kind=9, stream=6)
    rest = talk.head(3, 4) + b"a" * 72
    assert read(one + other + rest) == [Message(9, 0, b"b" * 10), Message(8, 0, b"a" * 200)]


def test_steps_of_time_are_added_up():
    first = talk.message(b"x", kind=8, stream=4, time=1000)
    second = talk.head(1, 4, time=40, length=1, kind=8) + b"y"
    third = talk.head(2, 4, time=23) + b"z"
    fourth = talk.head(3, 4) + b"w"
    assert [each.timestamp for each in read(first + second + third + fourth)] == [1000, 1040, 1063, 1086]


@pytest.mark.parametrize("repeat", [True, False])
def test_times_past_four_hours_and_two_thirds(repeat):
    body = b"\x17\x01" + bytes(300)
    data = talk.message(body, kind=9, stream=6, time=chunks.FAR + 5, repeat=repeat)
    assert read(data) == [Message(9, chunks.FAR + 5, body)]


def test_the_clock_wraps_after_fifty_days():
    first = talk.message(b"x", kind=8, stream=4, time=chunks.CLOCK - 10)
    second = talk.head(1, 4, time=30, length=1, kind=8) + b"y"
    assert [each.timestamp for each in read(first + second)] == [chunks.CLOCK - 10, 20]


def test_a_message_that_is_given_up():
    begun = talk.head(0, 4, length=200, kind=8) + b"a" * 128
    given_up = talk.message(struct.pack(">I", 4), kind=2, stream=2)
    assert read(begun + given_up + talk.message(b"b", kind=8, stream=4)) == [Message(8, 0, b"b")]


def test_numbers_of_streams_in_two_and_three_bytes():
    for first in (b"\x00\x05", b"\x01\x05\x01"):
        assert read(first + talk.head(0, 3, length=2, kind=8)[1:] + b"hi") == [Message(8, 0, b"hi")]


@pytest.mark.parametrize(
    "data",
    [
        talk.head(0, 4, length=chunks.MESSAGE + 1, kind=9),
        talk.head(0, 4, length=0xFFFFFF, kind=9),
        talk.head(3, 4),
        talk.head(2, 4, time=1),
        talk.head(0, 4, length=200, kind=8) + b"a" * 128 + talk.head(0, 4, length=10, kind=8),
        talk.message(struct.pack(">I", 0), kind=1, stream=2),
        talk.message(struct.pack(">I", 0x80000000), kind=1, stream=2),
        talk.message(b"\x01", kind=1, stream=2),
        b"".join(talk.head(0, stream, length=0, kind=8) for stream in range(2, 2 + chunks.STREAMS + 1)),
    ],
    ids=["long", "longest", "no length", "no length, a step", "within another", "chunks of 0", "chunks of 2 GB",
         "a short size", "many streams"],
)  # fmt: skip
def test_refused(data):
    with pytest.raises(Broken):
        read(data)


def test_many_unfinished_messages_are_too_much():
    reader = Reader()
    read(talk.message(struct.pack(">I", chunks.LARGEST_CHUNK), kind=1, stream=2), reader)
    reader.chunk = 1024 * 1024
    data = (talk.head(0, stream, length=chunks.MESSAGE, kind=9) + bytes(1024 * 1024) for stream in range(3, 12))
    with pytest.raises(Broken):
        read(b"".join(data), reader)


@given(st.binary(max_size=4000), st.lists(st.integers(1, 500), max_size=30))
def test_any_bytes_end_in_messages_or_a_refusal(data, cuts):
    reader, place = Reader(), 0
    try:
        for cut in [*cuts, len(data)]:
            for message in reader.feed(data[place : place + cut]):
                assert len(message.body) <= chunks.MESSAGE
            place += cut
    except Broken:
        return
    assert len(reader.streams) <= chunks.STREAMS
    assert sum(len(each.body) for each in reader.streams.values()) <= len(data)
