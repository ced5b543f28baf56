"""Other systems are told what happened: once, signed, until they answer, and only at addresses that may be called."""

import contextlib
import hashlib
import hmac
import json
import socket
import threading
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from lms import jobs, postman, tally, webhooks
from lms.models import AuditEntry, Participation, Webhook, WebhookDelivery
from tests.lms.listener import listening

ALL = ["attendance", "completion", "certificate"]


@pytest.fixture
def listener(settings):
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    with listening() as opened:
        yield opened


@pytest.fixture
def hook(listener, admin):
    """The first round finds the book as it is; what is written afterwards is told."""
    made = webhooks.save(hook=None, name="川质通", url=listener.url, events=ALL, active=True, by=admin)
    webhooks.tell_of_the_ledger()
    return made


def write(person, number=1, kind="lesson"):
    run = tally.activity(key="course:1:2026", kind="course", title="质量管理基础")
    return tally.record(
        key=f"{kind}:{number}", kind=kind, activity=run, person=person, channel="on_demand", minutes=45,
        occurred_at=timezone.now(), unit=f"{kind}:{number}", unit_title="第一节",
    )  # fmt: skip


def test_a_credited_lesson_is_told_and_signed(hook, listener, learner):
    fact = write(learner)
    assert webhooks.tell_of_the_ledger() == 1
    assert webhooks.deliver() == 1
    ((headers, body),) = listener.letters
    signed = f"{headers['X-CQO-Timestamp']}.".encode() + body
    expected = hmac.new(hook.secret.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-CQO-Signature"] == f"sha256={expected}"
    letter = json.loads(body)
    assert (letter["event"], letter["key"], letter["data"]["hours"]) == ("attendance", f"ledger:{fact.pk}", "1.0")
    assert "张明远" not in body.decode()
    assert str(learner.ledger_key) not in body.decode()
    assert WebhookDelivery.objects.get().state == "delivered"


def test_a_completed_programme_is_told_as_completion(hook, listener, learner):
    write(learner, kind="programme")
    webhooks.tell_of_the_ledger()
    webhooks.deliver()
    assert [headers["X-CQO-Event"] for headers, _body in listener.letters] == ["completion"]


def test_the_same_fact_is_told_once(hook, listener, learner):
    write(learner)
    assert [webhooks.tell_of_the_ledger() for _ in range(2)] == [1, 0]
    write(learner, 2)
    webhooks.tell_of_the_ledger()
    webhooks.deliver()
    assert len({json.loads(body)["key"] for _headers, body in listener.letters}) == len(listener.letters) == 2


def test_what_was_before_the_address_was_given_is_not_told(listener, admin, learner):
    write(learner)
    webhooks.save(hook=None, name="川质通", url=listener.url, events=ALL, active=True, by=admin)
    webhooks.tell_of_the_ledger()
    write(learner, 2)
    webhooks.tell_of_the_ledger()
    assert [letter.key for letter in WebhookDelivery.objects.all()] == [
        f"ledger:{tally.Participation.objects.last().pk}"
    ]


def test_only_what_an_address_asked_for_is_told(hook, learner):
    hook.events = ["completion"]
    hook.save()
    write(learner)
    assert webhooks.tell_of_the_ledger() == 0


@pytest.mark.parametrize("status", [500, 404, 302])
def test_another_answer_is_tried_again_at_growing_distances(hook, listener, learner, status):
    listener.answers = [status] * 6
    write(learner)
    webhooks.tell_of_the_ledger()
    distances, now = [], timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        for _ in range(7):
            webhooks.deliver()
            letter = WebhookDelivery.objects.get()
            distances.append(round((letter.next_at - timezone.now()).total_seconds() / 60))
            clock.move_to(letter.next_at + timedelta(seconds=1))
    assert distances[:6] == [1, 5, 30, 120, 360, 1440]
    assert (letter.state, letter.tries, len(listener.letters)) == ("delivered", 7, 7)


def test_it_is_given_up_in_the_end_and_can_be_sent_again(hook, listener, learner, admin):
    listener.answers = [500] * 7
    write(learner)
    webhooks.tell_of_the_ledger()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(8):
            webhooks.deliver()
            clock.shift(timedelta(days=2))
        letter = WebhookDelivery.objects.get()
        assert (letter.state, letter.tries, letter.status) == ("given_up", 7, 500)
        webhooks.send_again(letter, by=admin)
        assert webhooks.deliver() == 1
    assert AuditEntry.objects.first().verb == "hook_sent_again"


def test_nobody_there_is_written_down(hook, listener, learner):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        Webhook.objects.update(url=f"http://127.0.0.1:{free.getsockname()[1]}/")
    write(learner)
    webhooks.tell_of_the_ledger()
    assert webhooks.deliver() == 0
    letter = WebhookDelivery.objects.get()
    assert (letter.state, letter.status, "ConnectionRefused" in letter.note) == ("waiting", None, True)


def test_a_letter_that_another_worker_is_sending_is_left_alone(hook, learner):
    write(learner)
    webhooks.tell_of_the_ledger()
    assert webhooks._take() is not None
    assert webhooks._take() is None


def test_an_address_that_is_off_is_not_called(hook, listener, learner):
    write(learner)
    webhooks.tell_of_the_ledger()
    Webhook.objects.update(active=False)
    assert webhooks.deliver() == 0
    assert listener.letters == []


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://localhost/", "https://10.1.2.3/hook", "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/",
        "https://172.16.0.9:8443/", "https://[fe80::1]/", "https://224.0.0.1/",
    ],
)  # fmt: skip
def test_inner_addresses_are_refused(admin, url):
    with pytest.raises(webhooks.Refused, match=r"inner network|内网"):
        webhooks.save(hook=None, name="内网", url=url, events=ALL, active=True, by=admin)
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("url", ["http://8.8.8.8/", "ftp://8.8.8.8/", "https://user:word@8.8.8.8/", "https://", "x"])
def test_other_ways_and_passwords_in_an_address_are_refused(admin, url):
    with pytest.raises(webhooks.Refused):
        webhooks.save(hook=None, name="怪", url=url, events=ALL, active=True, by=admin)


