"""The school says what is set wrongly before it opens."""

import pytest
from django.core.checks import run_checks


def found():
    return {(message.id, bool(message.hint)) for message in run_checks(tags=["cqo"])}


@pytest.fixture
def production(settings):
    settings.DEMO = False
    settings.SITE_URL = "https://school.example"
    settings.SECRET_KEY = "k" * 60
    settings.SMS_SENDER = "tests.lms.test_checks.Gateway"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    return settings


class Gateway:
    def send(self, sms):
        raise AssertionError("checks send nothing")


def test_the_demo_school_is_set_right():
    assert found() == set()


def test_a_proper_production_is_set_right(production):
    assert found() == set()


def test_var_must_be_writable(settings, tmp_path):
    (tmp_path / "file").write_text("in the way")
    settings.VAR_DIR = tmp_path / "file"
    assert found() == {("lms.E001", True)}


def test_two_processes_need_redis(settings):
    settings.WEB_CONCURRENCY = 2
    assert found() == {("lms.E002", True)}
    settings.REDIS_URL = "redis://localhost:6379/0"
    assert found() == set()


@pytest.mark.parametrize("address", ["", "school.example", "ftp://school.example", "https://school.example/path"])
def test_the_site_address_must_be_one(settings, address):
    settings.SITE_URL = address
    assert found() == {("lms.E003", True)}


def test_production_needs_a_public_address(production):
    production.SITE_URL = "https://localhost:8000"
    assert found() == {("lms.E003", True)}


def test_production_needs_a_long_secret(production):
    production.SECRET_KEY = "short"
    assert found() == {("lms.E004", True)}


@pytest.mark.parametrize("path", ["tests.lms.no_such_module.Sender", "lms.messages.Sms"])
def test_the_sender_must_be_able_to_send(settings, path):
    settings.SMS_SENDER = path
    assert found() == {("lms.E005", True)}


def test_the_local_outbox_is_no_use_in_production(production):
    production.SMS_SENDER = "lms.messages.LocalSms"
    assert found() == {("lms.W001", True)}


def test_debug_is_not_for_production(production):
    production.DEBUG = True
    assert found() == {("lms.W002", True)}


@pytest.mark.parametrize(
    ("address", "accel", "count", "expected"),
    [
        ("https://school.example", "", 0, {("lms.W003", True)}),
        ("http://school.example", "/inner", 0, {("lms.W003", True)}),
        ("https://school.example", "/inner", 2, set()),
        ("http://school.example", "", 1, {("lms.W004", True)}),
        ("http://school.example", "", 0, set()),
    ],
)
def test_proxies_are_counted(production, address, accel, count, expected):
    production.SITE_URL = address
    production.X_ACCEL_PREFIX = accel
    production.ALLAUTH_TRUSTED_PROXY_COUNT = count
    assert found() == expected


def test_a_laptop_counts_no_proxies(settings):
    settings.SITE_URL = "https://school.example"
    assert found() == set()
