"""A picture of every page in every state that matters: `python -m tests.screens [WORD …]` for pages with that word.

Writes var/screens/NAME-LANGUAGE-WIDTH.png and an index. The school is the demo school, with the short programme that
the browser tests use, brought into the states that the pages show.
"""

import html
import json
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Error

from tests import desk_shots, shots
from tests.browser.chromium import chromium
from tests.browser.server import ROOT, School

OUT = ROOT / "var/screens"
WIDTHS = {360: 780, 768: 1024, 1440: 900}
LANGUAGES = {"zh": "", "en": "/en"}


WORDS = """
import json
from django.urls import reverse
from courses.models import Standard
from media.models import Video
film = Video.objects.filter(captions__isnull=False).first()
print(json.dumps({"standard": reverse("standard", args=[Standard.objects.get(number="GB/T 19001-2016").pk]),
                  "captions": reverse("videos:inspect", args=[film.pk])}))
"""


def wait_for_films(school, count):
    deadline = time.monotonic() + 180
    while int(school.script("from media.models import Video; print(Video.objects.ready().count())")) < count:
        if time.monotonic() > deadline:
            raise TimeoutError(school.log.read_text()[-3000:])
        time.sleep(2)


def prepare(school):
    school.prepare()
    school.start("web", "worker", "transcode")
    film = school.folder / "short.mp4"
    school.script(f"from tests.browser import stage; stage.short_programme({str(film)!r})")
    school.manage("make_demo_films", "--limit", "1")
    wait_for_films(school, 2)
    facts = json.loads(school.script("from tests.browser import states; states.bring_about()").splitlines()[-1])
    facts |= json.loads(
        school.script("from tests.browser import broadcasts; broadcasts.bring_about()").splitlines()[-1]
    )
    for text in ("from tests.browser import desk_states; desk_states.bring_about()", WORDS):
        facts |= json.loads(school.script(text).splitlines()[-1])
    return facts


def sign_in(context, login, password):
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login" not in url)
    page.close()


def contexts(browser, school, accounts):
    """One signed-in browser a role, made when it is first asked for."""
    made = {}

    def of(role):
        if role not in made:
            made[role] = browser.new_context(base_url=school.url, locale="zh-CN", reduced_motion="reduce")
            if role:
                sign_in(made[role], accounts[role]["login"], accounts[role]["password"])
        return made[role]

    return of


def take(shot, context, school):
    context.add_cookies([{"name": "scale", "value": "large" if shot.large else "normal", "url": school.url}])
    for language in shot.languages:
        for width, height in WIDTHS.items():
            page = context.new_page()
            page.set_viewport_size({"width": width, "height": height})
            prefix = "" if shot.path.startswith("/cms/") else LANGUAGES[language]
            page.goto(prefix + shot.path)
            if shot.prepare:
                shot.prepare(page)
            wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
            name = f"{shot.name}-{language}-{width}"
            page.screenshot(path=OUT / f"{name}.png", full_page=True)
            page.close()
            yield name, wide


def write_index(names):
    rows = "".join(
        f'<figure><a href="{name}.png"><img src="{name}.png" alt="" loading="lazy" width="300"></a>'
        f"<figcaption>{html.escape(name)}</figcaption></figure>"
        for name in names
    )
    (OUT / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><title>Screens</title><style>body{display:flex;flex-wrap:wrap;gap:16px;"
        f"font:14px system-ui}}figure{{margin:0;width:300px}}</style>{rows}",
        "utf-8",
    )


def main(words):
    OUT.mkdir(parents=True, exist_ok=True)
    school = School(Path(tempfile.mkdtemp(prefix="cqo-screens-")))
    wide, untaken = [], []
    try:
        facts = prepare(school)
        accounts = json.loads((school.folder / "demo-accounts.json").read_text()) | facts["accounts"]
        facts["accounts"] = accounts
        with chromium() as browser:
            of = contexts(browser, school, accounts)
            for shot in [*shots.papers(facts), *desk_shots.shots(facts), *shots.shots(facts)]:
                if words and not any(word in shot.name for word in words):
                    continue
                try:
                    for name, too_wide in take(shot, of(shot.role), school):
                        print(name, "scrolls sideways" if too_wide else "", flush=True)
                        wide += [name] if too_wide else []
                except Error as error:  # the others are wanted all the same
                    print(shot.name, "COULD NOT BE TAKEN", error, flush=True)
                    untaken.append(shot.name)
    finally:
        school.remove()
    write_index(sorted(path.stem for path in OUT.glob("*.png")))
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT}; {len(wide)} scroll sideways")
    print(f"Not taken: {', '.join(untaken) or 'none'}")
    return 1 if untaken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
