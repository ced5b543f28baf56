from datetime import timedelta

import pytest
from django.utils import timezone

from live import keys
from live.models import Broadcast
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def broadcast(trainer):
    return factories.broadcast(state="ready", starts_at=timezone.now(), trainer=trainer)


def test_a_key_opens_its_broadcast_and_is_kept_as_a_hash(broadcast):
    key = keys.issue(broadcast)
    assert len(bytes.fromhex(key)) == 16
    assert keys.admit(*keys.split(keys.stream(broadcast, key))) == broadcast
    kept = Broadcast.objects.values().get()
    assert not any(key in str(value) for value in kept.values())


def test_a_new_key_replaces_the_old_one(broadcast):
    old, new = keys.issue(broadcast), keys.issue(broadcast)
    assert keys.matches(broadcast, new)
    with pytest.raises(keys.Wrong):
        keys.admit(broadcast.name, old)


@pytest.mark.parametrize("key", ["", "0" * 32, "é" * 32])
def test_wrong_keys(broadcast, key):
    with pytest.raises(keys.Wrong):
        keys.admit(broadcast.name, key)
    keys.issue(broadcast)
    with pytest.raises(keys.Wrong):
        keys.admit(broadcast.name, key)


def test_the_key_of_another_broadcast(broadcast):
    other = factories.broadcast(state="ready")
    key = keys.issue(other)
    keys.issue(broadcast)
    for name in (broadcast.name, "nothing", ""):
        with pytest.raises(keys.Wrong):
            keys.admit(name, key)


@pytest.mark.parametrize(
    ("state", "minutes", "refusal"),
    [
        ("scheduled", 31, keys.TooEarly), ("scheduled", 29, None), ("ready", 600, None), ("draft", 0, keys.TooEarly),
        ("live", -600, None), ("interrupted", -600, None), ("ready", -211, keys.Over), ("ended", -10, keys.Over),
        ("replay", -10, keys.Over), ("cancelled", 10, keys.Over), ("blocked", 10, keys.Stopped),
    ],
)  # fmt: skip
def test_from_half_an_hour_before_until_the_end(broadcast, state, minutes, refusal):
    key = keys.issue(broadcast)
    starts_at = timezone.now() + timedelta(minutes=minutes)
    Broadcast.objects.update(state=state, starts_at=starts_at, minutes=90)
    if refusal is None:
        assert keys.admit(broadcast.name, key)
    else:
        with pytest.raises(refusal) as refused:
            keys.admit(broadcast.name, key)
        assert str(refused.value)


def test_a_ticket_is_of_one_person_and_one_broadcast_for_a_quarter_of_an_hour(broadcast, trainer, time_machine):
    ticket = keys.ticket(broadcast, trainer)
    assert keys.read_ticket(ticket, str(broadcast.uuid)) == (broadcast, trainer)
    other = factories.broadcast(state="ready")
    with pytest.raises(keys.Wrong):
        keys.read_ticket(ticket, str(other.uuid))
    time_machine.move_to(timezone.now() + timedelta(seconds=keys.TICKET_SECONDS + 2))
    with pytest.raises(keys.Wrong):
        keys.read_ticket(ticket, str(broadcast.uuid))


def test_a_closed_account_has_no_ticket(broadcast, trainer):
    ticket = keys.ticket(broadcast, trainer)
    trainer.is_active = False
    trainer.save()
    with pytest.raises(keys.Wrong):
        keys.read_ticket(ticket, str(broadcast.uuid))


def test_an_encoder_may_write_the_key_in_any_way():
    assert keys.split("abc?key=def") == ("abc", "def")
    assert keys.split("abc") == ("abc", "")
    assert keys.split("?key=a&key=b") == ("", "b")
    assert keys.split("abc?x=1") == ("abc", "")


def test_who_hosts_no_more_is_not_let_in_with_an_old_ticket(broadcast, trainer):
    ticket = keys.ticket(broadcast, trainer)
    broadcast.hosts.all().delete()
    with pytest.raises(keys.Wrong):
        keys.read_ticket(ticket, str(broadcast.uuid))
