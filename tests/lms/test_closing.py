"""Closing an account: the person goes for good, the figures and the chain stay as they are."""

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from courses import appeals, certificates, classes, completion, enrolment, evaluation, evidence, verification
from courses.models import (
    Appeal,
    Aspect,
    Attempt,
    Certificate,
    ClassMember,
    Enrolment,
    Evaluation,
    Issuance,
    LessonProgress,
    Note,
    ProgrammeEnrolment,
)
from lms import accounts, chain, closing, consents, enterprises, members, messages, reports
from lms.models import AccountChange, BureauPost, Consent, Invitation, Membership, Outgoing, Participation, User
from lms.reports import Scope
from tests import factories
from tests.courses.viewer import Viewer, frozen

PASSWORD = "安静的一号车间 quality"


@pytest.fixture
def person(db):
    user = accounts.create(name="张明远", password=PASSWORD, mobile="13800008000", email="zmy@example.org")
    consents.give(user, consents.in_force())
    factories.member(user)
    return user


@pytest.fixture
def graduate(person, admin, home):
    """Watched one lesson, was given the other, holds a certificate and made it public."""
    course = factories.course(home, lessons=2)
    joined = enrolment.join(person, factories.programme(home, [course], title="任职培训"))
    row = enrolment.enrol(person, course)
    first, second = course.lessons()
    with frozen() as clock:
        Viewer(clock, person, first).watch(95)
    completion.override(enrolment=row, lesson=second, author=admin, reason="面授")
    (held,) = joined.certificates.all()
    certificates.show_name(held, author=person, shown=True)
    return row, held


# --- what goes and what stays ---


def test_everything_about_the_person_goes(person):
    accounts.rename(user=person, name="张明远新", by=person)
    Outgoing.objects.create(channel="sms", to=person.mobile, body="code")
    AccessAttempt.objects.create(username=person.mobile, ip_address="127.0.0.1", failures_since_start=1)
    before = (person.uuid, person.ledger_key, person.password)
    closing.close(person)
    row = User.objects.get(pk=person.pk)
    assert (row.name, row.mobile, row.email, row.is_active) == (closing.NAME, None, None, False)
    assert row.closed_at
    assert not {row.uuid, row.ledger_key, row.password} & set(before)
    assert not EmailAddress.objects.filter(user=row).exists()
    assert not AccountChange.objects.filter(user=row).exists()
    assert not Outgoing.objects.exists()
    assert not AccessAttempt.objects.exists()
    assert enterprises.membership(row) is None
    assert not Consent.objects.standing().filter(user=row).exists()


def test_places_in_classes_and_invitations_go(person, admin):
    person.mobile_verified = True
    person.save()
    day = timezone.localdate()
    held, planned = (classes.plan(title=title, by=admin, starts_on=day, ends_on=day) for title in ("甲班", "乙班"))
    met = classes.add_session(held, title="质量法规", starts_at=timezone.now(), minutes=90)
    classes.come_in(met, user=person, secret=met.door_secret)
    classes.enter(planned, [(person.name, person.mobile), ("别人", "13800008009")])
    ClassMember.objects.filter(training_class=planned).update(user=None)
    members.invite(factories.enterprise(), [(person.name, person.mobile, "")], by=admin)
    closing.close(person)
    assert set(ClassMember.objects.values_list("name", "mobile")) == {(closing.NAME, ""), ("别人", "13800008009")}
    assert met.sign_ins.standing().count() == 1
    assert not Invitation.objects.exists()


def entries():
    return {entry.pk: (entry.label, entry.data, entry.action, entry.user_id) for entry in ModelLogEntry.objects.all()}


