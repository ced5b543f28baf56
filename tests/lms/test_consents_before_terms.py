"""An account may be older than the first terms: a school without terms keeps nobody out, with terms it asks."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from lms import consents

pytestmark = pytest.mark.django_db
HTML = {"HTTP_ACCEPT": "text/html,*/*"}


@pytest.fixture
def early(client):
    user = get_user_model().objects.create_superuser(email="first@example.org", password="x", name="管理员")
    client.force_login(user)
    return user


def test_without_terms_the_way_leads_on(client, early):
    asked = client.get(reverse("my_enterprise"), **HTML)
    assert client.get(asked["Location"], **HTML)["Location"] == reverse("my_enterprise")
    assert client.get(reverse("my_enterprise"), **HTML).status_code == 200
    early.refresh_from_db()
    assert early.agreement == "given"


def test_the_first_terms_are_asked_of_everybody(client, early):
    consents.review(early)
    consents.publish(kind="privacy", version="1", texts={"zh-hans": consents.Text("隐私政策", "内容")})
    assert client.get(reverse("my_enterprise"), **HTML)["Location"].startswith(reverse("consent"))


def test_terms_that_came_before_anybody_signed_in_are_asked(client):
    consents.publish(kind="privacy", version="1", texts={"zh-hans": consents.Text("隐私政策", "内容")})
    made_by_staff = get_user_model().objects.create_user(email="second@example.org", password="x", name="职工")
    client.force_login(made_by_staff)
    assert client.get(reverse("my_enterprise"), **HTML)["Location"].startswith(reverse("consent"))
