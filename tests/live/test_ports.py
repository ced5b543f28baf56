"""Where the ingest of a school listens that `make up PORT=` starts on another port."""

from lms.management.commands.up import live_ports


def test_each_school_has_its_own_ports(monkeypatch):
    for name in ("RTMP_PORT", "STUDIO_PORT"):
        monkeypatch.delenv(name, raising=False)
    assert live_ports(8000) == {"RTMP_PORT": "1935", "STUDIO_PORT": "8935"}
    assert live_ports(8001) == {"RTMP_PORT": "1936", "STUDIO_PORT": "8936"}


def test_ports_that_cannot_be_are_left_as_they_are(monkeypatch):
    monkeypatch.delenv("RTMP_PORT", raising=False)
    assert live_ports(80)["RTMP_PORT"] == "1935"


def test_what_the_environment_says_counts(monkeypatch):
    monkeypatch.setenv("RTMP_PORT", "19350")
    assert live_ports(8001)["RTMP_PORT"] == "19350"
