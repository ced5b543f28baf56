"""A new person registers, really watches, passes, downloads the certificate, and a stranger verifies it."""

import io
import re
import time

import pypdf
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.browser.chromium import until

USCC = "91510700DEMQ02742E"


@pytest.fixture(scope="module")
def short_school(school, tmp_path_factory):
    film = tmp_path_factory.mktemp("film") / "short.mp4"
    school.script(f"from tests.browser import stage; stage.short_programme({str(film)!r})")
    deadline = time.monotonic() + 90
    while "ready" not in school.script("from media.models import Video; print(Video.objects.get(title='短片').state)"):
        assert time.monotonic() < deadline, school.log.read_text()[-3000:]
        time.sleep(1)
    return school


def read_code(page):
    """The newest code in the school's local outbox, read in another tab as a person would read a phone."""
    phone = page.context.new_page()
    phone.goto("/outbox/")
    text = phone.locator("main").inner_text()
    phone.close()
    return re.search(r"(?<![0-9A-Z-])([0-9A-Z]{3}-?[0-9A-Z]{3})(?![0-9A-Z-])", text[text.index("13900139000") :])[1]


def sign_up(page):
    page.goto("/accounts/signup/")
    page.fill("input[name=login]", "139 0013 9000")
    page.fill("input[name=name]", "陈晓质")
    page.fill("input[name=password1]", "four-green-lathes")
    page.check("input[name=agreement]")
    page.check("input[name=privacy]")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_selector("input[name=code]")
    page.fill("input[name=code]", read_code(page))
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_selector("#id_code")


def name_the_enterprise(page):
    page.fill("#id_code", USCC.lower())
    page.press("#id_code", "Enter")
    page.wait_for_selector("#unit input[name=name]")
    expect(page.locator("#unit select[name=city]")).to_have_value(re.compile(r"\d+"))
    assert "绵阳市" in page.locator("#unit select[name=city] option:checked").inner_text()
    page.fill("#unit input[name=name]", "绵阳示范电子有限公司")
    page.select_option("#unit select[name=post]", index=1)
    page.locator("#unit button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/me/enterprise" not in url)


def watch_to_the_end(page):
    until(page, "document.querySelector('video').readyState >= 2")
    page.evaluate("const v = document.querySelector('video'); v.muted = true; v.play()")
    until(page, "document.querySelector('video').ended", seconds=60)


def credited_ms(school):
    out = school.script(
        "from courses.models import LessonProgress as P; p = P.objects.filter(lesson__slug='short-lesson').first();"
        "print(p.watched_ms if p else 0, bool(p and p.completed_at))"
    )
    ms, done = out.split()
    return int(ms), done == "True"


def answer_rightly(page):
    page.goto("/short-programme/")
    page.locator("main").get_by_role("link", name=re.compile("考试|测验")).first.click()
    page.check("input[name=pledge]")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_selector("[data-exam]")
    for number, option in enumerate(page.locator(".option", has_text="对的选项").all()):
        if number:
            page.locator("a.button--primary[href^='#q']:visible").click()
        option.click()
    expect(page.locator("[data-count-answered]").first).to_have_text("2")
    page.wait_for_timeout(600)
    page.locator("[data-open-submit]").first.click()
    page.locator("dialog[open] button[type=submit]").first.click()
    page.wait_for_url("**/result")


def test_from_sign_up_to_a_certificate_that_a_stranger_verifies(short_school, visitor, tmp_path):
    page = visitor()
    sign_up(page)
    name_the_enterprise(page)

    page.goto("/short-programme/")
    page.locator("main form button[type=submit]").first.click()
    page.goto("/tqm/short-course/short-lesson/")
    if page.locator("form[action*=enrol] button").count():
        page.locator("form[action*=enrol] button").first.click()
        page.goto("/tqm/short-course/short-lesson/")

    # Dragging to the end earns nothing.
    until(page, "document.querySelector('video').readyState >= 1")
    page.evaluate(
        "const v = document.querySelector('video'); v.muted = true; v.currentTime = v.duration - 0.5; v.play()"
    )
    page.wait_for_timeout(2500)
    ms, done = credited_ms(short_school)
    assert ms <= 2500
    assert not done

    # Really watching earns it.
    page.evaluate("document.querySelector('video').currentTime = 0")
    watch_to_the_end(page)
    deadline = time.monotonic() + 15
    while not credited_ms(short_school)[1]:
        assert time.monotonic() < deadline, credited_ms(short_school)
        time.sleep(0.5)

    answer_rightly(page)
    page.goto("/me/")
    link = page.locator("a[href*='/me/certificates/']").first
    link.click()
    page.wait_for_url(re.compile("/me/certificates/"))
    with page.expect_download() as download:
        page.locator("a[href$='/pdf']").first.click()
    pdf = tmp_path / "certificate.pdf"
    download.value.save_as(pdf)
    text = pypdf.PdfReader(pdf).pages[0].extract_text()
    assert "陈晓质" in text
    assert "绵阳示范电子有限公司" in text

    picture = page.request.get(page.locator("img.certificate-page__sheet").get_attribute("src")).body()
    address = zxingcpp.read_barcode(Image.open(io.BytesIO(picture))).text
    assert address.startswith(short_school.url + "/verify/")

    stranger = visitor(width=360, height=780)
    stranger.goto(address)
    told = stranger.locator("main").inner_text()
    assert "有效" in told
    assert "陈晓质" not in told
    assert "陈" in told
    assert "短期培训" in told
