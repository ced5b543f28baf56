"""Printing and reissuing from the shell and by the clock; and what is told about oneself."""

import io

import pytest
import time_machine
from django.core.management import CommandError, call_command

from courses import certificates, papers
from courses.models import Certificate
from lms import accounts, jobs
from tests import factories
from tests.courses import graduates


@pytest.fixture(autouse=True)
def shelf(tmp_path, settings):
    settings.CERTIFICATE_ROOT = tmp_path / "certificates"


@pytest.fixture
def programme(home):
    return graduates.programme(home)


def called(name, *args, **options):
    out = io.StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue()


def test_what_waits_is_printed(programme):
    made = certificates.issue_batch(graduates.completions(programme, 3))
    rare = graduates.certificate(factories.user(name="张\U000323af"), programme)
    told = called("print_certificates")
    assert told.startswith("3 printed, 1 wait for a person")
    assert rare.number in told
    assert all(papers.path_of(row).exists() for row in made)
    assert called("print_certificates", "--again").startswith("0 printed, 1 wait")


def test_lost_files_come_back(programme):
    made = certificates.issue_batch(graduates.completions(programme, 2))
    called("print_certificates")
    papers.path_of(made[0]).unlink()
    called("print_certificates")
    assert not papers.path_of(made[0]).exists()
    called("print_certificates", "--check")
    assert papers.path_of(made[0]).exists()


def test_a_series_is_issued_anew(programme, admin):
    first, second = certificates.issue_batch(graduates.completions(programme, 2))
    programme.series.issuers = ["新发证单位"]
    programme.series.save()
    told = called("reissue_certificates", "--series", "CQO", "--reason", "发证单位更名", "--author", admin.email)
    assert told.endswith("2 issued anew\n")
    for old in (first, second):
        assert Certificate.objects.get(supersedes=old).snapshot["issuers"] == ["新发证单位"]
    again = called("reissue_certificates", "--series", "CQO", "--reason", "发证单位更名", "--author", admin.email)
    assert again == "0 issued anew\n"


def test_chosen_numbers_are_issued_anew(programme, admin):
    first, _second = certificates.issue_batch(graduates.completions(programme, 2))
    programme.series.note = "电子证书"
    programme.series.save()
    called("reissue_certificates", first.number, "--reason", "加注", "--author", admin.email)
    assert [row.supersedes for row in Certificate.objects.filter(version=2)] == [first]


@pytest.mark.parametrize(
    "args",
    [
        ["--reason", "加注", "--author", "admin@example.org"],
        ["--series", "CQO", "--reason", "加注", "--author", "nobody@example.org"],
        ["--series", "CQO", "--reason", " ", "--author", "admin@example.org"],
    ],
)
def test_what_makes_no_sense_is_refused(programme, admin, args):
    graduates.certificate(factories.user(), programme)
    programme.series.note = "电子证书"
    programme.series.save()
    with pytest.raises(CommandError):
        called("reissue_certificates", *args)
    assert Certificate.objects.count() == 1


def test_the_clock_prints_what_was_forgotten(programme):
    made = graduates.certificate(factories.user(), programme)
    with time_machine.travel(graduates.now() + papers.LATE * 2):
        jobs.tick()
    assert papers.path_of(made).exists()


def test_ones_own_data_tell_of_ones_certificates(programme, learner, outsider, admin):
    made = graduates.certificate(learner, programme)
    certificates.revoke(made, author=admin, reason="不属实")
    (told,) = accounts.data(learner)["certificates"]
    assert (told["number"], told["status"], told["says"]["name"]) == (made.number, "revoked", "张明远")
    assert [event["what"] for event in told["events"]] == ["issued", "revoked"]
    assert accounts.data(outsider)["certificates"] == []
