"""A completed programme earns one certificate: once, whoever asks and however often, and it never changes."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
import time_machine
from django.db import connection, transaction
from wagtail.models import Locale

from courses import certificates
from courses.models import Certificate, CertificateEvent, ProgrammeEnrolment, SerialCounter
from lms.models import SchoolSettings
from tests import factories
from tests.courses import graduates


@pytest.fixture
def programme(home):
    return graduates.programme(home)


def test_a_completion_earns_a_certificate(learner, programme):
    factories.member(learner)
    completed = graduates.completion(learner, programme)
    made = certificates.issue(completed)
    assert made.user == learner
    assert made.status == Certificate.Status.VALID
    assert made.version == 1
    assert made.expires_on is None
    assert made.revision == programme.revisions.get()
    assert len(made.token) >= 20
    assert made.token not in made.number
    assert made.snapshot == {
        "name": "张明远",
        "enterprise": "成都示范轴承有限公司",
        "programme": "首席质量官任职培训",
        "programme_en": "",
        "post": "",
        "period": ["2026-03-11", "2026-05-24"],
        "hours": "41",
        "result": "合格",
        "result_en": "Passed",
        "title": "培训合格证明",
        "title_en": "Certificate of Training",
        "statement": "完成规定的全部课程与学时，特此证明。",
        "statement_en": "The holder has completed every required course and credit hour of the programme.",
        "issuers": ["示范省市场监督管理局"],
        "issuers_en": [],
        "note": "电子证书，扫码核验",
        "orientation": "landscape",
    }
    assert graduates.verbs(made) == ["issued"]


def test_issuing_again_gives_the_same_certificate(learner, programme):
    completed = graduates.completion(learner, programme)
    assert certificates.issue(completed) == certificates.issue(completed)
    assert Certificate.objects.count() == 1
    assert CertificateEvent.objects.count() == 1
    assert SerialCounter.objects.get().last == 1


def test_a_programme_without_a_series_gives_none(learner, home):
    programme = graduates.programme(home, series=None)
    assert certificates.issue(graduates.completion(learner, programme)) is None
    assert not Certificate.objects.exists()


def test_what_is_not_completed_earns_nothing(learner, programme):
    with pytest.raises(certificates.Refused):
        certificates.issue(graduates.completion(learner, programme, completed_at=None))
    assert not Certificate.objects.exists()


def test_one_unfinished_row_stops_its_batch(programme):
    rows = graduates.completions(programme, 2)
    ProgrammeEnrolment.objects.filter(pk=rows[1].pk).update(completed_at=None)
    with pytest.raises(certificates.Refused):
        certificates.issue_batch(rows)
    assert not Certificate.objects.exists()
    assert not SerialCounter.objects.filter(last__gt=0).exists()


def test_later_changes_do_not_reach_the_snapshot(learner, programme):
    membership = factories.member(learner)
    made = graduates.certificate(learner, programme)
    before = dict(made.snapshot)
    learner.name = "张远"
    learner.save()
    membership.enterprise.name = "改名后的公司"
    membership.enterprise.save()
    programme.title = "另一个名称"
    programme.save()
    programme.series.title = "另一种证书"
    programme.series.issuers = ["另一个单位"]
    programme.series.save()
    assert certificates.issue(made.programme_enrolment).snapshot == before
    assert Certificate.objects.get().snapshot == before


def test_the_wording_follows_the_series(learner, home):
    exam = factories.assessment(questions=0, title="结业考试", kind="exam")
    series = factories.series(
        "CQB",
        title="首席质量（品牌）官培训合格证明",
        post="首席质量（品牌）官",
        post_en="Chief Quality (Brand) Officer",
        issuers=[],
        note="电子证书，登录网站核验",
    )
    SchoolSettings.objects.update_or_create(defaults={"certificate_issuer": "示范市局"})
    told = graduates.certificate(learner, graduates.programme(home, series=series, exam=exam)).snapshot
    assert told["title"] == "首席质量（品牌）官培训合格证明"
    assert told["statement"] == "完成首席质量（品牌）官岗位培训规定的全部课程与学时，结业考试成绩合格，特此证明。"
    assert told["statement_en"].endswith(
        "training for the post of Chief Quality (Brand) Officer and passed its final examination."
    )
    assert told["issuers"] == ["示范市局"]
    assert told["note"] == "电子证书，登录网站核验"


def test_a_statement_of_ones_own_may_name_the_post(learner, home):
    series = factories.series("CQX", post="首席质量官", statement="经考核，具备{post}岗位知识。")
    told = graduates.certificate(learner, graduates.programme(home, series=series)).snapshot
    assert told["statement"] == "经考核，具备首席质量官岗位知识。"


def test_the_english_title_comes_from_the_translation(learner, programme):
    english = programme.copy_for_translation(Locale.objects.get_or_create(language_code="en")[0], copy_parents=True)
    english.title = "Training for Chief Quality Officers"
    english.save_revision().publish()
    assert graduates.certificate(learner, programme).snapshot["programme_en"] == "Training for Chief Quality Officers"


@pytest.mark.parametrize(("hours", "printed"), [("41.0", "41"), ("41.5", "41.5"), ("100.0", "100"), (None, "12")])
def test_hours_as_credited_or_at_least_as_required(learner, home, hours, printed):
    programme = graduates.programme(home, min_hours=Decimal("12"))
    credited = Decimal(hours) if hours else None
    assert graduates.certificate(learner, programme, hours=credited).snapshot["hours"] == printed


def test_the_employer_of_the_day_of_completion_is_printed(learner, programme):
    old = factories.member(learner)
    old.ended_on = graduates.COMPLETED.date()
    old.save()
    other = factories.enterprise("91510100MA6ABCDE0X", name="新单位")
    factories.member(learner, other)
    later = learner.memberships.get(enterprise=other)
    later.started_on = graduates.COMPLETED.date()
    later.save()
    assert graduates.certificate(learner, programme).snapshot["enterprise"] == "新单位"


def test_a_certificate_without_an_employer(learner, programme):
    assert graduates.certificate(learner, programme).snapshot["enterprise"] == ""


@time_machine.travel("2026-12-31 16:30:00Z", tick=False)
def test_the_year_of_the_number_is_the_one_in_shanghai(learner, programme):
    made = graduates.certificate(learner, programme)
    assert made.year == 2027
    assert made.number.startswith("CQO2027510000")


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_takes_the_same_number_of_queries(programme, count, django_assert_num_queries):
    rows = graduates.completions(programme, count)
    certificates.issue_batch(graduates.completions(programme, 1))
    with django_assert_num_queries(16):
        assert len(certificates.issue_batch(rows)) == count


def test_a_batch_answers_in_the_order_of_its_rows(programme):
    rows = graduates.completions(programme, 3)
    first = certificates.issue(rows[1])
    made = certificates.issue_batch([rows[2], rows[1], rows[0], rows[2]])
    assert [row.programme_enrolment for row in made] == [rows[2], rows[1], rows[0]]
    assert made[1] == first


def test_completions_from_before_the_series_are_issued_later(home, admin):
    programme = graduates.programme(home, series=None)
    rows = graduates.completions(programme, 2)
    graduates.completion(factories.user(), programme, completed_at=None)
    assert certificates.issue_due(programme) == []
    programme.series = factories.series()
    programme.save()
    made = certificates.issue_due(programme, author=admin)
    assert {row.programme_enrolment for row in made} == set(rows)
    assert made[0].events.get().author == admin
    assert certificates.issue_due(programme) == []


def at_once(work, times):
    """Call `work(n)` from that many threads that all start together."""
    ready = Barrier(times)

    def one(number):
        ready.wait(timeout=30)
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.mark.django_db(transaction=True)
def test_twenty_simultaneous_completions_give_one_certificate(learner, programme):
    completed = graduates.completion(learner, programme)

    def issue(_number):
        with transaction.atomic():
            return certificates.issue(ProgrammeEnrolment.objects.get(pk=completed.pk)).number

    assert len(set(at_once(issue, 20))) == 1
    assert Certificate.objects.count() == 1
    assert SerialCounter.objects.get().last == 1
    assert graduates.verbs(Certificate.objects.get()).count("issued") == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_persons_at_once_get_twenty_numbers_without_a_gap(programme):
    rows = graduates.completions(programme, 20)

    def issue(number):
        with transaction.atomic():
            made = certificates.issue(rows[number])
            if number % 4 == 0:
                transaction.set_rollback(True)
            return made.serial

    at_once(issue, 20)
    kept = sorted(Certificate.objects.values_list("serial", flat=True))
    assert kept == list(range(1, 16))
    assert SerialCounter.objects.get().last == 15
