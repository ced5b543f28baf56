"""The desk of an enterprise: its manager sees her own people only, and the bureau may step in."""

import io
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from courses.models import Assignment, ProgrammeEnrolment
from lms import enterprises, members
from lms.models import Invitation, MemberDecision, Membership, Roster
from tests import factories

pytestmark = pytest.mark.django_db
OTHER = "91510600DEMQ02419T"


@pytest.fixture
def firm():
    return factories.enterprise()


@pytest.fixture
def programme(home, course):
    return factories.programme(home, [course])


@pytest.fixture
def employee(firm):
    return factories.member(factories.user(name="曾凡"), firm, post="质检员").user


@pytest.fixture
def desk(client, manager, firm):
    client.force_login(manager)
    return reverse("enterprise_desk", args=[firm.uscc])


def url(name, firm, *more):
    return reverse(f"enterprise_{name}", args=[firm.uscc, *more])


def roster(*rows):
    book = Workbook()
    for row in [("姓名", "手机号码", "岗位"), *rows]:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    out.name = "员工名册.xlsx"
    return out


def test_her_people_and_where_they_stand(client, desk, employee, firm):
    page = client.get(desk).content.decode()
    assert "曾凡" in page
    assert page.count("expiring__who") == 1  # waits to be confirmed
    assert client.get(reverse("my_enterprise_desk")).url == desk


def test_a_programme_is_given_to_those_who_are_ticked(client, desk, employee, firm, programme):
    day = timezone.localdate() + timedelta(days=20)
    answer = client.post(
        url("assign", firm), {"who": [employee.pk], "programme": programme.pk, "due_on": day.isoformat()}
    )
    assert answer.url == desk
    assert Assignment.objects.get().due_on == day
    assert ProgrammeEnrolment.objects.get().user == employee
    assert "首席质量官任职培训" in client.get(desk).content.decode()


@pytest.mark.parametrize("change", [{"who": []}, {"due_on": "2020-01-01"}, {"due_on": "明天"}, {"programme": 999_999}])
def test_what_cannot_be_given_is_said_and_nothing_is_lost(client, desk, employee, firm, programme, change):
    given = {"who": [employee.pk], "programme": programme.pk, "due_on": "2027-01-31"} | change
    answer = client.post(url("assign", firm), given)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "error-summary" in page
    if given["who"]:
        assert f'value="{employee.pk}" checked' in page
    assert not Assignment.objects.exists()


@pytest.mark.parametrize("odd", ["9" * 5000, "9" * 30, "x"])
def test_a_programme_that_can_be_none_is_refused_and_the_day_is_kept(client, desk, firm, odd):
    answer = client.post(url("assign", firm), {"who": ["1"], "programme": odd, "due_on": "2027-01-31"})
    assert answer.status_code == 422
    assert 'value="2027-01-31"' in answer.content.decode()


@pytest.mark.parametrize("odd", ["9" * 5000, "9" * 30, "²", "x"])
def test_a_tick_that_can_be_nobody_is_nobody(client, desk, firm, programme, odd):
    answer = client.post(url("assign", firm), {"who": [odd], "programme": programme.pk, "due_on": "2027-01-31"})
    assert answer.status_code == 422
    assert not Assignment.objects.exists()


def test_those_who_are_ticked_are_reminded(client, desk, employee, firm, programme):
    client.post(url("assign", firm), {"who": [employee.pk], "programme": programme.pk, "due_on": "2027-01-31"})
    from allauth.account.models import EmailAddress

    EmailAddress.objects.create(user=employee, email=employee.email, verified=True, primary=True)
    answer = client.post(url("assign", firm), {"who": [employee.pk], "remind": "1"}, follow=True)
    assert len(mail.outbox) == 1
    assert "1" in answer.content.decode()


def test_somebody_is_confirmed_and_somebody_else_is_not(client, desk, employee, firm):
    stranger = factories.member(factories.user(name="外人"), firm)
    client.post(url("member", firm, employee.memberships.get().pk), {"confirm": "1"})
    client.post(url("member", firm, stranger.pk), {"reason": ""})
    assert enterprises.membership(stranger.user) is not None
    client.post(url("member", firm, stranger.pk), {"reason": "不是本企业员工"})
    assert enterprises.membership(stranger.user) is None
    assert list(MemberDecision.objects.values_list("confirmed", flat=True)) == [True, False]


def test_people_of_another_enterprise_cannot_be_decided_about(client, desk, firm):
    other = factories.member(factories.user(name="别家"), factories.enterprise(OTHER, "德阳东升"))
    assert client.post(url("member", firm, other.pk), {"confirm": "1"}).status_code == 404
    other.refresh_from_db()
    assert other.confirmed_at is None


