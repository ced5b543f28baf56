"""The training archive of an activity: what lies in the ZIP, who may have it, and names that Windows takes."""

import io
from datetime import date, timedelta
from zipfile import ZipFile

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from filer.models import File
from openpyxl import load_workbook

from courses import archive, bundles, classes, evaluation, exams
from courses.models import Aspect
from lms import bureau, exports, file_names, tally, timespans
from lms.models import AuditEntry, Export, Region
from tests import factories

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


def at(hour):
    return timezone.make_aware(timezone.datetime(2026, 11, 20, hour))


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(at(18), tick=False) as moved:
        yield moved


@pytest.fixture
def class_(provincial_clerk):
    return classes.plan(
        title='任职培训班: 第三期 "川渝"', by=provincial_clerk, starts_on=DAY, ends_on=DAY, place="示范会堂", quota=40,
        region=Region.objects.get(code="510000"), organisers=[{"role": "主办", "name": "示范省市场监督管理局"}],
    )  # fmt: skip


@pytest.fixture
def session(class_, home):
    course = factories.course(home)
    paper = File.objects.create(original_filename="讲义?.pdf", file=ContentFile(b"%PDF-1.4 words", name="paper.pdf"))
    lesson = factories.lesson(course, body=[("handout", {"title": "讲义", "file": paper})])
    return classes.add_session(class_, title="=HYPERLINK(1)", starts_at=at(9), minutes=90, lesson=lesson)


def came(session, number):
    person = factories.user(name=f"张明远{'甲乙丙丁戊'[number]}", mobile=f"1370000000{number}", mobile_verified=True)
    classes.come_in(session, user=person, secret=session.door_secret, at=at(9))
    return person


def opened(client, activity):
    state = client.post(reverse("archive", args=[activity.uuid])).url
    assert client.get(state).status_code == 200
    made = Export.objects.latest("pk")
    assert exports.make(made.pk)  # as the worker does after the commit
    answer = client.get(reverse("archive_file", args=[made.uuid]))
    return ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def rows(files, ending):
    name = next(name for name in files.namelist() if name.endswith(ending))
    sheet = load_workbook(io.BytesIO(files.read(name))).active
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]


def test_everything_of_a_class_lies_in_one_file(client, clock, session, provincial_clerk):
    people = [came(session, number) for number in range(5)]
    for person in people:
        stars = dict.fromkeys(Aspect.values, 5)
        evaluation.give(person, session.training_class.activity, stars=stars, words="案例很好")
    clock.shift(timedelta(days=31))
    bundles.gather()
    client.force_login(provincial_clerk)
    files = opened(client, session.training_class.activity)
    names = files.namelist()
    assert [name.split("-", 1)[1] for name in names[:6]] == [
        "培训计划.xlsx", "学员名册.xlsx", "签到考勤.xlsx", "学时记录.xlsx", "考试成绩.xlsx", "活动评价.xlsx",
    ]  # fmt: skip
    assert names[6:] == ["课件资料/01-讲义_.pdf", "00-目录.txt"]
    plan = rows(files, "培训计划.xlsx")
    assert ["地点", "示范会堂"] in plan
    assert ["主办单位", "示范省市场监督管理局"] in plan
    assert ["名额", 40] in plan
    assert rows(files, "学员名册.xlsx")[0][:2] == ["张***", "137****0000"]
    assert rows(files, "签到考勤.xlsx")[0][0] == "=HYPERLINK(1)"
    assert len(rows(files, "学时记录.xlsx")) == 5
    assert ["满意度（%）", 100] in rows(files, "活动评价.xlsx")
    assert files.read("课件资料/01-讲义_.pdf").startswith(b"%PDF")
    text = files.read("00-目录.txt")
    assert text.startswith(b"\xef\xbb\xbf")
    assert "签到考勤.xlsx\t5 行" in text.decode("utf-8-sig")
    for name in names:
        if name.endswith(".xlsx"):
            assert people[0].mobile.encode() not in files.read(name)


def test_each_step_is_on_the_trail_and_the_file_expires(client, session, provincial_clerk, clock):
    came(session, 0)
    client.force_login(provincial_clerk)
    opened(client, session.training_class.activity)
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert verbs == {"export_asked", "export_made", "export_taken"}
    assert "培训档案-" in client.get(reverse("bureau_trail")).content.decode()
    clock.shift(exports.KEEP)
    assert exports.forget() == 1
    made = Export.objects.get()
    assert client.get(reverse("archive_file", args=[made.uuid])).status_code == 302
    again = exports.ask_again(user=provincial_clerk, export=made)
    assert exports.make(again.pk)
    assert exports.take(provincial_clerk, again.uuid)


