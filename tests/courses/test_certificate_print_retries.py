"""A sheet that fails for a reason nobody foresaw is tried again at growing distances, then a person hears why."""

import pytest
import time_machine

from courses import papers
from courses.models import Certificate
from tests import factories
from tests.courses import graduates

Print = Certificate.Print


@pytest.fixture(autouse=True)
def shelf(tmp_path, settings):
    settings.CERTIFICATE_ROOT = tmp_path / "certificates"


@pytest.fixture
def programme(home):
    return graduates.programme(home)


@pytest.fixture
def broken(learner, programme):
    """What it should print is not all there, as after a restore that went wrong."""
    made = graduates.certificate(learner, programme)
    Certificate.objects.filter(pk=made.pk).update(snapshot={"name": learner.name})
    return made


@pytest.fixture
def clock():
    with time_machine.travel(graduates.now() + papers.LATE * 2, tick=False) as traveller:
        yield traveller


def fresh(certificate):
    return Certificate.objects.get(pk=certificate.pk)


def test_the_others_go_on(broken, programme, clock):
    good = graduates.certificate(factories.user(name="王小质"), programme)
    Certificate.objects.update(created_at=graduates.now() - papers.LATE * 2)
    assert papers.catch_up() == 1
    assert fresh(good).print_state == Print.READY
    assert fresh(broken).print_state == Print.WAITING


def test_one_that_failed_waits_and_does_not_stand_before_the_others(broken, clock):
    papers.catch_up()
    row = fresh(broken)
    assert (row.print_tries, row.print_note[:8]) == (1, "KeyError")
    papers.catch_up()
    assert fresh(broken).print_tries == 1
    clock.shift(papers.PAUSES[0])
    papers.catch_up()
    assert fresh(broken).print_tries == 2


def test_after_the_last_try_a_person_hears_why(broken, clock):
    for pause in papers.PAUSES:
        papers.catch_up()
        assert fresh(broken).print_state == Print.WAITING
        clock.shift(pause)
    papers.catch_up()
    row = fresh(broken)
    assert (row.print_state, row.print_note[:8]) == (Print.REVIEW, "KeyError")
    assert graduates.verbs(broken)[-1] == "held"
    clock.shift(papers.PAUSES[-1])
    assert papers.catch_up() == 0
    with pytest.raises(papers.NeedsAPerson):
        papers.pdf(row)


def test_what_was_mended_is_printed_and_forgets_its_tries(broken, clock):
    whole = broken.snapshot
    papers.catch_up()
    Certificate.objects.filter(pk=broken.pk).update(snapshot=whole)
    clock.shift(papers.PAUSES[0])
    assert papers.catch_up() == 1
    row = fresh(broken)
    assert (row.print_state, row.print_note, row.print_tries, row.print_after) == (Print.READY, "", 0, None)
