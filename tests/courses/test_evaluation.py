"""Five questions about an activity: asked of who is counted in it, shown without names, counted as 满意度."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from courses import bundles, classes, completion, enrolment, evaluation
from courses.models import Aspect, Evaluation, EvaluationQuestion
from lms import accounts, closing, headings, reports, tally
from lms.models import Activity, Region
from lms.reports import Scope
from tests import factories

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)
GOOD = dict.fromkeys(Aspect.values, 5)
POOR = {**dict.fromkeys(Aspect.values, 2), "trainer": 4}


def at(hour, day=DAY):
    return timezone.make_aware(timezone.datetime(day.year, day.month, day.day, hour))


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(at(12), tick=False) as moved:
        yield moved


@pytest.fixture
def class_(provincial_clerk):
    return classes.plan(
        title="首席质量官任职培训班", by=provincial_clerk, starts_on=DAY, ends_on=DAY, campaigns=["2026质量月"],
        region=Region.objects.get(code="510000"),
    )  # fmt: skip


@pytest.fixture
def session(class_):
    return classes.add_session(class_, title="质量法律法规", starts_at=at(9), minutes=90)


def came(session, number, **fields):
    person = factories.user(name=f"学员{number}", mobile=f"137000000{number:02}", mobile_verified=True, **fields)
    classes.come_in(session, user=person, secret=session.door_secret, at=at(9))
    return person


@pytest.fixture
def activity(session):
    return session.training_class.activity


@pytest.fixture
def learner(session, learner):
    learner.mobile_verified = True
    learner.save()
    classes.come_in(session, user=learner, secret=session.door_secret, at=at(9))
    return learner


def answer_all(session, activity, *, good=4, poor=1):
    people = [came(session, number) for number in range(good + poor)]
    for number, person in enumerate(people):
        evaluation.give(person, activity, stars=GOOD if number < good else POOR, words=f"第{number}句")
    return people


def close(clock):
    """The days in which it is asked are over, and the duty had its turn."""
    clock.move_to(at(12, DAY + timedelta(days=31)))
    bundles.gather()


def page(activity):
    return reverse("evaluation", args=[activity.uuid])


def test_who_came_answers_on_the_page_and_changes_the_answer(client, activity, learner):
    client.force_login(learner)
    assert "fieldset" in client.get(page(activity)).content.decode()
    assert client.post(page(activity), {**GOOD, "words": "案例 很好"}).status_code == 302
    first = Evaluation.objects.get()
    assert (first.satisfied, first.words, first.person) == (5, "案例 很好", learner.ledger_key)
    client.post(page(activity), {**POOR, "words": ""})
    assert Evaluation.objects.standing().get().satisfied == 1
    first.refresh_from_db()
    assert first.replaced_at  # the row of before stays


def test_half_an_answer_is_no_answer_and_nothing_typed_is_lost(client, activity, learner):
    client.force_login(learner)
    given = client.post(page(activity), {"content": 5, "words": "没写完"})
    assert (given.status_code, Evaluation.objects.count()) == (422, 0)
    assert "没写完" in given.content.decode()
    with pytest.raises(evaluation.Refused):
        evaluation.give(learner, activity, stars={**GOOD, "place": 6})


def test_who_is_not_counted_is_not_asked(client, activity, learner, outsider):
    client.force_login(outsider)
    assert client.get(page(activity)).status_code == 200
    assert client.post(page(activity), GOOD).status_code == 403
    assert evaluation.waiting(outsider) == []
    assert not Evaluation.objects.exists()


def test_it_is_asked_for_thirty_days(clock, activity, learner):
    assert [each.activity for each in evaluation.waiting(learner)] == [activity]
    clock.move_to(at(23, DAY + timedelta(days=30)))
    evaluation.give(learner, activity, stars=GOOD)
    assert evaluation.waiting(learner) == []
    clock.move_to(at(0, DAY + timedelta(days=31)))
    with pytest.raises(evaluation.Refused):
        evaluation.give(learner, activity, stars=POOR)


def test_who_came_to_the_beginning_of_a_long_class_is_asked_at_its_end(clock, provincial_clerk, learner):
    last = DAY + timedelta(days=60)
    long = classes.plan(title="长班", by=provincial_clerk, starts_on=DAY, ends_on=last)
    first = classes.add_session(long, title="第一天", starts_at=at(9), minutes=45)
    classes.come_in(first, user=learner, secret=first.door_secret, at=at(9))
    clock.move_to(at(12, last))
    assert long.activity in [each.activity for each in evaluation.waiting(learner)]


def test_not_before_the_last_day(provincial_clerk, learner):
    two = classes.plan(title="两天班", by=provincial_clerk, starts_on=DAY, ends_on=DAY + timedelta(days=1))
    first = classes.add_session(two, title="第一天", starts_at=at(9), minutes=45)
    classes.come_in(first, user=learner, secret=first.door_secret, at=at(9))
    with pytest.raises(evaluation.Refused):
        evaluation.asked(learner, two.activity)


def test_a_course_is_asked_about_when_it_is_finished(home, course, outsider, admin):
    held = enrolment.enrol(outsider, course)
    lessons = list(course.lessons())
    completion.override(enrolment=held, lesson=lessons[0], author=admin, reason="面授补录")
    assert evaluation.waiting(outsider) == []
    completion.override(enrolment=held, author=admin, reason="面授补录")
    if Activity.objects.filter(kind="course").exists():
        assert [each.activity.kind for each in evaluation.waiting(outsider)] == ["course"]


def test_the_database_keeps_one_answer_a_person(activity, learner):
    row = evaluation.give(learner, activity, stars=GOOD)
    row.pk, row.uuid = None, "00000000-0000-4000-8000-000000000001"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_means_and_words_wait_for_five_people(client, clock, session, activity, provincial_clerk):
    people = answer_all(session, activity, good=4, poor=0)
    with time_machine.travel(at(12, DAY + timedelta(days=31)), tick=False):
        assert bundles.gather() == 0
    told = evaluation.results(activity)
    assert (told.people, told.took_part, told.means, told.satisfaction) == (4, 4, (), None)
    client.force_login(provincial_clerk)
    address = reverse("evaluation_results", args=[activity.uuid])
    assert "第0句" not in client.get(address).content.decode()
    evaluation.give(came(session, 9), activity, stars=POOR)
    close(clock)
    told = evaluation.results(activity)
    assert (told.people, told.told, told.answers, told.satisfaction) == (5, 5, 25, 84)
    assert [float(mean.stars) for mean in told.means] == [4.4, 4.8, 4.4, 4.4, 4.4]
    client.force_login(provincial_clerk)
    text = client.get(address).content.decode()
    assert "第0句" in text
    assert not [person for person in people if person.name in text]


def test_while_it_is_asked_five_are_told_when_ten_have_answered(client, session, activity, provincial_clerk):
    client.force_login(provincial_clerk)
    address = reverse("evaluation_results", args=[activity.uuid])
    for number in range(10):
        assert (bundles.gather(), evaluation.results(activity).told) == (0, 0)
        evaluation.give(came(session, number), activity, stars=GOOD if number else POOR, words=f"第{number}句")
    assert bundles.gather() == 1
    told = evaluation.results(activity)
    assert (told.people, told.told, told.satisfied) == (10, 5, 21)
    text = client.get(address).content.decode()
    assert [number for number in range(10) if f"第{number}句" in text] == [0, 1, 2, 3, 4]
    assert bundles.gather() == 0


def test_what_is_told_stays_as_it_is(client, session, activity):
    people = answer_all(session, activity, good=10, poor=0)
    bundles.gather()
    client.force_login(people[0])
    assert "不再改动" in client.get(page(activity)).content.decode()
    assert client.post(page(activity), POOR).status_code == 403
    with pytest.raises(evaluation.Refused):
        evaluation.give(people[0], activity, stars=POOR)
    evaluation.give(people[9], activity, stars=POOR)
    assert evaluation.results(activity).satisfied == 25


def test_the_database_keeps_an_answer_in_its_bundle(session, activity):
    answer_all(session, activity, good=10, poor=0)
    bundles.gather()
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.exclude(bundle=None).update(replaced_at=timezone.now())


def test_a_sign_in_that_is_taken_back_takes_its_bundle_with_it(clock, session, activity, provincial_clerk):
    answer_all(session, activity, good=10, poor=1)
    bundles.gather()
    close(clock)
    assert [evaluation.results(activity).told, reports.measures(Scope()).answers] == [11, 55]
    row = session.sign_ins.last()
    classes.take_back(row, by=provincial_clerk, reason="代签")
    told = evaluation.results(activity)
    assert (told.people, told.told, told.satisfaction) == (10, 5, 100)
    assert reports.measures(Scope()).answers == 25


def test_words_are_read_page_by_page(client, clock, session, activity, provincial_clerk, django_assert_num_queries):
    def words(number):
        return client.get(f"{address}?page={number}").content.decode().count("第")

    address = reverse("evaluation_results", args=[activity.uuid])
    people = [came(session, number) for number in range(6)]
    for number, person in enumerate(people):
        evaluation.give(person, activity, stars=GOOD, words="第一句" if number == 0 else "")
    close(clock)
    client.force_login(provincial_clerk)
    client.get(address)
    with django_assert_num_queries(QUERIES):
        assert words(1) == 1
    Evaluation.objects.filter(person__in=[person.ledger_key for person in people[:3]]).update(words="第三句")
    with django_assert_num_queries(QUERIES):
        assert words(1) == 3
    Evaluation.objects.update(words="第六句")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("courses.views.evaluation.PAGE", 4)
        with django_assert_num_queries(QUERIES):
            assert words(1) == 4
        with django_assert_num_queries(QUERIES):
            assert words(2) == 2


QUERIES = 12  # two for the post and the region of who reads, two of bundles for the means, two for a page of words


def test_an_answer_lies_where_the_first_sign_in_that_stands_lies(clock, provincial_clerk):
    long = classes.plan(title="跨月班", by=provincial_clerk, starts_on=DAY - timedelta(days=30), ends_on=DAY)
    activity, first = long.activity, at(9, DAY - timedelta(days=30))
    early = classes.add_session(long, title="第一课", starts_at=first, minutes=45)
    session = classes.add_session(long, title="第二课", starts_at=at(9), minutes=45)
    people = [came(session, number) for number in range(5)]
    for person in people:
        classes.come_in(early, user=person, secret=early.door_secret, at=first)
        evaluation.give(person, activity, stars=GOOD)
    clock.move_to(at(12, DAY + timedelta(days=31)))
    bundles.gather()
    october, november = Scope.of_period("2026-10"), Scope.of_period("2026-11")
    assert (reports.measures(october).answers, reports.measures(november).answers) == (25, 0)
    before = timezone.now()
    clock.shift(60)
    for row in early.sign_ins.all():
        classes.take_back(row, by=provincial_clerk, reason="代签")
    assert (reports.measures(october).answers, reports.measures(november).answers) == (0, 25)
    assert [row.code for row in reports.table(Scope(), by="month") if row.measures.answers] == ["2026-11"]
    assert reports.measures(Scope.of_period("2026-10", as_of=before)).answers == 25
    assert evaluation.results(activity).people == 5
    for row in session.sign_ins.all()[:1]:
        classes.take_back(row, by=provincial_clerk, reason="代签")
    assert (evaluation.results(activity).people, reports.measures(Scope()).answers) == (4, 0)


def test_results_are_for_who_held_it_and_its_bureau(client, activity, learner, provincial_clerk, city_clerk, trainer):
    address = reverse("evaluation_results", args=[activity.uuid])
    for person, status in ((provincial_clerk, 200), (city_clerk, 403), (trainer, 403), (learner, 403)):
        client.force_login(person)
        assert client.get(address).status_code == status, person


def test_a_trainer_reads_the_results_of_the_own_broadcast(trainer, outsider):
    broadcast = factories.broadcast(trainer=trainer)
    run = tally.activity(key=f"broadcast:{broadcast.uuid}", kind="broadcast", title="直播")
    type(broadcast).objects.filter(pk=broadcast.pk).update(activity=run)
    assert evaluation.may_read(trainer, run)
    assert not evaluation.may_read(outsider, run)


@pytest.mark.parametrize("by", [*headings.BY])
def test_satisfaction_stands_in_every_table(clock, session, activity, by):
    answer_all(session, activity)
    close(clock)
    assert reports.measures(Scope()).satisfaction == 84
    rows = {row.code: row.measures for row in reports.table(Scope(), by=by) if row.measures.answers}
    code = {
        "city": "UNKNOWN", "county": "-", "activity": activity.key, "kind": "classroom", "channel": "classroom",
        "track": "-", "chain": "-", "size": "U", "campaign": "2026质量月", "month": "2026-11",
    }[by]  # fmt: skip
    assert {key: (each.satisfied, each.answers) for key, each in rows.items()} == {code: (21, 25)}


def test_scopes_narrow_it_as_they_narrow_the_book(clock, session, activity):
    answer_all(session, activity)
    close(clock)
    for fits in (Scope.of_period("2026-11"), Scope(campaign="2026质量月"), Scope(kind="classroom")):
        assert reports.measures(fits).answers == 25, fits
    for other in (Scope.of_period("2026-10"), Scope(cities=("510100",)), Scope(campaign="-"), Scope(channel="live")):
        assert reports.measures(other).answers == 0, other


def test_as_of_a_moment_the_bundles_of_then_are_read(clock, session, activity):
    answer_all(session, activity, good=12, poor=0)
    before = timezone.now()
    clock.shift(60)
    bundles.gather()
    step = timezone.now()
    close(clock)
    told = [reports.measures(Scope(as_of=at)).answers for at in (before, step, None)]
    assert told == [0, 25, 60]


def test_few_people_of_a_city_are_not_told(clock, session, activity):
    firm = factories.enterprise()
    for number in range(6):
        person = factories.user(name=f"甲{number}", mobile=f"1360000000{number}", mobile_verified=True)
        if number < 2:
            factories.member(person, firm)
        classes.come_in(session, user=person, secret=session.door_secret, at=at(9))
        evaluation.give(person, activity, stars=GOOD)
    close(clock)
    table = reports.table(Scope(), by="city")
    assert (table.total.answers, [row.code for row in table if row.measures.answers]) == (30, [])


def test_questions_are_worded_by_the_school_and_stay_five(client, admin, activity, learner):
    assert [str(each) for each in evaluation.questions()][1] == "讲师的讲授水平"
    row = EvaluationQuestion.objects.get(aspect="trainer")
    client.force_login(admin)
    address = reverse(row.snippet_viewset.get_url_name("edit"), args=[row.pk])
    sent = client.post(address, {"text": "讲师讲得怎么样", "text_en": "How did the trainer do?"})
    assert sent.status_code == 302, sent.content.decode()[:2000]
    assert str(evaluation.questions()[1]) == "讲师讲得怎么样"
    assert client.get(reverse(row.snippet_viewset.get_url_name("add"))).status_code in (302, 403)
    client.force_login(learner)
    assert "How did the trainer do?" in client.get(f"/en{page(activity)}").content.decode()


def test_it_is_offered_where_one_looks(client, session, activity, learner):
    client.force_login(learner)
    assert page(activity) in client.get(reverse("my_learning")).content.decode()
    door = reverse("class_door", args=[session.uuid, session.door_secret])
    assert page(activity) in client.get(door).content.decode()
    evaluation.give(learner, activity, stars=GOOD)
    assert page(activity) not in client.get(reverse("my_learning")).content.decode()


def test_own_data_holds_it_and_a_closed_account_leaves_stars_without_words(activity, learner):
    evaluation.give(learner, activity, stars=GOOD, words="张老师讲得好")
    assert accounts.data(learner)["evaluations"][0]["words"] == "张老师讲得好"
    closing.close(learner)
    row = Evaluation.objects.get()
    learner.refresh_from_db()
    assert (row.words, row.satisfied) == ("", 5)
    assert row.person != learner.ledger_key


def test_the_door_asks_only_when_the_whole_class_is_over(client, provincial_clerk, learner, clock):
    made = classes.plan(
        title="两天的班", by=provincial_clerk, starts_on=DAY, ends_on=DAY + timedelta(days=1),
        region=Region.objects.get(code="510000"),
    )  # fmt: skip
    session = classes.add_session(made, title="第一天", starts_at=at(9), minutes=45)
    classes.come_in(session, user=learner, secret=session.door_secret, at=at(9))
    client.force_login(learner)
    door = reverse("class_door", args=[session.uuid, session.door_secret])
    question = reverse("evaluation", args=[made.activity.uuid])
    assert question not in client.get(door).content.decode()
    clock.shift(timedelta(days=1))
    client.force_login(learner)
    assert question in client.get(door).content.decode()


BY_ACTIVITY = {"kind": "classroom", "campaign": "2026质量月", "track": "-"}


def in_tables(as_of=None):
    """Where the answers stand beside the people that gave them."""
    tables = {by: reports.table(Scope(as_of=as_of), by=by) for by in BY_ACTIVITY}
    found = {}
    for by, table in tables.items():
        found[by] = {row.code for row in table if row.measures.answers}
        assert found[by] == {row.code for row in table if row.measures.attendances}
    return {by: "、".join(codes) for by, codes in found.items()}


def test_an_activity_changed_past_the_rules_moves_no_satisfaction(clock, session, activity):
    answer_all(session, activity)
    close(clock)
    assert in_tables() == BY_ACTIVITY
    Activity.objects.filter(pk=activity.pk).update(kind="course", campaigns=["另一专题"], track="std", key="course:x")
    assert in_tables() == BY_ACTIVITY
    assert reports.measures(Scope(kind="classroom", campaign="2026质量月", activity=activity.key)).answers == 25
    assert reports.measures(Scope(kind="course")).answers == 0


def test_a_campaign_corrected_by_the_rules_moves_satisfaction_with_all_other_figures(
    clock, session, activity, provincial_clerk
):
    answer_all(session, activity)
    close(clock)
    then = timezone.now()
    clock.shift(timedelta(days=1))
    tally.change(activity, by=provincial_clerk, campaigns=["川渝", "质量公益"], track="std")
    now = in_tables()
    assert (set(now["campaign"].split("、")), now["track"]) == ({"川渝", "质量公益"}, "std")
    assert in_tables(as_of=then) == BY_ACTIVITY
