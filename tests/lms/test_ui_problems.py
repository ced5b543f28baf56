"""What went wrong, what was kept, what to do next."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.utils import translation

from lms.middleware import new_number
from lms.views import site


def test_a_missing_page_offers_search_and_ways_on(client, home):
    answer = client.get("/en/there/is/nothing/")
    assert answer.status_code == 404
    text = answer.content.decode()
    assert '<html lang="en">' in text
    assert "There is no page at this address" in text
    assert 'href="/en/site-map/"' in text


def test_a_missing_page_in_chinese(client, home):
    assert '<html lang="zh-CN">' in client.get("/there/is/nothing/").content.decode()


def refused(user, reason=""):
    request = RequestFactory().get("/en/desk/", headers={"cookie": ""})
    request.user = user
    with translation.override("en"):
        return site.forbidden(request, PermissionDenied(reason) if reason else None)


def test_a_refusal_says_who_may_enter(learner):
    answer = refused(learner, "Only statisticians of a bureau may enter")
    assert answer.status_code == 403
    text = answer.content.decode()
    assert "Only statisticians of a bureau may enter" in text
    assert "You are signed in as 张明远" in text


def test_a_refusal_without_reason_still_explains(learner):
    assert "open only to the people whose work it is" in refused(learner).content.decode()


def test_a_reason_is_never_markup(learner):
    assert "<script>" not in refused(learner, "<script>alert(1)</script>").content.decode()


def test_a_form_without_its_token_is_explained(home):
    answer = Client(enforce_csrf_checks=True).post("/en/accounts/logout/")
    assert answer.status_code == 403
    assert "The form was not sent" in answer.content.decode()


def test_a_foreign_host_is_refused_politely(client, db):
    answer = client.get("/en/styleguide/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert "could not be understood" in answer.content.decode()


def test_numbers_can_be_read_out():
    assert all(re.fullmatch(r"E-\d{8}-\d{4}-[A-HJ-NP-Z2-9]{6}", new_number()) for _ in range(50))


def test_each_answer_carries_its_number(client, home):
    first, second = (client.get("/robots.txt")["X-Request-ID"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize(
    ("given", "kept"), [("a1b2c3d4-e5f6", True), ("short", False), ("x" * 65, False), ('"}{\n', False)]
)
def test_a_number_of_a_proxy_is_kept_when_it_is_one(client, home, given, kept):
    assert (client.get("/robots.txt", headers={"x-request-id": given})["X-Request-ID"] == given) is kept


WITHOUT_DATABASE = """
import django, json
django.setup()
from django.test import Client
client = Client(raise_request_exception=False, headers={"host": "localhost"})
client.cookies["sessionid"] = "s" * 32
client.cookies["scale"] = "large"
answer = client.get("/styleguide/")
print("ANSWER " + json.dumps({"status": answer.status_code, "number": answer["X-Request-ID"],
    "policy": answer["Content-Security-Policy"], "text": answer.content.decode()}))
"""


@pytest.fixture(scope="module")
def without_database():
    """The answer to a signed-in reader while the database cannot be opened, and the lines of the log."""
    environment = {**os.environ, "DATABASE_URL": "sqlite:////there-is-no-such-folder/db.sqlite3"}
    environment |= {"DJANGO_SETTINGS_MODULE": "lms.settings.test", "PYTHONPATH": str(settings.BASE_DIR)}
    command = [sys.executable, "-W", "ignore", "-c", WITHOUT_DATABASE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=settings.BASE_DIR)
    answer = next(line for line in done.stdout.splitlines() if line.startswith("ANSWER "))
    log = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    return json.loads(answer.removeprefix("ANSWER ")), log


def test_a_machine_gets_the_number_of_an_error_as_json():
    request = RequestFactory().get("/api/v1/me/enrolments")
    request.number = "E-20261124-0000-ABCDEF"
    answer = site.server_error(request)
    told = json.loads(answer.content)
    assert (answer.status_code, told["code"], told["request_id"]) == (500, "error", request.number)
    assert "错" in told["message"]


def test_the_error_page_needs_no_database(without_database):
    answer, _ = without_database
    assert answer["status"] == 500
    assert "problem__title" in answer["text"]
    assert 'data-scale="large"' in answer["text"]
    assert answer["policy"]


def test_the_error_page_shows_the_number_that_is_in_the_log(without_database):
    answer, log = without_database
    failed = [line for line in log if line["event"] == "request_failed"]
    assert [line["request_id"] for line in failed] == [answer["number"]]
    assert answer["number"] in answer["text"]
    assert "unable to open database file" in failed[0]["exception"]


def test_the_error_page_tells_nothing_of_the_inside(without_database):
    answer, _ = without_database
    assert "OperationalError" not in answer["text"]
    assert "Traceback" not in answer["text"]
