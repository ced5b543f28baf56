"""From what was recorded to a film: at once, looked at, cut, public, the lesson's own, and only then a ladder."""

import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from courses.models import LessonPage
from live import clearing, publishing, recordings, states
from live.models import Broadcast, Transition
from media import holds, playback, probing
from media.management.commands import transcode_worker
from media.models import Video
from media.transcoding import run_folder
from tests import factories
from tests.live import streams
from tests.live.replays import give_a_film, ready

pytestmark = [pytest.mark.django_db, pytest.mark.films]
State = Broadcast.State


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return streams.encode(tmp_path_factory.mktemp("small"), size="160x120", hertz=44_100)


def work():
    """A worker for films, until nothing waits."""
    worker = transcode_worker.Command()
    worker.stopping, worker.swept = False, time.monotonic()
    while worker.turn():
        pass


def index(film):
    master = (run_folder(film.uuid, film.run) / "master.m3u8").read_text()
    return (run_folder(film.uuid, film.run) / master.split()[-1]).read_text()


def seconds(film):
    return [float(each) for each in re.findall(r"EXTINF:([\d.]+)", index(film))]


def test_the_end_is_the_beginning_of_the_replay(lecture):
    film = ready(lecture)
    assert [row.after for row in Transition.objects.all()] == [State.ENDED, State.PROCESSING, State.REPLAY]
    assert (film.state, film.duration, film.height) == (Video.State.READY, 12.0, 180)
    assert seconds(film) == [2.0] * 6
    assert index(film).count("DISCONTINUITY") == 1
    assert "#EXT-X-ENDLIST" in index(film)
    assert probing.probe(Path(film.source.path)).duration == pytest.approx(12, abs=0.15)
    assert not list((Path(settings.LIVE_ROOT) / lecture.name).glob("making-*"))


def test_its_pieces_can_be_fetched(lecture, client, trainer):
    film = ready(lecture)
    client.force_login(trainer)
    base = playback.url(film, viewer=trainer).removesuffix("master.m3u8")
    for name in ("master.m3u8", "180p/index.m3u8", "180p/init.mp4", "180p/init-001.mp4", "180p/00005.m4s"):
        assert client.get(base + name).status_code == 200, name


def test_a_rehearsal_is_dropped(began, wide, trainer):
    made = factories.broadcast(state="live", starts_at=began)
    streams.record_film(made, began - timedelta(minutes=5), wide, rehearsal=True)
    streams.record_film(made, began, wide)
    film = ready(streams.end(made, began + timedelta(seconds=6), by=trainer))
    assert (film.duration, index(film).count("DISCONTINUITY")) == (6.0, 0)


def test_not_while_the_last_run_is_open(lecture):
    lecture.runs.filter(number=2).update(closed_at=None)
    recordings.make_due()
    lecture.refresh_from_db()
    assert lecture.state == State.ENDED


def test_no_ladder_before_somebody_looked_at_it(lecture, trainer):
    film = ready(lecture)
    work()
    film.refresh_from_db()
    assert not film.renditions.exists()
    publishing.publish(lecture, by=trainer)
    holds.hold("somebody is on air")
    work()
    film.refresh_from_db()
    assert film.state == Video.State.QUEUED
    assert film.is_playable
    before = film.run
    holds.release("somebody is on air")
    work()
    film.refresh_from_db()
    assert film.state == Video.State.READY
    assert film.renditions.exists()
    assert film.run != before
    assert film.duration == pytest.approx(12, abs=0.2)


def test_cut_at_the_borders_of_pieces(lecture, trainer):
    former = ready(lecture)
    recordings.cut(lecture, 2_500, 9_000, by=trainer)
    recordings.prepare.func(lecture.pk)
    lecture.refresh_from_db()
    assert (lecture.state, lecture.cut_from_ms, lecture.cut_to_ms) == (State.REPLAY, 2_000, 10_000)
    assert lecture.film.duration == 8.0
    assert probing.probe(Path(lecture.film.source.path)).duration == pytest.approx(8, abs=0.15)
    assert not Video.objects.filter(pk=former.pk).exists()


def test_nothing_is_left(lecture, trainer):
    ready(lecture)
    with pytest.raises(recordings.Refused):
        recordings.cut(lecture, 50_000, None, by=trainer)
    assert Broadcast.objects.get().state == State.REPLAY


def test_what_is_public_is_cut_no_more(lecture, trainer):
    ready(lecture)
    publishing.publish(lecture, by=trainer)
    publishing.publish(lecture, by=trainer)
    assert (lecture.reviewed_by, lecture.version) == (trainer, Broadcast.objects.get().version)
    with pytest.raises(recordings.Refused):
        recordings.cut(lecture, 2_000, None, by=trainer)


