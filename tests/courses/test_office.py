"""The first page of the editors' office: what waits for whom."""

import pytest
from django.urls import reverse

from courses import office
from media.models import Video
from tests import factories


@pytest.fixture
def first_page(client):
    def open_it(user):
        client.force_login(user)
        return client.get(reverse("wagtailadmin_home"))

    return open_it


def counts(user):
    return {pile.name: pile.count for pile in office.piles(user)}


def test_an_editor_sees_films_and_lessons_that_need_a_hand(first_page, editor):
    factories.video(state=Video.State.FAILED, run=None)
    factories.video(state=Video.State.QUEUED, run=None)
    page = first_page(editor).content.decode()
    assert counts(editor) == {"failed": 1, "unfinished": 1, "review": 0}
    assert f"{reverse('videos:index')}?state=failed" in page
    assert "待办" in page
    assert "Pages" not in page


def test_a_keeper_of_records_sees_what_waits_for_a_decision(first_page, provincial_clerk):
    page = first_page(provincial_clerk).content.decode()
    assert counts(provincial_clerk) == {"held": 0, "appeals": 0, "flags": 0}
    assert reverse("appeal:index") in page
    assert reverse("flag:index") in page
    assert reverse("videos:index") not in page


def test_a_trainer_is_not_troubled_with_the_work_of_others(first_page, trainer):
    assert counts(trainer) == {}
    assert "待办" not in first_page(trainer).content.decode()


def test_the_office_wears_the_colours_and_the_mark_of_the_school(first_page, editor):
    page = first_page(editor).content.decode()
    assert "css/office.css" in page
    assert page.count("img/favicon.svg") == 2
