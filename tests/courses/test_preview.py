"""An editor sees a draft as a learner would, and nothing of it is left in anybody's record."""

import json

import pytest
from django.apps import apps
from django.urls import reverse
from wagtail.admin.panels import get_edit_handler
from wagtail.models import PageLogEntry

from courses import desk
from courses.models import LessonPage
from tests import factories

RECORDS = ["Enrolment", "ProgrammeEnrolment", "LessonProgress", "WatchSession", "WatchBeat", "Attendance", "Attempt"]


def traces():
    rows = {name: apps.get_model("courses", name).objects.count() for name in RECORDS}
    return rows | {"Participation": apps.get_model("lms", "Participation").objects.count()}


@pytest.fixture
def office(client, editor):
    """The editor at the desk."""
    desk.prepare()
    client.force_login(editor)
    return client


@pytest.fixture
def lesson(course):
    lesson = course.lessons().first()
    video = lesson.video
    type(video).objects.filter(pk=video.pk).update(run=video.uuid)
    lesson.body.append(("text", "<p>旧的讲义</p>"))
    lesson.body.append(("quiz", factories.assessment(course)))
    lesson.save_revision().publish()
    return LessonPage.objects.get(pk=lesson.pk)


def form_of(page, editor, **changes):
    """What the editor's browser would post: the form as it is shown, with some changes."""
    handler = get_edit_handler(type(page))
    form = handler.get_form_class()(instance=page, for_user=editor)
    data = {}
    for name, field in form.fields.items():
        value = form.initial.get(name, field.initial)
        prepared = field.prepare_value(value)
        data[name] = "" if prepared is None else prepared
    data.pop("body", None)
    blocks = [(block.block_type, block.value) for block in page.body]
    data |= _stream(blocks)
    for rows in ("comments", "film_chapters"):
        data[f"{rows}-TOTAL_FORMS"] = data[f"{rows}-INITIAL_FORMS"] = 0
    return data | changes


def _stream(blocks):
    data = {"body-count": len(blocks)}
    for number, (kind, value) in enumerate(blocks):
        prefix = f"body-{number}"
        data |= {f"{prefix}-type": kind, f"{prefix}-order": number, f"{prefix}-deleted": "", f"{prefix}-id": ""}
        data[f"{prefix}-value"] = _rich(value.source) if kind == "text" else getattr(value, "pk", value)
    return data


def _rich(source):
    """A paragraph as Draftail sends it."""
    line = {"key": "a", "text": source.removeprefix("<p>").removesuffix("</p>"), "type": "unstyled", "depth": 0}
    return json.dumps({"blocks": [{**line, "inlineStyleRanges": [], "entityRanges": []}], "entityMap": {}})


def test_a_preview_shows_the_draft_as_a_learner_would_see_it(office, editor, lesson):
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[lesson.pk])
    posted = office.post(address, form_of(lesson, editor, title="新的标题"))
    assert posted.json() == {"is_valid": True, "is_available": True}
    shown = office.get(address)
    html = shown.content.decode()
    assert shown.status_code == 200
    for words in ("新的标题", "旧的讲义", "data-player"):
        assert words in html
    assert LessonPage.objects.get(pk=lesson.pk).title != "新的标题"


def test_a_preview_has_no_player_that_counts(office, editor, lesson):
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[lesson.pk])
    office.post(address, form_of(lesson, editor))
    html = office.get(address).content.decode()
    assert "data-watch" not in html
    assert "watch.js" not in html
    assert "/api/v1/" not in html
    assert "csrf-token" not in html


def test_a_preview_leaves_no_trace_even_of_an_enrolled_editor(office, editor, lesson, course):
    factories.enrolment(editor, course)
    before = traces()
    assert before["Enrolment"] == 1
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[lesson.pk])
    office.post(address, form_of(lesson, editor))
    office.get(address)
    office.get(reverse("wagtailadmin_pages:revisions_view", args=[lesson.pk, lesson.latest_revision_id]))
    office.get(reverse("wagtailadmin_pages:view_draft", args=[lesson.pk]))
    assert traces() == before


def test_a_course_and_a_programme_can_be_previewed(office, home, course):
    programme = factories.programme(home, [course])
    before = traces()
    for page in (course, programme, home):
        shown = office.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]))
        assert shown.status_code == 200
    assert traces() == before


def test_the_draft_of_a_locked_lesson_is_open_to_its_editor(office, home, editor):
    course = factories.course(home, lessons=2, sequential=True)
    factories.enrolment(editor, course)
    second = list(course.lessons())[1]
    assert office.get(reverse("wagtailadmin_pages:view_draft", args=[second.pk])).status_code == 200
    assert office.get(second.url).status_code == 403


def test_a_preview_is_for_who_may_edit(client, learner, lesson):
    client.force_login(learner)
    assert client.get(reverse("wagtailadmin_pages:view_draft", args=[lesson.pk])).status_code == 302


def test_an_external_video_that_must_be_watched_is_refused_in_the_form(office, editor, lesson):
    lesson.body = [("embed", "https://video.example.org/1")]
    data = form_of(lesson, editor, must_watch="on") | {"action-publish": "1"}
    answer = office.post(reverse("wagtailadmin_pages:edit", args=[lesson.pk]), data)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["must_watch"]
    assert not PageLogEntry.objects.filter(page=lesson, user=editor, action="wagtail.edit").exists()
