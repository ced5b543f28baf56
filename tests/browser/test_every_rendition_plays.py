"""Every rendition of a ladder as the library makes it plays and seeks in Chromium, and a damaged piece is noticed."""

import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import settings

from media import fragments, hls, making, probing
from tests.browser import stage
from tests.browser.chromium import until

pytestmark = pytest.mark.browser
SECONDS = 20
PAGE = """<!doctype html><video muted></video><script type="module">
import Hls from "/hls.mjs";
const video = document.querySelector("video");
window.faults = [];
window.hls = new Hls({ enableWorker: false, maxBufferLength: 4, maxMaxBufferLength: 4, startPosition: 0 });
hls.on(Hls.Events.ERROR, (_, { fatal, details }) => { // a seek ends the request that it overtakes
  if (fatal || details !== Hls.ErrorDetails.INTERNAL_ABORTED) faults.push(details); });
video.addEventListener("error", () => faults.push(video.error.message));
hls.on(Hls.Events.MANIFEST_PARSED, () => { window.parsed = true; });
window.open_ = (source, level) => {
  if (level >= 0) hls.once(Hls.Events.MANIFEST_PARSED, () => { hls.loadLevel = level; });
  hls.loadSource(source); hls.attachMedia(video); };
window.ready = true;
</script>"""


class Handler(SimpleHTTPRequestHandler):
    extensions_map = {".m3u8": "application/vnd.apple.mpegurl", ".m4s": "video/iso.segment", ".mjs": "text/javascript"}

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder that a server hands out: the page, hls.js and a ladder."""
    folder = tmp_path_factory.mktemp("plays")
    source = stage.film(folder / "source.mp4", SECONDS, "1280x720")
    begun = making.begin(source, probing.probe(source), folder / "ladder")
    making.encode(begun, on_tick=lambda done: None, waits=lambda: False)
    making.complete(begun)
    (folder / "page.html").write_text(PAGE)
    shutil.copy(Path(settings.BASE_DIR) / "lms/static/vendor/hls/hls.light.min.mjs", folder / "hls.mjs")
    return folder


@pytest.fixture(scope="module")
def address(place):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(place)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def opened(browser, address):
    """opened(path, level) → a page in which this rendition is loaded."""
    pages = []

    def load(path, level=-1):
        page = browser.new_page()
        pages.append(page)
        page.goto(f"{address}/page.html")
        until(page, "window.ready === true")
        page.evaluate(f"open_('/{path}', {level})")
        return page

    yield load
    for page in pages:
        page.close()


def time_of(page):
    return page.evaluate("document.querySelector('video').currentTime")


def plays_on(page, moment):
    """Seek there and see a second go by without a fault."""
    page.evaluate(f"document.querySelector('video').currentTime = {moment}")
    page.evaluate("document.querySelector('video').play().catch(error => { faults.push(error.message) })")
    until(page, f"document.querySelector('video').currentTime > {moment} + 1 || faults.length", seconds=20)
    assert page.evaluate("faults") == []


@pytest.mark.parametrize(("level", "height"), [(0, 360), (1, 720)])
def test_each_level_plays_and_seeks(opened, level, height):
    page = opened("ladder/master.m3u8", level)
    until(page, "document.querySelector('video').readyState >= 2", seconds=20)
    assert page.evaluate("hls.levels.map(level => level.height)") == [360, 720]  # the sound alone is no level of theirs
    for moment in (0, 15.5, 5.2, 17):
        plays_on(page, moment)
    assert page.evaluate("document.querySelector('video').videoHeight") == height
    assert page.evaluate("document.querySelector('video').duration") == pytest.approx(SECONDS, abs=0.2)


def test_the_sound_alone_plays_and_seeks(opened):
    page = opened("ladder/audio/index.m3u8")
    until(page, "document.querySelector('video').readyState >= 2", seconds=20)
    for moment in (0, 12.3, 4):
        plays_on(page, moment)
    assert page.evaluate("document.querySelector('video').videoHeight") == 0
    assert page.evaluate("document.querySelector('video').duration") == pytest.approx(SECONDS, abs=0.2)


def test_one_can_change_between_levels_while_it_plays(opened):
    page = opened("ladder/master.m3u8", 0)
    plays_on(page, 0)
    page.evaluate("hls.nextLevel = 1")
    until(page, "document.querySelector('video').videoHeight === 720 || faults.length", seconds=20)
    page.evaluate("hls.nextLevel = 0")
    until(page, "document.querySelector('video').videoHeight === 360 || faults.length", seconds=20)
    assert page.evaluate("faults") == []


def test_it_plays_to_its_last_picture(opened):
    page = opened("ladder/master.m3u8", 1)
    until(page, "document.querySelector('video').readyState >= 2", seconds=20)
    plays_on(page, SECONDS - 2)
    until(page, "document.querySelector('video').ended || faults.length", seconds=20)
    assert page.evaluate("faults") == []


def test_small_pictures_and_poster_are_what_the_player_expects(opened, place, address):
    cues = (place / "ladder" / hls.THUMBNAILS).read_text()
    assert cues.count("-->") == SECONDS // 2
    page = opened("ladder/master.m3u8")
    size = page.evaluate(
        "(async () => { const picture = new Image(); picture.src = '/ladder/thumbnails-00.jpg'; await picture.decode();"
        " return [picture.naturalWidth, picture.naturalHeight] })()"
    )
    assert size == [1600, 900]
    assert "thumbnails-00.jpg#xywh=160,0,160,90" in cues


def test_a_damaged_piece_is_noticed(opened, place):
    bad = place / "damaged"
    shutil.copytree(place / "ladder", bad)
    piece = bad / "720p" / "00002.m4s"
    content = bytearray(piece.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = b"\xaa" * 20_000
    piece.write_bytes(content)
    tracks = fragments.announced((bad / "720p" / hls.INIT).read_bytes())
    with pytest.raises(fragments.Broken):  # the worker's own look
        fragments.contents(bytes(content), tracks)
    page = opened("damaged/master.m3u8", 1)
    until(page, "document.querySelector('video').readyState >= 2", seconds=20)
    with pytest.raises(AssertionError):
        plays_on(page, 9)  # inside of the damaged piece
