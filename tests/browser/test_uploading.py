"""Films on their way into the library: a cut connection, a closed tab, a killed server, and the trainers' own page."""

import hashlib
import json
import re
import subprocess
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from media import ffmpeg
from tests.browser.line import Line

pytestmark = pytest.mark.browser

KEPT = """
import hashlib
from pathlib import Path
from media.models import Upload, Video
for video in Video.objects.select_related("source"):
    print("kept", video.title, hashlib.sha256(Path(video.source.path).read_bytes()).hexdigest(), video.created_by_id)
print("states", sorted(Upload.objects.values_list("name", "state")))
"""


ADD = """
from pathlib import Path
from django.core.files import File
from media import library
path = Path({path!r})
with path.open("rb") as file:
    library.add(file=File(file), name=path.name, owner=None)
"""


def noise(path, seconds):
    """A film that cannot be made small: about six megabytes a second."""
    command = [
        ffmpeg.binary(), "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "640x360", "-r", "25",
        "-i", "/dev/urandom", "-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-crf", "8", str(path),
    ]  # fmt: skip
    subprocess.run(command, check=True, timeout=120)
    return path


@pytest.fixture(scope="module")
def school(new_school):
    new_school.start("web")
    return new_school


@pytest.fixture(scope="module")
def accounts(school):
    return json.loads((school.folder / "demo-accounts.json").read_text())


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    return [noise(folder / "第一课 现场.mp4", 3), noise(folder / "第二课 改进.mp4", 2.5)]


@pytest.fixture
def line(school):
    opened = Line(school.port)
    yield opened
    opened.close()


def row_of(page, film):
    return page.locator(".upload__row", has=page.get_by_text(film.name, exact=True))


def arrived(school, name):
    """Bytes on the server's disk."""
    uuid = re.search(r"uuid (\S+)", school.script(UUID.format(name=name)))[1]
    return (school.folder / "uploads-in-progress" / uuid).stat().st_size


UUID = "from media.models import Upload; print('uuid', Upload.objects.get(name={name!r}).uuid)"