def test_a_wrong_click_can_be_taken_back_after_the_replay_was_made(lecture, trainer, began, wide):
    former = ready(lecture)
    states.move(lecture, State.LIVE, reason="wrong click", actor=trainer, at=began + timedelta(minutes=5))
    streams.record_film(lecture, began + timedelta(minutes=5), wide)
    streams.end(lecture, began + timedelta(minutes=6), by=trainer)
    assert ready(lecture).duration == 18.0
    assert not Video.objects.filter(pk=former.pk).exists()
    publishing.publish(lecture, by=trainer)
    with pytest.raises(states.Refused):
        states.move(lecture, State.LIVE, reason="too late", at=began + timedelta(minutes=7))


def test_nothing_was_recorded(began, trainer):
    made = factories.broadcast(state="live", starts_at=began)
    streams.end(made, began + timedelta(minutes=1), by=trainer)
    recordings.make_due()
    made.refresh_from_db()
    assert (made.state, recordings.why_failed(made)) == (State.REPLAY_FAILED, "没有录下任何内容。")


def test_a_failed_replay_is_tried_again(lecture, trainer):
    piece = Path(settings.LIVE_ROOT) / lecture.name / "r0002/00001.m4s"
    aside = piece.rename(piece.with_suffix(".aside"))
    recordings.make_due()
    lecture.refresh_from_db()
    assert lecture.state == State.REPLAY_FAILED
    assert not Video.objects.exists()
    aside.rename(piece)
    recordings.retry(lecture, by=trainer)
    lecture.refresh_from_db()
    assert (lecture.state, lecture.film.duration) == (State.REPLAY, 12.0)
    with pytest.raises(recordings.Refused):
        recordings.retry(lecture, by=trainer)


def test_takes_of_two_sizes_play_as_they_are_and_become_one_film(began, wide, small, trainer):
    made = factories.broadcast(state="live", starts_at=began, created_by=trainer)
    streams.record_film(made, began, small)
    streams.record_film(made, began + timedelta(seconds=60), wide)
    film = ready(streams.end(made, began + timedelta(seconds=66), by=trainer))
    assert (film.width, film.height, film.duration) == (320, 180, 12.0)
    assert film.source.mime_type == "video/mp2t"
    publishing.publish(made, by=trainer)
    work()
    film.refresh_from_db()
    assert (film.state, film.source.mime_type) == (Video.State.READY, "video/mp4")
    assert film.duration == pytest.approx(12, abs=0.2)
    assert film.renditions.exists()


# The film of the lesson


def test_the_replay_is_the_film_of_the_lesson(taught, lesson, trainer):
    draft = LessonPage.objects.get(pk=lesson.pk)
    draft.summary = "还在写"
    draft.save_revision(changed=True)
    film = ready(taught)
    publishing.publish(taught, by=trainer)
    page = LessonPage.objects.get(pk=lesson.pk)
    assert (page.video, page.live, page.summary) == (film, True, "")
    assert page.get_latest_revision_as_object().summary == "还在写"
    assert page.get_latest_revision_as_object().video == film


def test_a_lesson_with_a_film_keeps_it(lecture, course, trainer):
    lecture.lesson = factories.lesson(course)
    lecture.save()
    ready(lecture)
    publishing.publish(lecture, by=trainer)
    assert LessonPage.objects.get(pk=lecture.lesson.pk).video != lecture.film


def test_the_trainer_is_told_when_the_lesson_has_a_film_meanwhile(client, taught, lesson, trainer):
    client.force_login(trainer)
    desk = reverse("host_broadcast", args=[taught.uuid])
    words = "该课时已有自己的视频"
    assert words not in client.get(desk).content.decode()
    give_a_film(lesson)
    assert words in client.get(desk).content.decode()
    ready(taught)
    answer = client.post(reverse("publish_replay", args=[taught.uuid]), {"looked": "on"}, follow=True)
    assert "没有放入课时" in answer.content.decode()


def test_where_watching_the_replay_does_not_count_the_lesson_gets_no_film(taught, lesson, trainer):
    Broadcast.objects.update(replay_counts=False)
    ready(taught)
    publishing.publish(taught, by=trainer)
    assert LessonPage.objects.get(pk=lesson.pk).video is None


# What was said


