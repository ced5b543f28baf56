"""An enterprise confirms its people, denies strangers, and invites; nobody is moved without their own word."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from lms import enterprises, members
from lms.models import Invitation, MemberDecision, Membership, Outgoing
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm():
    return factories.enterprise()


def invitation(firm, by, mobile="13800000001", name="张明远", post="质检员"):
    members.invite(firm, [(name, mobile, post)], by=by)
    return Invitation.objects.get(mobile=mobile, answered_at=None, withdrawn_at=None)


@pytest.fixture
def proved(learner):
    learner.mobile_verified = True
    learner.save()
    return learner


def test_a_manager_confirms_once(manager, learner, firm):
    row = factories.member(learner, firm)
    members.confirm(row, by=manager)
    members.confirm(row, by=manager)
    assert Membership.objects.get(pk=row.pk).confirmed_at
    assert list(MemberDecision.objects.values_list("by", "confirmed")) == [(manager.pk, True)]


def test_denying_ends_the_membership_and_says_why(manager, learner, firm):
    row = members.deny(factories.member(learner, firm), by=manager, reason="已离职")
    assert row.ended_on == enterprises.today()
    assert enterprises.membership(learner) is None
    assert MemberDecision.objects.get().reason == "已离职"
    with pytest.raises(members.Refused):
        members.confirm(row, by=manager)


def test_denying_wants_a_reason(manager, learner, firm):
    row = factories.member(learner, firm)
    with pytest.raises(members.Refused):
        members.deny(row, by=manager, reason=" ")
    assert enterprises.membership(learner) == row


def test_somebody_denied_on_the_first_day_leaves_no_day(manager, learner, firm):
    row = enterprises.join(user=learner, enterprise=firm)
    members.deny(row, by=manager, reason="不是本企业员工")
    assert enterprises.standing(learner).uscc == ""


def test_an_invitation_holds_when_the_person_says_so(manager, proved, firm):
    asked = invitation(firm, manager)
    assert enterprises.membership(proved) is None
    assert list(members.waiting_for(proved)) == [asked]
    joined = members.accept(asked, user=proved)
    assert (joined.enterprise, joined.post) == (firm, "质检员")
    assert joined.confirmed_at
    assert list(members.waiting_for(proved)) == []


def test_accepting_leaves_the_former_enterprise(manager, proved, firm):
    former = factories.enterprise(uscc="91510600DEMQ02419T", name="德阳东升装备制造有限公司")
    factories.member(proved, former)
    members.accept(invitation(firm, manager), user=proved)
    assert Membership.objects.get(user=proved, enterprise=former).ended_on == enterprises.today()
    assert enterprises.membership(proved).enterprise == firm


def test_declining_moves_nobody(manager, proved, firm):
    asked = invitation(firm, manager)
    members.decline(asked, user=proved)
    assert enterprises.membership(proved) is None
    with pytest.raises(members.Refused):
        members.accept(asked, user=proved)


def test_an_unproved_number_answers_nothing(manager, learner, outsider, firm):
    asked = invitation(firm, manager)
    for stranger in (learner, outsider):
        assert not members.waiting_for(stranger).exists()
        with pytest.raises(members.Refused):
            members.accept(asked, user=stranger)


def test_inviting_again_changes_the_open_one(manager, firm):
    invitation(firm, manager)
    assert members.invite(firm, [("张明远", "13800000001", "班长")], by=manager) == 0
    assert list(Invitation.objects.values_list("post", flat=True)) == ["班长"]


def test_an_invitation_lasts_sixty_days(manager, proved, firm):
    asked = invitation(firm, manager)
    with time_machine.travel(timezone.now() + timedelta(days=61)):
        assert not members.waiting_for(proved).exists()
        assert members.invite(firm, [("张明远", "13800000001", "")], by=manager) == 1
        asked.refresh_from_db()
        assert asked.withdrawn_at


def test_a_withdrawn_invitation_is_closed(manager, proved, firm):
    asked = invitation(firm, manager)
    members.withdraw(asked)
    with pytest.raises(members.Refused):
        members.accept(asked, user=proved)


def test_each_invitation_is_told_once(manager, firm):
    invitation(firm, manager)
    assert (members.tell(), members.tell()) == (1, 0)
    sent = Outgoing.objects.get()
    assert sent.to == "13800000001"
    assert firm.name in sent.body


def test_a_number_is_told_once_a_week_whoever_invites(manager, firm):
    other = factories.enterprise(uscc="91510600DEMQ02419T", name="德阳东升装备制造有限公司")
    asked = invitation(firm, manager)
    members.invite(other, [("张明远", asked.mobile, "")], by=manager)
    assert members.tell() == 1
    members.withdraw(asked)
    assert members.invite(firm, [("张明远", asked.mobile, "")], by=manager) == 1
    assert members.tell() == 0
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert members.tell() == 1


def test_an_enterprise_tells_so_many_a_day(manager, firm, monkeypatch):
    monkeypatch.setattr(members, "SOME", 0)
    factories.member(factories.user(name="曾凡", mobile="13500000001"), firm)
    members.invite(firm, [(f"员工{n}", f"1360000000{n}", "") for n in range(9)], by=manager)
    monkeypatch.setattr(members, "TELL_AT_ONCE", 1)
    room = 2 * Membership.objects.current().filter(enterprise=firm).count()
    Invitation.objects.filter(mobile="13600000000").update(told_at=timezone.now())
    assert [members.tell() for _round in range(room)] == [1] * (room - 1) + [0]


def test_what_is_over_is_forgotten(manager, proved, firm):
    members.accept(invitation(firm, manager), user=proved)
    invitation(firm, manager, mobile="13800000009")
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert members.forget_old() == 1
        assert Invitation.objects.get().mobile == "13800000009"


def test_inviting_many_costs_as_much_as_one(manager, firm, django_assert_num_queries):
    people = [(f"员工{n:04}", f"139{n:08}", "") for n in range(40)]
    with django_assert_num_queries(5):
        members.invite(firm, people[:1], by=manager)
    with django_assert_num_queries(6):  # the update of the one that is there already
        members.invite(firm, people, by=manager)


def test_the_record_of_a_day_knows_who_worked_where(manager, proved, firm):
    before = factories.enterprise(uscc="91510600DEMQ02419T", name="德阳东升装备制造有限公司")
    factories.member(proved, before)
    with time_machine.travel("2026-12-01T10:00:00+08:00"):
        members.accept(invitation(firm, manager), user=proved)
    rows = Membership.objects.on(date(2026, 11, 30)).filter(user=proved)
    assert [row.enterprise for row in rows] == [before]
