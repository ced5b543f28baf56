"""A class is planned whole at the desk, and what was planned wrongly is put right: what was counted stays."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale

from courses import class_corrections, classes, enrolment
from courses.models import ClassSession, LessonPage, LessonProgress, TrainingClass
from lms.models import Activity, ActivityFacts, Participation, Region
from tests import factories

pytestmark = pytest.mark.django_db
NINE = timezone.make_aware(timezone.datetime(2026, 11, 20, 9))
TWO = NINE + timedelta(hours=5)
DAY = NINE.date()


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NINE, tick=False):
        yield


@pytest.fixture
def class_(provincial_clerk):
    return classes.plan(
        title="第三期", by=provincial_clerk, starts_on=DAY, ends_on=DAY + timedelta(days=1),
        region=Region.objects.get(code="510000"), quota=60,
    )  # fmt: skip


@pytest.fixture
def session(class_):
    return classes.add_session(class_, title="质量法律法规", starts_at=NINE, minutes=90)


@pytest.fixture
def desk(client, provincial_clerk):
    client.force_login(provincial_clerk)
    return client


@pytest.fixture
def twin(course):
    """The first lesson in English."""
    english = Locale.objects.get_or_create(language_code="en")[0]
    for page, title in ((course, "English course"), (course.lessons().first(), "English lesson")):
        draft = page.copy_for_translation(english, copy_parents=True)
        draft.title = title
        draft.save_revision().publish()
    return LessonPage.objects.get(locale=english)


def plan(**more):
    return {"title": "第三期", "starts_on": "2026-11-20", "ends_on": "2026-11-21"} | more


def meeting(**more):
    return {"title": "第一讲", "starts_at": "2026-11-20T14:00", "minutes": "90"} | more


def come(session, user):
    return classes.come_in(session, user=user, secret=session.door_secret)


def of_class(name, class_):
    return reverse(name, args=[class_.uuid])


def of_meeting(name, session):
    return reverse(name, args=[session.training_class.uuid, session.pk])


def test_a_mixed_class_is_planned_at_the_desk_and_counts_for_the_course(desk, home, course, learner):
    programme = factories.programme(home, [course])
    labels = {"campaigns": "2026质量月、世界计量日", "track": "cqo", "programme": programme.pk}
    answer = desk.post(reverse("classes"), plan(organisers="示范省局\n承办：示范协会", **labels))
    made = TrainingClass.objects.get()
    assert (made.programme, made.activity.track) == (programme, "cqo")
    assert made.activity.campaigns == ["2026质量月", "世界计量日"]
    assert made.activity.organisers == [{"role": "主办", "name": "示范省局"}, {"role": "承办", "name": "示范协会"}]
    lesson = course.lessons().first()
    enrolment.enrol(learner, course)
    assert desk.post(answer.url, meeting(starts_at="2026-11-20T09:00", lesson=lesson.pk)).status_code == 302
    come(made.sessions.get(), learner)
    assert LessonProgress.objects.get(lesson=lesson).completed_at
    page = desk.get(answer.url).content.decode()
    for words in (lesson.title, programme.title, "2026质量月、世界计量日", "首席质量官任职", "承办单位：示范协会"):
        assert words in page


def test_lessons_stand_under_their_courses_in_the_language_of_the_page(desk, class_, course, twin):
    address = "/en" + of_class("training_class", class_)
    page = desk.get(address).content.decode()
    chinese = list(course.lessons())[1:]  # there is no English one of these
    assert re.findall(r'<optgroup label="([^"]*)">', page) == ["质量管理基础", "English course"]
    assert set(re.findall(r'<option value="(\d+)">', page)) == {str(each.pk) for each in [*chinese, twin]}
    assert desk.post(address, meeting(lesson=twin.pk)).status_code == 302
    assert class_.sessions.get().lesson == course.lessons().first()


def test_the_form_of_meetings_costs_as_much_for_many_lessons(desk, class_, home, django_assert_num_queries):
    for number in range(2):
        factories.course(home, title=f"课程{number}", lessons=number + 1)
        desk.get(of_class("training_class", class_))
        with django_assert_num_queries(10):
            desk.get(of_class("training_class", class_))


def test_no_two_meetings_of_a_class_begin_at_the_same_minute(desk, class_, session):
    answer = desk.post(of_class("training_class", class_), meeting(starts_at="2026-11-20T09:00"))
    assert answer.status_code == 422
    assert "“质量法律法规”" in answer.content.decode()
    assert ClassSession.objects.count() == 1


def test_a_cancelled_class_takes_no_meeting(desk, class_):
    classes.cancel(class_)
    assert desk.post(of_class("training_class", class_), meeting()).status_code == 422
    assert not ClassSession.objects.exists()


def test_the_plan_is_corrected_also_when_people_have_come_and_it_is_on_record(desk, class_, session, learner):
    come(session, learner)
    page = desk.get(of_class("class_correct", class_)).content.decode()
    assert 'value="第三期"' in page
    changed = plan(title="第四期", place="新会堂", quota=80, campaigns="2026质量月", track="tqm")
    assert desk.post(of_class("class_correct", class_), changed).url == of_class("training_class", class_)
    activity = Activity.objects.get()
    assert (activity.title, activity.place, activity.quota, activity.track) == ("第四期", "新会堂", 80, "tqm")
    assert (activity.campaigns, activity.status) == (["2026质量月"], "held")
    written = ActivityFacts.objects.order_by("pk")
    assert [row.title for row in written] == ["第三期", "第四期"]
    assert written.last().author == activity.created_by.ledger_key
    assert Participation.objects.get().minutes == 90


@pytest.mark.parametrize(
    "wrong",
    [{"starts_on": "2026-11-21"}, {"quota": "1"}, {"ends_on": "2026-11-19"}, {"title": ""}, {"programme": "9" * 30}],
)
def test_a_wrong_correction_is_said_and_kept(desk, class_, session, wrong):
    classes.enter(class_, [("甲", "13500000001"), ("乙", "13500000002")])
    answer = desk.post(of_class("class_correct", class_), plan(place="留住我") | wrong)
    assert answer.status_code == 422
    assert "留住我" in answer.content.decode()
    assert (Activity.objects.get().place, ActivityFacts.objects.count()) == ("", 1)


def test_a_programme_that_was_taken_down_stays_with_its_class(desk, class_, home, course):
    programme = factories.programme(home, [course])
    class_.programme = programme
    class_.save()
    programme.unpublish()
    desk.post(of_class("class_correct", class_), plan(programme=programme.pk))
    class_.refresh_from_db()
    assert class_.programme == programme


def test_a_meeting_to_which_nobody_came_is_corrected_whole(desk, session, course):
    lesson = course.lessons().first()
    answer = desk.post(of_meeting("class_session_correct", session), meeting(lesson=lesson.pk))
    assert answer.url == of_meeting("class_session", session)
    session.refresh_from_db()
    assert (session.title, session.starts_at, session.lesson) == ("第一讲", TWO, lesson)
    assert f'<option value="{lesson.pk}" selected>' in desk.get(answer.url + "correct/").content.decode()


def test_a_meeting_is_not_moved_onto_another_one_and_may_stay_where_it_is(desk, class_, session):
    classes.add_session(class_, title="标准化", starts_at=TWO, minutes=45)
    address = of_meeting("class_session_correct", session)
    assert desk.post(address, meeting()).status_code == 422
    assert desk.post(address, meeting(starts_at="2026-11-22T09:00")).status_code == 422
    assert desk.post(address, meeting(starts_at="2026-11-20T09:00")).status_code == 302


def test_of_a_meeting_that_was_held_only_the_subject_changes(desk, session, learner, trainer):
    row = come(session, learner)
    page = desk.get(of_meeting("class_session_correct", session)).content.decode()
    assert ('name="title"' in page, 'name="starts_at"' in page, 'name="lesson"' in page) == (True, False, False)
    desk.post(of_meeting("class_session_correct", session), meeting())
    session.refresh_from_db()
    assert (session.title, session.starts_at) == ("第一讲", NINE)
    assert Participation.objects.get().unit_title == "质量法律法规"
    with pytest.raises(classes.Refused):
        class_corrections.move(session, title="第一讲", starts_at=TWO, minutes=90)
    classes.take_back(row, by=trainer, reason="时间登记错误")
    desk.post(of_meeting("class_session_correct", session), meeting())
    session.refresh_from_db()
    assert session.starts_at == TWO


def test_a_meeting_without_sign_ins_is_removed(desk, class_, session):
    assert "class_session_remove" not in desk.get(of_meeting("class_session", session)).content.decode()
    answer = desk.post(of_meeting("class_session_remove", session))
    assert answer.url == of_class("training_class", class_)
    assert (class_.sessions.count(), Activity.objects.get().planned_sessions) == (0, 0)


def test_a_meeting_that_somebody_signed_in_to_stays_also_when_it_was_taken_back(desk, session, learner, trainer):
    row = come(session, learner)
    for _turn in range(2):
        assert desk.post(of_meeting("class_session_remove", session)).url == of_meeting("class_session", session)
        assert session.sign_ins.count() == 1
        classes.take_back(row, by=trainer, reason="代签")


def test_a_class_whose_sign_ins_were_taken_back_can_be_cancelled(desk, class_, session, learner, trainer):
    row = come(session, learner)
    assert of_class("class_cancel", class_) in desk.get(of_class("training_class", class_)).content.decode()
    desk.post(of_class("class_cancel", class_))
    assert Activity.objects.get().status == "held"
    classes.take_back(row, by=trainer, reason="签到登记到了别的班")
    desk.post(of_class("class_cancel", class_))
    assert Activity.objects.get().status == "cancelled"


def test_a_cancelled_class_is_corrected_no_more(desk, class_, session):
    classes.cancel(class_)
    assert desk.post(of_class("class_correct", class_), plan(title="第四期")).status_code == 422
    assert desk.post(of_meeting("class_session_correct", session), meeting()).status_code == 422
    assert of_class("class_correct", class_) not in desk.get(of_class("training_class", class_)).content.decode()
