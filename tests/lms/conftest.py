import pytest
from django.core.management import call_command
from django.test import Client


@pytest.fixture
def reference(db):
    """Regions, chains, terms and groups as every installation has them."""
    call_command("load_reference", verbosity=0)


@pytest.fixture
def client_factory():
    """Another browser for each call."""
    return Client


@pytest.fixture
def kept_mail(settings):
    """pytest would keep mail in memory; the school keeps it in its outbox."""
    settings.EMAIL_BACKEND = "lms.messages.LocalMail"
