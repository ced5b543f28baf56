"""The pictures of the school: who looks, at which page, and what is done before the picture is taken."""

from dataclasses import dataclass

from tests.browser.chromium import until


@dataclass
class Shot:
    """A page: who looks at it, where it is, and what is done before the picture is taken."""

    name: str
    path: str
    role: str = ""
    large: bool = False
    languages: tuple = ("zh", "en")
    prepare: object = None


def fill_wrong_code(page):
    page.fill("#id_code", "91510700DEMQ02742A")
    page.press("#id_code", "Enter")
    page.wait_for_selector("#unit .field__error")


def fill_right_code(page):
    page.fill("#id_code", "91510600DEMQ04115U")
    page.press("#id_code", "Enter")
    page.wait_for_selector("#unit form")


def send_empty(page):
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_selector("[role=alert], .field__error")


def send_empty_request(page):
    page.locator("#appeal form.card button[type=submit]").click()
    page.wait_for_selector(".error-summary")


def send_text_as_film(page):
    page.set_input_files("#upload-files", {"name": "课.mp4", "mimeType": "video/mp4", "buffer": b"words " * 20_000})
    page.wait_for_selector(".upload__row[data-state=refused]")


def show_frame(page):
    until(page, "!document.querySelector('video') || document.querySelector('video').readyState >= 2")


def find_words(page):
    show_frame(page)
    page.fill("#transcript-q", "质量")
    page.locator("#transcript-q").scroll_into_view_if_needed()


def check_captions(page):
    page.locator("[name=zh-hans-body]").fill("1\n00:00:01,000 --> 00:00:01,500\n这一条说得太快，谁也来不及读完它\n")
    page.locator("button[name=check]").click()
    page.wait_for_selector(".findings__list")
    page.locator(".findings").first.scroll_into_view_if_needed()


def open_settings(page):
    show_frame(page)
    page.click("[data-settings]")


def open_keys(page):
    show_frame(page)
    page.keyboard.press("?")


def write_note(page):
    show_frame(page)
    if page.locator("[data-note-list] [data-note]").count() == 0:
        page.fill("#note-text", "我们磨削线 Cpk 一直报 1.33，但样本只有 12 组，下周按 25 组重算。")
        page.locator("[data-note-form] button[type=submit]").click()
        until(page, "document.querySelector('[data-note-said]').textContent")


def answer_one(page):
    page.locator(".option").first.click()
    page.wait_for_timeout(700)


def see_a_frozen_picture(page):
    """Her line brings no piece of a broadcast that goes on: what the room says after ten seconds of it."""
    answer_sign_in(page)
    page.evaluate("""() => {
        for (const told of document.querySelectorAll(".stage__banner")) told.hidden = !("still" in told.dataset);
    }""")


def see_sign_in(page):
    until(page, "document.querySelector('[data-prompt]').open")


def answer_sign_in(page):
    """Once for all: afterwards it does not ask again."""
    page.wait_for_timeout(1500)
    if page.locator("[data-prompt][open]").count():
        page.locator("[data-prompt-here]").click()
    show_frame(page)


def open_hand_in(page):
    if not page.locator("[data-open-submit]:visible").count():
        page.locator(".answer-sheet summary").click()
    page.locator("[data-open-submit]:visible").first.click()


def papers(facts):
    """First of all: their time runs."""
    return [
        Shot("exam", facts["attempt"], "graduate", prepare=answer_one),
        Shot("exam-hand-in", facts["attempt"], "graduate", prepare=open_hand_in),
    ]


