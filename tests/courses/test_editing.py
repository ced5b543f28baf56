"""Drafts, approval, schedules; and what learners did cannot be deleted by an editor."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission, Page, WorkflowPage
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from courses import desk
from courses.models import CoursePage, LessonPage, LessonProgress, Standard
from tests import factories


@pytest.fixture
def moderator(db):
    return factories.user(name="审核员", groups=["Moderators"])


@pytest.fixture
def office(db):
    desk.prepare()


@pytest.fixture
def draft(course, office):
    """A lesson that nobody has published."""
    lesson = course.add_child(instance=LessonPage(title="草稿一节", slug="draft", live=False))
    lesson.save_revision()
    return lesson


def test_preparing_twice_is_preparing_once(office):
    def state():
        groups = {
            group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()
        }
        return groups, set(GroupPagePermission.objects.values_list("group__name", "permission__codename"))

    before = state()
    desk.prepare()
    assert state() == before
    assert WorkflowPage.objects.filter(page__depth=1).count() == 1


def test_an_administrators_own_grant_survives(office):
    editors = Group.objects.get(name="Editors")
    root = Page.objects.get(depth=1)
    GroupPagePermission.objects.create(group=editors, page=root, permission_type="publish")
    desk.prepare()
    assert GroupPagePermission.objects.filter(group=editors, permission__codename="publish_page").exists()


def test_who_may_do_what(office, course, trainer, editor, moderator, learner):
    def can(user):
        tester = course.permissions_for_user(user)
        return tester.can_edit(), tester.can_add_subpage(), tester.can_publish()

    assert can(editor) == (True, True, False)
    assert can(moderator) == (True, True, True)
    assert can(trainer) == (False, True, False)
    assert can(learner) == (False, False, False)


def test_a_trainer_changes_only_lessons_of_their_own(office, course, trainer):
    own = course.add_child(instance=LessonPage(title="我的", slug="own", owner=trainer))
    others = course.lessons().first()
    assert own.permissions_for_user(trainer).can_edit()
    assert not others.permissions_for_user(trainer).can_edit()


@pytest.mark.parametrize("role", ["trainer", "editor", "moderator"])
def test_everybody_of_the_office_gets_in_in_both_languages(office, client, request, role):
    account = request.getfixturevalue(role)
    client.force_login(account)
    for language in ("zh-hans", "en"):
        page = client.get(reverse("wagtailadmin_home"), headers={"Accept-Language": language})
        assert page.status_code == 200


def test_an_editor_reaches_standards_and_trainers_and_a_learner_does_not(office, client, editor, learner):
    names = ["wagtailsnippets_courses_standard:list", "wagtailsnippets_courses_trainer:list"]
    client.force_login(editor)
    assert [client.get(reverse(name)).status_code for name in names] == [200, 200]
    client.force_login(learner)
    assert [client.get(reverse(name)).status_code for name in names] == [302, 302]


def test_a_lesson_goes_from_draft_through_approval_to_the_site(draft, client, editor, moderator):
    assert client.get(draft.url or "/cqo/nowhere/").status_code == 404
    client.force_login(editor)
    assert "action-publish" not in client.get(reverse("wagtailadmin_pages:edit", args=[draft.pk])).content.decode()
    state = draft.get_workflow().start(draft, editor)
    assert not LessonPage.objects.get(pk=draft.pk).live
    task = state.current_task_state
    assert task.task.specific.get_actions(draft, moderator)
    assert not task.task.specific.get_actions(draft, editor)
    task.approve(user=moderator)
    client.logout()
    published = LessonPage.objects.get(pk=draft.pk)
    assert published.live
    assert client.get(published.url).status_code == 200


def test_a_lesson_sent_back_stays_a_draft(draft, editor, moderator):
    state = draft.get_workflow().start(draft, editor)
    state.current_task_state.reject(user=moderator, comment="请补上讲义")
    assert not LessonPage.objects.get(pk=draft.pk).live


def test_a_scheduled_lesson_appears_and_disappears_by_the_clock(draft, time_machine):
    now = timezone.now()
    draft.go_live_at, draft.expire_at = now + dt.timedelta(hours=1), now + dt.timedelta(hours=3)
    draft.save_revision(approved_go_live_at=draft.go_live_at)
    seen = []
    for hours in (0, 2, 4):
        time_machine.move_to(now + dt.timedelta(hours=hours))
        call_command("publish_scheduled")
        seen.append(LessonPage.objects.get(pk=draft.pk).live)
    assert seen == [False, True, False]


def test_an_edit_of_a_published_lesson_is_not_seen_before_it_is_published(course, client, office):
    lesson = course.lessons().first()
    lesson.title = "改过的标题"
    lesson.save_revision()
    assert "改过的标题" not in client.get(lesson.url).content.decode()
    lesson.get_latest_revision().publish()
    assert "改过的标题" in client.get(lesson.url).content.decode()


def test_a_page_without_records_is_deleted(course, client, admin):
    client.force_login(admin)
    lesson = course.lessons().first()
    client.post(reverse("wagtailadmin_pages:delete", args=[lesson.pk]))
    assert not LessonPage.objects.filter(pk=lesson.pk).exists()


@pytest.mark.parametrize("level", ["lesson", "course", "track"])
def test_a_page_with_learners_records_below_it_is_kept_and_says_why(course, client, admin, learner, level):
    enrolment = factories.enrolment(learner, course)
    lesson = course.lessons().first()
    LessonProgress.objects.create(enrolment=enrolment, lesson=lesson)
    page = {"lesson": lesson, "course": course, "track": course.get_parent()}[level]
    client.force_login(admin)
    answer = client.post(reverse("wagtailadmin_pages:delete", args=[page.pk]), follow=True)
    assert Page.objects.filter(pk=page.pk).exists()
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert page.title in str(next(iter(answer.context["messages"])))


def test_deleting_many_at_once_is_guarded_too(course, client, admin, learner):
    enrolment = factories.enrolment(learner, course)
    kept, free, _ = course.lessons()
    LessonProgress.objects.create(enrolment=enrolment, lesson=kept)
    client.force_login(admin)
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    client.post(f"{address}?id={kept.pk}&id={free.pk}&next=/cms/")
    assert course.lessons().count() == 3
    client.post(f"{address}?id={free.pk}&next=/cms/")
    assert course.lessons().count() == 2


def test_a_course_that_a_programme_needs_is_kept(home, client, admin):
    course = factories.course(home, lessons=1)
    factories.programme(home, [course], title="要用它的项目")
    client.force_login(admin)
    answer = client.post(reverse("wagtailadmin_pages:delete", args=[course.pk]), follow=True)
    assert CoursePage.objects.filter(pk=course.pk).exists()
    assert "要用它的项目" in str(next(iter(answer.context["messages"])))


def test_deleting_a_standard_is_not_hindered_by_the_guard_of_pages(client, admin, office):
    standard = Standard.objects.create(number="GB/T 1-2000", title="x")
    client.force_login(admin)
    client.post(reverse("wagtailsnippets_courses_standard:delete", args=[standard.pk]))
    assert not Standard.objects.exists()


@pytest.mark.parametrize(("fields", "told"), [({}, True), ({"must_watch": ""}, False), ({"kind": "reading"}, False)])
def test_publishing_a_lesson_without_its_film_says_so(client, draft, moderator, fields, told):
    client.force_login(moderator)
    form = {
        "title": draft.title, "slug": draft.slug, "summary": "", "kind": "video", "credit_hours": "1", "minutes": "45",
        "must_watch": "on", "body": streamfield([]), "comments": inline_formset([]),
        "film_chapters": inline_formset([]), "action-publish": "1",
    }  # fmt: skip
    given = {name: value for name, value in (form | fields).items() if value != ""}
    address = reverse("wagtailadmin_pages:edit", args=[draft.pk])
    answer = client.post(address, nested_form_data(given), follow=True)
    draft.refresh_from_db()
    assert draft.live
    assert ("没有视频" in answer.content.decode()) == told
