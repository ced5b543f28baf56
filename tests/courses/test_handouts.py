"""Papers of a lesson: listed with kind and size, handed to who may study and to nobody else."""

import datetime as dt

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from courses.models import LessonPage
from media import handouts
from tests import factories


@pytest.fixture
def lesson(course):
    page = course.lessons().first()
    for name, title in (("表.csv", "过程能力计算表"), ("讲义.pdf", "本节讲义")):
        content = b"%PDF-1.7 " + b"x" * 3000 if name.endswith("pdf") else "一,二\n".encode() * 300
        file = handouts.add(file=ContentFile(content), name=name, owner=None)
        page.body.append(("handout", {"title": title, "file": file}))
    page.save_revision().publish()
    return LessonPage.objects.get(pk=page.pk)


def addresses(client, lesson):
    html = client.get(lesson.url).content.decode()
    return [part.split('"', 1)[0] for part in html.split('class="file__link" href="')[1:]]


def test_papers_are_listed_with_kind_and_size(lesson, client, learner, course):
    factories.enrolment(learner, course)
    client.force_login(learner)
    html = client.get(lesson.url).content.decode()
    assert "过程能力计算表" in html
    assert "CSV 2.3" in html
    assert "PDF 2.9" in html


def test_a_learner_gets_the_paper_under_its_name(lesson, client, learner, course):
    factories.enrolment(learner, course)
    client.force_login(learner)
    table, paper = (client.get(address) for address in addresses(client, lesson))
    assert table.status_code == paper.status_code == 200
    assert b"".join(paper.streaming_content if paper.streaming else [paper.content]).startswith(b"%PDF-1.7")
    assert "%E8%AE%B2%E4%B9%89.pdf" in paper["Content-Disposition"]


def test_who_is_not_enrolled_finds_no_address(lesson, client, outsider):
    assert addresses(client, lesson) == []
    client.force_login(outsider)
    assert addresses(client, lesson) == []


def test_an_address_passed_on_opens_nothing(lesson, client, learner, course, outsider):
    factories.enrolment(learner, course)
    client.force_login(learner)
    [address, _] = addresses(client, lesson)
    stranger = Client()
    assert stranger.get(address).status_code == 403
    stranger.force_login(outsider)
    assert stranger.get(address).status_code == 403


def test_an_address_does_not_live_long(lesson, client, learner, course):
    factories.enrolment(learner, course)
    client.force_login(learner)
    [address, _] = addresses(client, lesson)
    with time_machine.travel(timezone.now() + dt.timedelta(days=1)):
        client.force_login(learner)
        assert client.get(address).status_code == 403


def test_who_must_do_another_lesson_first_finds_no_address(lesson, client, learner, course):
    course.sequential = True
    course.save_revision().publish()
    second = factories.lesson(course, body=[("handout", lesson.body[-1].value)])
    factories.enrolment(learner, course)
    client.force_login(learner)
    assert addresses(client, second) == []