def test_the_whole_way_of_a_roster(client, desk, employee, firm):
    answer = client.post(
        url("roster_bring", firm),
        {"file": roster(("曹德明", "13500009027", "科长"), ("冯玉兰", "1.38E+10", ""), ("曾凡", "13700004406", ""))},
    )
    trial = Roster.objects.get()
    assert answer.url == url("roster", firm, trial.uuid)
    page = client.get(answer.url).content.decode()
    assert "文本" in page
    assert not Invitation.objects.exists()
    refused = client.post(url("roster_decide", firm, trial.uuid), {"how": "all", "line-4": "import"})
    assert refused.status_code == 422
    assert 'name="line-4" value="import" checked' in refused.content.decode()
    client.post(url("roster_decide", firm, trial.uuid), {"how": "skip", "line-4": "import"})
    assert set(Invitation.objects.values_list("name", flat=True)) == {"曹德明", "曾凡"}
    left = client.get(url("roster_left", firm, trial.uuid))
    rows = list(load_workbook(io.BytesIO(left.content)).active.iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["姓名", "冯玉兰"]


@pytest.mark.parametrize("data", [b"hello", b"PK\x03\x04", b""])
def test_a_file_that_is_no_roster(client, desk, firm, data):
    file = io.BytesIO(data)
    file.name = "名册.xlsx"
    answer = client.post(url("roster_bring", firm), {"file": file})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_no_file_at_all(client, desk, firm):
    assert client.post(url("roster_bring", firm)).status_code == 422


def test_a_roster_is_put_aside(client, desk, firm):
    client.post(url("roster_bring", firm), {"file": roster(("曹德明", "13500009027", "科长"))})
    client.post(url("roster_decide", firm, Roster.objects.get().uuid), {"drop": "1"})
    assert not Invitation.objects.exists()
    assert Roster.objects.get().lines == []


def test_the_template_is_a_table(client, desk, firm):
    book = load_workbook(io.BytesIO(client.get(url("roster_template", firm)).content))
    assert [cell.value for cell in book.active[1]] == ["姓名*", "手机号码*", "岗位"]


def test_no_certificates_yet(client, desk, firm):
    assert client.get(url("certificates", firm)).url == desk


def test_who_is_invited_answers_on_the_own_page(client, manager, learner, firm):
    learner.mobile_verified = True
    learner.save()
    members.invite(firm, [("张明远", learner.mobile, "质检员")], by=manager)
    client.force_login(learner)
    assert firm.name in client.get(reverse("profile")).content.decode()
    client.post(reverse("invitation", args=[Invitation.objects.get().uuid]), {"accept": "1"})
    assert enterprises.membership(learner).enterprise == firm


def test_nobody_answers_for_somebody_else(client, manager, learner, outsider, firm):
    members.invite(firm, [("张明远", "13800000001", "")], by=manager)
    client.force_login(outsider)
    answer = client.post(reverse("invitation", args=[Invitation.objects.get().uuid]), {"accept": "1"})
    assert answer.status_code == 404
    assert enterprises.membership(outsider) is None


def test_who_was_denied_reads_why(client, manager, employee):
    members.deny(employee.memberships.get(), by=manager, reason="已离职两年")
    client.force_login(employee)
    assert "已离职两年" in client.get(reverse("profile")).content.decode()


def test_a_page_of_three_costs_as_much_as_one(client, desk, employee, firm, programme, django_assert_num_queries):
    given = {"programme": programme.pk, "due_on": "2027-01-31"}
    client.post(url("assign", firm), {"who": [employee.pk], **given})
    client.get(desk)  # takes the message away
    with django_assert_num_queries(18):
        client.get(desk)
    for n in range(2):
        client.post(
            url("assign", firm), {"who": [factories.member(factories.user(name=f"员工{n}"), firm).user.pk], **given}
        )
    client.get(desk)
    with django_assert_num_queries(18):
        client.get(desk)


PAGES = ["desk", "roster_bring", "roster_template", "certificates", "assign", "member", "roster", "roster_decide",
         "roster_left", "invitation_withdraw"]  # fmt: skip
MAY = {"manager", "admin", "city_clerk", "provincial_clerk"}


@pytest.mark.parametrize(
    "who",
    ["nobody", "learner", "outsider", "trainer", "editor", "colleague", "manager_of_another", "clerk_of_another_city",
     "city_clerk", "provincial_clerk", "manager", "admin"],
)  # fmt: skip
def test_who_may_what(client, request, firm, employee, manager, who):
    """Every role at every door of the desk."""
    trial = Roster.objects.create(enterprise=firm, file_name="名册.xlsx", made_at=timezone.now())
    members.invite(firm, [("曹德明", "13500009027", "")], by=manager)
    arguments = {
        "member": [employee.memberships.get().pk], "roster": [trial.uuid], "roster_decide": [trial.uuid],
        "roster_left": [trial.uuid], "invitation_withdraw": [Invitation.objects.get().uuid],
    }  # fmt: skip
    account = {
        "nobody": lambda: None,
        "colleague": lambda: employee,
        "manager_of_another": lambda: (
            factories.member(
                factories.user(), factories.enterprise(OTHER, "德阳东升"), role=Membership.Role.MANAGER
            ).user
        ),
        "clerk_of_another_city": lambda: factories.clerk("510600", email="deyang@example.org"),
    }.get(who, lambda: request.getfixturevalue(who))()
    if account:
        client.force_login(account)
    for name in PAGES:
        address = url(name, firm, *arguments.get(name, []))
        posts = name in ("assign", "member", "roster_decide", "invitation_withdraw")
        answer = client.post(address, {"drop": "1"}) if posts else client.get(address)
        if who == "nobody":
            assert "/login/" in answer.url, name
        else:
            assert (answer.status_code != 403) == (who in MAY), name
