"""A handout is a file that the editor may read, whatever a hand-made request names."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from courses import desk
from courses.models import LessonPage
from media import handouts
from tests import factories


def paper(owner, name="讲义.txt"):
    return handouts.add(file=SimpleUploadedFile("a.txt", b"words"), name=name, owner=owner)


@pytest.fixture
def lesson(db, course, trainer):
    desk.prepare()
    made = factories.lesson(course, owner=trainer, with_video=False, kind="reading")
    made.owner = trainer
    made.save()
    return made


def save(client, lesson, *files):
    blocks = [("handout", {"title": "资料", "file": str(file.pk)}) for file in files]
    data = {
        "title": lesson.title, "slug": lesson.slug, "summary": "", "kind": "reading", "credit_hours": "1",
        "minutes": "45", "body": streamfield(blocks), "comments": inline_formset([]),
        "film_chapters": inline_formset([]),
    }  # fmt: skip
    return client.post(reverse("wagtailadmin_pages:edit", args=[lesson.pk]), nested_form_data(data))


def draft(lesson):
    body = LessonPage.objects.get(pk=lesson.pk).get_latest_revision_as_object().body
    return [block.value["file"].pk for block in body]


def test_ones_own_file_is_taken(client, trainer, lesson):
    mine = paper(trainer)
    client.force_login(trainer)
    assert save(client, lesson, mine).status_code == 302
    assert draft(lesson) == [mine.pk]


def test_a_file_of_a_foreign_folder_is_refused_without_a_word_about_it(client, trainer, admin, lesson):
    mine, theirs = paper(trainer), paper(admin, "内部名单.txt")
    client.force_login(trainer)
    answer = save(client, lesson, mine, theirs)
    assert answer.status_code == 200
    assert answer.context["form"].errors["body"]
    assert "内部名单" not in str(answer.context["form"].errors)
    assert draft(lesson) == []


def test_what_somebody_else_put_there_may_stay(client, trainer, admin, lesson):
    theirs = paper(admin)
    client.force_login(admin)
    assert save(client, lesson, theirs).status_code == 302
    client.force_login(trainer)
    assert save(client, lesson, theirs, paper(trainer)).status_code == 302
    assert theirs.pk in draft(lesson)
