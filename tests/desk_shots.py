"""The pictures of desks and doors: the bureau's, accounts and second factors, trainers' films, the content desk."""

from tests.shots import Shot, send_empty

LONG_AGO = "period=custom&since=2001-01-01&until=2001-03-31"
BACKWARDS = "period=custom&since=2026-03-31&until=2026-01-01"


def ask_for_names(page):
    """Full names without saying what for."""
    page.evaluate("""() => {
        const form = document.querySelector('form[method=post][action*=exports]');
        form.querySelector('[name=full]').checked = true;
        form.noValidate = true;
        form.querySelector('button').click();
    }""")
    page.wait_for_selector(".error-summary, .field__error")


def ask_for_code(page):
    """A browser that has asked already is led on to the code."""
    if page.locator("[name=code]").count():
        return
    page.fill("main form [name=login]", "nobody@demo.example")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_selector("[name=code]")


def confirm(facts):
    """Say the password once more where the page asks for it."""

    def prepare(page):
        if page.locator("main [name=password]").count():
            page.fill("main [name=password]", facts["accounts"]["learner"]["password"])
            page.locator("main form button[type=submit]").first.click()
            page.wait_for_selector("main [name=code]")

    return prepare


def forget_password(page):
    """A code is asked for once and not once a width, or the school asks for patience."""
    begin = page.url
    page.goto(f"{begin}confirm/")
    if page.locator("[name=code]").count():
        return
    page.goto(begin)
    page.locator("main form input[type=email], main form input[type=text]").first.fill("nobody@demo.example")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_selector("[name=code]")


def wrong_password(page):
    page.fill("main form [name=login]", "nobody@demo.example")
    page.fill("main form [name=password]", "wrong-password-1")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_selector(".error-summary, .field__error")


def send_form(page):
    """Empty, past the browser's own checks, so that the school's own words are seen."""
    page.evaluate("document.querySelectorAll('main form').forEach((form) => { form.noValidate = true; })")
    send_empty(page)


def add_block(page):
    page.wait_for_selector(".c-sf-add-button")
    page.locator(".c-sf-add-button").last.click()
    page.wait_for_timeout(800)


def bureau(facts):
    clerk = "provincial_clerk"
    return [
        Shot("bureau", "/bureau/?period=year", clerk),
        Shot("bureau-large", "/bureau/?period=year", clerk, large=True),
        Shot("bureau-nothing", f"/bureau/?{LONG_AGO}", clerk),
        Shot("bureau-refused", f"/bureau/?{BACKWARDS}", clerk),
        Shot("bureau-city", "/bureau/?period=year", "city_clerk"),
        Shot("bureau-centre", "/bureau/?period=year", "service_centre"),
        Shot("bureau-closed", "/bureau/", "outsider"),
        Shot("bureau-rows", "/bureau/rows/?period=year&measure=attendances", clerk),
        Shot("bureau-rows-nothing", f"/bureau/rows/?{LONG_AGO}&measure=attendances", clerk),
        Shot("bureau-definitions", "/bureau/definitions/", clerk),
        Shot("bureau-online", "/bureau/online/", clerk),
        Shot("bureau-exports", "/bureau/exports/", clerk),
        Shot("bureau-exports-nothing", "/bureau/exports/", "city_clerk"),
        Shot("bureau-export-ready", facts["export_ready"], clerk),
        Shot("bureau-export-waiting", facts["export_waiting"], clerk),
        Shot("bureau-export-failed", facts["export_failed"], clerk),
        Shot("bureau-export-refused", "/bureau/rows/?period=year&measure=attendances", clerk, prepare=ask_for_names),
        Shot("bureau-balances", "/bureau/balances/", clerk),
        Shot("bureau-balances-refused", "/bureau/balances/", clerk, prepare=send_form),
        Shot("bureau-balance-withdraw", facts["balance"], clerk),
        Shot("bureau-locks", "/bureau/locks/", clerk),
        Shot("bureau-locks-refused", "/bureau/locks/", clerk, prepare=send_form),
        Shot("bureau-trail", "/bureau/trail/", clerk),
        Shot("coverage-nothing", "/bureau/coverage/", "city_clerk"),
        Shot("coverage-lists-refused", "/bureau/coverage/lists/", clerk, prepare=send_form),
        Shot("archive", facts["archive"], clerk),
    ]


def live(facts):
    return [
        Shot("live-lobby-signed-out", "/live/"),
        Shot("live-attendance-nobody", facts["live_ready"] + "attendance/", "trainer"),
        Shot("live-replay", facts["live_replay"], "learner"),
        Shot("live-replay-review", facts["live_review"] + "host/", "trainer"),
        Shot("live-manage-plan", facts["live_scheduled"] + "host/", "trainer"),
        Shot("live-new-refused", "/live/new/", "trainer", prepare=send_form),
        Shot("live-mine-nothing", "/live/mine/", "provincial_clerk"),
    ]