def test_a_handout_that_is_gone_is_named_and_the_rest_is_packed(client, session, provincial_clerk):
    paper = File.objects.get(original_filename="讲义?.pdf")
    paper.file.storage.delete(paper.file.name)
    client.force_login(provincial_clerk)
    files = opened(client, session.training_class.activity)
    assert not [name for name in files.namelist() if name.startswith("课件资料")]
    assert "课件资料/01-讲义_.pdf\t文件缺失" in files.read("00-目录.txt").decode("utf-8-sig")


def test_who_packs_says_that_it_is_alive(session, provincial_clerk, clock):
    made = archive.ask(provincial_clerk, session.training_class.activity)
    clock.shift(60)
    archive.write(made, exports.path_of(made))
    made.refresh_from_db()
    assert made.beat_at == timezone.now()


def test_results_of_the_programme_of_the_class_are_in_it(client, session, provincial_clerk, home):
    person = came(session, 0)
    programme = factories.programme(home, [], exam=factories.assessment(kind="final"), exam_needs_courses=False)
    held = session.training_class
    held.programme = programme
    held.save()
    joined = factories.programme_enrolment(person, programme)
    attempt = exams.start(user=person, assessment=programme.exam, programme_enrolment=joined)
    exams.submit(attempt)
    client.force_login(provincial_clerk)
    told = rows(opened(client, held.activity), "考试成绩.xlsx")
    assert [(row[0], row[2], row[6]) for row in told] == [("张***", programme.exam.title, "不合格")]


def test_who_does_not_hold_it_gets_nothing(client, session, learner, city_clerk, trainer, provincial_clerk):
    activity = session.training_class.activity
    for person in (learner, city_clerk, trainer):
        client.force_login(person)
        assert client.post(reverse("archive", args=[activity.uuid])).status_code == 403
    made = archive.ask(provincial_clerk, activity)
    client.force_login(trainer)
    assert client.get(reverse("archive_state", args=[made.uuid])).status_code == 404
    assert client.get(reverse("archive_file", args=[made.uuid])).status_code == 404


def test_what_is_no_archive_is_not_handed_out_as_one(client, session, provincial_clerk):
    days = timespans.between(DAY, DAY, today=DAY)
    other = exports.ask(user=provincial_clerk, kind="table", question=bureau.Question(days))
    client.force_login(provincial_clerk)
    assert client.get(reverse("archive_file", args=[other.uuid])).status_code == 404
    assert client.get(reverse("archive_state", args=[other.uuid])).status_code == 404
    assert client.get(reverse("bureau_file", args=[other.uuid])).status_code == 200


def test_full_names_are_for_the_province_with_a_purpose(session, provincial_clerk, trainer):
    activity = session.training_class.activity
    with pytest.raises(exports.Refused):
        archive.ask(provincial_clerk, activity, full=True)
    came(session, 0)
    made = archive.ask(provincial_clerk, activity, full=True, purpose="归档")
    exports.make(made.pk)
    with ZipFile(exports.path_of(made)) as files:
        assert rows(files, "学员名册.xlsx")[0][:2] == ["张明远甲", "13700000000"]


def test_a_broadcast_has_its_attendance(trainer):
    broadcast = factories.broadcast(trainer=trainer)
    run = tally.activity(key=f"broadcast:{broadcast.uuid}", kind="broadcast", title="直播", created_by=trainer)
    type(broadcast).objects.filter(pk=broadcast.pk).update(activity=run)
    made = archive.ask(trainer, run)
    exports.make(made.pk)
    with ZipFile(exports.path_of(made)) as files:
        assert any(name.endswith("直播考勤.xlsx") for name in files.namelist())


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("质量管理/第一章:概论?.pdf", "质量管理_第一章_概论_.pdf"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("结尾. . ", "结尾"),
        ("", "未命名"),
        ("长" * 300 + ".pdf", "长" * 80 + ".pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
    ],
)
def test_names_are_those_that_windows_takes(given, made):
    assert file_names.safe(given) == made