def test_the_books_of_staff_say_what_was_done_and_no_longer_to_whom(person, admin):
    """Memberships and appointments are noted by the name of the person, also under a former name."""
    membership = Membership.objects.get(user=person)
    namesake = accounts.create(name="张明远", password=PASSWORD, mobile="13800008009")
    other = factories.member(namesake)
    noted = log(membership, "wagtail.edit", user=admin, data={"field": "role"})
    accounts.rename(user=person, name="张明远新", by=person)
    later = log(Membership.objects.get(pk=membership.pk), "wagtail.edit", user=admin, data={"was": "张明远"})
    theirs = log(other, "wagtail.edit", user=admin)
    plain = LogEntry.objects.create(
        user=admin, content_type=ContentType.objects.get_for_model(Membership), object_id=str(membership.pk),
        object_repr=str(membership), action_flag=2, change_message="张明远",
    )  # fmt: skip
    closing.close(person)
    enterprise = str(membership.enterprise)
    told = entries()
    assert told[noted.pk] == (f"{closing.NAME} · {enterprise}", {"field": "role"}, "wagtail.edit", admin.pk)
    assert told[later.pk] == (f"{closing.NAME} · {enterprise}", {}, "wagtail.edit", admin.pk)
    assert told[theirs.pk][0] == f"张明远 · {other.enterprise}"
    plain.refresh_from_db()
    assert (plain.object_repr, plain.change_message) == (f"{closing.NAME} · {enterprise}", "")


def test_of_what_was_deleted_the_name_goes_unless_somebody_else_has_it(person, admin):
    membership = Membership.objects.get(user=person)
    noted = log(membership, "wagtail.delete", user=admin)
    membership.delete()
    closing.close(person)
    assert entries()[noted.pk][0] == f"{closing.NAME} · {membership.enterprise}"


def test_figures_chain_and_evidence_stay(person, graduate):
    row, _held = graduate
    chain.seal()
    figures = reports.measures(Scope())
    lines = [line for line in chain.export() if '"exported_at"' not in line]
    records = list(LessonProgress.objects.order_by("pk").values())
    assert figures.persons == 1
    closing.close(person)
    assert reports.measures(Scope()) == figures
    assert [line for line in chain.export() if '"exported_at"' not in line] == lines
    assert chain.verify() == []
    assert [found.changed for found in evidence.recompute(row)] == [False, False]
    assert list(LessonProgress.objects.order_by("pk").values()) == records
    assert reports.measures(Scope()) == figures


def test_nobody_can_be_joined_to_the_rows_of_the_ledger(person, graduate):
    closing.close(person)
    known = set(User.objects.values_list("ledger_key", flat=True))
    assert not known & set(Participation.objects.values_list("person", flat=True))


def named_by_the_ledger():
    """The names on certificates that the studies named by the rows of the ledger lead to, by any key."""
    studies = {row.split(":", 1)[1] for row in Participation.objects.values_list("evidence", flat=True)}
    people = {
        key
        for model in (Enrolment, ProgrammeEnrolment)
        for key in model.objects.filter(uuid__in=studies).values_list("user", flat=True)
    }
    assert people
    held = Q(user__in=people) | Q(programme_enrolment__user__in=people) | Q(events__author__in=people)
    return {row.snapshot["name"] for row in Certificate.objects.filter(held)}


def test_no_key_leads_from_the_ledger_to_the_name_on_a_certificate(person, graduate):
    assert named_by_the_ledger() == {"张明远"}
    closing.close(person)
    assert named_by_the_ledger() == set()


def rows():
    """Every row of every table, as text; what a key of one is hidden in does not matter."""
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy:
            for values in model._base_manager.values():
                yield model, " ".join(str(value) for value in values.values())


