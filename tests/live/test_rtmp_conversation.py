"""The conversation with a publisher: the friendly one gets through, everybody else is bounded."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.ingest import amf, chunks, flv, rtmp
from live.ingest.rtmp import Broken, Conversation, Leave, Publish, Tag
from tests.live import talk

AVC = b"\x17\x01\0\0\0" + bytes(40)


def hear(data, conversation=None):
    return list((conversation or Conversation()).receive(data))


def accepted():
    conversation = Conversation()
    for event in conversation.receive(talk.greeting("name?key=k")):
        assert event == Publish("live", "name?key=k")
        conversation.accept()
    return conversation


def answers(conversation):
    """What we said after the handshake, as commands."""
    reader = chunks.Reader()
    reader.chunk = chunks.WRITTEN
    data = bytes(conversation.answers).split(talk.SHAKE[1:1537], 1)[-1]
    return [amf.read(each.body) for each in reader.feed(data) if each.kind == rtmp.COMMAND_0]


def test_from_the_handshake_to_the_media():
    conversation = accepted()
    said = [words[0] for words in answers(conversation)]
    assert said == ["_result", "_result", "_result", "_result", "onStatus"]
    facts = talk.message(amf.write("@setDataFrame", "onMetaData"), kind=18, stream=4)
    assert [type(each) for each in hear(facts + talk.message(AVC, kind=9, stream=6, time=33), conversation)] == [
        Tag,
        Tag,
    ]
    assert hear(talk.command("deleteStream", 6.0, None, 1), conversation) == [Leave()]


@given(st.lists(st.integers(1, 900), max_size=20))
def test_a_greeting_in_any_pieces(cuts):
    data, conversation, found, place = talk.greeting("name?key=k"), Conversation(), [], 0
    for cut in [*cuts, len(data)]:
        found += hear(data[place : place + cut], conversation)
        place += cut
    assert found == [Publish("live", "name?key=k")]


def test_a_refusal_says_why():
    conversation = Conversation()
    hear(talk.greeting("name?key=wrong"), conversation)
    conversation.refuse("密钥无效")
    name, _number, _nothing, facts = answers(conversation)[-1]
    assert (name, facts["code"], facts["description"]) == ("onStatus", "NetStream.Publish.BadName", "密钥无效")


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: school\r\n\r\n",
        b"\x16\x03\x01" + bytes(200),
        b"\x06" + bytes(1536),
        talk.SHAKE + talk.message(AVC, kind=9),
        talk.SHAKE + talk.command("play", 1.0, None, "name"),
        talk.SHAKE + talk.message(b"\x05\x05", kind=20),
        talk.SHAKE + talk.message(b"", kind=20),
        talk.SHAKE + talk.message(bytes(rtmp.COMMAND + 1), kind=20),
        talk.SHAKE + bytes(rtmp.BEFORE_PUBLISH),
        talk.SHAKE + talk.message(b"\x02\x00\x07connect\x00" + bytes(8) + b"\x03\x00\x01a" * 40, kind=20),
    ],
    ids=["HTTP", "TLS", "another version", "media before the key", "play", "no command", "empty", "a long command",
         "much before the key", "deep"],
)  # fmt: skip
def test_broken(data):
    with pytest.raises(Broken):
        hear(data)


def test_publishing_twice():
    with pytest.raises(Broken):
        hear(talk.command("publish", 9.0, None, "name?key=k", "live"), accepted())


@pytest.mark.parametrize("wish", [(), (None,), (None, 5.0), (None, None), (None, {"a": "b"})])
def test_a_wish_without_a_key_is_a_wrong_key(wish):
    found = hear(talk.SHAKE + talk.command("publish", 1.0, *wish))
    assert found == [Publish("", "")]


@given(st.binary(max_size=3000))
def test_any_bytes_after_the_handshake(data):
    conversation = Conversation()
    try:
        events = hear(talk.SHAKE + data, conversation)
    except Broken:
        return
    assert all(isinstance(each, Publish | Leave) for each in events)
    assert len(conversation.answers) < 100_000


@given(st.binary(max_size=2000))
def test_any_bytes_while_sending(data):
    try:
        hear(data, accepted())
    except Broken:
        return


@given(st.binary(max_size=300))
def test_any_bytes_as_values(data):
    try:
        amf.read(data)
    except amf.Broken:
        return


@given(
    st.recursive(
        st.none() | st.text(max_size=20) | st.floats(allow_nan=False),
        lambda inner: st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4),
        max_leaves=5,
    )
)
def test_values_come_back(value):
    assert amf.read(amf.write(value)) == [value]


@pytest.mark.parametrize(
    "data",
    [
        b"\x03" * 10,
        b"\x0a\xff\xff\xff\xff",
        b"\x02\xff\xffabc",
        b"\x0c\xff\xff\xff\xff",
        b"\x10",
        b"\x05" * 600,
        b"\x00",
    ],
)
def test_values_that_nobody_needs(data):
    with pytest.raises(amf.Broken):
        amf.read(data)


@pytest.mark.parametrize(
    ("body", "codec", "taken"),
    [
        (b"\x17\x00\0\0\0", "h264", True), (b"\x27\x01\0\0\0", "h264", True), (b"\x1c\x00\0\0\0", "hevc", False),
        (b"\x90hvc1", "hevc", False), (b"\x90av01", "av1", False), (b"\x90vp09", "vp9", False),
        (b"\x12\x00", "Sorenson H.263", False), (b"\x80", "?", False),
    ],
)  # fmt: skip
def test_pictures_that_are_taken(body, codec, taken):
    look = flv.picture(body)
    assert (look.codec, look.taken) == (codec, taken)


def test_sounds_that_are_taken():
    assert flv.sound(b"\xaf\x01").taken
    assert not flv.sound(b"\x2f\x01").taken


@given(st.integers(0, chunks.CLOCK - 1), st.lists(st.integers(0, 100_000), max_size=30))
def test_times_begin_near_zero_wherever_the_clock_stands(start, steps):
    writer, moments, clock, passed = flv.Writer(), [], start, 0
    for step in [0, *steps]:
        clock, passed = (clock + step) % chunks.CLOCK, passed + step
        tag = writer.tag(9, clock, AVC)
        moments.append((int.from_bytes(tag[4:7], "big") | tag[7] << 24, passed))
    assert all(written == meant for written, meant in moments)


def test_a_sound_a_little_earlier_than_the_first_picture():
    writer = flv.Writer()
    writer.tag(9, 1000, AVC)
    assert writer.tag(8, 990, b"\xaf\x01x")[4:8] == bytes(4)
    assert struct.unpack(">I", writer.tag(9, 1040, AVC)[-4:])[0] == 11 + len(AVC)
