"""The broadcasts of the demo school."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from live import demonstration
from live.models import Broadcast
from tests import factories

pytestmark = pytest.mark.django_db


def test_two_broadcasts_stand_in_the_lobby_and_loading_again_adds_none(client):
    factories.user(email=demonstration.TRAINER, groups=["Trainers"])
    assert [demonstration.load(), demonstration.load()] == [2, 0]
    assert list(Broadcast.objects.values_list("state", flat=True)) == ["scheduled", "scheduled"]
    page = client.get(reverse("live")).content.decode()
    assert all(plan["title"] in page for plan in demonstration.PLANS)


def test_a_broadcast_that_nobody_held_moves_on():
    factories.user(email=demonstration.TRAINER, groups=["Trainers"])
    demonstration.load()
    Broadcast.objects.update(starts_at=timezone.now() - timedelta(days=2))
    assert demonstration.load() == 2
    assert not Broadcast.objects.filter(starts_at__lt=timezone.now()).exists()


def test_without_its_trainer_there_is_none():
    assert demonstration.load() == 0
