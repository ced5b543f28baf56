"""A programme that somebody decided to count as met: the certificate says so, and speaks of no hours nobody took."""

from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from pypdf import PdfReader

from courses import attestation, certificates, completion, printing
from courses.models import Certificate
from tests import factories

DAY = "2026-05-24T09:00:00Z"
SAID = "依据2026年5月24日的认定，视为达到本培训项目的全部要求，特此证明。"
SAID_EN = "By decision of 24 May 2026, the holder counts as having met every requirement of the programme."


@pytest.fixture
def course(home):
    return factories.course(home, lessons=2)


@pytest.fixture
def programme(home, course):
    return factories.programme(home, [course], title="首席质量官任职培训")


def decided(learner, programme, admin):
    row = factories.programme_enrolment(learner, programme)
    with time_machine.travel(DAY, tick=False):
        completion.override(author=admin, reason="持有同等证书", programme_enrolment=row)
    return Certificate.objects.get(programme_enrolment=row)


def words(certificate):
    page = printing.certificate(attestation.sheet(certificate))
    return "".join(PdfReader(BytesIO(page)).pages[0].extract_text().split())


@pytest.mark.parametrize("orientation", ["landscape", "portrait"])
def test_it_states_the_decision_and_no_hours(client, learner, admin, programme, orientation):
    programme.series.orientation = orientation
    programme.series.save()
    made = decided(learner, programme, admin)
    told = made.snapshot
    assert (told["hours"], told["result"], told["result_en"]) == ("", "认定合格", "Recognised")
    assert (told["statement"], told["statement_en"]) == (SAID, SAID_EN)
    printed = words(made)
    assert "".join(SAID.split()) in printed
    assert "学时" not in printed
    assert "考核结果" in printed
    page = client.get(f"/verify/{made.token}")
    assert "学时" not in page.content.decode().split("<main")[1].split("</main")[0]
    assert "认定合格" in page.content.decode()
    assert client.get(f"/verify/{made.token}", headers={"accept": "application/json"}).json()["hours"] == ""


def test_the_series_own_sentence_about_courses_gives_way(learner, admin, programme):
    programme.series.statement = "完成{post}全部课程。"
    programme.series.save()
    assert decided(learner, programme, admin).snapshot["statement"] == SAID


def test_hours_that_were_counted_stand_there(learner, admin, home, course, programme):
    enrolment = factories.enrolment(learner, course)
    completion.override(author=admin, reason="线下学过", enrolment=enrolment)
    other = factories.course(home, lessons=1)
    both = factories.programme(home, [course, other], title="两门课")
    told = decided(learner, both, admin).snapshot
    assert Decimal(told["hours"]) == sum(lesson.credit_hours for lesson in course.lessons())
    assert told["statement"] == SAID


def test_who_did_the_work_is_certified_for_it_whatever_was_decided_besides(learner, admin, course, programme):
    row = factories.programme_enrolment(learner, programme)
    completion.override(author=admin, reason="线下学过", enrolment=factories.enrolment(learner, course))
    made = Certificate.objects.get(programme_enrolment=row)
    completion.override(author=admin, reason="补记", programme_enrolment=row)
    assert made.snapshot["statement"] == "完成规定的全部课程与学时，特此证明。"
    assert not certificates.reissue(Certificate.objects.all(), author=admin, reason="核对")


def test_a_corrected_wording_keeps_to_the_decision(learner, admin, programme):
    decided(learner, programme, admin)
    programme.series.title = "培训证明"
    programme.series.save()
    (again,) = certificates.reissue(Certificate.objects.all(), author=admin, reason="更名")
    assert (again.snapshot["title"], again.snapshot["statement"]) == ("培训证明", SAID)
