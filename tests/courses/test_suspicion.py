"""Strange patterns are put before people, with figures; honest ones are not. Credit stays whatever anybody thinks."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from courses import enrolment, evidence, progress, suspicion
from courses.models import AttentionPrompt, Flag, FlagReview, LessonProgress, WatchBeat, WatchSession
from courses.progress import Beat
from lms import jobs
from media.models import Delivery
from tests import factories
from tests.courses.viewer import Viewer, frozen

Kind = Flag.Kind


@pytest.fixture
def clock():
    with frozen() as clock:
        yield clock


@pytest.fixture
def course(home):
    return factories.course(home, lessons=2, seconds=3_600)


@pytest.fixture
def lesson(course):
    return course.lessons().first()


@pytest.fixture
def open_lesson(clock, lesson):
    """A player of that person; enrolled on the way."""

    def opened(person, **options):
        enrolment.enrol(person, lesson.course)
        return Viewer(clock, person, options.get("lesson", lesson))

    return opened


@pytest.fixture
def viewer(open_lesson, learner):
    return open_lesson(learner)


def flags(clock):
    """What is put up once all players are over."""
    clock.shift(25 * 3_600)
    suspicion.look()
    return {flag.kind: flag.figures for flag in Flag.objects.all()}


# --- what is strange ---


def test_claims_beyond_the_clock(viewer, clock):
    for _ in range(5):
        viewer.wait(10)
        viewer.claim(0, 3_600)
        viewer.beat()
    found = flags(clock)
    assert found == {"trimmed": {"beats": 5, "claimed_seconds": 3_525, "credited_seconds": 75}}


def test_a_speed_above_the_limit(viewer, clock):
    for _ in range(4):
        viewer.play(10, rate=1.5)
        viewer.beat(rate=Decimal(4))
    assert flags(clock) == {"speed": {"beats": 4, "fastest": 4.0, "limit": 1.5}}


def test_two_devices_taking_turns(open_lesson, learner, clock):
    for _ in range(8):
        viewer = open_lesson(learner)
        viewer.watch(20)
    assert flags(clock)["flapping"] == {"turns": 7}


def test_beats_like_clockwork_from_a_hidden_page(viewer, clock):
    for _ in range(40):
        viewer.play(10)
        viewer.beat(visible=False)
    assert flags(clock) == {"clockwork": {"beats": 40, "period_ms": 10_000, "spread_ms": 0.0}}


def test_the_same_claim_again_and_again(viewer, clock):
    for _ in range(15):
        viewer.wait(9.7)
        viewer.claim(0, 10)
        viewer.beat()
    assert flags(clock) == {"replayed": {"beats": 15, "different": 1}}


def test_more_hours_in_a_day_than_a_person_watches(clock, learner, home):
    course = factories.course(home, lessons=15, seconds=3_600)
    enrolment.enrol(learner, course)
    for lesson in course.lessons():
        viewer = Viewer(clock, learner, lesson)
        viewer.watch(3_600, every=600)
    found = {flag.kind: flag.figures for flag in Flag.objects.all()} | flags(clock)
    assert found["tireless"]["hours"] >= 14


def test_several_people_with_the_same_beats(clock, lesson):
    people = [factories.user(email=f"class{n}@example.org") for n in range(3)]
    for person in people:
        enrolment.enrol(person, lesson.course)
    viewers = [Viewer(clock, person, lesson) for person in people]
    for n in range(15):
        clock.shift(10)
        for viewer in viewers:
            viewer.claim(n * 10, n * 10 + 10)
            viewer.beat()
    flags(clock)
    shared = Flag.objects.filter(kind="shared")
    assert {flag.enrolment.user for flag in shared} == set(people)
    assert shared[0].figures == {"beats": 15, "of": 15, "people": 3}


def test_questions_that_went_unanswered(clock, learner, home):
    course = factories.course(home, lessons=1, seconds=3_600, attention=True, attention_minutes=5)
    enrolment.enrol(learner, course)
    viewer = Viewer(clock, learner, course.lessons().get())
    for _ in range(3):
        WatchSession.objects.update(attention_left_ms=0)
        viewer.watch(120)
        AttentionPrompt.objects.filter(answered_at=None).update(answered_at=timezone.now())
    assert flags(clock) == {"absent": {"asked": 3, "unanswered": 3}}


# --- the second witness ---


@pytest.fixture
def noting(settings):
    settings.DELIVERIES = "app"


def fetched(person, video, *segments):
    Delivery.objects.create(
        viewer=person, video=video, run=uuid4(), hour=timezone.now().replace(minute=0), segments=list(segments)
    )


def test_film_that_was_credited_and_never_fetched(noting, viewer, clock, learner, lesson):
    fetched(learner, lesson.video, [0, 15])
    viewer.watch(600)
    assert viewer.watched <= 600 * 1.5
    found = flags(clock)
    assert found == {"undelivered": {"credited_seconds": 600, "unfetched_seconds": 536, "segments": 15}}


def test_what_was_fetched_is_not_strange(noting, viewer, clock, learner, lesson):
    fetched(learner, lesson.video, [0, 140])  # the last ones were still on their way
    viewer.watch(600)
    assert flags(clock) == {}


def test_a_film_out_of_the_browsers_cache_is_not_strange(noting, viewer, clock, learner, lesson):
    fetched(learner, lesson.video, [0, 150])
    clock.shift(20 * 3_600)
    again = Viewer(clock, learner, lesson)
    again.watch(600)
    assert flags(clock) == {}


@pytest.fixture
def reading(settings):
    """Segments are known from a log that somebody reads now and then."""
    settings.DELIVERIES = "log"


def test_players_wait_until_the_log_is_read(reading, viewer, clock, learner, lesson, outsider):
    fetched(outsider, lesson.video, [0, 10])  # what had been read before
    viewer.watch(600)
    seen_at = timezone.now()
    assert flags(clock) == {}
    assert not WatchSession.objects.exclude(examined_at=None).exists()
    Delivery.objects.create(viewer=learner, video=lesson.video, run=uuid4(), hour=seen_at, segments=[[0, 150]])
    fetched(outsider, lesson.video, [10, 20])
    assert flags(clock) == {}
    assert WatchSession.objects.exclude(examined_at=None).exists()


def test_what_the_log_does_not_know_is_strange_once_it_was_read(reading, viewer, clock, learner, lesson, outsider):
    fetched(learner, lesson.video, [0, 15])
    viewer.watch(600)
    clock.shift(2 * 3_600)
    fetched(outsider, lesson.video, [10, 20])
    assert flags(clock).keys() == {"undelivered"}


def test_a_log_that_nobody_reads_any_more_is_not_waited_for(reading, viewer, clock, outsider, lesson):
    fetched(outsider, lesson.video, [0, 10])
    viewer.watch(600)
    clock.shift(15 * 24 * 3_600)
    assert flags(clock) == {}
    assert WatchSession.objects.exclude(examined_at=None).exists()


def test_where_nothing_was_noted_nothing_is_missed(noting, viewer, clock):
    viewer.watch(600)
    assert flags(clock) == {}


# --- what is not ---


def test_honest_viewers_with_bad_networks_are_not_flagged(clock, lesson):
    """Loss, long silences, reloads, two devices, jitter of a fifth of a second: none of it is strange."""
    for number in range(6):
        person, chance = factories.user(email=f"honest{number}@example.org"), Random(number)
        enrolment.enrol(person, lesson.course)
        viewer = Viewer(clock, person, lesson)
        for step in range(40):
            viewer.play(chance.choice([10, 10, 10, 10, 60, 180]) + chance.random() * 0.2)
            if chance.random() < 0.8:
                viewer.beat(visible=chance.random() < 0.5, rate=Decimal(1))
            if step in (13, 27):
                at = viewer.at
                viewer = Viewer(clock, person, lesson)
                viewer.at = at
    assert flags(clock) == {}


# --- the round ---


def test_each_player_is_looked_at_once_and_flags_are_put_up_once(viewer, clock, django_assert_num_queries):
    for _ in range(5):
        viewer.wait(10)
        viewer.claim(0, 3_600)
        viewer.beat()
    assert suspicion.look() == 0  # still open, and heard of a moment ago
    clock.shift(25 * 3_600)
    assert suspicion.look() == 1
    assert suspicion.look() == 0
    WatchSession.objects.update(examined_at=None)
    assert suspicion.look() == 0
    assert Flag.objects.count() == 1
    assert suspicion.look in jobs.periodic


def test_one_strange_player_does_not_stop_the_search(viewer, clock, open_lesson):
    viewer.watch(20)
    WatchBeat.objects.update(claimed=[["no number"]])
    other = open_lesson(factories.user(email="other@example.org"))
    for _ in range(5):
        other.wait(10)
        other.claim(0, 3_600)
        other.beat()
    assert flags(clock).keys() == {"trimmed"}
    assert set(WatchSession.objects.exclude(examined_at=None)) == {other.session}


def test_a_closed_player_is_looked_at_soon(viewer, clock, learner):
    viewer.watch(10)
    progress.leave(user=learner, session=viewer.session.uuid, beat=Beat(2, []))
    clock.shift(30 * 60)
    suspicion.look()
    assert WatchSession.objects.get().examined_at == timezone.now()


# --- people ---


@pytest.fixture
def flag(viewer, clock):
    viewer.watch(60)
    for _ in range(5):
        viewer.wait(10)
        viewer.claim(0, 3_600)
        viewer.beat()
    flags(clock)
    return Flag.objects.get()


def test_whatever_is_thought_credit_stays(flag, provincial_clerk):
    before = LessonProgress.objects.values().get()
    suspicion.review(reviewer=provincial_clerk, flag=flag, state="confirmed", note="同一时刻的片段无法解释")
    suspicion.review(reviewer=provincial_clerk, flag=flag, state="dismissed", note="电话核实：自动刷新插件所致")
    flag.refresh_from_db()
    assert flag.state == "dismissed"
    assert [review.state for review in FlagReview.objects.all()] == ["confirmed", "dismissed"]
    evidence.recompute(flag.enrolment)
    after = LessonProgress.objects.values().get()
    assert {**after, "updated_at": None} == {**before, "updated_at": None}
    assert flag.enrolment.completed_at is None


def test_a_flag_called_harmless_does_not_come_back(flag, clock, provincial_clerk):
    suspicion.review(reviewer=provincial_clerk, flag=flag, state="dismissed", note="已核实")
    WatchSession.objects.update(examined_at=None)
    suspicion.look()
    assert Flag.objects.get().state == "dismissed"


def test_who_may_not_look_does_not_judge(flag, editor, city_clerk, learner, provincial_clerk):
    for person in (editor, city_clerk, learner):
        with pytest.raises(suspicion.NotAllowed):
            suspicion.review(reviewer=person, flag=flag, state="dismissed", note="好的")
    with pytest.raises(suspicion.WithoutWords):
        suspicion.review(reviewer=provincial_clerk, flag=flag, state="dismissed", note="  ")
    flag.enrolment.user = provincial_clerk
    with pytest.raises(suspicion.NotAllowed):
        suspicion.review(reviewer=provincial_clerk, flag=flag, state="dismissed", note="我自己的")
    assert not FlagReview.objects.exists()


def test_the_list_and_the_case_in_the_office(flag, client, provincial_clerk):
    client.force_login(provincial_clerk)
    page = client.get(reverse("flag:index") + "?state=open").content.decode()
    assert flag.enrolment.user.name in page
    assert "3525" in page or str(flag.figures["claimed_seconds"]) in page
    case = reverse("flag:inspect", args=[flag.pk])
    assert str(flag.figures["claimed_seconds"]) in client.get(case).content.decode()
    assert client.post(case, {"state": "dismissed", "note": ""}).status_code == 422
    assert client.post(case, {"state": "nonsense", "note": "看过了"}).status_code == 422
    assert client.post(case, {"state": "dismissed", "note": "看过了，没问题"}).url == case
    assert "看过了，没问题" in client.get(case).content.decode()
    flag.refresh_from_db()
    assert flag.state == "dismissed"


def test_others_do_not_find_it(flag, client, editor, learner, trainer):
    index, case = reverse("flag:index"), reverse("flag:inspect", args=[flag.pk])
    for person in (editor, trainer, learner):
        client.force_login(person)
        assert client.get(index).status_code in (302, 403, 404)
        assert client.get(case).status_code in (302, 403, 404)
        client.post(case, {"state": "dismissed", "note": "x"})
    assert not FlagReview.objects.exists()


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_costs_the_same_for_any_number(clock, client, admin, course, django_assert_max_num_queries, count):
    for n in range(count):
        row = enrolment.enrol(factories.user(email=f"many{n}@example.org"), course)
        Flag.objects.create(
            key=f"speed:{n}", kind="speed", enrolment=row, lesson=course.lessons().first(),
            figures={"beats": 4, "fastest": 4.0, "limit": 1.5}, created_at=timezone.now() + timedelta(seconds=n),
        )  # fmt: skip
    client.force_login(admin)
    client.get(reverse("flag:index"))
    with django_assert_max_num_queries(16):
        client.get(reverse("flag:index"))