def test_nobody_else_reads_it_before_the_replay_is_public(client, lecture, learner, trainer):
    ready(lecture)
    client.force_login(learner)
    address = reverse("replay_chat", args=[lecture.uuid])
    assert client.get(address).status_code == 403
    publishing.publish(lecture, by=trainer)
    assert client.get(address).status_code == 200


def test_what_was_said_stands_beside_it(client, lecture, learner, trainer):
    for at, status in ((1_000, "shown"), (3_000, "shown"), (4_000, "deleted"), (None, "shown")):
        lecture.messages.create(
            author=learner, author_name="张明远", text=f"在 {at}", status=status, at=timezone.now(), media_ms=at
        )
    lecture.cut_from_ms = 2_000
    lecture.save()
    ready(lecture)
    client.force_login(trainer)
    told = client.get(reverse("replay_chat", args=[lecture.uuid])).json()
    assert [(line["at"], line["text"]) for line in told["messages"]] == [(1_000, "在 3000")]


def test_stopped_while_it_is_made_it_cannot_be_played(lecture):
    states.move(lecture, State.PROCESSING, reason="the broadcast ended")
    asked = Broadcast.objects.get()  # as the task read it
    states.move(lecture, State.BLOCKED, reason="stopped by the bureau")
    recordings.make(asked)
    lecture.refresh_from_db()
    assert (lecture.state, lecture.film) == (State.BLOCKED, None)
    assert not Video.objects.exists()


def test_stopped_while_it_fails_it_stays_stopped(began, trainer):
    made = factories.broadcast(state="processing", starts_at=began)
    asked = Broadcast.objects.get()
    states.move(made, State.BLOCKED, reason="stopped by the bureau")
    recordings.make(asked)
    assert asked.state == State.BLOCKED


def test_a_public_replay_that_is_stopped_leaves_its_lesson_and_comes_back(
    client, taught, lesson, trainer, learner, provincial_clerk
):
    film = ready(taught)
    publishing.publish(taught, by=trainer)
    client.force_login(provincial_clerk)
    assert client.post(reverse("stop_broadcast", args=[taught.uuid]), {"reason": "内容有误"}).status_code == 302
    taught.refresh_from_db()
    page = LessonPage.objects.get(pk=lesson.pk)
    assert (taught.state, page.video, page.live) == (State.BLOCKED, None, True)
    last = Transition.objects.last()
    assert (last.reason, last.actor) == ("内容有误", provincial_clerk)
    desk = client.get(reverse("host_broadcast", args=[taught.uuid])).content.decode()
    assert reverse("resume_broadcast", args=[taught.uuid]) in desk
    client.force_login(learner)
    assert client.get(reverse("broadcast", args=[taught.uuid])).status_code == 404
    assert client.get(reverse("broadcast_film", args=[taught.uuid])).status_code == 404

    client.force_login(provincial_clerk)
    client.post(reverse("resume_broadcast", args=[taught.uuid]), {"reason": "已更正"})
    taught.refresh_from_db()
    assert (taught.state, LessonPage.objects.get(pk=lesson.pk).video) == (State.REPLAY, film)
    client.force_login(learner)
    assert client.get(reverse("broadcast_film", args=[taught.uuid])).status_code == 200
    assert [deed.verb for deed in taught.deeds.all()] == ["stop", "resume"]


def test_only_an_officer_stops_and_lifts(client, taught, trainer):
    ready(taught)
    client.force_login(trainer)
    for name in ("stop_broadcast", "resume_broadcast"):
        client.post(reverse(name, args=[taught.uuid]), {"reason": "试试"})
    taught.refresh_from_db()
    assert taught.state == State.REPLAY
    with pytest.raises(states.Refused):
        states.move(factories.broadcast(state="cancelled"), State.BLOCKED, reason="late")


def test_the_pieces_go_a_day_after_the_ladder_is_there(lecture, trainer):
    place = Path(settings.LIVE_ROOT) / lecture.name
    long_ago = timezone.now() - timedelta(hours=settings.LIVE_KEEP_HOURS, minutes=1)
    film = ready(lecture)
    publishing.publish(lecture, by=trainer)
    Broadcast.objects.update(reviewed_at=long_ago)
    assert (clearing.clear_due(), place.exists()) == (0, True)  # no ladder yet
    work()
    Broadcast.objects.update(reviewed_at=timezone.now())
    assert (clearing.clear_due(), place.exists()) == (0, True)  # somebody may be watching
    Broadcast.objects.update(reviewed_at=long_ago)
    assert (clearing.clear_due(), place.exists()) == (1, False)
    assert clearing.clear_due() == 0
    film.refresh_from_db()
    assert film.is_playable
    assert lecture.segments.count() == 6
