"""Words and chapters beside a film in a real browser: found, followed, reached by the keyboard, and never credited."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import until

PREPARE = """
from django.core.files import File
from courses import enrolment
from courses.models import CoursePage, FilmChapter, LessonPage, Standard, TrackPage
from lms.models import User
from media import captions, library
from tests.browser import stage
track = TrackPage.objects.get(code="tqm", locale__language_code="zh-hans")
with stage.film({film!r}, 60).open("rb") as file:
    video = library.add(file=File(file), name="words.mp4", title="字幕一分钟", owner=None)
said = {{20: "控制", 22: "限值", 40: "ＳＰＣ"}}
lines = [
    f"{{captions.stamp(n)}} --> {{captions.stamp(n + 1.9)}}\\n第{{n // 2 + 1}}句讲{{said.get(n, '质量')}}\\n"
    for n in range(0, 60, 2)
]
captions.attach(video, "zh-hans", "WEBVTT\\n\\n" + "\\n".join(lines))
captions.attach(video, "en", "1\\n00:00:00,500 --> 00:00:03,000\\nOut of control.\\n")
course = track.add_child(instance=CoursePage(title="字幕课", slug="words", max_rate=2))
lesson = course.add_child(instance=LessonPage(title="一节有字幕的课", slug="one", body=[("video", video)]))
standard = Standard.objects.get(number="GB/T 19001-2016")
lesson.film_chapters = [
    FilmChapter(start_ms=0, title="缘由"), FilmChapter(start_ms=20_000, title="判异", standard=standard, clause="9.1"),
    FilmChapter(start_ms=40_500, title="小结"),
]
lesson.save_revision().publish()
course.save_revision().publish()
enrolment.enrol(User.objects.get(email={login!r}), course)
"""
ADDRESS = "/tqm/words/one/"
TIME = "document.querySelector('video').currentTime"


@pytest.fixture(scope="module")
def words(school, accounts, tmp_path_factory):
    film = tmp_path_factory.mktemp("film") / "words.mp4"
    school.script(PREPARE.format(film=str(film), login=accounts["learner"]["login"]))
    deadline = time.monotonic() + 180
    while "ready" not in school.script(
        "from media.models import Video; print(Video.objects.get(title='字幕一分钟').state)"
    ):
        assert time.monotonic() < deadline, school.log.read_text()[-3000:]
        time.sleep(1)
    return school


@pytest.fixture
def lesson(words, visitor, sign_in):
    def open_lesson(address=ADDRESS + "#transcript", **options):
        page = visitor(**options)
        sign_in(page, "learner")
        page.goto(address)
        until(page, "document.querySelector('video').readyState >= 1", seconds=30)
        return page

    return open_lesson


def credited(school):
    return int(
        school.script(
            "from courses.models import LessonProgress as P;"
            "p = P.objects.filter(lesson__slug='one', lesson__path__contains="
            "__import__('courses.models').models.CoursePage.objects.get(slug='words').path).first();"
            "print(p.watched_ms if p else 0)"
        )
    )


def mute(page):
    page.evaluate("document.querySelector('video').muted = true")


def pause(page):
    page.evaluate("document.querySelector('video').pause()")
    page.wait_for_timeout(500)


def test_the_keyboard_goes_from_line_to_line_and_starts_the_film_there(lesson):
    page = lesson()
    mute(page)
    lines = page.locator("[data-lines]")
    assert lines.locator("a[tabindex='0']").count() == 1
    lines.locator("a").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.dataset.cue") == "24.000"
    assert lines.locator("a[tabindex='0']").count() == 1
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.dataset.cue") == "58.000"
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    until(page, f"{TIME} >= 2 && {TIME} < 8 && !document.querySelector('video').paused")
    expect(page.locator(".cue[aria-current]")).to_have_count(1)
    pause(page)


def test_words_are_found_across_lines_with_their_count(lesson):
    page = lesson()
    field = page.locator("#transcript-q")
    field.fill("质量")
    expect(page.locator("[data-count]")).to_have_text(re.compile(r"\b1\D+27"))
    field.press("Enter")
    expect(page.locator("[data-count]")).to_have_text(re.compile(r"\b2\D+27"))
    field.press("Shift+Enter")
    field.press("Shift+Enter")
    expect(page.locator("[data-count]")).to_have_text(re.compile(r"27\D+27"))
    assert page.locator("mark[data-now]").inner_text() == "质量"
    field.fill("spc")
    expect(page.locator("[data-lines] mark")).to_have_text(["ＳＰＣ"])
    assert page.locator("[data-lines] a[tabindex='0']").get_attribute("data-cue") == "40.000"
    field.fill("控制第12句讲限")
    expect(page.locator("[data-lines] mark")).to_have_text(["控制", "第12句讲限"])
    field.fill("磨床")
    expect(page.locator("[data-count]")).to_have_text(page.locator("[data-count]").get_attribute("data-none"))
    expect(page.locator("[data-lines] mark")).to_have_count(0)
    field.fill("")
    expect(page.locator("[data-count]")).to_have_text("")


def test_the_spoken_line_is_marked_and_followed_until_it_is_switched_off(lesson):
    page = lesson()
    mute(page)
    page.evaluate("document.querySelector('video').currentTime = 50.2")
    until(page, "document.querySelector('.cue[aria-current] a')?.dataset.cue === '50.000'")
    until(page, "document.querySelector('[data-lines]').scrollTop > 200")
    page.locator("[data-follow]").uncheck()
    top = page.evaluate("document.querySelector('[data-lines]').scrollTop")
    page.evaluate("document.querySelector('video').currentTime = 0.5")
    until(page, "document.querySelector('.cue[aria-current] a')?.dataset.cue === '0.000'")
    assert page.evaluate("document.querySelector('[data-lines]').scrollTop") == top
    page.reload()
    expect(page.locator("[data-transcript-tools]")).to_be_visible()
    assert not page.locator("[data-follow]").is_checked()
    page.locator("[data-follow]").check()


def test_chapters_are_marked_on_the_film_and_a_jump_gives_no_credit(lesson, words):
    page = lesson(ADDRESS + "#chapters")
    mute(page)
    page.wait_for_timeout(1500)
    before = credited(words)
    page.evaluate("() => { document.querySelector('video').play = async () => {}; }")
    page.locator(".chapter__link", has_text="小结").click()
    until(page, f"Math.abs({TIME} - 40.5) < 0.1")
    expect(page.locator(".chapter[aria-current]")).to_contain_text("小结")
    cues = "[...document.querySelector('video').textTracks].find((t) => t.kind === 'chapters').cues"
    assert page.evaluate(f"[...{cues}].map((cue) => [cue.startTime, cue.text])") == [
        [0, "缘由"],
        [20, "判异"],
        [40.5, "小结"],
    ]
    until(page, "document.querySelector('media-time-range').mediaChaptersCues?.length === 3")
    page.locator(".chapter__link", has_text="判异").press("Enter")
    until(page, f"Math.abs({TIME} - 20) < 0.1")
    page.wait_for_timeout(3000)
    assert credited(words) == before


def test_the_chapter_that_begins_while_playing_is_said(lesson):
    page = lesson(ADDRESS + "#chapters")
    mute(page)
    page.evaluate("const v = document.querySelector('video'); v.currentTime = 18.5; v.play()")
    until(page, "document.querySelector('[data-chapter-now]').textContent.includes('判异')")
    pause(page)
    states = page.locator("[data-chapter-state]")
    expect(states.nth(0)).not_to_have_text("未看")  # with the receipt of the pause
    expect(states.nth(1)).to_contain_text("学到 00:2")
    expect(states.nth(2)).to_have_text("未看")
    page.reload()
    expect(states.nth(2)).to_have_text("未看")


def test_what_is_jumped_to_stands_below_the_film_that_stays(lesson):
    for place in ("#chapters", "#transcript", "#notes"):
        page = lesson(ADDRESS + place, width=768, height=1024)
        below = f"document.querySelector('{place}').getBoundingClientRect().top"
        until(page, "scrollY > 0")
        until(page, f"{below} >= document.querySelector('[data-player]').getBoundingClientRect().bottom")


def test_the_search_of_the_site_leads_to_the_moment(lesson):
    page = lesson()
    page.goto("/courses/?q=第21句讲SPC")
    page.locator(".result__spots a").first.click()
    page.wait_for_url(f"**{ADDRESS}?t=40")
    until(page, f"{TIME} >= 40 && {TIME} < 46", seconds=30)
    pause(page)


def test_another_language_of_the_words_is_a_link(lesson):
    page = lesson()
    page.get_by_role("link", name="English", exact=True).last.click()
    page.wait_for_url("**?words=en#transcript")
    expect(page.locator("[data-lines]")).to_contain_text("Out of control.")
    assert page.locator("[data-lines]").get_attribute("lang") == "en"


def test_without_scripts_the_words_are_text_with_times(words, visitor, accounts):
    page = visitor(java_script_enabled=False)
    page.goto("/accounts/login/")
    page.fill("input[name=login]", accounts["learner"]["login"])
    page.fill("input[name=password]", accounts["learner"]["password"])
    page.locator("main form button[type=submit]").first.click()
    page.goto(ADDRESS)
    expect(page.locator(".cue")).to_have_count(30)
    expect(page.locator("[data-transcript-tools]")).to_be_hidden()
    expect(page.locator(".chapter")).to_have_count(3)
