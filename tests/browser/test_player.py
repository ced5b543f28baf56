"""The lesson's player as somebody uses it: by keyboard, on a poor network, over gaps, from device to device."""

import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.chromium import until
from tests.media import player_films

VIDEO = "document.querySelector('video')"
PREPARE = "from tests.browser import lessons; lessons.course({ladder!r}, {login!r})"
WATCHED = "from tests.browser import lessons; lessons.watched({name!r}, {login!r}, {coverage!r}, {position!r})"


@pytest.fixture(scope="module")
def course(school, accounts, tmp_path_factory):
    ladder = player_films.make(tmp_path_factory.mktemp("ladder"), heights=(90, 180, 360))
    school.script(PREPARE.format(ladder=str(ladder), login=accounts["learner"]["login"]))
    return school


@pytest.fixture
def watched(course, accounts):
    """watched("gaps", [[0, 10_000]], 10_000): as if the learner had watched that."""

    def note(name, coverage, position=0):
        login = accounts["learner"]["login"]
        course.script(WATCHED.format(name=name, login=login, coverage=coverage, position=position))

    return note


@pytest.fixture
def learner(course, visitor, sign_in):
    """Opens a lesson on a device of its own."""

    def open_lesson(name, language="", **device):
        page = visitor(**device)
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        sign_in(page, "learner")
        visit(page, name, language)
        return page

    return open_lesson


def visit(page, name, language=""):
    page.goto(f"{language}/tqm/player/{name}/")
    until(page, f"{VIDEO}.readyState >= 2 && 'ready' in document.querySelector('[data-player]').dataset", seconds=30)


def play(page):
    page.evaluate(f"{VIDEO}.muted = true; {VIDEO}.play()")
    until(page, f"!{VIDEO}.paused")


def now(page):
    return page.evaluate(f"{VIDEO}.currentTime")


def choose(page, value, group="quality"):
    page.click("[data-settings]")
    page.check(f"input[name={group}][value='{value}']")
    page.keyboard.press("Escape")
    expect(page.locator("[data-panel]")).to_be_hidden()


def heights(page):
    """The heights of the pieces asked for since the last look."""
    asked, page.asked[:] = list(page.asked), []
    return {url.split("/")[-2] for url in asked if url.endswith(".m4s")}


def axe(page):
    violations = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in violations]


def test_a_height_that_is_chosen_is_the_one_that_plays(learner):
    page = learner("quality")
    choose(page, 90)
    heights(page)
    page.evaluate(f"{VIDEO}.currentTime = 20")
    play(page)
    until(page, f"{VIDEO}.currentTime > 21 && {VIDEO}.videoHeight === 90")
    assert heights(page) == {"90p"}
    choose(page, 360)
    until(page, f"{VIDEO}.videoHeight === 360", seconds=20)


def test_saving_data_takes_the_smallest_and_the_sound_alone_takes_no_picture(learner):
    page = learner("quality")
    page.click("[data-settings]")
    expect(page.locator("[data-quality]")).to_contain_text("70 MB")
    page.keyboard.press("Escape")
    choose(page, "save")
    heights(page)
    page.evaluate(f"{VIDEO}.currentTime = 28")
    play(page)
    until(page, f"{VIDEO}.currentTime > 29")
    assert heights(page) == {"90p"}
    choose(page, "sound")
    until(page, f"{VIDEO}.currentTime > 31 && {VIDEO}.videoHeight === 0", seconds=20)
    assert "audio" in heights(page)
    expect(page.locator(".player__sound")).to_be_visible()
    choose(page, "auto")
    until(page, f"{VIDEO}.videoHeight > 0 && {VIDEO}.currentTime > 31", seconds=20)


def test_a_browser_that_saves_data_begins_with_the_smallest(course, visitor, sign_in):
    page = visitor()
    page.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    sign_in(page, "learner")
    visit(page, "quality")
    page.click("[data-settings]")
    expect(page.locator("input[name=quality][value=save]")).to_be_checked()


