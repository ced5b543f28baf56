"""Which segments went to whom is noted without a query, and read from the log of the web server as well."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lms import accounts
from media import deliveries, playback
from media.models import Delivery
from media.transcoding import run_folder
from tests import factories


@pytest.fixture
def video(settings, db):
    made = factories.video(run=uuid4())
    folder = run_folder(made.uuid, made.run) / "360p"
    folder.mkdir(parents=True)
    for number in range(6):
        (folder / f"{number:05}.m4s").write_bytes(b"segment")
    (folder / "init.mp4").write_bytes(b"init")
    return made


@pytest.fixture(autouse=True)
def noting(settings):
    settings.DELIVERIES = "app"
    deliveries._notes.take()
    yield
    deliveries._notes.take()


def address(video, name, viewer):
    return playback.url(video, viewer=viewer).replace("master.m3u8", name)


def test_what_was_sent_is_written_in_one_go(client, video, learner):
    for number in (0, 1, 1, 4):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address(video, f"360p/{number:05}.m4s", learner)).status_code == 200
        assert not asked.captured_queries
    assert not Delivery.objects.exists()
    assert deliveries.flush() == 1
    row = Delivery.objects.get()
    assert (row.viewer, row.video, row.run, row.segments) == (learner, video, video.run, [[0, 2], [4, 5]])
    client.get(address(video, "360p/00002.m4s", learner))
    deliveries.flush()
    assert Delivery.objects.get().segments == [[0, 3], [4, 5]]
    now = timezone.now()
    assert deliveries.sent(viewer=learner.pk, video=video.pk, since=now, until=now) == {0, 1, 2, 4}


def test_many_viewers_are_written_in_a_fixed_number_of_queries(video, django_assert_num_queries):
    people = [factories.user(email=f"viewer{n}@example.org") for n in range(20)]
    for person in people:
        deliveries.note(viewer=person.pk, video=video.uuid, run=video.run, name="360p/00001.m4s")
    with django_assert_num_queries(7):  # films, people, transaction, new rows, rows, change, end
        assert deliveries.flush() == 20


def test_what_is_no_delivery_is_not_noted(client, video, learner):
    client.get(address(video, "360p/init.mp4", learner))
    client.head(address(video, "360p/00001.m4s", learner))
    client.get(address(video, "360p/00009.m4s", learner))  # there is none
    client.get(address(video, "360p/00001.m4s", None))  # an editor's preview, to nobody in particular
    assert deliveries.flush() == 0


def test_switched_off_nothing_is_noted(client, video, learner, settings):
    settings.DELIVERIES = "off"
    client.get(address(video, "360p/00001.m4s", learner))
    assert deliveries.flush() == 0


def test_memory_is_bounded(video, learner, monkeypatch):
    monkeypatch.setattr(deliveries, "MOST", 3)
    for number in range(10):
        deliveries.note(viewer=learner.pk, video=video.uuid, run=video.run, name=f"360p/{number:05}.m4s")
    deliveries.flush()
    assert Delivery.objects.get().segments == [[0, 3]]


def test_films_and_people_that_are_gone_are_passed_over(video, learner):
    deliveries.note(viewer=learner.pk, video=uuid4(), run=video.run, name="360p/00001.m4s")
    deliveries.note(viewer=10**6, video=video.uuid, run=video.run, name="360p/00001.m4s")
    assert deliveries.flush() == 0


def test_everybody_may_take_along_what_was_noted_of_them(video, learner, outsider):
    now = timezone.now()
    for person in (learner, outsider):
        Delivery.objects.create(viewer=person, video=video, run=video.run, hour=now, segments=[[0, 3]])
    assert accounts.data(learner)["deliveries"] == [{"video": video.title, "hour": now, "segments": [[0, 3]]}]


def test_old_rows_are_forgotten(video, learner):
    now = timezone.now()
    for hour in (now, now - deliveries.KEPT * 2):
        Delivery.objects.create(viewer=learner, video=video, run=video.run, hour=hour, segments=[[0, 1]])
    assert deliveries.forget() == 1
    assert Delivery.objects.get().hour == now


LOG = '{ip} - - [02/Mar/2026:09:{minute}:01 +0800] "{verb} {path} HTTP/2.0" {status} 1234 "-" "Mozilla/5.0"\n'


def line(path, *, status=200, verb="GET", minute=10):
    return LOG.format(ip="198.51.100.7", path=path, status=status, verb=verb, minute=minute)


def test_the_log_of_the_web_server_tells_the_same(video, learner, tmp_path):
    log = tmp_path / "access.log"
    expired = playback.url(video, viewer=learner, seconds=-10).replace("master.m3u8", "720p/00003.m4s")
    log.write_text(
        line(address(video, "360p/00001.m4s", learner))
        + line(address(video, "360p/00002.m4s?x=1", learner), status=206)
        + line(expired, status=304)
        + line(address(video, "360p/00004.m4s", learner), status=404)
        + line(address(video, "360p/00005.m4s", learner), verb="HEAD")
        + line(address(video, "360p/00006.m4s", None))
        + line(address(video, "360p/00007.m4s", learner).replace("/videos/", "/videos/forged"))
        + line("/zh/somewhere/")
        + "not a line of a log\n"
    )
    for _ in range(2):
        out = StringIO()
        call_command("read_access_log", str(log), stdout=out)
        assert out.getvalue().strip() == "3 segments, 1 rows, 1 addresses that were not ours"
    row = Delivery.objects.get()
    assert (row.segments, f"{row.hour:%F %R}") == ([[1, 4]], "2026-03-02 01:00")


def test_a_log_that_is_not_there_is_told(db):
    with pytest.raises(CommandError, match="nowhere"):
        call_command("read_access_log", "/nowhere/access.log")
