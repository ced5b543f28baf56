"""Notes at a moment of a lesson: one's own, kept, and nobody else's."""

import json
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from courses import enrolment, notes
from courses.models import LessonPage, Note
from lms import accounts
from tests import factories


@pytest.fixture
def lesson(course):
    return course.lessons().first()


@pytest.fixture
def enrolled(client, learner, course):
    client.force_login(learner)
    return factories.enrolment(learner, course)


@pytest.fixture
def note(learner, enrolled, lesson):
    return notes.write(user=learner, lesson=lesson, position_ms=65_000, text="样本只有 12 组")


def ask(client, method, path, **body):
    return client.generic(method, path, json.dumps(body), content_type="application/json")


def address(lesson, note=None):
    path = reverse("api:my_notes", args=[lesson.pk])
    return f"{path}/{note.uuid}" if note else path


def test_a_note_is_written_read_changed_and_deleted(client, enrolled, lesson):
    made = ask(client, "POST", address(lesson), text="  样本只有 12 组\r\n下周重算 ", position=65_000)
    assert made.status_code == 200
    assert made.json()["text"] == "样本只有 12 组\n下周重算"
    assert [each["position"] for each in client.get(address(lesson)).json()] == [65_000]
    one = f"{address(lesson)}/{made.json()['uuid']}"
    assert ask(client, "PUT", one, text="按 25 组重算").json()["text"] == "按 25 组重算"
    assert ask(client, "DELETE", one).status_code == 204
    assert client.get(address(lesson)).json() == []


def test_they_stand_in_the_order_of_the_film(client, enrolled, lesson):
    for position in (90_000, 10_000, 50_000):
        ask(client, "POST", address(lesson), text=str(position), position=position)
    assert [each["text"] for each in client.get(address(lesson)).json()] == ["10000", "50000", "90000"]


def test_the_same_number_again_is_the_same_note(client, enrolled, lesson, learner):
    body = {"text": "只记一次", "position": 1_000, "uuid": str(uuid4())}
    first, again = (ask(client, "POST", address(lesson), **body).json() for _ in range(2))
    assert first == again
    assert Note.objects.filter(user=learner).count() == 1


def test_both_languages_of_a_lesson_share_the_notes(client, enrolled, lesson, note):
    english = client.get(reverse("lesson_notes", args=[lesson.pk]), headers={"accept-language": "en"})
    assert "样本只有 12 组" in english.content.decode()
    assert [each["text"] for each in client.get(address(lesson)).json()] == ["样本只有 12 组"]


def test_studying_again_keeps_the_notes(learner, enrolled, course, lesson, note):
    enrolment.again(learner, course)
    assert list(notes.of_lesson(learner, lesson)) == [note]


@pytest.mark.parametrize("text", ["", "  \n ", "\0"])
def test_nothing_is_no_note(client, enrolled, lesson, text):
    refusal = ask(client, "POST", address(lesson), text=text)
    assert refusal.status_code == 422
    assert refusal.json()["code"] == "note_empty"


def test_two_thousand_characters_and_no_more(client, enrolled, lesson):
    assert ask(client, "POST", address(lesson), text="质" * 2000).status_code == 200
    refusal = ask(client, "POST", address(lesson), text="质" * 2001)
    assert refusal.status_code == 422
    assert "2001" in refusal.json()["message"]


@pytest.mark.parametrize("position", [-1, 86_400_001, "later"])
def test_a_moment_that_no_film_has_is_refused(client, enrolled, lesson, position):
    assert ask(client, "POST", address(lesson), text="?", position=position).status_code == 422


def test_one_lesson_takes_five_hundred_notes(learner, enrolled, lesson, monkeypatch):
    monkeypatch.setattr(notes, "MOST", 2)
    uuid = uuid4()
    for number in (uuid, uuid4()):
        notes.write(user=learner, lesson=lesson, position_ms=0, text="一", uuid=number)
    with pytest.raises(notes.TooMany):
        notes.write(user=learner, lesson=lesson, position_ms=0, text="三")
    notes.write(user=learner, lesson=lesson, position_ms=0, text="一", uuid=uuid)  # sent again, not another one


def test_who_does_not_study_the_course_writes_nothing(client, outsider, lesson):
    assert ask(client, "POST", address(lesson), text="?").status_code in (401, 403)
    client.force_login(outsider)
    refusal = ask(client, "POST", address(lesson), text="?")
    assert (refusal.status_code, refusal.json()["code"]) == (403, "not_enrolled")


