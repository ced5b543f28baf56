"""Pages come from us alone; only the two admin prefixes may write scripts and styles inline."""

import pytest

STRICT = {
    "default-src": "'self'",
    "style-src": "'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "img-src": "'self' data:",
    "media-src": "'self' blob:",
    "worker-src": "'self' blob:",
    "connect-src": "'self' ws://localhost:8000 ws://localhost:8935",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}


def policy(response):
    parts = response["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


@pytest.mark.parametrize("path", ["/styleguide/", "/en/styleguide/", "/robots.txt", "/there/is/nothing/"])
def test_public_pages_have_the_strict_policy(client, home, path):
    assert policy(client.get(path)) == STRICT


def test_admin_pages_may_write_inline_and_still_load_nothing_foreign(client, admin):
    client.force_login(admin)
    inline = "'self' 'unsafe-inline'"
    wider = {**STRICT, "style-src": inline, "script-src": inline}
    assert policy(client.get("/cms/")) == wider
    assert policy(client.get("/admin/")) == wider


@pytest.mark.parametrize("path", ["/cmsx/", "/administration/", "/en/cms/"])
def test_a_path_that_only_looks_like_an_admin_page_stays_strict(client, home, path):
    assert policy(client.get(path)) == STRICT


def test_refused_requests_are_answered_under_the_policy(client, db):
    assert policy(client.get("/styleguide/", headers={"host": "elsewhere.example"})) == STRICT


def test_devices_are_for_ourselves_only(client, home):
    allowed = client.get("/styleguide/")["Permissions-Policy"]
    assert "camera=(self)" in allowed
    assert "geolocation=()" in allowed
