"""A school in which nobody has taught yet: pages in both languages, tracks, standards, an office for editors."""

import pytest
from django.core.management import call_command
from wagtail.models import Page, Workflow

from courses import foundation
from courses.models import HomePage, Standard, TrackPage
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(db):
    return foundation.lay()


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("path", ["/", "/courses/", "/cqo/", "/about/", "/contact/", "/definitions/", "/notices/"])
def test_every_page_of_an_empty_school_is_there(client, school, language, path):
    assert client.get(language + path).status_code == 200


def test_the_home_page_is_the_schools_own(client, school):
    assert "企业质量人的公益培训学校" in client.get("/").content.decode()
    assert HomePage.objects.count() == 2
    assert Standard.objects.filter(number="GB/T 19001-2016").exists()


def test_an_editor_finds_the_office_and_may_begin_a_course(school, client):
    client.force_login(factories.user(name="编辑", groups=["Editors"]))
    track = TrackPage.objects.child_of(school).first()
    assert client.get(f"/cms/pages/add/courses/coursepage/{track.pk}/").status_code == 200


def test_what_wagtail_names_in_english_alone_is_named_in_both_languages(school):
    assert Workflow.objects.get().name == "审核后发布 / Released by a moderator"
    assert Page.objects.get(depth=1).title == "全部 / All"


def test_laying_it_again_brings_back_nothing_that_somebody_has_changed(school):
    school.title = "凉山首席质量官网校"
    school.save_revision().publish()
    school.get_descendants().get(slug="about").delete()
    track = TrackPage.objects.child_of(school).get(code="std")
    track.slug = "standards"
    track.save_revision().publish()
    before = Page.objects.count()
    call_command("prepare_school")
    assert Page.objects.count() == before
    assert HomePage.objects.get(pk=school.pk).title == "凉山首席质量官网校"
