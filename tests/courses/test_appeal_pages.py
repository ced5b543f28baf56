"""The learner files and withdraws from the page of evidence; keepers answer at the desk; nobody else gets there."""

import pytest
from django.urls import reverse

from courses import appeals, enrolment
from courses.models import Appeal, Override
from tests import factories
from tests.courses.viewer import Viewer, frozen


@pytest.fixture
def row(learner, course):
    return enrolment.enrol(learner, course)


@pytest.fixture
def lesson(course):
    return course.lessons().first()


@pytest.fixture
def me(client, learner):
    client.force_login(learner)
    return client


@pytest.fixture
def asked(learner, row, lesson):
    return appeals.file(user=learner, enrolment=row, lesson=lesson, text="昨晚断网，少记了三分钟")


@pytest.fixture
def address(row, lesson):
    return reverse("appeal", args=[row.uuid, lesson.pk])


@pytest.fixture
def evidence_page(row, lesson):
    return reverse("evidence_lesson", args=[row.uuid, lesson.pk])


def body(page):
    return page.content.decode()


# --- the learner ---


def test_a_request_is_filed_from_the_page_and_stands_there(me, address, evidence_page):
    assert address in body(me.get(evidence_page))
    answer = me.post(address, {"text": "少记了三分钟", "start": "0:30", "end": "1：15"})
    assert answer.url == evidence_page
    made = Appeal.objects.get()
    assert (made.text, made.from_ms, made.to_ms) == ("少记了三分钟", 30_000, 75_000)
    html = body(me.get(evidence_page))
    assert "少记了三分钟" in html
    assert "00:30–01:15" in html
    assert address not in html


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": "长" * 1001},
        {"text": "少记了", "start": "半小时"},
        {"text": "少记了", "start": "0:30"},
        {"text": "少记了", "start": "0:50", "end": "0:30"},
        {"text": "少记了", "start": "0:30", "end": "90:00"},
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(me, address, wrong):
    page = me.post(address, wrong)
    assert page.status_code == 422
    assert wrong["text"] in body(page)
    assert "error-summary" in body(page)
    assert not Appeal.objects.exists()


def test_markup_in_a_request_stays_text(me, address, evidence_page):
    me.post(address, {"text": "<script>alert(1)</script>"})
    html = body(me.get(evidence_page))
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;" in html


def test_coming_by_get_leads_to_the_page(me, address, evidence_page):
    assert me.get(address).url == evidence_page


def test_a_request_can_be_withdrawn_by_a_post(me, asked, evidence_page):
    withdraw = reverse("appeal_withdraw", args=[asked.uuid])
    assert withdraw in body(me.get(evidence_page))
    assert me.get(withdraw).status_code == 405
    assert me.post(withdraw).url == evidence_page
    assert Appeal.objects.get().state == "withdrawn"


def test_the_answer_stands_on_the_page(me, provincial_clerk, asked, evidence_page):
    appeals.decline(author=provincial_clerk, appeal=asked, reason="播放器没有任何上报")
    html = body(me.get(evidence_page))
    assert "播放器没有任何上报" in html
    assert provincial_clerk.name not in html


def test_nobody_files_or_withdraws_for_another(client, outsider, admin, asked, address):
    for person in (outsider, admin):
        client.force_login(person)
        assert client.post(address, {"text": "少记了"}).status_code == 404
        assert client.post(reverse("appeal_withdraw", args=[asked.uuid])).status_code == 404
    client.logout()
    assert client.post(address, {"text": "少记了"}).status_code == 302
    assert Appeal.objects.get().is_open


# --- the desk ---


@pytest.fixture
def keeper(client, provincial_clerk):
    client.force_login(provincial_clerk)
    return provincial_clerk


@pytest.fixture
def desk(asked):
    return reverse("appeal:inspect", args=[asked.pk])


def test_requests_are_listed_and_filtered(client, keeper, learner, provincial_clerk, course, row, asked):
    second = course.lessons()[1]
    other = appeals.file(user=learner, enrolment=row, lesson=second, text="第二节也少了")
    appeals.decline(author=provincial_clerk, appeal=other, reason="不符")
    rows = lambda **query: list(client.get(reverse("appeal:index"), query).context["object_list"])  # noqa: E731
    assert set(rows()) == {asked, other}
    assert rows(state="open") == [asked]
    assert rows(state="declined") == [other]
    assert rows(q="断网") == [asked]
    assert rows(enrolment__course=course.pk, state="open") == [asked]


def test_only_those_who_decided_are_offered_as_a_filter(client, keeper, learner, outsider, row, lesson, asked):
    offered = lambda: client.get(reverse("appeal:index")).context["filters"].form.fields["decided_by"].queryset  # noqa: E731
    assert not offered().exists()
    appeals.decline(author=keeper, appeal=asked, reason="不符")
    assert list(offered()) == [keeper]
    page = client.get(reverse("appeal:index"), {"decided_by": keeper.pk})
    assert list(page.context["object_list"]) == [asked]
    assert f'value="{outsider.pk}"' not in body(page)


def test_the_evidence_lies_beside_the_request(client, keeper, learner, lesson, asked, desk):
    with frozen() as clock:
        viewer = Viewer(clock, learner, lesson)
        viewer.watch(20)
        viewer.claim(20, 100)
        viewer.beat()
    html = body(client.get(desk))
    assert "昨晚断网，少记了三分钟" in html
    assert "00:00–00:30" in html
    assert "2026-03-02 09:00" in html


def test_granting_at_the_desk_counts(client, keeper, lesson, asked, desk):
    assert client.post(desk, {"decision": "grant", "reason": "与签到一致"}).url == desk
    assert Override.objects.get().author == keeper
    html = body(client.get(desk))
    assert "与签到一致" in html
    assert 'name="decision"' not in html


def test_declining_at_the_desk_leaves_the_record(client, keeper, asked, desk):
    client.post(desk, {"decision": "decline", "reason": "没有上报"})
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by, asked.answer) == ("declined", keeper, "没有上报")
    assert not Override.objects.exists()


@pytest.mark.parametrize(
    "posted",
    [{"decision": "grant", "reason": " "}, {"decision": "other", "reason": "可以"}, {"reason": "可以"}, {}],
)
def test_an_incomplete_decision_is_none(client, keeper, asked, desk, posted):
    assert client.post(desk, posted).status_code == 422
    asked.refresh_from_db()
    assert asked.is_open


def test_a_second_decision_says_that_it_was_decided(client, keeper, admin, asked, desk):
    appeals.decline(author=admin, appeal=asked, reason="不符")
    page = client.post(desk, {"decision": "grant", "reason": "可以"})
    assert page.status_code == 422
    assert not Override.objects.exists()


@pytest.mark.parametrize("role", ["learner", "trainer", "editor", "city_clerk", "manager", "outsider"])
def test_nobody_else_reads_or_decides(client, request, asked, desk, role):
    client.force_login(request.getfixturevalue(role))
    for address in (reverse("appeal:index"), desk):
        assert client.get(address).status_code in (302, 403)
    assert client.post(desk, {"decision": "grant", "reason": "可以"}).status_code in (302, 403)
    asked.refresh_from_db()
    assert asked.is_open


def test_the_desk_costs_the_same_for_any_number(client, keeper, course, django_assert_max_num_queries):
    lesson = course.lessons().first()
    for _ in range(12):
        person = factories.user()
        appeals.file(user=person, enrolment=enrolment.enrol(person, course), lesson=lesson, text="少记了")
    client.get(reverse("appeal:index"))
    with django_assert_max_num_queries(25):
        client.get(reverse("appeal:index"))
