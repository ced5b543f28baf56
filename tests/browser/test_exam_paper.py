"""Sitting a paper in a real browser: what is chosen is kept, whatever happens to network, page, process or clock."""

import re

import pytest
from playwright.sync_api import expect

BANK = """
from courses.models import CoursePage, TrackPage
from lms.models import User
from tests import factories
track = TrackPage.objects.get(code="tqm", locale__language_code="zh-hans")
course = track.add_child(instance=CoursePage(title="答题课", slug="paper-course"))
course.assessment = factories.assessment(course, questions=4, title="答题课测验", shuffle_questions=False)
course.save_revision().publish()
factories.enrolment(User.objects.get(email="learner@demo.example"), course)
"""
BEGIN = """
import datetime as dt
from courses import exams
from courses.models import Attempt, Enrolment
place = Enrolment.objects.get(course__slug="paper-course", user__email="learner@demo.example")
Attempt.objects.filter(enrolment=place).delete()
attempt = exams.start(user=place.user, assessment=place.course.assessment, enrolment=place)
if {seconds}:
    Attempt.objects.update(deadline=attempt.started_at + dt.timedelta(seconds={seconds}))
print("paper", attempt.uuid)
"""
CHOSEN = """
from courses.models import Attempt
attempt = Attempt.objects.get(enrolment__course__slug="paper-course")
print("chosen", "/".join("".join(row.chosen) or "-" for row in attempt.answers.all()), bool(attempt.submitted_at))
"""


@pytest.fixture(scope="module")
def bank(school):
    school.script(BANK)
    return school


@pytest.fixture
def paper(bank, visitor, sign_in):
    """The page of a fresh paper of four questions; `seconds` puts a deadline that far ahead."""

    def open_paper(seconds=0, page=None):
        if page is None:
            page = visitor()
            sign_in(page, "learner")
        uuid = re.search(r"paper (\S+)", bank.script(BEGIN.format(seconds=seconds)))[1]
        page.goto(f"/attempt/{uuid}/")
        page.wait_for_selector("[data-ready]")
        return page

    return open_paper


@pytest.fixture
def chosen(bank):
    def read():
        """('A/-/-/-', handed in) as it stands in the database."""
        answers, handed_in = re.search(r"chosen (\S+) (\w+)", bank.script(CHOSEN)).groups()
        return answers, handed_in == "True"

    return read


def choose(page, number, key):
    page.locator(f'[data-cell="{number}"]').click()
    page.locator(f'#q{number} input[value="{key}"]').check()


def saved(page):
    expect(page.locator("[data-saved][data-state=saved]")).to_contain_text(re.compile(r"已保存 \d\d:\d\d"))


def test_a_choice_is_in_the_database_when_the_page_says_so(paper, chosen):
    page = paper()
    choose(page, 1, "A")
    choose(page, 3, "C")
    saved(page)
    assert chosen() == ("A/-/C/-", False)
    expect(page.locator("[data-count-answered]")).to_have_text("2")
    expect(page.locator('[data-cell="3"]')).to_have_attribute("data-answered", "")


def test_a_lost_network_and_a_reload_lose_nothing(paper, chosen):
    page = paper()
    choose(page, 1, "A")
    saved(page)
    page.context.set_offline(True)
    choose(page, 2, "B")
    expect(page.locator("[data-exam-waiting]")).to_be_visible()
    expect(page.locator("[data-saved]")).to_contain_text("已存在本机")
    page.context.set_offline(False)
    page.reload()
    expect(page.locator('#q2 input[value="B"]')).to_be_checked()
    page.wait_for_function("Object.keys(localStorage).every((key) => !key.startsWith('exam:'))")
    expect(page.locator("[data-exam-waiting]")).to_be_hidden()
    assert chosen() == ("A/B/-/-", False)


def test_the_network_heals_by_itself(paper, chosen):
    page = paper()
    page.context.set_offline(True)
    choose(page, 1, "A")
    choose(page, 1, "D")
    choose(page, 4, "B")
    expect(page.locator("[data-exam-waiting]")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("[data-exam-waiting]")).to_be_hidden()
    saved(page)
    assert chosen() == ("D/-/-/B", False)


def test_a_killed_web_process_loses_nothing_acknowledged(bank, paper, chosen):
    page = paper()
    choose(page, 1, "A")
    saved(page)
    bank.kill("web")
    choose(page, 2, "C")
    expect(page.locator("[data-exam-waiting]")).to_be_visible()
    assert chosen() == ("A/-/-/-", False)
    bank.start("web")
    expect(page.locator("[data-exam-waiting]")).to_be_hidden(timeout=30_000)
    saved(page)
    assert chosen() == ("A/C/-/-", False)


