"""What search engines are told: every page for everybody, in both languages, and no other."""

import re

import pytest
from wagtail.models import Locale, PageViewRestriction

from tests import factories

pytestmark = pytest.mark.django_db


def addresses(client):
    answer = client.get("/sitemap.xml")
    assert answer.status_code == 200
    found = re.findall(r"<loc>(?:http://[^/<]+)(/[^<]*)</loc>", answer.content.decode())
    assert len(found) == len(set(found))
    return set(found)


@pytest.fixture
def english(course, home):
    """The same course in English, below a home page of its own."""
    locale = Locale.objects.get_or_create(language_code="en")[0]
    for page in (home, course.get_parent().specific, course):
        page.copy_for_translation(locale).save_revision().publish()
    return course.get_translation(locale)


def test_pages_of_both_languages_are_listed(client, course, english):
    found = addresses(client)
    assert course.get_url() in found
    assert english.get_url() in found
    assert english.get_url().startswith("/en/")
    assert {"/", "/en/", "/courses/", "/en/courses/", "/verify/", "/en/verify/", "/privacy/"} <= found


def test_every_address_opens_without_signing_in(client, english):
    listed = addresses(client) - {"/agreement/", "/privacy/", "/en/agreement/", "/en/privacy/"}  # no terms are loaded
    assert {path: client.get(path).status_code for path in listed} == dict.fromkeys(listed, 200)


def test_what_is_not_for_everybody_is_not_listed(client, home, course):
    hidden = factories.course(home, title="未发布")
    hidden.unpublish()
    closed = factories.course(home, title="内部")
    PageViewRestriction.objects.create(page=closed, restriction_type="login")
    found = addresses(client)
    assert course.get_url() in found
    assert hidden.get_url() not in found
    assert closed.get_url() not in found
    assert not any(path.startswith(("/cms", "/admin", "/me", "/en/me")) for path in found)