def wait_for(page, true, seconds=40):
    """The page is asked to wait, so that it can tell meanwhile what it sends."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)


def sent_pieces(page):
    """Every piece that leaves the page: (name of the upload, offset)."""
    pieces = []

    def note(request):
        if request.method == "PATCH":
            pieces.append((request.url.rsplit("/", 1)[1], int(request.headers["upload-offset"])))

    page.on("request", note)
    return pieces


def shares(page, film):
    return int(row_of(page, film).locator("progress").evaluate("bar => 100 * bar.value / bar.max"))


def test_two_films_survive_a_cut_connection_a_closed_tab_and_a_killed_server(school, visitor, sign_in, films, line):
    page = visitor()
    sign_in(page, "editor")
    page.goto(f"{line.url}/cms/videos/new/")
    line.speed = 1_000_000
    page.set_input_files("#upload-files", films)
    for film in films:
        expect(row_of(page, film)).to_have_attribute("data-state", "sending")
    wait_for(page, lambda: all(shares(page, film) > 5 for film in films))
    expect(row_of(page, films[0]).locator("[data-words]")).to_contain_text(re.compile(r"[KM]B/s"))

    # The connection is cut, and comes back.
    line.cut()
    for film in films:
        expect(row_of(page, film)).to_have_attribute("data-state", "lost")
    before = {film.name: arrived(school, film.name) for film in films}
    pieces = sent_pieces(page)
    line.mend()
    for film in films:
        expect(row_of(page, film)).to_have_attribute("data-state", "sending", timeout=30_000)
    wait_for(page, lambda: len({upload for upload, _ in pieces}) == 2)
    assert sorted(offset for _, offset in pieces[:2]) == sorted(before.values())
    wait_for(page, lambda: all(shares(page, film) > 25 for film in films))

    # The tab is closed; in another one the unfinished uploads stand, and the same files go on.
    context = page.context
    page.close()
    line.cut()  # what the system still holds of the closed tab does not arrive
    before = {film.name: arrived(school, film.name) for film in films}
    line.mend()
    page = context.new_page()
    page.goto(f"{line.url}/cms/videos/new/")
    for film in films:
        expect(row_of(page, film)).to_have_attribute("data-state", "unfinished")
    pieces = sent_pieces(page)
    page.set_input_files("#upload-files", films)
    wait_for(page, lambda: len({upload for upload, _ in pieces}) == 2)
    assert sorted(offset for _, offset in pieces[:2]) == sorted(before.values())
    wait_for(page, lambda: all(shares(page, film) > 45 for film in films))

    # The server is killed in mid-upload and started again; the page goes on by itself, from the byte.
    school.kill("web")
    before = {film.name: arrived(school, film.name) for film in films}
    assert all(0 < size < film.stat().st_size for size, film in zip(before.values(), films, strict=True))
    for film in films:
        expect(row_of(page, film)).to_have_attribute("data-state", "lost")
    pieces = sent_pieces(page)
    school.start("web")
    line.speed = 20_000_000
    for film in films:
        expect(row_of(page, film)).to_have_attribute("data-state", "done", timeout=60_000)
    first = {upload: min(offset for each, offset in pieces if each == upload) for upload, _ in pieces}
    assert sorted(first.values()) == sorted(before.values())  # no byte before these left the page again

    told = school.script(KEPT)
    for film in films:
        assert f"kept {film.stem} {hashlib.sha256(film.read_bytes()).hexdigest()}" in told
    row_of(page, films[0]).get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/cms/videos/inspect/\d+/$"))
    expect(page.locator(".video-page")).to_contain_text(films[0].name)


def test_a_trainers_own_page_takes_refuses_pauses_and_offers_what_is_there(school, visitor, sign_in, tmp_path, line):
    page = visitor(width=360, height=780)
    sign_in(page, "trainer")
    page.goto(f"{line.url}/teach/films/")
    notes = tmp_path / "笔记.mp4"
    notes.write_text("这不是影片\n" * 20_000)
    page.set_input_files("#upload-files", notes)
    refused = row_of(page, notes)
    expect(refused).to_have_attribute("data-state", "refused")
    expect(refused.get_by_role("alert")).to_contain_text("不是视频")

    # What the library has is not sent twice without a word.
    had = noise(tmp_path / "早就有了.mp4", 0.6)
    school.script(ADD.format(path=str(had)))
    page.set_input_files("#upload-files", had)
    asked = row_of(page, had)
    expect(asked).to_have_attribute("data-state", "asked")
    asked.locator("[data-reuse]").click()
    expect(asked).to_have_attribute("data-state", "done")

    # The same content under another name shows at the end. A decision that is not taken is asked for again, and the
    # file beside it goes on.
    renamed = tmp_path / "改了名.mp4"
    renamed.write_bytes(had.read_bytes())
    line.speed = 20_000_000
    page.set_input_files("#upload-files", renamed)
    asked = row_of(page, renamed)
    expect(asked).to_have_attribute("data-state", "asked", timeout=30_000)
    page.route("**/*action=keep", lambda route: route.fulfill(status=423, json={"message": ""}), times=1)
    asked.locator("[data-keep]").click()
    expect(asked).to_have_attribute("data-state", "lost")
    expect(asked).to_have_attribute("data-state", "asked", timeout=30_000)
    asked.locator("[data-reuse]").click()
    expect(asked).to_have_attribute("data-state", "done")

    mine = noise(tmp_path / "我的课.mp4", 1.5)
    line.speed = 1_000_000
    page.set_input_files("#upload-files", mine)
    row = row_of(page, mine)
    wait_for(page, lambda: shares(page, mine) > 10)
    row.locator("[data-pause]").click()
    expect(row).to_have_attribute("data-state", "paused")
    standing = shares(page, mine)
    time.sleep(1.5)
    assert shares(page, mine) == standing
    row.locator("[data-resume]").focus()
    page.keyboard.press("Enter")
    line.speed = 20_000_000
    expect(row).to_have_attribute("data-state", "done", timeout=30_000)

    other = noise(tmp_path / "不要了.mp4", 1)
    line.speed = 500_000
    page.set_input_files("#upload-files", other)
    wait_for(page, lambda: shares(page, other) > 5)
    row_of(page, other).locator("[data-cancel]").click()
    expect(row_of(page, other)).to_have_count(0, timeout=15_000)
    told = school.script(KEPT)
    assert "('不要了.mp4', 'cancelled')" in told
    assert "('笔记.mp4', 'refused')" in told

    page.reload()
    expect(page.locator("#films")).to_contain_text("我的课")
    expect(page.locator("#films")).not_to_contain_text("早就有了")
    page.locator("#films").get_by_role("link", name="我的课").click()
    expect(page.locator("h1")).to_have_text("我的课")
    faults = Axe().run(page).response["violations"]
    assert [(fault["id"], node["html"]) for fault in faults for node in fault["nodes"]] == []
    page.locator("main details summary").click()
    page.locator("main details button").click()
    expect(page.locator("main .notice")).to_contain_text("我的课")
    expect(page.locator("#films")).not_to_contain_text("我的课")