def test_what_was_set_is_there_after_a_reload(learner):
    page = learner("remember")
    choose(page, 180)
    choose(page, "en", group="captions")
    page.select_option("[data-rate]", "1.5")
    page.evaluate(f"{VIDEO}.volume = 0.4")
    page.evaluate("document.querySelector('media-controller').dispatchEvent("
                  "new CustomEvent('mediavolumerequest', {detail: 0.4}))")  # fmt: skip
    page.wait_for_timeout(300)
    visit(page, "remember")
    until(page, f"{VIDEO}.playbackRate === 1.5 && Math.abs({VIDEO}.volume - 0.4) < 0.01")
    until(page, f"[...{VIDEO}.textTracks].find((track) => track.mode === 'showing')?.language === 'en'")
    page.click("[data-settings]")
    expect(page.locator("input[name=quality][value='180']")).to_be_checked()


def test_the_keyboard_alone_does_everything(learner):
    page = learner("keys")
    page.keyboard.press("k")
    until(page, f"!{VIDEO}.paused")
    page.keyboard.press("Space")
    until(page, f"{VIDEO}.paused")
    page.evaluate("""for (const key of ["k", " ", "k", " "]) {
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true })); }""")
    assert page.evaluate(f"{VIDEO}.paused")  # however fast they come, each turns about what the film does now
    page.keyboard.press("5")
    until(page, f"Math.abs({VIDEO}.currentTime - 20) < 0.5")
    page.keyboard.press("j")
    until(page, f"Math.abs({VIDEO}.currentTime - 10) < 0.5")
    page.keyboard.press("l")
    until(page, f"Math.abs({VIDEO}.currentTime - 20) < 0.5")
    page.keyboard.press("ArrowLeft")
    until(page, f"Math.abs({VIDEO}.currentTime - 15) < 0.5")
    page.keyboard.press("ArrowRight")
    until(page, f"Math.abs({VIDEO}.currentTime - 20) < 0.5")
    page.keyboard.press(">")
    until(page, f"{VIDEO}.playbackRate === 1.25")
    page.keyboard.press("<")
    until(page, f"{VIDEO}.playbackRate === 1")
    page.keyboard.press("m")
    until(page, f"{VIDEO}.muted")
    page.keyboard.press("c")
    until(page, f"[...{VIDEO}.textTracks].some((track) => track.mode === 'showing')")
    page.keyboard.press("f")
    until(page, "document.fullscreenElement?.id === 'player'")
    page.keyboard.press("ArrowUp")
    until(page, f"!{VIDEO}.muted && {VIDEO}.volume === 1")
    page.keyboard.press("ArrowDown")
    until(page, f"{VIDEO}.volume === 0.9")
    page.keyboard.press("f")
    until(page, "!document.fullscreenElement")
    page.keyboard.press("?")
    expect(page.locator("#player-keys")).to_be_visible()
    expect(page.locator("#player-keys")).to_contain_text("N")
    page.keyboard.press("k")  # not while the list is open
    page.keyboard.press("Escape")
    expect(page.locator("#player-keys")).to_be_hidden()
    assert page.evaluate(f"{VIDEO}.paused")


def test_arrows_scroll_the_page_while_the_player_has_no_focus(learner):
    page = learner("keys", width=1440, height=500)
    volume = page.evaluate(f"{VIDEO}.volume")
    page.keyboard.press("ArrowDown")
    until(page, "scrollY > 0")
    assert page.evaluate(f"{VIDEO}.volume") == volume


def test_the_settings_are_a_panel_that_the_keyboard_opens_and_leaves(learner):
    page = learner("keys")
    page.focus("[data-settings]")
    page.keyboard.press("Enter")
    expect(page.locator("[data-panel]")).to_be_visible()
    assert page.get_attribute("[data-settings]", "aria-expanded") == "true"
    assert page.evaluate("document.activeElement.type") == "radio"
    page.keyboard.press("Escape")
    expect(page.locator("[data-panel]")).to_be_hidden()
    assert page.evaluate("document.activeElement.hasAttribute('data-settings')")


def test_a_gap_is_filled_and_the_next_one_offered(learner, watched, course):
    watched("gaps", [[0, 10_000], [14_000, 22_000], [25_000, 40_000]], 30_000)
    page = learner("gaps")
    page.select_option("[data-rate]", "2.0")
    page.locator("[data-coverage-gap-links] a").first.click()
    until(page, f"{VIDEO}.currentTime > 10.5 && !{VIDEO}.paused")
    until(page, f"{VIDEO}.paused", seconds=20)
    assert 14 <= now(page) < 15.5
    expect(page.locator("[data-coverage-gap-links] a")).to_have_count(1, timeout=15_000)
    onward = page.locator(".player__action").first
    expect(onward).to_contain_text("00:22")
    onward.click()
    until(page, f"{VIDEO}.currentTime > 22.2")
    until(page, f"{VIDEO}.paused", seconds=20)
    expect(page.locator("[data-coverage-gaps]")).to_be_hidden(timeout=15_000)