def test_a_lesson_taken_down_keeps_its_notes_and_takes_no_more(client, enrolled, lesson, note):
    lesson.unpublish()
    assert ask(client, "POST", address(lesson), text="还有一条").status_code == 410
    assert [each["text"] for each in client.get(address(lesson)).json()] == [note.text]
    page = client.get(reverse("my_notes"))
    assert note.text in page.content.decode()
    assert f'href="{lesson.url}' not in page.content.decode()


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_somebody_elses_note_is_not_there(note, lesson, outsider, course, method):
    factories.enrolment(outsider, course)
    stranger = Client()
    stranger.force_login(outsider)
    assert ask(stranger, method, address(lesson, note), text="改掉").status_code == 404
    assert stranger.get(reverse("note", args=[note.uuid])).status_code == 404
    assert stranger.post(reverse("note", args=[note.uuid]), {"text": "改掉"}).status_code == 404
    assert stranger.get(address(lesson)).json() == []
    assert note.text not in stranger.get(reverse("my_notes")).content.decode()
    note.refresh_from_db()
    assert note.text == "样本只有 12 组"


def test_somebody_elses_number_makes_no_note(note, lesson, outsider, course):
    factories.enrolment(outsider, course)
    stranger = Client()
    stranger.force_login(outsider)
    answer = ask(stranger, "POST", address(lesson), text="我的", uuid=str(note.uuid))
    assert answer.status_code == 404
    assert note.text not in answer.content.decode()


def test_a_note_is_found_only_at_its_own_lesson(client, note, course):
    other = factories.lesson(course)
    assert ask(client, "PUT", address(other, note), text="别处").status_code == 404


def test_the_lesson_shows_them_with_a_form_that_needs_no_script(client, note, lesson):
    html = client.get(lesson.url).content.decode()
    assert 'href="#t=65"' in html
    assert note.text in html
    assert f'action="{reverse("lesson_notes", args=[lesson.pk])}"' in html


def test_without_a_script_they_are_written_changed_and_deleted_by_forms(client, enrolled, lesson, learner):
    page = reverse("lesson_notes", args=[lesson.pk])
    answer = client.post(page, {"text": "一条", "minutes": "1", "seconds": "5"})
    assert answer.url == f"{lesson.url}#notes"
    made = Note.objects.get(user=learner)
    assert made.position_ms == 65_000
    one = reverse("note", args=[made.uuid])
    assert made.text in client.get(one).content.decode()
    client.post(one, {"text": "改过的"})
    assert Note.objects.get().text == "改过的"
    client.post(one, {"text": "", "delete": "1"})
    assert not Note.objects.exists()


def test_a_refused_form_keeps_what_was_typed(client, enrolled, lesson, note):
    long = "长" * 2001
    for page in (reverse("lesson_notes", args=[lesson.pk]), reverse("note", args=[note.uuid])):
        answer = client.post(page, {"text": long, "minutes": "x", "seconds": ""})
        assert answer.status_code == 422
        assert long in answer.content.decode()


def test_a_note_is_shown_as_text(client, enrolled, lesson, learner):
    notes.write(user=learner, lesson=lesson, position_ms=0, text="<script>alert(1)</script>")
    for page in (lesson.url, reverse("my_notes"), reverse("lesson_notes", args=[lesson.pk])):
        assert "<script>alert(1)" not in client.get(page).content.decode()


def test_the_download_of_ones_own_data_has_them(client, note, learner, outsider, lesson):
    (told,) = json.loads(client.get(reverse("my_data")).content)["notes"]
    assert (told["lesson"], told["seconds"], told["text"]) == (lesson.title, 65, note.text)
    assert accounts.data(outsider)["notes"] == []


def test_an_account_that_goes_takes_its_notes(note, learner):
    Note.objects.filter(user=learner).delete()
    other = notes.write(user=learner, lesson=note.lesson, position_ms=0, text="再写")
    learner.delete()
    assert not Note.objects.filter(pk=other.pk).exists()


def test_a_page_with_notes_is_not_deleted(note, lesson, admin):
    desk = Client()
    desk.force_login(admin)
    desk.post(reverse("wagtailadmin_pages:delete", args=[lesson.pk]))
    assert LessonPage.objects.filter(pk=lesson.pk).exists()


@pytest.mark.parametrize("count", [1, 4])
def test_the_queries_do_not_grow_with_the_notes(client, enrolled, learner, home, django_assert_num_queries, count):
    course = factories.course(home, lessons=count)
    factories.enrolment(learner, course)
    for lesson in course.lessons():
        for position in range(3):
            notes.write(user=learner, lesson=lesson, position_ms=position, text="记")
    client.get(reverse("my_notes"))
    with django_assert_num_queries(5):
        client.get(reverse("my_notes"))


def test_no_notes_yet_says_what_will_be_here(client, learner):
    client.force_login(learner)
    assert reverse("my_learning") in client.get(reverse("my_notes")).content.decode()
