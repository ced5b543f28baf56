"""What may be said in a room, judged in one transaction; what is refused is kept with its reason."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from live import posting, words
from live.models import Message, Restriction, Room, Run, Segment, Word
from live.posting import Asked, Refused
from tests import factories

from .guests import speaker

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(db):
    return factories.broadcast(state="live")


@pytest.fixture
def mei(db):
    return speaker("陈梅")


def say(broadcast, person, text, **asked):
    asked.setdefault("at", timezone.now())
    return posting.take([Asked(broadcast.pk, person.pk, asked.pop("key", None) or uuid4(), text, **asked)])[0]


def word(text, action):
    return Word.objects.create(text=text, action=action)


def code(outcome):
    assert isinstance(outcome, Refused)
    assert outcome.message
    assert Message.objects.get(status="refused").reason == outcome.code
    return outcome.code


def test_a_message_is_kept_as_it_was_written(live, mei):
    row = say(live, mei, "  老师好 \U0001f600 <b>x</b> ", address="192.0.2.7")
    row.refresh_from_db()
    assert (row.text, row.status, row.kind, row.author, row.author_name, row.address) == (
        "老师好 \U0001f600 <b>x</b>", "shown", "message", mei, "陈梅", "192.0.2.7",
    )  # fmt: skip


def test_it_knows_where_the_recording_was(live, mei):
    now = timezone.now()
    run = Run.objects.create(broadcast=live, number=1, source="rtmp", opened_at=now)
    Segment.objects.create(
        run=run, broadcast=live, number=0, sequence=0, started_at=now, duration_ms=2000, begin_ms=60_000, bytes=9
    )
    assert say(live, mei, "现在", at=now + timedelta(seconds=1.5)).media_ms == 61_500


@pytest.mark.parametrize("state", ["draft", "scheduled", "ended", "replay", "blocked"])
def test_nobody_talks_before_the_room_opens_or_after_the_end(mei, state):
    assert code(say(factories.broadcast(state=state), mei, "在吗")) == "closed"


def test_without_a_verified_mobile_number_nobody_speaks(live):
    assert code(say(live, factories.user(), "在吗")) == "no_mobile"


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200e", "\x00\x07\n", "\u3164\u115f \u2800", "\u200d\u0301"])
def test_nothing_is_no_message(live, mei, text):
    assert code(say(live, mei, text)) == "empty"


def test_two_hundred_characters_and_no_more(live, mei):
    assert say(live, mei, "好" * 200).status == "shown"
    refused = say(live, mei, "好" * 201)
    assert "201" in refused.message
    assert code(refused) == "too_long"


def test_control_characters_and_marks_of_direction_are_left_out(live, mei):
    assert say(live, mei, "a\x00b\u202ec\nd\ud800").text == "abc d"


@pytest.mark.parametrize(
    "text",
    [
        "http://x.example",
        "看 WWW.bad.cn",
        "加 example.com 吧",
        "ｈｔｔｐｓ：／／x",
        "sub.some-shop.top/abc",
        "坏站。com",
    ],
)
def test_links_are_blocked(live, mei, text):
    assert code(say(live, mei, text)) == "link"


@pytest.mark.parametrize("text", ["很好。公司要求", "GB/T 19001.2016", "3.5 分", "我是 No.1", "e.g. this"])
def test_what_is_no_link_is_not_blocked(live, mei, text):
    assert say(live, mei, text).status == "shown"


def test_links_can_be_allowed(live, mei):
    Room.objects.update(links_allowed=True)
    assert say(live, mei, "https://example.org").status == "shown"


@pytest.mark.parametrize("text", ["示例坏词", "示 例 坏 词", "示\u200b例坏词", "示\u3164例坏词", "说示例坏词了"])
def test_a_word_is_found_through_spaces_and_what_cannot_be_seen(live, mei, text):
    word("示例坏词", "block")
    assert code(say(live, mei, text)) == "word"


def test_a_word_is_found_whatever_its_width_and_case(live, mei):
    word("badword", "block")
    assert code(say(live, mei, "ＢａｄＷｏｒｄ！")) == "word"


def test_a_word_can_be_masked(live, mei):
    word("badword", "mask")
    row = say(live, mei, "so bad word here")
    assert (row.status, row.text, row.shown_text) == ("shown", "so bad word here", "so ＊＊＊＊＊＊＊＊ here")


def test_a_word_can_hold_a_message(live, mei):
    word("待查", "hold")
    row = say(live, mei, "这个待查")
    assert (row.status, row.reason) == ("held", "word: 待查")


def test_the_severest_word_decides(live, mei):
    word("轻", "mask")
    word("重", "block")
    assert code(say(live, mei, "轻重")) == "word"


def test_with_pre_moderation_all_wait(live, mei, trainer):
    Room.objects.update(checked_first=True)
    assert say(live, mei, "你好").status == "held"
    assert say(live, speaker(), "同学们好", role="trainer").status == "shown"


def test_questions_only_and_talking_off(live, mei):
    Room.objects.update(mode="questions")
    assert say(live, mei, "有个问题", question=True).kind == "question"
    assert code(say(live, mei, "你好")) == "questions_only"
    Message.objects.all().delete()
    Room.objects.update(mode="off")
    assert code(say(live, mei, "你好", question=True)) == "off"
    assert say(live, speaker(), "安静", role="moderator").status == "shown"


@pytest.mark.parametrize(("kind", "expected"), [("mute", "muted"), ("ban", "banned")])
def test_who_is_restricted_is_told_until_when(live, mei, kind, expected):
    until = timezone.now() + timedelta(minutes=10)
    Restriction.objects.create(broadcast=live, user=mei, kind=kind, until=until, made_at=timezone.now())
    refused = say(live, mei, "我")
    assert refused.until == until
    assert code(refused) == expected


def test_a_restriction_ends(live, mei):
    now = timezone.now()
    Restriction.objects.create(broadcast=live, user=mei, kind="mute", until=now - timedelta(seconds=1), made_at=now)
    Restriction.objects.create(broadcast=factories.broadcast(), user=mei, kind="ban", made_at=now)
    assert say(live, mei, "又能说了").status == "shown"


def test_three_at_once_then_one_in_three_seconds(live, mei):
    now = timezone.now()
    told = [say(live, mei, f"第{n}句", at=now) for n in range(4)]
    assert [isinstance(each, Refused) for each in told] == [False, False, False, True]
    assert (told[3].code, told[3].wait) == ("too_fast", 3.0)
    assert say(live, mei, "等了两秒", at=now + timedelta(seconds=2)).wait == 1.0
    assert say(live, mei, "等了三秒", at=now + timedelta(seconds=3)).status == "shown"
    assert Message.objects.filter(status="refused").count() == 2


def test_hosts_are_not_slowed_down(live):
    host = speaker()
    assert all(say(live, host, f"{n}", role="moderator").status == "shown" for n in range(6))


def test_the_rate_holds_within_a_batch_as_well(live, mei):
    now = timezone.now()
    told = posting.take([Asked(live.pk, mei.pk, uuid4(), f"第{n}句", now) for n in range(5)])
    assert [isinstance(each, Refused) for each in told] == [False] * 3 + [True] * 2


def test_the_same_again_is_a_duplicate_for_a_minute(live, mei):
    now = timezone.now()
    say(live, mei, "好的", at=now)
    assert code(say(live, mei, " 好 的", at=now + timedelta(seconds=30))) == "duplicate"
    assert say(live, mei, "好的", at=now + timedelta(seconds=61)).status == "shown"


def test_the_same_key_is_the_same_message_and_the_same_refusal(live, mei):
    key, other = uuid4(), uuid4()
    assert say(live, mei, "一", key=key).pk == say(live, mei, "一", key=key).pk
    assert say(live, mei, "www.x.cn", key=other).code == say(live, mei, "www.x.cn", key=other).code == "link"
    assert Message.objects.count() == 2


def test_the_number_of_queries_does_not_grow(live, django_assert_num_queries):
    people = [speaker(f"学员{n}") for n in range(30)]
    now = timezone.now()
    words.current()
    for crowd in (people[:1], people[1:]):
        with django_assert_num_queries(9):
            posting.take([Asked(live.pk, person.pk, uuid4(), f"我是{person.pk}", now) for person in crowd])
    assert Message.objects.shown().count() == 30


@given(st.lists(st.floats(0, 120), max_size=40), st.integers(0, 30))
def test_whoever_waits_as_told_may_write(gaps, slow):
    """And no window of any length holds more than the burst and one for each step of it."""
    now, sent = timezone.now(), []
    for gap in gaps:
        now += timedelta(seconds=gap)
        wait = posting.wait_for(sent, now, slow)
        now += timedelta(seconds=wait)
        assert posting.wait_for(sent, now, slow) == pytest.approx(0, abs=1e-5)
        sent.append(now)
        window = timedelta(seconds=10 * slow)
        assert sum(at > now - window for at in sent) <= posting.BURST + 10 or not slow
