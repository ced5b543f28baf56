"""The room without its socket: for pages that ask, and for browsers without scripts."""

from uuid import uuid4

import pytest
from django.utils import timezone

from live import posting
from live.models import Message, Restriction, Room
from tests import factories

from .guests import speaker

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}


@pytest.fixture
def live(db):
    return factories.broadcast(state="live")


@pytest.fixture
def mei(client):
    person = speaker("陈梅", agreement="given")
    client.force_login(person)
    return person


def said(live, *texts):
    now = timezone.now()
    return posting.take([posting.Asked(live.pk, speaker(f"学员{n}").pk, uuid4(), t, now) for n, t in enumerate(texts)])


def texts(response):
    assert response.status_code == 200, response.content
    return [message["text"] for message in response.json()["messages"]]


def test_what_was_said_since_and_before(client, live, mei):
    rows = said(live, *"一二三四五")
    Message.objects.filter(pk=rows[3].pk).update(status="deleted")
    page = f"/live/{live.uuid}/messages"
    assert texts(client.get(page)) == list("一二三五")
    assert texts(client.get(page, {"since": rows[1].pk})) == list("三五")
    assert texts(client.get(page, {"before": rows[2].pk})) == list("一二")
    assert texts(client.get(page, {"since": "x"})) == list("一二三五")
    assert client.get(page)["Cache-Control"] == "private, no-store"


def test_long_histories_come_in_pages(client, live, mei, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("live.views.talk.PAGE", 2)
    rows = said(live, *"一二三四五")
    page = f"/live/{live.uuid}/messages"
    answer = client.get(page, {"since": rows[0].pk})
    assert (texts(answer), answer.json()["more"]) == (["二", "三"], True)
    answer = client.get(page, {"before": rows[2].pk})
    assert (texts(answer), answer.json()["more"]) == (["一", "二"], False)


def test_a_form_is_enough_to_say_something(client, live, mei):
    response = client.post(f"/live/{live.uuid}/say", {"text": "老师好", "question": "1"})
    assert (response.status_code, response["Location"]) == (302, f"/live/{live.uuid}/#talk")
    row = Message.objects.get()
    assert (row.text, row.kind, row.status, row.address) == ("老师好", "question", "shown", "127.0.0.1")


def test_what_is_refused_comes_back_with_its_reason(client, live, mei):
    response = client.post(f"/live/{live.uuid}/say", {"text": "看 www.x.cn"})
    assert response["Location"] == f"/live/{live.uuid}/?draft=%E7%9C%8B+www.x.cn#talk"
    assert Message.objects.get().reason == "link"


def test_as_json_too(client, live, mei):
    key = str(uuid4())
    first, again = (client.post(f"/live/{live.uuid}/say", {"text": "好", "key": key}, headers=JSON) for _n in range(2))
    assert first.json() == again.json() == {"id": Message.objects.get().pk, "status": "shown"}
    Room.objects.update(mode="off")
    refused = client.post(f"/live/{live.uuid}/say", {"text": "在"}, headers=JSON)
    assert (refused.status_code, refused.json()["code"]) == (409, "off")


def test_who_may_not_be_there_reads_and_says_nothing(client, live, mei):
    Restriction.objects.create(broadcast=live, user=mei, kind="ban", made_at=timezone.now())
    assert client.get(f"/live/{live.uuid}/messages").status_code == 403
    assert client.post(f"/live/{live.uuid}/say", {"text": "在"}, headers=JSON).status_code == 403
    assert not Message.objects.exists()
    assert client.get(f"/live/{uuid4()}/messages").status_code == 404
    client.logout()
    assert client.get(f"/live/{live.uuid}/messages").status_code == 401
    assert "/accounts/login/" in client.post(f"/live/{live.uuid}/say", {"text": "在"})["Location"]


def test_visitors_read_open_broadcasts(client, db):
    live = factories.broadcast(state="live", audience="open")
    said(live, "好")
    assert texts(client.get(f"/live/{live.uuid}/messages")) == ["好"]
