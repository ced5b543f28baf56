"""A number that no row can have is an unknown row, not a breakdown."""

import json
from pathlib import Path

import pytest
from django.urls import reverse

from lms.numbers import whole

APPS = ("lms", "media", "courses", "live")
HUGE = 10**30
LONG = "9" * 5000  # Python reads no number of so many digits


@pytest.mark.parametrize(
    "path",
    [
        f"/learn/course/{HUGE}/join",
        f"/learn/programme/{HUGE}/join",
        f"/learn/lesson/{HUGE}/film",
        f"/learn/lesson/{HUGE}/read",
    ],
)
def test_pages_say_not_found(client, learner, home, path):
    client.force_login(learner)
    assert client.post(path, follow=True).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"), [(f"/api/v1/lessons/{HUGE}/player", {}), ("/api/v1/me/enrolments", {"course": HUGE})]
)
def test_the_api_says_not_found_as_json(client, learner, home, path, body):
    client.force_login(learner)
    answer = client.post(path, json.dumps(body), content_type="application/json")
    assert answer.status_code in (404, 422)
    assert answer.json()["code"]


@pytest.mark.parametrize("kind", ["lesson", "film"])
@pytest.mark.parametrize("end", ["/", ".json"])
def test_the_desk_says_not_found(client, editor, home, kind, end):
    client.force_login(editor)
    assert client.get(f"/cms/reports/retention/{kind}/{HUGE}{end}", follow=True).status_code == 404


def test_addresses_name_rows_by_a_number_that_a_row_can_have():
    found = [path for app in APPS for path in Path(app).rglob("*.py") if "<int:" in path.read_text()]
    assert found == []


@pytest.mark.parametrize("odd", [HUGE, LONG, "②", "x", ""])
def test_certificates_of_no_programme_are_not_found(client, admin, home, odd):
    client.force_login(admin)
    assert client.post(reverse("certificates_due"), {"programme": odd}).status_code == 404


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("9" * 18, 999_999_999_999_999_999), ("9" * 19, None), (LONG, None), ("-1", None), ("٣", None),
     ("", None), (None, None)],
)  # fmt: skip
def test_a_number_of_a_request_is_one_that_a_row_can_have(text, number):
    assert whole(text) == number