def test_all_gaps_are_filled_one_after_another(learner, watched):
    watched("one-gap", [[0, 5_000], [8_000, 20_000], [23_000, 40_000]], 30_000)
    page = learner("one-gap")
    page.select_option("[data-rate]", "2.0")
    page.click("[data-fill-gaps]")
    until(page, f"{VIDEO}.currentTime > 20.2 && {VIDEO}.currentTime < 24", seconds=20)
    until(page, f"{VIDEO}.paused", seconds=20)
    assert 23 <= now(page) < 24.5


def test_a_gap_on_the_bar_can_be_pressed_and_g_goes_to_the_next(learner, watched):
    watched("last", [[0, 4_000], [12_000, 40_000]], 30_000)
    page = learner("last")
    bar = page.locator("[data-coverage-chart]").bounding_box()
    page.mouse.click(bar["x"] + bar["width"] * 0.2, bar["y"] + bar["height"] / 2)
    until(page, f"{VIDEO}.currentTime >= 4 && {VIDEO}.currentTime < 9 && !{VIDEO}.paused")
    page.evaluate(f"{VIDEO}.pause(); {VIDEO}.currentTime = 30")
    page.keyboard.press("g")
    until(page, f"{VIDEO}.currentTime >= 4 && {VIDEO}.currentTime < 9 && !{VIDEO}.paused")


def test_another_device_goes_on_where_this_one_stopped(learner):
    first = learner("resume")
    first.evaluate(f"{VIDEO}.currentTime = 10")
    play(first)
    until(first, f"{VIDEO}.currentTime > 14")
    first.evaluate(f"{VIDEO}.pause()")
    expect(first.locator("[data-coverage-saved]")).to_be_visible(timeout=15_000)
    first.wait_for_timeout(1000)
    stopped = now(first)
    second = learner("resume", width=360, height=780)
    assert abs(now(second) - stopped) < 2
    expect(second.locator("[data-say]")).to_contain_text(f"00:{int(now(second)):02}")
    second.locator(".player__action").click()
    until(second, f"{VIDEO}.currentTime < 5")


def test_the_next_lesson_is_offered_and_nobody_is_taken_there_unasked(learner):
    page = learner("next-one")
    page.evaluate(f"{VIDEO}.currentTime = 39")
    play(page)
    card = page.locator(".player__next")
    expect(card).to_be_visible(timeout=15_000)
    expect(card).to_contain_text("next-two")
    page.wait_for_timeout(2000)
    expect(card.locator("[data-next-soon]")).to_be_empty()
    card.locator("[data-next-stay]").click()
    expect(card).to_be_hidden()


def test_who_asked_for_it_is_taken_to_the_next_lesson(learner):
    page = learner("next-one")
    page.click("[data-settings]")
    page.check("[data-plays-on]")
    page.keyboard.press("Escape")
    page.evaluate(f"{VIDEO}.currentTime = 39")
    play(page)
    expect(page.locator("[data-next-soon]")).to_contain_text("9", timeout=20_000)
    page.wait_for_url("**/next-two/", timeout=20_000)
    until(page, f"!{VIDEO}.paused", seconds=20)


def test_notes_are_written_by_key_kept_through_a_lost_network_and_brought_back(learner):
    page = learner("notes")
    page.evaluate(f"{VIDEO}.currentTime = 12")
    until(page, f"!{VIDEO}.seeking")
    page.keyboard.press("n")
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("kcf 样本只有 12 组")
    expect(page.locator("[data-note-time]")).to_have_text("00:12")
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-note-list] [data-note-state]")).to_be_visible()
    page.keyboard.type("还没写完")
    page.context.set_offline(False)
    expect(page.locator("[data-note-list] [data-note-state]")).to_be_hidden(timeout=20_000)
    visit(page, "notes")
    page.locator(".tabs__tab[href='#notes']").click()
    expect(page.locator("#note-text")).to_have_value("还没写完")
    expect(page.locator("[data-note-list] .note__text")).to_have_text("kcf 样本只有 12 组")
    page.click("[data-note-edit]")
    page.locator("[data-note-list] textarea").fill("按 25 组重算")
    page.locator("[data-note-list] form button[type=submit]").click()
    expect(page.locator("[data-note-list] .note__text")).to_have_text("按 25 组重算")
    expect(page.locator("[data-note-said]")).not_to_be_empty()
    page.click("[data-note-list] .note__time")
    until(page, f"!{VIDEO}.paused && Math.abs({VIDEO}.currentTime - 12) < 2")
    page.click("[data-note-delete]")
    expect(page.locator("[data-note-list] [data-note]")).to_have_count(0)
    page.click("[data-note-undo]")
    expect(page.locator("[data-note-list] .note__text")).to_have_text("按 25 组重算")


