"""The first account of an installation is made on the server, before any letter can leave."""

import pytest
from django.core.management import call_command
from django.urls import reverse

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
PASSWORD = "安静的一号车间 quality"


def test_it_can_enter_the_content_desk_at_once(client, monkeypatch, mailoutbox):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", interactive=False, email="boss@example.org", name="管理员", verbosity=0)
    answer = client.post(reverse("account_login"), {"login": "boss@example.org", "password": PASSWORD}, follow=True)
    assert answer.status_code == 200
    assert mailoutbox == []
    assert client.get(reverse("wagtailadmin_home")).status_code == 200