def accounts(facts):
    return [
        Shot("sign-in-large", "/accounts/login/", large=True),
        Shot("sign-in-refused", "/accounts/login/", prepare=wrong_password),
        Shot("sign-out", "/accounts/logout/", "learner"),
        Shot("sign-in-code", "/accounts/login/code/"),
        Shot("sign-in-code-sent", "/accounts/login/code/", prepare=ask_for_code),
        Shot("password-forgotten", "/accounts/password/reset/"),
        Shot("password-forgotten-sent", "/accounts/password/reset/", prepare=forget_password),
        Shot("password-change", "/accounts/password/change/", "learner"),
        Shot("email-change", "/accounts/email/", "learner"),
        Shot("mobile-change", "/accounts/phone/change/", "learner"),
        Shot("second-factor", "/accounts/2fa/", "learner"),
        Shot("second-factor-activate", "/accounts/2fa/totp/activate/", "learner", prepare=confirm(facts)),
        Shot("reauthenticate", "/accounts/reauthenticate/", "learner"),
        Shot("name-change", "/me/account/name/", "learner"),
        Shot("account-outsider", "/me/account/", "outsider"),
        Shot("account-large", "/me/account/", "learner", large=True),
        Shot("forbidden", "/classes/", "learner"),
    ]


def teaching(facts):
    return [
        Shot("my-film", facts["film"], "trainer"),
        Shot("my-film-failed", facts["film_failed"], "trainer"),
        Shot("my-film-waiting", facts["film_waiting"], "trainer"),
        Shot("my-films-nothing", "/teach/films/", "editor"),
        Shot("my-learning-large", "/me/", "learner", large=True),
        Shot("course-large", "/cqo/cqo-foundation/", large=True),
        Shot("catalogue-large", "/courses/", large=True),
        Shot("class-list-refused", "/classes/", "provincial_clerk", prepare=send_form),
        Shot("chain", "/chain/"),
        Shot("course-chain", "/chain/chain-hydrogen/"),
    ]


CMS = [
    ("explorer", "/cms/pages/", "editor"),
    ("search", "/cms/pages/search/?q=质量", "editor"),
    ("images", "/cms/images/", "editor"),
    ("image-add", "/cms/images/add/", "editor"),
    ("documents", "/cms/documents/", "editor"),
    ("questions", "/cms/snippets/courses/question/", "editor"),
    ("question-new", "/cms/snippets/courses/question/add/", "editor"),
    ("assessments", "/cms/snippets/courses/assessment/", "editor"),
    ("trainers", "/cms/snippets/courses/trainer/", "editor"),
    ("standards", "/cms/snippets/courses/standard/", "editor"),
    ("enterprises", "/cms/snippets/lms/enterprise/", "admin"),
    ("video-new", "/cms/videos/new/", "editor"),
    ("report-locked", "/cms/reports/locked/", "admin"),
    ("report-workflow", "/cms/reports/workflow/", "editor"),
    ("report-aging", "/cms/reports/aging-pages/", "editor"),
    ("report-history", "/cms/reports/site-history/", "admin"),
    ("report-types", "/cms/reports/page-types-usage/", "editor"),
    ("report-standards", "/cms/reports/standards/", "editor"),
    ("workflows", "/cms/workflows/list/", "admin"),
    ("users", "/cms/users/", "admin"),
    ("user-new", "/cms/users/new/", "admin"),
    ("groups", "/cms/groups/", "admin"),
    ("group-new", "/cms/groups/new/", "admin"),
    ("account", "/cms/account/", "editor"),
    ("terms", "/cms/terms/publish/", "admin"),
    ("platform", "/cms/platform/", "admin"),
    ("platform-hook", "/cms/platform/hooks/add/", "admin"),
    ("certificates-due", "/cms/certificates/due/", "admin"),
    ("series-list", "/cms/certificateseries/", "admin"),
    ("records", "/cms/enrolment/", "admin"),
    ("records-programmes", "/cms/programmeenrolment/", "admin"),
    ("settings", "/cms/settings/lms/schoolsettings/", "admin"),
    ("redirects", "/cms/redirects/", "admin"),
    ("sites", "/cms/sites/", "admin"),
    ("collections", "/cms/collections/", "admin"),
    ("searchpicks", "/cms/searchpicks/", "admin"),
]


def content_desk(facts):
    kept = {
        "record": "cms_record", "record-decide": "cms_record_decide", "record-programme": "cms_joined",
        "certificate": "cms_certificate", "series": "cms_series", "video": "video",
    }  # fmt: skip
    chinese = {"languages": ("zh",)}
    return [
        *(Shot(f"cms-{name}", path, role, **chinese) for name, path, role in CMS),
        *(Shot(f"cms-{name}", facts[key], "admin", **chinese) for name, key in kept.items()),
        Shot("cms-lesson-history", facts["edit"].replace("edit/", "history/"), "editor", **chinese),
        Shot("cms-lesson-usage", facts["edit"].replace("edit/", "usage/"), "editor", **chinese),
        Shot("cms-lesson-delete", facts["edit"].replace("edit/", "delete/"), "admin", **chinese),
        Shot("cms-lesson-unpublish", facts["edit"].replace("edit/", "unpublish/"), "admin", **chinese),
        Shot("cms-lesson-move", facts["edit"].replace("edit/", "move/"), "admin", **chinese),
        Shot("cms-lesson-copy", facts["edit"].replace("edit/", "copy/"), "editor", **chinese),
        Shot("cms-lesson-block", facts["edit"], "editor", **chinese, prepare=add_block),
    ]


def shots(facts):
    return [*bureau(facts), *live(facts), *accounts(facts), *teaching(facts), *content_desk(facts)]