def test_a_name_that_later_points_inside_is_not_called(hook, listener, learner, settings):
    """The address is looked at before each letter, not only when it was given."""
    write(learner)
    webhooks.tell_of_the_ledger()
    settings.WEBHOOK_PRIVATE_ADDRESSES = False
    Webhook.objects.update(url="https://localhost/")
    assert webhooks.deliver() == 0
    assert (listener.letters, WebhookDelivery.objects.get().status) == ([], None)


def test_a_public_address_is_taken(db):
    place = postman.place("https://8.8.8.8/hook")
    assert (place.ip, place.port) == ("8.8.8.8", 443)


def test_the_duties_do_it(hook, listener, learner):
    write(learner)
    jobs.tick()
    assert len(listener.letters) == 1


def test_old_letters_are_forgotten(hook, listener, learner):
    write(learner)
    webhooks.tell_of_the_ledger()
    webhooks.deliver()
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        assert webhooks.forget() == 1


def test_what_is_forgotten_is_not_told_again(hook, listener, learner):
    write(learner)
    webhooks.tell_of_the_ledger()
    webhooks.deliver()
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        webhooks.forget()
        write(learner, 2)
        assert webhooks.tell_of_the_ledger() == 1
        assert [each.key for each in WebhookDelivery.objects.all()] == [f"ledger:{newest()}"]


def newest():
    return Participation.objects.latest("pk").pk


def test_letters_are_sent_after_all_other_duties():
    assert jobs.periodic[-1] == webhooks.deliver


@pytest.mark.parametrize("url", ["https://example.org:99999/", "https://example.org:port/", "https://[::1/"])
def test_a_place_that_is_none_is_refused_in_words(admin, url):
    with pytest.raises(webhooks.Refused):
        webhooks.save(hook=None, name="x", url=url, events=ALL, active=True, by=admin)


def test_who_answers_a_byte_at_a_time_is_not_waited_for(settings, monkeypatch):
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    monkeypatch.setattr(postman, "SECONDS", 0.3)
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            other, _address = server.accept()
            with other, contextlib.suppress(OSError):
                other.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not done.wait(0.05):
                    other.sendall(b"x")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        place = postman.place(f"http://127.0.0.1:{server.getsockname()[1]}/")
        with pytest.raises(postman.Unreachable):
            postman.post(place, b"{}", {})
        done.set()
        thread.join()