def shots(facts):
    """`facts` are the addresses that only the database knows."""
    lesson = "/cqo/cqo-foundation/cqo-foundation-01/"
    return [
        Shot("home", "/"),
        Shot("home-signed-in", "/", "learner"),
        Shot("home-large", "/", large=True),
        Shot("catalogue", "/courses/"),
        Shot("catalogue-search", "/courses/?q=质量"),
        Shot("catalogue-standard", "/courses/?q=19001"),
        Shot("catalogue-nothing", "/courses/?q=不存在的课程"),
        Shot("track", "/std/"),
        Shot("course", "/cqo/cqo-foundation/"),
        Shot("course-enrolled", "/cqo/cqo-foundation/", "learner"),
        Shot("course-standards", "/std/std-qms/"),
        Shot("programme", "/cqo-programme/"),
        Shot("programme-enrolled", "/cqo-programme/", "learner"),
        Shot("lesson-signed-out", lesson),
        Shot("lesson-not-enrolled", "/std/std-qms/std-qms-01/", "outsider"),
        Shot("lesson", lesson, "learner", prepare=show_frame),
        Shot("lesson-large", lesson, "learner", large=True, prepare=show_frame),
        Shot("lesson-settings", lesson, "learner", prepare=open_settings),
        Shot("lesson-keys", lesson, "learner", prepare=open_keys),
        Shot("lesson-notes", lesson + "#notes", "learner", prepare=write_note),
        Shot("my-notes", "/me/notes/", "learner"),
        Shot("my-notes-empty", "/me/notes/", "outsider"),
        Shot("lesson-transcript", lesson + "#transcript", "learner", prepare=find_words),
        Shot("lesson-chapters", lesson + "#chapters", "learner", prepare=show_frame),
        Shot("standard", facts["standard"]),
        Shot("catalogue-spoken", "/courses/?q=首席质量官"),
        Shot("lesson-locked", "/cqo/cqo-foundation/cqo-foundation-03/", "learner"),
        Shot("quiz-start", facts["quiz"], "learner"),
        Shot("exam-start", facts["exam"], "graduate"),
        Shot("exam-result", facts["result"], "holder"),
        Shot("my-learning", "/me/", "learner"),
        Shot("my-learning-empty", "/me/", "outsider"),
        Shot("my-films", "/teach/films/", "trainer"),
        Shot("my-films-sending", "/teach/films/", "trainer", prepare=send_text_as_film),
        Shot("my-learning-done", "/me/", "holder"),
        Shot("records", "/me/records/", "learner"),
        Shot("records-empty", "/me/records/", "outsider"),
        Shot("record-course", facts["record"], "learner"),
        Shot("record-lesson", facts["record_lesson"], "learner"),
        Shot("record-answered", facts["record_answered"], "learner"),
        Shot("record-refused", facts["record_answered"], "learner", prepare=send_empty_request),
        Shot("certificate", facts["certificate"], "holder"),
        Shot("verify-form", "/verify/"),
        Shot("verify-valid", facts["verify"]),
        Shot("verify-revoked", facts["revoked"]),
        Shot("verify-superseded", facts["superseded"]),
        Shot("verify-expired", facts["expired"]),
        Shot("verify-unknown", "/verify/nobody-has-this-token"),
        Shot("sign-up", "/accounts/signup/"),
        Shot("sign-up-refused", "/accounts/signup/", prepare=send_empty),
        Shot("sign-in", "/accounts/login/"),
        Shot("enterprise", "/me/enterprise/", "outsider"),
        Shot("enterprise-wrong", "/me/enterprise/", "outsider", prepare=fill_wrong_code),
        Shot("enterprise-right", "/me/enterprise/", "outsider", prepare=fill_right_code),
        Shot("firm-desk", facts["firm"], "enterprise_manager"),
        Shot("firm-desk-large", facts["firm"], "enterprise_manager", large=True),
        Shot("firm-desk-of-others", facts["no_firm"], "enterprise_manager"),
        Shot("firm-desk-stepped-in", facts["no_firm"], "provincial_clerk"),
        Shot("firm-roster-bring", facts["bring"], "enterprise_manager"),
        Shot("firm-roster", facts["roster"], "enterprise_manager"),
        Shot("class-list", "/classes/", "provincial_clerk"),
        Shot("class-page", facts["class"], "provincial_clerk"),
        Shot("class-correct", facts["class"] + "correct/", "provincial_clerk"),
        Shot("class-meeting-correct", facts["class_meeting"] + "correct/", "provincial_clerk"),
        Shot("class-meeting", facts["class_meeting"], "provincial_clerk"),
        Shot("class-door", facts["door"], "learner"),
        Shot("class-door-before", facts["door"], "outsider"),
        Shot("evaluation", facts["evaluation"], "learner"),
        Shot("evaluation-results", facts["evaluation_results"], "provincial_clerk"),
        Shot("coverage", "/bureau/coverage/", "provincial_clerk"),
        Shot("coverage-lists", "/bureau/coverage/lists/", "provincial_clerk"),
        Shot("coverage-list", facts["list"], "provincial_clerk"),
        Shot("account", "/me/account/", "learner"),
        Shot("close-account", "/me/account/close/", "learner"),
        Shot("withdraw", "/me/account/withdraw/", "learner"),
        Shot("agreement", "/agreement/"),
        Shot("privacy", "/privacy/"),
        Shot("notices", "/notices/"),
        Shot("notice", "/notices/school-opens/"),
        Shot("about", "/about/"),
        Shot("definitions", "/definitions/"),
        Shot("site-map", "/site-map/"),
        Shot("not-found", "/no/such/page/"),
        Shot("live-lobby", "/live/", "learner"),
        Shot("live-lobby-large", "/live/", "learner", large=True),
        Shot("live-plan", facts["live_scheduled"], "learner"),
        Shot("live-waiting-room", facts["live_ready"], "learner"),
        Shot("live-room", facts["live_live"], "learner", prepare=answer_sign_in),
        Shot("live-room-still", facts["live_live"], "learner", prepare=see_a_frozen_picture),
        Shot("live-room-large", facts["live_live"], "learner", large=True, prepare=answer_sign_in),
        Shot("live-room-sign-in", facts["live_live"], "holder", prepare=see_sign_in),
        Shot("live-room-sign-in-large", facts["live_live"], "holder", large=True, prepare=see_sign_in),
        Shot("live-room-interrupted", facts["live_interrupted"], "learner"),
        Shot("live-room-questions", facts["live_interrupted"] + "#questions", "learner"),
        Shot("live-room-moderator", facts["live_interrupted"], "trainer"),
        Shot("live-room-moderator-large", facts["live_interrupted"], "trainer", large=True),
        Shot("live-ended", facts["live_ended"], "learner"),
        Shot("live-cancelled", facts["live_cancelled"]),
        Shot("live-studio", facts["live_ready"] + "studio/", "trainer"),
        Shot("live-studio-large", facts["live_ready"] + "studio/", "trainer", large=True),
        Shot("live-studio-on-air", facts["live_live"] + "studio/", "trainer"),
        Shot("live-manage", facts["live_ended"] + "host/", "trainer"),
        Shot("live-stop", facts["live_interrupted"] + "host/", "provincial_clerk"),
        Shot("live-stop-large", facts["live_interrupted"] + "host/", "provincial_clerk", large=True),
        Shot("live-lift", facts["live_blocked"] + "host/", "provincial_clerk"),
        Shot("live-lift-large", facts["live_blocked"] + "host/", "provincial_clerk", large=True),
        Shot("live-attendance", facts["live_ended"] + "attendance/", "trainer"),
        Shot("live-attendance-large", facts["live_ended"] + "attendance/", "trainer", large=True),
        Shot("live-mine", "/live/mine/", "trainer"),
        Shot("live-new", "/live/new/", "trainer"),
        Shot("style-guide", "/styleguide/"),
        Shot("style-guide-large", "/styleguide/", large=True),
        Shot("outbox", "/outbox/"),
        Shot("cms-home", "/cms/", "editor", languages=("zh",)),
        Shot("cms-home-keeper", "/cms/", "provincial_clerk", languages=("zh",)),
        Shot("cms-videos", "/cms/videos/", "editor", languages=("zh",)),
        Shot("cms-captions", facts["captions"], "editor", languages=("zh",), prepare=check_captions),
        Shot("cms-lesson", facts["edit"], "editor", languages=("zh",)),
        Shot("cms-requests", "/cms/appeal/", "admin", languages=("zh",)),
        Shot("cms-request", facts["request"], "admin", languages=("zh",)),
        Shot("cms-flags", "/cms/flag/", "admin", languages=("zh",)),
        Shot("cms-flag", facts["flag"], "admin", languages=("zh",)),
        Shot("cms-retention", "/cms/reports/retention/", "editor", languages=("zh",)),
        Shot("cms-retention-curve", facts["retention"], "editor", languages=("zh",)),
        Shot("cms-certificates", "/cms/certificate/", "admin", languages=("zh",)),
    ]
