"""Revoked, superseded, reissued: the old record stays, and says who did it and why."""

import pytest

from courses import certificates
from courses.models import Certificate, CertificateEvent
from tests import factories
from tests.courses import graduates
from tests.courses.test_certificate_issue import at_once

Status = Certificate.Status


@pytest.fixture
def programme(home):
    return graduates.programme(home)


@pytest.fixture
def issued(learner, programme):
    return graduates.certificate(learner, programme)


def fresh(certificate):
    return Certificate.objects.told().get(pk=certificate.pk)


def test_a_revoked_certificate_keeps_its_record(issued, admin):
    snapshot = issued.snapshot
    certificates.revoke(issued, author=admin, reason=" 经核实，报名信息不属实 ")
    row = fresh(issued)
    assert row.status == Status.REVOKED
    assert row.reason == "经核实，报名信息不属实"
    assert row.revoked_at is not None
    assert row.snapshot == snapshot
    last = row.events.last()
    assert (last.verb, last.author, last.reason) == ("revoked", admin, "经核实，报名信息不属实")


def test_revoking_twice_is_once(issued, admin):
    first = certificates.revoke(issued, author=admin, reason="不属实")
    assert certificates.revoke(issued, author=admin, reason="不属实").revoked_at == first.revoked_at
    assert graduates.verbs(issued) == ["issued", "revoked"]


def test_a_second_reason_is_refused(issued, admin):
    certificates.revoke(issued, author=admin, reason="不属实")
    with pytest.raises(certificates.Refused):
        certificates.revoke(issued, author=admin, reason="另一个原因")
    assert fresh(issued).reason == "不属实"


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_a_reason_is_needed_and_short(issued, admin, reason):
    with pytest.raises(certificates.Refused):
        certificates.revoke(issued, author=admin, reason=reason)
    with pytest.raises(certificates.Refused):
        certificates.supersede(issued, changes={"name": "张远"}, author=admin, reason=reason)
    assert fresh(issued).status == Status.VALID


def test_revoking_does_not_let_another_be_issued(issued, admin):
    certificates.revoke(issued, author=admin, reason="不属实")
    assert certificates.issue(issued.programme_enrolment) == issued
    assert Certificate.objects.count() == 1


def test_a_corrected_name_makes_a_new_version(issued, admin):
    made = certificates.supersede(issued, changes={"name": "张明源"}, author=admin, reason="姓名更正")
    old, new = fresh(issued), fresh(made)
    assert old.status == Status.SUPERSEDED
    assert old.successor == new
    assert old.reason == "姓名更正"
    assert old.snapshot["name"] == "张明远"
    assert new.status == Status.VALID
    assert new.snapshot == {**old.snapshot, "name": "张明源"}
    assert (new.version, new.serial) == (2, 2)
    assert new.number != old.number
    assert new.token != old.token
    assert new.programme_enrolment == old.programme_enrolment
    assert new.user == old.user
    assert new.revision_id == old.revision_id
    assert graduates.verbs(old) == ["issued", "superseded"]
    assert [(event.verb, event.author) for event in new.events.all()] == [("issued", admin)]
    assert certificates.issue(old.programme_enrolment) == new


def test_asking_for_the_same_correction_again_gives_the_same_version(issued, admin):
    first = certificates.supersede(issued, changes={"name": "张明源"}, author=admin, reason="姓名更正")
    assert certificates.supersede(issued, changes={"name": "张明源"}, author=admin, reason="姓名更正") == first
    assert Certificate.objects.count() == 2


def test_a_correction_that_changes_nothing_is_refused(issued, admin):
    with pytest.raises(certificates.Refused):
        certificates.supersede(issued, changes={"name": "张明远"}, author=admin, reason="姓名更正")
    assert Certificate.objects.count() == 1


def test_only_what_is_printed_can_be_corrected(issued, admin):
    with pytest.raises(certificates.Refused):
        certificates.supersede(issued, changes={"token": "x"}, author=admin, reason="试试")


def test_a_replaced_certificate_is_acted_on_no_more(issued, admin):
    certificates.supersede(issued, changes={"name": "张明源"}, author=admin, reason="姓名更正")
    for act in (
        lambda: certificates.revoke(issued, author=admin, reason="不属实"),
        lambda: certificates.supersede(issued, changes={"name": "章明远"}, author=admin, reason="姓名更正"),
    ):
        with pytest.raises(certificates.Refused):
            act()
    assert fresh(issued).status == Status.SUPERSEDED


