"""The one character that PostgreSQL takes in no text."""

import pytest
from django.urls import reverse

from live.models import Room
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(trainer, client):
    client.force_login(trainer)
    return factories.broadcast(state="live", trainer=trainer)


def test_a_search_is_for_what_is_left_of_it(client, live):
    answer = client.get(reverse("attendance", args=[live.uuid]) + "?q=a%00b")
    assert (answer.status_code, answer.context["search"]) == (200, "ab")


@pytest.mark.parametrize("how", ["multipart/form-data", "application/x-www-form-urlencoded"])
def test_a_form_is_kept_without_it(client, live, how):
    sent = {"verb": "pin", "text": "a\0b"}
    given = {"data": sent} if how.startswith("multi") else {"data": "verb=pin&text=a%00b", "content_type": how}
    answer = client.post(reverse("moderate", args=[live.uuid]), headers={"Accept": "application/json"}, **given)
    assert (answer.status_code, Room.objects.get(broadcast=live).notice) == (204, "ab")


def test_a_reason_is_kept_without_it(client, live):
    answer = client.post(reverse("host_broadcast", args=[live.uuid]), {"title": "\0"})
    assert (answer.status_code, answer.context["form"].data["title"]) == (422, "")


def test_no_page_has_it_in_its_address(client, home):
    assert client.get("/a%00b/").status_code == 404
    assert client.get("/terms/a%00b").status_code == 404
