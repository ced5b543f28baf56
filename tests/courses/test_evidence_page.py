"""One's own evidence: what was recorded, what of it counted and why, on pages of bounded cost; nobody else's."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from courses import completion, enrolment, sittings
from courses.models import Attempt, Attendance, LessonProgress, WatchBeat, WatchSession
from tests import factories
from tests.courses.viewer import Viewer, frozen


@pytest.fixture
def clock():
    with frozen() as clock:
        yield clock


@pytest.fixture
def row(learner, course):
    return enrolment.enrol(learner, course)


@pytest.fixture
def me(client, learner):
    client.force_login(learner)
    return client


@pytest.fixture
def lesson(course):
    return course.lessons().first()


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def page(client, row, lesson, **query):
    return text(client.get(reverse("evidence_lesson", args=[row.uuid, lesson.pk]), query))


def test_what_was_watched_stands_there_with_the_time_at_which_the_school_heard(me, clock, learner, row, lesson):
    Viewer(clock, learner, lesson).watch(20)
    html = page(me, row, lesson)
    assert "00:00–00:20" in html
    assert "09:00:10–09:00:20" in html
    assert "2026年3月2日" in html
    assert "20 秒" in html


def test_a_gap_is_a_link_that_starts_the_film_there(me, clock, learner, row, lesson):
    viewer = Viewer(clock, learner, lesson)
    viewer.watch(20)
    viewer.seek(50)
    viewer.watch(10)
    assert f'href="{lesson.url}#t=20"' in page(me, row, lesson)


def test_of_an_ended_period_the_record_stays_readable_without_links_to_fill_it(me, clock, learner, row, lesson):
    viewer = Viewer(clock, learner, lesson)
    viewer.watch(20)
    viewer.seek(50)
    viewer.watch(10)
    enrolment.again(learner, row.course)
    html = page(me, row, lesson)
    assert "00:00–00:20" in html
    assert f"{lesson.url}#t=20" not in html
    assert str(row.uuid) in text(me.get(reverse("evidence_all")))


def test_what_did_not_count_says_why(me, clock, learner, course, row, lesson):
    course.pause_when_hidden = True
    course.save_revision().publish()
    viewer = Viewer(clock, learner, lesson)
    viewer.watch(20)
    viewer.claim(20, 100)
    viewer.beat()
    viewer.seek(60)
    viewer.play(10)
    viewer.beat(visible=False)
    Viewer(clock, learner, lesson)
    told = sittings.sheet(row.lessons.get()).days[0].sittings[1]
    assert [(each.kind, each.film) for each in told.stretches] == [
        ("credited", "00:00–00:30"),
        ("trimmed", "00:30–01:40"),
        ("hidden", "01:00–01:10"),
    ]
    html = text(me.get("/en" + reverse("evidence_lesson", args=[row.uuid, lesson.pk])))
    assert "Not credited: more than could be played in the time that passed: 1 min 10 s" in html
    assert "Not credited: the page was hidden" in html
    assert "opened on another page or device" in html


def test_what_was_watched_twice_is_on_record_from_another_time(clock, learner, row, lesson):
    viewer = Viewer(clock, learner, lesson)
    viewer.watch(20)
    viewer.seek(10)
    viewer.watch(20)
    (told,) = sittings.sheet(row.lessons.get()).days[0].sittings
    assert [(each.kind, each.film) for each in told.stretches] == [
        ("credited", "00:00–00:20"),
        ("recorded", "00:10–00:20"),
        ("credited", "00:20–00:30"),
    ]


def test_players_are_numbered_and_stand_by_day_newest_first(clock, learner, row, lesson):
    Viewer(clock, learner, lesson).watch(10)
    clock.shift(86_400)
    Viewer(clock, learner, lesson).watch(10)
    Viewer(clock, learner, lesson).watch(10)
    days = sittings.sheet(row.lessons.get()).days
    assert [(day.day.day, [told.number for told in day.sittings]) for day in days] == [(3, [3, 2]), (2, [1])]


def test_thousands_of_beats_come_by_pages(me, learner, row, lesson, django_assert_num_queries):
    progress = row.lessons.create(lesson=lesson, video=lesson.video, duration_ms=100_000, coverage=[[0, 90_000]])
    now = timezone.now()
    for number in range(25):
        opened = now - dt.timedelta(hours=number)
        session = WatchSession.objects.create(
            user=learner, progress=progress, opened_at=opened, last_beat_at=opened, closed_at=opened, closed="left",
            video=lesson.video, duration_ms=100_000, rate_cap=1,
        )  # fmt: skip
        WatchBeat.objects.bulk_create(
            WatchBeat(
                session=session, sequence=beat, received_at=opened, claimed=[[beat * 100, beat * 100 + 100]],
                credited=[], rate=1, verdict="ok",
            )
            for beat in range(200)
        )  # fmt: skip
    with django_assert_num_queries(4):
        sheet = sittings.sheet(progress, number=2)
    assert sum(len(day.sittings) for day in sheet.days) == 10
    told = sheet.days[0].sittings[0]
    assert (told.beats, len(told.stretches)) == (200, 1)
    assert 'rel="next"' in page(me, row, lesson, page=2)


def test_a_player_with_many_stretches_shows_the_first_and_counts_the_rest(me, clock, learner, row, lesson):
    viewer = Viewer(clock, learner, lesson)
    for number in range(sittings.SHOWN + 5):
        viewer.seek(number % 2 * 50 + number // 2)
        viewer.wait(20)
        viewer.claim(number % 2 * 50 + number // 2, number % 2 * 50 + number // 2 + 1)
        viewer.beat()
    (told,) = sittings.sheet(row.lessons.get()).days[0].sittings
    assert (len(told.shown), told.more) == (sittings.SHOWN, 5)
    html = text(me.get("/en" + reverse("evidence_lesson", args=[row.uuid, lesson.pk])))
    assert "5 more stretches" in html


def test_quizzes_and_presence_stand_there(me, clock, learner, home):
    course = factories.course(home)
    quiz = factories.assessment(course, title="第一节测验")
    lesson = factories.lesson(course, body=[("quiz", quiz)])
    row = enrolment.enrol(learner, course)
    Attempt.objects.create(
        assessment=quiz, user=learner, enrolment=row, number=1, started_at=timezone.now(), submitted_at=timezone.now(),
        pass_score=6, full_score=6, score=4, passed=False,
    )  # fmt: skip
    completion.attend(key="class:1", enrolment=row, lesson=lesson, channel=Attendance.Channel.CLASSROOM, minutes=20)
    completion.attend(
        key="live:1", enrolment=row, lesson=lesson, channel=Attendance.Channel.LIVE, intervals=[[0, 30_000]],
        duration_ms=100_000,
    )  # fmt: skip
    html = page(me, row, lesson)
    assert "第一节测验" in html
    assert "4 / 6" in html
    assert "20 分钟" in html
    assert "30 秒" in html
    assert reverse("exam_start", args=[quiz.uuid]) in html


def test_a_decision_is_read_with_its_reason(me, admin, row, lesson):
    completion.override(enrolment=row, lesson=lesson, author=admin, reason="线下班已签到")
    assert "线下班已签到" in page(me, row, lesson)
    completion.override(enrolment=row, author=admin, reason="同等学力")
    assert "同等学力" in text(me.get(reverse("evidence", args=[row.uuid])))


def test_a_lesson_that_was_taken_down_keeps_its_record(me, clock, learner, row, lesson):
    Viewer(clock, learner, lesson).watch(20)
    lesson.unpublish()
    assert lesson.title in text(me.get(reverse("evidence", args=[row.uuid])))
    html = page(me, row, lesson)
    assert "00:00–00:20" in html
    assert f'href="{lesson.url}"' not in html


def test_a_film_watched_before_its_lesson_was_taken_down_asks_for_nothing_else(me, clock, learner, row, lesson):
    Viewer(clock, learner, lesson).watch(10)
    LessonProgress.objects.update(coverage=[[0, 600_000]], watched_ms=600_000, covered_at=timezone.now())
    lesson.unpublish()
    html = page(me, row, lesson)
    assert "本节已下架，已观看的部分保留" in html
    assert "其他要求" not in html


def test_a_course_without_a_lesson_on_show_is_not_counted_in_nothings(me, clock, learner, row, course):
    for lesson in course.lessons():
        Viewer(clock, learner, lesson).watch(2)
        lesson.unpublish()
    assert "0 / 0" not in text(me.get(reverse("evidence_all")))
    assert "目前没有开放的课时，学习记录已保留" in text(me.get(reverse("evidence_all")))


def test_the_record_of_a_course_costs_the_same_for_one_lesson_and_for_three(
    me, clock, learner, home, django_assert_num_queries
):
    rows = []
    for number in (1, 3):
        course = factories.course(home, lessons=number)
        rows.append(enrolment.enrol(learner, course))
        for lesson in course.lessons():
            Viewer(clock, learner, lesson).watch(20)
    for row in [rows[0], *rows]:
        address = reverse("evidence", args=[row.uuid])
        me.get(address)
        with django_assert_num_queries(14):
            me.get(address)


def test_the_record_of_a_lesson_costs_the_same_for_one_player_and_for_three(
    me, clock, learner, row, lesson, django_assert_num_queries
):
    address = reverse("evidence_lesson", args=[row.uuid, lesson.pk])
    for _ in range(3):
        Viewer(clock, learner, lesson).watch(20)
        me.get(address)
        with django_assert_num_queries(20):
            me.get(address)


@pytest.mark.parametrize("language", ["", "/en"])
def test_without_any_record_the_pages_say_what_will_be_there(me, row, lesson, language):
    named = [("evidence_all", []), ("evidence", [row.uuid]), ("evidence_lesson", [row.uuid, lesson.pk])]
    for address in [language + reverse(name, args=args) for name, args in named]:
        assert me.get(address).status_code == 200


def test_english_pages_hold_no_chinese_but_titles(me, clock, learner, row, lesson):
    viewer = Viewer(clock, learner, lesson)
    viewer.watch(20)
    viewer.claim(20, 100)
    viewer.beat()
    html = text(me.get("/en" + reverse("evidence_lesson", args=[row.uuid, lesson.pk])))
    assert "more than could be played in the time that passed" in html
    assert "What the player reported" in html


def test_nobody_reads_the_record_of_another(client, outsider, admin, row, lesson):
    for person in (outsider, admin):
        client.force_login(person)
        assert client.get(reverse("evidence", args=[row.uuid])).status_code == 404
        assert client.get(reverse("evidence_lesson", args=[row.uuid, lesson.pk])).status_code == 404
    client.logout()
    assert client.get(reverse("evidence", args=[row.uuid])).status_code == 302


def test_a_lesson_of_another_course_is_not_found(me, home, row):
    stranger = factories.course(home, title="别的课").lessons().get()
    assert me.get(reverse("evidence_lesson", args=[row.uuid, stranger.pk])).status_code == 404
    assert me.get(reverse("evidence_lesson", args=[row.uuid, 10**17])).status_code == 404