def test_a_second_tab_has_the_same_paper(paper):
    page = paper()
    choose(page, 1, "A")
    saved(page)
    tab = page.context.new_page()
    tab.goto(page.url)
    expect(tab.locator('#q1 input[value="A"]')).to_be_checked()
    stems = [each.locator("[data-question] h2").all_text_contents() for each in (page, tab)]
    assert stems[0] == stems[1]


def test_a_mark_on_an_older_page_leaves_the_answer(paper, chosen):
    page = paper()
    older = page.context.new_page()
    older.goto(page.url)
    older.wait_for_selector("[data-ready]")
    choose(page, 1, "A")
    saved(page)
    older.locator("#q1 .exam__mark input").check()
    saved(older)
    assert chosen() == ("A/-/-/-", False)


def test_signing_out_meanwhile_keeps_the_answer_until_the_return(paper, chosen):
    page = paper()
    session = [cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid"]
    page.context.clear_cookies(name="sessionid")
    choose(page, 1, "A")
    expect(page.locator("[data-exam-problem]")).to_contain_text("登录已失效")
    assert chosen() == ("-/-/-/-", False)
    page.context.add_cookies(session)
    expect(page.locator("[data-exam-problem]")).to_be_hidden()
    saved(page)
    assert chosen() == ("A/-/-/-", False)


def test_when_time_is_over_the_paper_is_handed_in_with_the_last_choice(paper, chosen):
    page = paper(seconds=12)
    expect(page.locator("[data-clock]")).to_have_text(re.compile(r"00:\d\d"))
    choose(page, 4, "A")
    page.wait_for_url("**/result", timeout=25_000)
    expect(page.locator("main")).to_contain_text("时间到，系统已自动交卷")
    assert chosen() == ("-/-/-/A", True)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('exam:'))") == []


def test_a_paper_handed_in_elsewhere_leads_to_its_result(paper, bank):
    page = paper()
    bank.script(
        "from courses import exams; from courses.models import Attempt;"
        "exams.submit(Attempt.objects.get(enrolment__course__slug='paper-course'))"
    )
    page.locator('#q1 input[value="A"]').click()  # the page may be gone before anybody sees it checked
    page.wait_for_url("**/result")


def test_handing_in_tells_what_is_missing(paper, chosen):
    page = paper()
    choose(page, 2, "A")
    page.locator("#q2 .exam__mark").click()
    page.locator(".answer-sheet [data-open-submit]").click()
    summary = page.locator("dialog[open]")
    expect(summary).to_contain_text("第 1、3–4 题")
    expect(summary.locator("[data-sum-marked-list]")).to_contain_text("第 2 题")
    page.keyboard.press("Escape")
    assert chosen() == ("-/A/-/-", False)
    page.locator(".answer-sheet [data-open-submit]").click()
    page.locator("dialog[open] .button--danger").click()
    page.wait_for_url("**/result")
    assert chosen() == ("-/A/-/-", True)


def test_the_whole_paper_by_keyboard(paper, chosen):
    page = paper()
    page.locator("#q1").focus()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator("#q2")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#q3")).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    expect(page.locator("#q4")).to_be_visible()
    saved(page)
    keys = page.evaluate("[1, 3].map((n) => document.querySelectorAll(`#q${n} .option input`)[n === 1 ? 1 : 2].value)")
    assert chosen() == (f"{keys[0]}/-/{keys[1]}/-", False)


def test_without_script_the_paper_is_a_form(bank, visitor, sign_in, paper, chosen):
    plain = visitor(java_script_enabled=False)
    sign_in(plain, "learner")
    uuid = re.search(r"paper (\S+)", bank.script(BEGIN.format(seconds=0)))[1]
    plain.goto(f"/attempt/{uuid}/")
    plain.locator('#q1 input[value="A"]').check()
    plain.locator('#q4 input[value="B"]').check()
    plain.locator("[data-without-script] button").first.click()
    expect(plain.locator("[data-saved]")).to_contain_text("已保存")
    assert chosen() == ("A/-/-/B", False)
    plain.locator(".answer-sheet [data-open-submit]").click()
    plain.locator("main .button--danger").click()
    plain.wait_for_url("**/result")
    assert chosen() == ("A/-/-/B", True)