def test_picture_in_picture_is_offered_where_the_browser_has_it(learner):
    page = learner("keys")
    button = page.locator("media-pip-button")
    assert page.evaluate("document.pictureInPictureEnabled") == button.is_visible()


def test_nothing_is_asked_of_another_host(learner, course):
    page = learner("tree")
    play(page)
    page.click("[data-settings]")
    page.wait_for_timeout(1500)
    assert [url for url in page.asked if not url.startswith((course.url, "blob:", "data:"))] == []


@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_with_the_panel_the_keys_and_the_notes_open(learner, watched, width):
    watched("gaps", [[0, 10_000], [14_000, 22_000], [25_000, 40_000]], 30_000)
    page = learner("gaps", width=width)
    page.click("[data-settings]")
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    assert axe(page) == []
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert axe(page) == []


def test_on_a_small_phone_every_control_is_a_target_and_nothing_is_cut(learner):
    page = learner("quality", width=360, height=780)
    boxes = page.evaluate("""[...document.querySelectorAll('.player__bar > *, .player__rate select')]
        .filter((each) => each.checkVisibility() && each.matches('button, select, [role=button], [role=switch]'))
        .map((each) => [each.tagName, each.getBoundingClientRect().toJSON()])""")
    assert len(boxes) >= 5
    for name, box in boxes:
        assert min(box["width"], box["height"]) >= 43.9, (name, box)
        assert box["left"] >= 0, (name, box)
        assert box["right"] <= 360, (name, box)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def tree(page):
    """What a screen reader is told of the player: [(role, name)]."""
    session = page.context.new_cdp_session(page)
    document = session.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
    player = next(node for node in inside(document) if "data-player" in node.get("attributes", []))
    ours = {node["backendNodeId"] for node in inside(player)}
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    nodes = [node for node in nodes if not node.get("ignored") and node.get("backendDOMNodeId") in ours]
    return [(value(node, "role"), value(node, "name")) for node in nodes]


def inside(node):
    yield node
    for child in [*node.get("children", []), *node.get("shadowRoots", [])]:
        yield from inside(child)


def value(node, field):
    return node.get(field, {}).get("value", "")


CONTROLS = {"button", "slider", "combobox", "radio", "checkbox", "switch", "link"}


@pytest.mark.parametrize("language", ["", "/en"])
def test_a_screen_reader_is_told_every_control_in_the_language_of_the_page(learner, language, tmp_path):
    page = learner("tree", language)
    page.click("[data-settings]")
    told = tree(page)
    controls = [(role, name) for role, name in told if role in CONTROLS]
    (tmp_path / "tree.txt").write_text("\n".join(f"{role}: {name}" for role, name in told), "utf-8")
    assert len(controls) >= 10
    assert [role for role, name in controls if not name.strip()] == []
    own = ("中文", "English", "360P", "180P", "90P", "?")
    chinese = [name for _, name in controls if any("一" <= letter <= "鿿" for letter in name)]
    if language:
        assert [name for name in chinese if name not in own] == []
    else:
        assert [name for _, name in controls if name not in chinese and not name.startswith(own)] == []


def test_said_aloud_is_only_what_changes_for_the_learner(learner):
    """While the film plays, nothing that is announced changes by itself from second to second."""
    page = learner("tree")
    play(page)
    time.sleep(1)
    page.evaluate("""() => { window.said = []; const seen = new MutationObserver((all) => all.forEach((each) => {
        const live = each.target.parentElement?.closest('[role=status], [role=alert], [aria-live=polite]');
        if (live?.textContent.trim()) window.said.push(live.textContent.trim()); }));
        seen.observe(document.body, { subtree: true, childList: true, characterData: true }); }""")
    page.wait_for_timeout(6000)
    assert len(page.evaluate("window.said")) <= 3, page.evaluate("window.said")