def keys_in(texts):
    found = re.findall(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", " ".join(texts))
    return {key.replace("-", "") for key in found}


def holding(key):
    """The tables in which the person stands by the key of the book of record, and the keys of those rows."""
    told = [(model, text) for model, text in rows() if key.hex in text.replace("-", "")]
    return {model for model, _text in told} - {User}, keys_in(text for _model, text in told)


def printed(*names):
    """The keys of the certificates with these names, and of what hangs on them."""
    held = Certificate.objects.filter(snapshot__name__in=names)
    tables = [held, Issuance.objects.filter(versions__in=held), User.objects.filter(certificates__in=held)]
    tables += [ProgrammeEnrolment.objects.filter(certificates__in=held)]
    return keys_in(str(row) for table in tables for row in table.values())


def test_no_table_with_the_key_of_the_ledger_joins_a_certificate(person, graduate):
    """Tried with every key that the rows have in common, but for those of the programme, which others share."""
    _row, held = graduate
    other = factories.user(name="李静")
    factories.programme_enrolment(other, held.programme_enrolment.programme, completed_at=timezone.now())
    certificates.issue(other.programme_enrolments.get())
    evaluation.give(person, Participation.objects.first().activity, stars=dict.fromkeys(Aspect.values, 4))
    key, shared = person.ledger_key, printed(other.name)
    tables, known = holding(key)
    assert tables == {Participation, Evaluation}
    assert key.hex in known & printed("张明远") - shared
    names = {found.name for found in User.objects.filter(ledger_key__in=Participation.objects.values("person"))}
    assert "张明远" in names
    closing.close(person)
    assert holding(key)[0] == tables
    assert printed("张明远")
    assert holding(key)[1] & printed("张明远") - shared == set()


def test_a_completion_of_somebody_who_left_is_not_certified_again(client, admin, person, graduate):
    _row, held = graduate
    joined, said = held.programme_enrolment, held.snapshot["statement"]
    closing.close(person)
    assert not certificates.due(joined.programme).exists()
    assert certificates.issue(joined) is None
    client.force_login(admin)
    assert list(client.get(reverse("certificates_due")).context["programmes"]) == []
    held.series.note = "电子证书"
    held.series.save()
    (made,) = certificates.reissue(Certificate.objects.all(), author=admin, reason="加注")
    assert (made.snapshot["name"], made.snapshot["statement"]) == ("张明远", said)
    assert (made.user, made.programme_enrolment) == (None, None)


def test_a_certificate_stays_valid_under_a_masked_name(client, person, graduate):
    _row, held = graduate
    assert verification.verdict(verification.by_token(held.token)).name == "张明远"
    closing.close(person)
    found = verification.by_token(held.token)
    told = verification.verdict(found)
    assert (told.status, told.name) == ("valid", "张**")
    assert verification.by_number(held.number, name="张明远", source="127.0.0.1") == found
    assert client.get(reverse("verify_token", args=[held.token])).status_code == 200
    assert [event.verb for event in found.events.all()][-1] == "name_hidden"


def test_studies_end_and_private_words_go(person, home):
    course = factories.course(home, lessons=2)
    row = enrolment.enrol(person, course)
    first, second = course.lessons()
    Note.objects.create(user=person, lesson=first, position_ms=1, text="私人笔记")
    waiting = appeals.file(user=person, enrolment=row, lesson=first, text="我在家里学的")
    answered = appeals.file(user=person, enrolment=row, lesson=second, text="也是我的情况")
    Appeal.objects.filter(pk=answered.pk).update(state="withdrawn", closed_at=timezone.now())
    closing.close(person)
    row.refresh_from_db()
    waiting.refresh_from_db()
    assert row.ended_at
    assert waiting.state == "withdrawn"
    assert not Note.objects.exists()
    assert {text for text in Appeal.objects.values_list("text", flat=True) if "我" in text} == set()


def test_nobody_signs_in_with_it_and_open_sessions_end(client, person):
    client.force_login(person)
    closing.close(person)
    assert client.get(reverse("profile")).status_code == 302
    client.post(reverse("account_login"), {"login": "13800008000", "password": PASSWORD})
    assert client.get(reverse("profile")).status_code == 302
    assert accounts.find(mobile="13800008000") is None
    assert accounts.find(email="zmy@example.org") is None


def test_the_same_number_registers_anew_as_somebody_else(person, graduate):
    closing.close(person)
    assert not accounts.taken(mobile="13800008000")
    again = accounts.create(name="张明远", password=PASSWORD, mobile="13800008000", email="zmy@example.org")
    assert again.pk != person.pk
    assert not again.enrolments.exists()
    assert not again.certificates.exists()
    assert accounts.data(again)["ledger"] == []


def test_two_accounts_can_be_closed_and_twice_is_once(person, learner):
    closing.close(person)
    at = User.objects.get(pk=person.pk).closed_at
    closing.close(person)
    closing.close(learner)
    assert User.objects.get(pk=person.pk).closed_at == at
    assert User.objects.exclude(closed_at=None).count() == 2


# --- what stands in the way ---


def refused(user):
    with pytest.raises(closing.Hindered):
        closing.close(user)
    assert User.objects.get(pk=user.pk).closed_at is None


def test_the_last_administrator_stays(admin):
    refused(admin)
    factories.user(is_superuser=True)
    closing.close(admin)


def test_an_officer_stays_until_the_post_ends(city_clerk):
    refused(city_clerk)
    BureauPost.objects.update(ended_on=dt.date(2026, 1, 2))
    closing.close(city_clerk)


def test_the_only_manager_of_colleagues_stays(manager, learner):
    factories.member(learner)
    refused(manager)
    factories.member(factories.user(), role="manager")
    closing.close(manager)


def test_an_open_paper_is_handed_in_first(person, home):
    course = factories.course(home)
    Attempt.objects.create(
        assessment=factories.assessment(course),
        user=person,
        enrolment=enrolment.enrol(person, course),
        number=1,
        started_at=timezone.now(),
        pass_score=6,
        full_score=6,
    )
    refused(person)
    assert person.enrolments.get().ended_at is None


def test_a_farewell_that_fails_keeps_everything(person, monkeypatch):
    def fails(user):
        raise messages.NotSent

    monkeypatch.setattr(closing, "farewells", [*closing.farewells, fails])
    Note.objects.all().delete()
    with pytest.raises(messages.NotSent):
        closing.close(person)
    person.refresh_from_db()
    assert (person.name, person.closed_at) == ("张明远", None)


# --- the page ---


@pytest.fixture
def address():
    return reverse("close_account")


def test_the_page_says_what_happens_and_asks_for_the_password_again(client, person, address):
    client.force_login(person)
    assert reverse("my_data") in client.get(address).content.decode()
    asked = client.post(address, {"sure": "on"})
    assert asked.url.startswith(reverse("account_reauthenticate"))
    person.refresh_from_db()
    assert person.closed_at is None
    assert client.get(asked.url).status_code == 200
    client.post(asked.url, {"password": "falsch falsch falsch"})
    person.refresh_from_db()
    assert person.closed_at is None
    client.post(asked.url, {"password": PASSWORD})
    person.refresh_from_db()
    assert person.closed_at
    assert client.get(reverse("profile")).status_code == 302


def test_the_page_says_what_stays_and_promises_no_more_than_is_true(client, person, address):
    client.force_login(person)
    shown = client.get(address).content.decode()
    assert "证书保留所印的姓名全文" in shown
    assert "仍可能看出哪一条是您的" in shown
    assert "无法再与您对应" not in shown


def test_without_the_tick_nothing_happens(client, person, address):
    client.force_login(person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(address, {}).status_code == 422
    person.refresh_from_db()
    assert person.closed_at is None


def test_what_stands_in_the_way_is_said_instead_of_a_form(client, admin, address):
    client.force_login(admin)
    html = client.get(address).content.decode()
    assert 'name="sure"' not in html
    assert "notice--due" in html


def test_strangers_are_asked_to_sign_in(client, address):
    assert client.get(address).url.startswith(reverse("account_login"))
    assert client.post(address, {"sure": "on"}).status_code == 302
