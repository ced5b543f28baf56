"""How far viewers get: people by per cent of the film, what was played again, in bounded cost and without a name."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from courses import completion, desk, enrolment, retention
from courses.curve import Curve
from courses.intervals import length, union
from courses.models import CourseTrainer, FilmChapter, LessonProgress, Retention, RetentionMark, Trainer, WatchBeat
from courses.retention import Sums, _spread
from lms import jobs
from lms.models import User
from media.models import Video
from tests import factories
from tests.courses.viewer import Viewer, frozen


@pytest.fixture
def clock():
    with frozen() as clock:
        yield clock


@pytest.fixture
def lesson(course):
    return course.lessons().first()


def watchers(lesson, *coverages):
    """People with these seconds of a film of 100 on record."""
    course = lesson.course
    made = []
    for seen in coverages:
        pairs = [[start * 1000, end * 1000] for start, end in seen]
        row = factories.enrolment(factories.user(), course)
        made.append(
            LessonProgress.objects.create(
                enrolment=row,
                lesson=lesson,
                video=lesson.video,
                duration_ms=100_000,
                coverage=pairs,
                watched_ms=length(pairs),
            )
        )
    return made


def sums(lesson, *, of_film=False):
    return Retention.objects.get(video=lesson.video, lesson=None if of_film else lesson)


def test_people_are_counted_by_the_part_they_saw(lesson):
    watchers(lesson, [(0, 100)], [(0, 50)], [(0, 10), (90, 100)])
    assert retention.refresh(lesson.video)
    row = sums(lesson)
    assert (row.viewers, row.median) == (3, 50)
    assert row.covered == [3] * 10 + [2] * 40 + [1] * 40 + [2] * 10
    assert sums(lesson, of_film=True).covered == row.covered


def test_another_film_is_a_curve_of_its_own(clock, learner, lesson):
    """The film of 100 s is replaced by one of 200 s: who saw the old one is no viewer of half of the new one."""
    watchers(lesson, [(0, 100)], [(0, 100)])
    enrolment.enrol(learner, lesson.course)
    old = Viewer(clock, learner, lesson)
    old.watch(10)
    clock.shift(180)
    retention.count_played()
    assert retention.refresh(lesson.video)
    assert (sums(lesson).viewers, sums(lesson).played_ms[:2]) == (3, [1_000, 1_000])

    old.play(10)
    old.beat()  # on its way when the film was replaced
    video = lesson.video
    Video.objects.filter(pk=video.pk).update(duration=200)
    video.refresh_from_db()
    clock.shift(180)
    retention.count_played()
    assert retention.refresh(video)
    assert not Retention.objects.filter(video=video).exclude(lesson=None).exists()
    assert sums(lesson, of_film=True).viewers == 0
    assert not retention.refresh(video)

    enrolment.enrol(viewer := factories.user(), lesson.course)
    Viewer(clock, viewer, type(lesson).objects.get(pk=lesson.pk)).watch(20)
    clock.shift(180)
    retention.count_played()
    assert retention.refresh(video)
    assert (sums(lesson).viewers, sums(lesson).covered[:11]) == (1, [1] * 10 + [0])
    assert sums(lesson).played_ms[:11] == [2_000] * 10 + [0]


def test_somebody_who_studies_twice_is_one_person(learner, course, lesson):
    for period, pairs in ((1, [[0, 30_000]]), (2, [[20_000, 60_000]])):
        row = factories.enrolment(learner, course, period=period, ended_at=timezone.now() if period == 1 else None)
        LessonProgress.objects.create(
            enrolment=row,
            lesson=lesson,
            video=lesson.video,
            duration_ms=100_000,
            coverage=pairs,
            watched_ms=length(pairs),
        )
    retention.refresh(lesson.video)
    assert sums(lesson).viewers == 1
    assert sums(lesson).covered == [1] * 60 + [0] * 40


def test_completions_are_counted(admin, course, lesson):
    for progress in watchers(lesson, [(0, 20)], [(0, 30)])[:1]:
        completion.override(enrolment=progress.enrolment, lesson=lesson, author=admin, reason="面授")
    retention.refresh(lesson.video)
    assert sums(lesson).completed == 1


def test_what_is_played_again_counts_again_and_what_is_not_believed_does_not(clock, learner, course, lesson):
    enrolment.enrol(learner, course)
    viewer = Viewer(clock, learner, lesson)
    viewer.watch(20)
    viewer.seek(0)
    viewer.watch(10)
    viewer.claim(50, 100)
    viewer.beat()  # trimmed: only what the clock allowed
    clock.shift(300)
    assert retention.count_played() == 4
    played = sums(lesson).played_ms
    assert played[:10] == [2_000] * 10
    assert played[10:20] == [1_000] * 10
    credited = sum(length(beat.credited) for beat in WatchBeat.objects.filter(verdict="trimmed"))
    assert sum(played) == 30_000 + credited
    assert sums(lesson, of_film=True).played_ms == played


def test_each_beat_is_counted_once_and_a_young_one_later(clock, learner, course, lesson):
    enrolment.enrol(learner, course)
    Viewer(clock, learner, lesson).watch(20)
    assert retention.count_played() == 0
    clock.shift(300)
    assert retention.count_played() == 2
    assert retention.count_played() == 0
    assert sum(sums(lesson).played_ms) == 20_000
    assert RetentionMark.objects.get().beat == WatchBeat.objects.last().pk


def test_the_duty_counts_films_that_are_due_and_leaves_the_rest(clock, learner, course, lesson):
    enrolment.enrol(learner, course)
    Viewer(clock, learner, lesson).watch(20)
    clock.shift(300)
    assert retention.refresh_due() == 1
    assert retention.refresh_due() == 0
    first = sums(lesson)
    clock.shift(700)
    assert retention.refresh_due() == 1
    assert sums(lesson).covered == first.covered
    assert retention.refresh_due in jobs.periodic


def test_those_that_wait_longest_come_first_and_one_that_fails_stops_none(clock, home, monkeypatch):
    lessons = [factories.course(home, lessons=1).lessons().get() for _ in range(3)]
    for lesson in lessons:
        watchers(lesson, [(0, 20)])
    monkeypatch.setattr(retention, "FILMS", 1)
    LessonProgress.objects.filter(lesson=lessons[0]).update(coverage=[["no number"]])
    counted = []
    for _ in range(4):
        clock.shift(700)
        assert retention.refresh_due() == 1
        latest = Retention.objects.filter(lesson=None).latest("counted_at")
        counted.append(latest.video_id)
    first, second = (lesson.video.pk for lesson in lessons[1:])
    assert counted == [first, second, first, second]


def test_a_film_without_news_is_not_counted_again(clock, lesson):
    watchers(lesson, [(0, 20)])
    clock.shift(1)
    assert retention.refresh(lesson.video)
    clock.shift(1)
    assert not retention.refresh(lesson.video)


def test_counting_costs_the_same_for_any_number_of_people(lesson, django_assert_num_queries):
    for number in (2, 10):
        watchers(lesson, *[[(0, 40)]] * number)
        Retention.objects.update(counted_at=None)
        retention.refresh(lesson.video)
        Retention.objects.update(counted_at=None)
        with django_assert_num_queries(10):
            retention.refresh(lesson.video)


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 100_000)), max_size=6), max_size=6),
    st.integers(100, 100_000),
)
def test_the_sums_are_those_of_a_slow_count(viewers, duration):
    found, slow, seen = Sums(), [0] * 100, 0
    for claims in viewers:
        whole = union([min(pair), min(max(pair), duration)] for pair in claims)
        found.add(whole, duration, completed=False)
        seen += bool(whole)
        for number in range(100):
            middle = (2 * number + 1) * duration
            slow[number] += any(200 * start <= middle < 200 * end for start, end in whole)
    assert found.covered == slow
    assert found.viewers == seen


@given(st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 100_000)), max_size=8), st.integers(100, 100_000))
def test_nothing_played_is_lost_or_doubled(claims, duration):
    pairs = union([min(pair), min(max(pair), duration)] for pair in claims)
    into = [0] * 100
    _spread(pairs, duration, into)
    assert sum(into) == length(pairs)
    assert all(0 <= each <= -(-duration // 100) for each in into)


# --- what trainers read ---


@pytest.fixture
def curve(lesson):
    watchers(lesson, *[[(0, 100)]] * 2, *[[(0, 40)]] * 3)
    retention.refresh(lesson.video)
    return Curve(sums(lesson))


def test_the_words_name_the_half_the_median_and_the_drop(curve):
    assert curve.half.end == 40_000
    (drop,) = curve.drops
    assert (drop.at, drop.x) == (40, 400.0)
    assert "3" in drop.words
    assert len(curve.summary) == 4
    assert curve.area.startswith("M0 200H0V0.0H10")
    assert [bucket.percent for bucket in curve.buckets] == [100.0] * 40 + [40.0] * 60


def test_a_part_played_often_stands_out(lesson):
    watchers(lesson, *[[(0, 100)]] * 5)
    Retention.objects.create(video=lesson.video, lesson=lesson, played_ms=[5_000] * 50 + [15_000] * 2 + [5_000] * 48)
    retention.refresh(lesson.video)
    curve = Curve(sums(lesson))
    assert [mark.at for mark in curve.repeated] == [50]
    assert curve.line.startswith("M5 ")


def test_of_fewer_than_five_no_curve_is_drawn(lesson):
    watchers(lesson, *[[(0, 100)]] * 4)
    retention.refresh(lesson.video)
    curve = Curve(sums(lesson))
    assert (curve.enough, curve.buckets, curve.area, curve.summary, curve.drops) == (False, [], "", [], [])


@pytest.fixture
def pages(lesson):
    desk.prepare()
    film = lesson.video.pk
    names = [("retention_lesson", lesson.pk), ("retention_lesson_json", lesson.pk), ("retention_film", film)]
    return [reverse(name, args=[pk]) for name, pk in [*names, ("retention_film_json", film)]]


def test_editors_read_all(client, editor, lesson, curve, pages):
    client.force_login(editor)
    assert lesson.title in client.get(reverse("retention")).content.decode()
    for address in pages:
        assert client.get(address).status_code == 200
    told = json.loads(client.get(pages[1]).content)
    assert (told["viewers"], len(told["buckets"]), told["buckets"][0]["viewers"]) == (5, 100, 5)
    html = client.get(pages[0]).content.decode()
    assert "curve-desc" in html
    assert html.count('<a href="#t=') == 101  # each per cent, and where most leave


def test_nobodys_name_is_in_it(client, editor, lesson, curve, pages):
    assert User.objects.exclude(pk=editor.pk).update(name="欧阳静怡") == 5
    client.force_login(editor)
    for address in pages:
        assert "欧阳静怡" not in client.get(address).content.decode()


def test_trainers_read_their_own(client, trainer, lesson, curve, pages):
    client.force_login(trainer)
    assert [client.get(address).status_code for address in pages] == [404] * 4
    assert lesson.title not in client.get(reverse("retention")).content.decode()
    Video.objects.update(created_by=trainer)
    assert [client.get(address).status_code for address in pages] == [200] * 4


def test_trainers_of_a_course_read_its_lessons(client, trainer, course, lesson, curve, pages):
    CourseTrainer.objects.create(course=course, trainer=Trainer.objects.create(name="李蔚然", account=trainer))
    client.force_login(trainer)
    assert [client.get(address).status_code for address in pages] == [200, 200, 404, 404]
    assert lesson.title in client.get(reverse("retention")).content.decode()


@pytest.mark.parametrize("role", ["learner", "manager", "city_clerk", "outsider"])
def test_nobody_else_does(client, request, curve, pages, role):
    client.force_login(request.getfixturevalue(role))
    for address in [*pages, reverse("retention")]:
        assert client.get(address).status_code in (302, 403)


def test_what_was_never_counted_is_not_found(client, editor, lesson, pages):
    client.force_login(editor)
    assert {client.get(address).status_code for address in pages} == {404}
    assert client.get(reverse("retention")).status_code == 200


def test_chapters_of_the_lesson_are_marked(client, editor, lesson, curve, pages):
    FilmChapter.objects.create(lesson=lesson, start_ms=25_000, title="过程方法")
    fresh = Curve(Retention.objects.select_related("lesson").get(pk=curve.row.pk))
    assert [(mark.at, mark.x, mark.words) for mark in fresh.chapters] == [(25, 250.0, "过程方法")]