def test_a_revoked_certificate_is_not_corrected(issued, admin):
    certificates.revoke(issued, author=admin, reason="不属实")
    with pytest.raises(certificates.Refused):
        certificates.supersede(issued, changes={"name": "张明源"}, author=admin, reason="姓名更正")
    assert Certificate.objects.count() == 1


def test_a_correction_of_a_correction_counts_on(issued, admin):
    second = certificates.supersede(issued, changes={"name": "张明源"}, author=admin, reason="姓名更正")
    third = certificates.supersede(second, changes={"name": "章明源"}, author=admin, reason="姓名再更正")
    assert [row.version for row in (issued, second, third)] == [1, 2, 3]
    assert fresh(second).successor == third


@pytest.mark.django_db(transaction=True)
def test_a_correction_asked_for_by_ten_at_once_is_made_once(issued, admin):
    def correct(_number):
        return certificates.supersede(issued, changes={"name": "张明源"}, author=admin, reason="姓名更正").pk

    assert len(set(at_once(correct, 10))) == 1
    assert sorted(Certificate.objects.values_list("serial", flat=True)) == [1, 2]


def test_a_reissue_takes_todays_names_and_wording(programme, admin):
    made = certificates.issue_batch(graduates.completions(programme, 3))
    renamed, plain, revoked = made
    renamed.user.name = "新名字"
    renamed.user.save()
    revoked.user.name = "不该印出"
    revoked.user.save()
    certificates.revoke(revoked, author=admin, reason="不属实")
    again = certificates.reissue(Certificate.objects.all(), author=admin, reason="姓名更正")
    assert [row.supersedes for row in again] == [renamed]
    assert again[0].snapshot == {**renamed.snapshot, "name": "新名字"}
    assert fresh(plain).status == Status.VALID
    assert certificates.reissue(Certificate.objects.all(), author=admin, reason="姓名更正") == []
    programme.series.issuers = ["新发证单位"]
    programme.series.save()
    assert len(certificates.reissue(Certificate.objects.all(), author=admin, reason="发证单位更名")) == 2


def test_a_reissue_keeps_what_was_earned(learner, programme, admin):
    factories.member(learner)
    issued = graduates.certificate(learner, programme)
    learner.memberships.update(ended_on="2026-06-01")
    learner.name = "张明源"
    learner.save()
    programme.title = "改了的名称"
    programme.save()
    (made,) = certificates.reissue(Certificate.objects.all(), author=admin, reason="姓名更正")
    for field in ("enterprise", "programme", "period", "hours", "result"):
        assert made.snapshot[field] == issued.snapshot[field]


def test_a_holder_who_left_keeps_the_printed_name(issued, admin, programme):
    issued.user.delete()
    programme.series.note = "电子证书"
    programme.series.save()
    (made,) = certificates.reissue(Certificate.objects.all(), author=admin, reason="加注")
    assert made.snapshot["name"] == "张明远"


@pytest.mark.parametrize("count", [1, 3])
def test_a_reissue_takes_the_same_number_of_queries(programme, admin, count, django_assert_num_queries):
    certificates.issue_batch(graduates.completions(programme, count))
    programme.series.note = "电子证书"
    programme.series.save()
    with django_assert_num_queries(14):
        assert len(certificates.reissue(Certificate.objects.all(), author=admin, reason="加注")) == count


def test_the_holder_decides_whether_the_name_is_public(issued, learner):
    assert not issued.shows_name
    certificates.show_name(issued, shown=True, author=learner)
    certificates.show_name(issued, shown=True, author=learner)
    assert fresh(issued).shows_name
    certificates.show_name(issued, shown=False, author=learner)
    assert not fresh(issued).shows_name
    assert graduates.verbs(issued) == ["issued", "name_shown", "name_hidden"]


def test_the_choice_goes_over_to_the_corrected_version(issued, learner, admin):
    certificates.show_name(issued, shown=True, author=learner)
    assert certificates.supersede(issued, changes={"name": "张明源"}, author=admin, reason="姓名更正").shows_name


def test_every_step_has_an_author_or_is_the_schools_own(issued, admin):
    certificates.revoke(issued, author=admin, reason="不属实")
    found = CertificateEvent.objects.filter(certificate=issued).values_list("verb", "author__name")
    assert list(found) == [("issued", None), ("revoked", "管理员")]
