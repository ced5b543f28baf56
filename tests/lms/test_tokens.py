"""Keys of other systems."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from lms import tokens
from lms.models import ApiToken, AuditEntry


def test_a_token_is_shown_once_and_kept_as_a_hash(admin):
    token, text = tokens.issue(name="川质通", scopes=["counts"], by=admin)
    assert text.startswith("cqo_")
    assert text not in str(ApiToken.objects.values().get())
    assert tokens.check(text, "counts") == token
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.author, text in str(entry.details)) == ("token_issued", admin, False)


def test_its_last_use_is_noted_once_a_minute(admin, django_assert_num_queries):
    _token, text = tokens.issue(name="川质通", scopes=["counts"], by=admin)
    with django_assert_num_queries(2):
        tokens.check(text, "counts")
    with django_assert_num_queries(1):
        tokens.check(text, "counts")
    assert ApiToken.objects.get().used_at is not None


@pytest.mark.parametrize("text", ["", "cqo_", "cqo_nobody", "Bearer"])
def test_an_unknown_token_is_refused(db, text):
    with pytest.raises(tokens.Refused) as refusal:
        tokens.check(text, "counts")
    assert refusal.value.code == "bad_token"


def test_a_token_may_do_only_what_it_says(admin):
    _token, text = tokens.issue(name="川质通", scopes=["counts"], by=admin)
    with pytest.raises(tokens.Refused) as refusal:
        tokens.check(text, "certificates")
    assert refusal.value.code == "scope"


def test_an_expired_token_is_refused(admin):
    _token, text = tokens.issue(name="月底", scopes=["counts"], by=admin, expires_at=timezone.now() + timedelta(days=1))
    tokens.check(text, "counts")
    with time_machine.travel(timezone.now() + timedelta(days=2)), pytest.raises(tokens.Refused):
        tokens.check(text, "counts")


def test_a_revoked_token_is_refused_from_then_on_and_revoking_twice_is_once(admin):
    token, text = tokens.issue(name="川质通", scopes=["counts"], by=admin)
    tokens.revoke(token, by=admin)
    tokens.revoke(token, by=admin)
    with pytest.raises(tokens.Refused):
        tokens.check(text, "counts")
    assert [entry.verb for entry in AuditEntry.objects.all()] == ["token_revoked", "token_issued"]
