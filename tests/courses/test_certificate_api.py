"""Certificates for machines."""

import pytest

from courses import certificates, papers, verification
from tests.courses import graduates

VERIFY = "/api/v1/certificates/verify"


@pytest.fixture(autouse=True)
def shelf(tmp_path, settings):
    settings.CERTIFICATE_ROOT = tmp_path / "certificates"


@pytest.fixture
def issued(learner, home):
    return graduates.certificate(learner, graduates.programme(home))


def asked(client, number, name):
    return client.post(VERIFY, {"number": number, "name": name}, content_type="application/json")


def test_the_api_says_what_the_page_says(client, issued):
    told = client.get(f"{VERIFY}/{issued.token}")
    page = client.get(f"/verify/{issued.token}", HTTP_ACCEPT="application/json")
    assert told.status_code == 200
    assert told["Cache-Control"] == "no-store"
    assert {**told.json(), "checked_at": ""} == {**page.json(), "checked_at": ""}
    assert told.json()["name"] == "张**"


def test_by_number_and_name(client, issued):
    assert asked(client, issued.number, "张明远").json()["status"] == "valid"
    wrong = asked(client, issued.number, "李四")
    assert (wrong.status_code, wrong.json()["code"]) == (404, "unknown")


def test_an_unknown_token(client, home):
    response = client.get(f"{VERIFY}/nothing")
    assert (response.status_code, response.json()["code"]) == (404, "unknown")


def test_guessing_is_stopped(client, issued):
    for _ in range(verification.FAILURES_PER_NUMBER):
        asked(client, issued.number, "李四")
    response = asked(client, issued.number, "张明远")
    assert (response.status_code, response.json()["code"]) == (429, "too_many")
    assert response["Retry-After"] == str(verification.WINDOW)


def test_what_is_no_question_is_refused(client, home):
    assert asked(client, "1" * 61, "张明远").status_code == 422
    assert client.post(VERIFY, "[]", content_type="application/json").status_code == 422


def test_ones_own_certificates(client, learner, outsider, issued, admin):
    made = certificates.supersede(issued, changes={"name": "章明远"}, author=admin, reason="姓名更正")
    papers.make([made.pk])
    client.force_login(learner)
    response = client.get("/api/v1/certificates/mine")
    told = [(row["number"], row["status"], row["print_state"]) for row in response.json()]
    assert told == [(made.number, "valid", "ready"), (issued.number, "superseded", "waiting")]
    assert response.json()[0]["verify_url"].endswith(made.token)
    client.force_login(outsider)
    assert client.get("/api/v1/certificates/mine").json() == []


def test_a_guest_has_none(client, issued):
    assert client.get("/api/v1/certificates/mine").status_code == 401


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_number_of_queries(client, learner, home, count, django_assert_num_queries):
    for number in range(count):
        graduates.certificate(learner, graduates.programme(home, title=f"培训{number}"))
    client.force_login(learner)
    client.get("/api/v1/certificates/mine")
    with django_assert_num_queries(3):
        assert len(client.get("/api/v1/certificates/mine").json()) == count
