"""Header, footer, and the reader's choices of language and type."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from lms import navigation
from lms.models import SchoolSettings

OURS = {"sec-fetch-site": "same-origin"}


def page(client, path="/styleguide/"):
    return client.get(path).content.decode()


def test_entries_appear_when_their_page_exists(home):
    assert [entry.name for entry in navigation.entries("/", of=(("home", ""), ("no_such_page", "")))] == ["home"]


def test_the_present_entry_is_marked():
    of = (("home", "Home"), ("styleguide", "Style guide"))
    with translation.override("zh-hans"):
        assert [entry.current for entry in navigation.entries("/styleguide/", of=of)] == [False, True]
        assert [entry.current for entry in navigation.entries("/elsewhere/", section="home", of=of)] == [True, False]


def test_a_stranger_is_offered_the_door(client, home):
    text = page(client, "/en/styleguide/")
    assert "Sign in or register" in text
    assert "Sign out" not in text


def test_a_person_sees_the_name_and_the_way_out(client, home, learner):
    client.force_login(learner)
    text = page(client, "/en/styleguide/")
    assert "张明远" in text
    assert "Sign out" in text


def test_a_page_asks_the_database_nothing_for_a_stranger(client, home, django_assert_num_queries):
    page(client, "/verify/")
    with django_assert_num_queries(0):
        page(client, "/verify/")


def test_the_language_link_leads_to_the_same_page(client, home):
    assert 'href="/en/styleguide/?q=19001" lang="en"' in page(client, "/styleguide/?q=19001")
    assert 'href="/styleguide/?q=19001" lang="zh-CN"' in page(client, "/en/styleguide/?q=19001")


def test_the_footer_says_who_runs_the_school_in_the_readers_language(client, home):
    facts = SchoolSettings.load()
    facts.owner, facts.owner_en, facts.organiser, facts.icp = "甲局", "Bureau A", "乙院", "蜀ICP备00000000号"
    facts.save()
    cache.clear()
    chinese, english = page(client), page(client, "/en/styleguide/")
    assert "甲局" in chinese
    assert "Bureau A" in english
    assert "蜀ICP备00000000号" in chinese
    assert "乙院" in english  # no English was given


def test_large_type_comes_from_the_cookie(client, home):
    assert 'data-scale="large"' not in page(client)
    client.cookies["scale"] = "large"
    assert 'data-scale="large"' in page(client)
    client.cookies["scale"] = '"><script>'
    assert "data-scale" not in page(client).split(">", 2)[1]


def test_large_type_is_kept_with_the_account(client, home, learner):
    client.force_login(learner)
    assert client.post("/preferences/", {"scale": "large", "next": "/styleguide/"}, headers=OURS).url == "/styleguide/"
    learner.refresh_from_db()
    assert learner.large_type
    other_device = Client()
    other_device.force_login(learner)
    assert 'data-scale="large"' in page(other_device)


def test_this_device_goes_before_the_account(client, home, learner):
    learner.large_type = True
    learner.save()
    client.force_login(learner)
    client.cookies["scale"] = "normal"
    assert 'data-scale="large"' not in page(client)


def test_the_language_is_kept_with_the_account(client, home, learner):
    client.force_login(learner)
    answer = client.post("/preferences/", {"language": "en", "next": "/en/styleguide/"}, headers=OURS)
    assert answer.url == "/en/styleguide/"
    learner.refresh_from_db()
    assert learner.language == "en"


def test_a_script_gets_a_short_answer(client, home):
    answer = client.post("/preferences/", {"scale": "large"}, headers={**OURS, "accept": "application/json"})
    assert answer.status_code == 204
    assert answer.cookies["scale"].value == "large"


@pytest.mark.parametrize(
    "headers",
    [{}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://elsewhere.example"}],
)
def test_a_form_of_another_site_changes_nothing(client, home, learner, headers):
    client.force_login(learner)
    assert client.post("/preferences/", {"scale": "large"}, headers=headers).status_code == 403
    learner.refresh_from_db()
    assert not learner.large_type


def test_an_older_browser_is_known_by_its_origin(client, home):
    answer = client.post("/preferences/", {"scale": "large"}, headers={"origin": "http://testserver"})
    assert answer.status_code == 302


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""])
def test_nobody_is_sent_away_to_another_site(client, home, target):
    assert client.post("/en/preferences/", {"scale": "large", "next": target}, headers=OURS).url == "/en/"


def test_a_choice_that_does_not_exist_is_refused(client, home):
    answer = client.post("/preferences/", {"scale": "huge"}, headers=OURS)
    assert answer.status_code == 400
    assert "scale" not in answer.cookies


def test_reading_the_preferences_is_not_possible(client, home):
    assert client.get("/preferences/").status_code == 405


def test_robots_stay_out_of_desks_and_find_the_map(client, home):
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /cms/\n" in text
    assert "Sitemap: http://testserver/sitemap.xml\n" in text
    assert client.get("/sitemap.xml").status_code == 200


def test_the_site_map_names_what_is_open_in_the_readers_language(client, course):
    text = page(client, "/site-map/")
    assert course.title in text
    assert course.title not in page(client, "/en/site-map/")
