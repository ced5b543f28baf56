import pytest
from django.core.management import call_command


@pytest.fixture
def reference(db):
    """Regions, chains, terms and groups as every installation has them."""
    call_command("load_reference", verbosity=0)
