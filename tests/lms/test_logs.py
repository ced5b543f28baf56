"""Lines are JSON, give away no token, and `up` keeps them in a file so that a start can be read."""

import json
import logging.config
from io import StringIO

import pytest
import structlog
from django.test import Client

from lms.management.commands import up
from lms.settings import logs

TOKEN = "AbCdEf0123456789-_xyz.QwErTy"


@pytest.fixture
def lines():
    """What the school would write, each line as it is read back."""
    config = logs.configuration(level="INFO")
    handler = logging.StreamHandler(StringIO())
    handler.setFormatter(logging.config.DictConfigurator(config).configure_formatter(config["formatters"]["json"]))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel("INFO")
    yield lambda: [json.loads(line) for line in handler.stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize("room", ["videos", "files", "verify"])
def test_an_address_keeps_six_characters_of_its_token(lines, room):
    structlog.get_logger("any").info("served", request=f"GET /{room}/{TOKEN}/rest/seg_1.m4s")
    logging.getLogger("django.request").warning("Not Found: /en/%s/%s", room, TOKEN)
    ours, theirs = lines()
    assert ours["request"] == f"GET /{room}/AbCdEf…/rest/seg_1.m4s"
    assert theirs["event"] == f"Not Found: /en/{room}/AbCdEf…"


def test_addresses_without_a_token_stay_whole(lines):
    structlog.get_logger("any").info("served", request="GET /verify/?number=SC-CQO-2026-00001", code=200)
    assert lines()[0]["request"] == "GET /verify/?number=SC-CQO-2026-00001"
    assert lines()[0]["code"] == 200


@pytest.mark.django_db
def test_a_request_is_one_line_with_a_shortened_token(lines):
    Client().get(f"/videos/{TOKEN}/0b6b6b00-0000-4000-8000-000000000000/index.m3u8", HTTP_USER_AGENT="a phone")
    finished = [line for line in lines() if line.get("request")]
    assert [line["event"] for line in finished] == ["request_finished"]
    assert finished[0]["user_agent"] == "a phone"
    assert all(TOKEN not in json.dumps(line) for line in lines())


@pytest.fixture
def kept(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    monkeypatch.setenv("LOG_FILE", "of another time")  # so that it is put back afterwards
    monkeypatch.delenv("LOG_FILE")
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    command = up.Command(stdout=StringIO())
    command.began = 0
    yield command
    monkeypatch.undo()
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


def test_up_keeps_the_log_in_a_file_and_shows_errors(kept, tmp_path, capsys):
    kept.keep_log()
    logging.getLogger("wagtail").info("Page edited")
    logging.getLogger("any").error("no disk")
    lines = (tmp_path / "logs/school.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["Page edited", "no disk"]
    shown = capsys.readouterr().err
    assert "no disk" in shown
    assert "Page edited" not in shown
    assert "school.jsonl" in kept.stdout.getvalue()


def test_the_environment_decides_where_lines_go(kept, tmp_path, monkeypatch):
    monkeypatch.setenv("LOG_FILE", "-")
    kept.keep_log()
    assert not (tmp_path / "logs").exists()


def test_a_large_log_is_put_aside(kept, tmp_path, monkeypatch):
    monkeypatch.setattr(up, "LARGE_LOG", 3)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/school.jsonl").write_text("older lines\n")
    kept.keep_log()
    assert (tmp_path / "logs/school.1.jsonl").read_text() == "older lines\n"
    assert (tmp_path / "logs/school.jsonl").read_text() == ""
