"""Scripts switched off: one still finds a course, signs up, joins, sits the exam and verifies a certificate."""

import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PEOPLE = """
import json
from courses.models import ProgrammePage
from lms.models import User
from tests.browser import states
admin = User.objects.get(email="admin@demo.example")
programme = ProgrammePage.objects.get(slug="short-programme")
sitter, login = states.person("sitter", "欧阳静怡")
states.finished_courses(sitter, programme, admin)
holder, _ = states.person("holder", "司马相如")
_, certificate = states.graduate(holder, programme, admin)
print(json.dumps({"sitter": login, "number": certificate.number, "token": certificate.token}))
"""


@pytest.fixture(scope="module")
def school(new_school):
    new_school.start("web")
    film = new_school.folder / "short.mp4"
    new_school.script(f"from tests.browser import stage; stage.short_programme({str(film)!r}, seconds=2)")
    return new_school


@pytest.fixture(scope="module")
def facts(school):
    return json.loads(school.script(PEOPLE).splitlines()[-1])


@pytest.fixture(scope="module")
def accounts(school, facts):
    return json.loads((school.folder / "demo-accounts.json").read_text()) | {"sitter": facts["sitter"]}


@pytest.fixture
def plain(visitor):
    return visitor(width=360, height=780, java_script_enabled=False)


def test_from_home_to_a_course_that_was_searched_for(school, plain):
    plain.goto("/")
    plain.locator("main a[href='/courses/']").first.click()
    plain.fill("#search input[name=q]", "质量成本")
    plain.locator("#search button[type=submit]").click()
    assert "q=" in plain.url
    expect(plain.locator("#q")).to_have_value("质量成本")
    plain.locator("#results a").first.click()
    expect(plain.locator("main h1")).to_be_visible()
    plain.goto("/courses/?q=不存在的课程")
    assert plain.locator("#results").inner_text().strip()


def test_filters_are_a_form(school, plain):
    plain.goto("/courses/")
    every = plain.locator("#count").inner_text()
    plain.locator("#filters input[type=checkbox], #filters input[type=radio]:not(:checked)").first.check()
    plain.locator("#filters button[type=submit]").click()
    assert plain.url.count("=") >= 2
    assert plain.locator("#count").inner_text() != every


def test_signing_up_says_what_is_missing_and_then_works(school, plain):
    plain.goto("/accounts/signup/")
    plain.fill("input[name=login]", "137 0013 7000")
    send(plain)
    expect(plain.locator("main [role=alert]").first).to_be_visible()
    expect(plain.locator("input[name=login]")).to_have_value(re.compile("137"))
    plain.fill("input[name=name]", "王小质")
    plain.fill("input[name=password1]", "four-green-lathes")
    plain.check("input[name=agreement]")
    plain.check("input[name=privacy]")
    send(plain)
    address = plain.url
    plain.goto("/outbox/")
    text = plain.locator("main").inner_text()
    code = re.search(r"(?<![0-9A-Z-])([0-9A-Z]{3}-?[0-9A-Z]{3})(?![0-9A-Z-])", text[text.index("13700137000") :])[1]
    plain.goto(address)
    plain.fill("input[name=code]", code)
    send(plain)
    plain.goto("/me/")
    assert plain.url.endswith("/me/")
    expect(plain.locator("main h1")).to_be_visible()


def test_joining_a_course_leads_to_its_lessons(school, plain, sign_in):
    sign_in(plain, "learner")
    plain.goto("/tqm/tqm-basics/")
    plain.locator("main form[action$='/join'] button:visible").first.click()
    plain.goto("/tqm/tqm-basics/")
    expect(plain.locator("main form[action$='/join']")).to_have_count(0)
    plain.locator("main .outline a, main ol a").first.click()
    expect(plain.locator("main h1")).to_be_visible()


def test_an_exam_from_the_pledge_to_the_result(facts, plain, sign_in):
    sign_in(plain, "sitter")
    plain.goto("/short-programme/")
    plain.locator("main").get_by_role("link", name=re.compile("考试|测验")).first.click()
    send(plain)
    assert "/attempt/" not in plain.url  # not without the pledge
    plain.check("input[name=pledge]")
    send(plain)
    plain.wait_for_url("**/attempt/*/")
    right = plain.locator(".option", has_text="对的选项")
    assert right.count() == 2
    right.first.locator("input").check()
    plain.locator("[data-without-script] button").first.click()
    expect(plain.locator("[data-saved]")).to_contain_text("已保存")
    plain.reload()
    expect(right.first.locator("input")).to_be_checked()
    right.last.locator("input").check()
    plain.locator(".answer-sheet [data-open-submit]").click()
    plain.locator("main .button--danger").click()
    plain.wait_for_url("**/result")
    plain.goto("/me/")
    expect(plain.locator("a[href*='/me/certificates/']").first).to_be_visible()


def test_a_stranger_verifies_by_address_and_by_number_and_name(facts, plain):
    plain.goto(f"/verify/{facts['token']}")
    expect(plain.locator("main")).to_contain_text("有效")
    plain.goto("/verify/")
    plain.fill("input[name=number]", facts["number"])
    plain.fill("input[name=name]", "司马相如")
    send(plain)
    expect(plain.locator("main")).to_contain_text("有效")
    expect(plain.locator("main")).not_to_contain_text("司马相如")


def test_a_wrong_name_verifies_nothing(facts, plain):
    plain.goto("/verify/")
    plain.fill("input[name=number]", facts["number"])
    plain.fill("input[name=name]", "司马迁")
    send(plain)
    expect(plain.locator("main")).not_to_contain_text("短期培训")


def send(page):
    page.locator("main form button[type=submit]").first.click()
