"""Who mistypes an address of the API is answered in its own way: JSON with a code and a message."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["", "nothing", "courses/a/b/c/d", "me/enrolments/", "../v1/x", "%20"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_no_such_address(client, path, method):
    answer = getattr(client, method)(f"/api/v1/{path}")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (404, "no_such_address")
    assert set(told) == {"code", "message"}
    assert "/api/v1/openapi.json" in told["message"]


def test_in_the_language_of_the_caller(client):
    english = client.get("/api/v1/nothing", HTTP_ACCEPT_LANGUAGE="en")
    assert english["Content-Language"] == "en"
    assert english.json()["message"].startswith("There is nothing")


def test_addresses_that_are_there_are_not_shadowed(client):
    assert client.get("/api/v1/openapi.json").status_code == 200
    assert client.get("/api/v1/me/enrolments").status_code in {401, 404}
