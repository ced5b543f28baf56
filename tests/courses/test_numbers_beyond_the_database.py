"""A number that no row can have is an unknown row, not a breakdown."""

import json

import pytest

HUGE = 10**30


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
