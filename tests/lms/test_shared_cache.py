"""The cache that web processes share is killed: pages go on, limits go on, the log has two lines."""

import socket
import time

import pytest
from allauth.core import ratelimit
from django.core.cache import cache
from django.urls import reverse
from structlog.testing import capture_logs

from courses import verification
from lms import caching, jobs
from tests.live.redis import Server

pytestmark = pytest.mark.django_db
AGAIN = 0.2  # seconds


@pytest.fixture
def redis(settings):
    server = Server()
    settings.CACHES = {
        "default": {
            "BACKEND": "lms.caching.SharedCache", "LOCATION": server.url, "OPTIONS": {"retry_after": AGAIN}
        }
    }  # fmt: skip
    yield server
    server.kill()


def lines(log):
    return [line["event"] for line in log if line["event"].startswith("cache_")]


def test_it_is_shared_as_long_as_it_is_there(redis, settings):
    cache.set("a", {"b": 1}, 60)
    assert cache.add("a", 2) is False
    assert (cache.get("a"), cache.get_many(["a", "x"]), cache.get("x", 7)) == ({"b": 1}, {"a": {"b": 1}}, 7)
    assert cache.get_or_set("n", 4) == 4
    assert cache.incr("n") == 5
    assert caching.trouble() == ""


def test_pages_go_on_and_the_log_says_it_once(redis, client, home):
    cache.set("a", 1, 60)
    with capture_logs() as log:
        redis.kill()
        addresses = ["/", reverse("live"), "/"]
        assert [client.get(address).status_code for address in addresses] == [200] * 3
        assert cache.get("a") is None
        cache.set("a", 2, 60)
        assert (cache.get("a"), cache.get_or_set("c", 3), cache.get_many(["a", "c"])) == (2, 3, {"a": 2, "c": 3})
        assert lines(log) == ["cache_away"]
        redis.start()
        time.sleep(AGAIN)
        assert (cache.get("a"), cache.get("c")) == (None, None)  # the new Redis is empty
        assert client.get("/").status_code == 200
        assert lines(log) == ["cache_away", "cache_back"]


def test_ready_without_it_and_saying_so(redis, client):
    jobs.beat(jobs.WORKER)
    assert client.get("/readyz").json()["checks"]["cache"]["ok"] is True
    redis.kill()
    page = client.get("/readyz")
    assert (page.status_code, page.json()["ready"]) == (200, True)
    assert "Redis does not answer" in page.json()["checks"]["cache"]["detail"]


def test_guessing_is_limited_without_it(redis, client, learner):
    redis.kill()
    verification._refuse_guessing("1.2.3.4", "CQO-1")
    for _time in range(verification.FAILURES_PER_NUMBER):
        verification._count_failure("1.2.3.4", "CQO-1")
    with pytest.raises(verification.TooMany):
        verification._refuse_guessing("1.2.3.4", "CQO-1")


def test_codes_for_signing_in_are_limited_without_it(redis, rf):
    redis.kill()
    request = rf.post(reverse("account_request_login_code"))
    allowed = [
        bool(ratelimit.consume(request, action="request_login_code", key="13800000000")) for _time in range(3)
    ]  # once in half a minute
    assert allowed == [True, False, False]


def test_one_that_hangs_is_asked_seldom(settings):
    """It takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        options = {"socket_timeout": 0.2}
        settings.CACHES = {"default": {"BACKEND": "lms.caching.SharedCache", "LOCATION": url, "OPTIONS": options}}
        began = time.monotonic()
        for number in range(200):
            cache.set(str(number), number)
        assert cache.get("199") == 199
        assert time.monotonic() - began < 10  # 40 s and more if each had waited
