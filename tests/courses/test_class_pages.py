"""Pages of classes: planned by officers and trainers, signed in to on a telephone, completed by a table."""

import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from courses import class_rosters, classes
from courses.models import ClassMember, ClassSignIn, TrainingClass
from lms import workbooks
from lms.models import Participation, Region
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def class_(provincial_clerk):
    today = timezone.localdate()
    return classes.plan(
        title="第三期", by=provincial_clerk, starts_on=today, ends_on=today, region=Region.objects.get(code="510000")
    )


@pytest.fixture
def session(class_):
    return classes.add_session(class_, title="质量法律法规", starts_at=timezone.now(), minutes=45)


def table(*rows):
    book = Workbook()
    book.active.append(["签到表", None])
    book.active.append(["姓名", "联系方式"])
    book.active.append([None, "手机"])
    book.active.merge_cells("A1:B1")
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    out.name = "签到.xlsx"
    return out


def on_trial(client):
    """What the form of the table that is looked at sends with it."""
    return client.session["class-roster"]["id"]


def verdicts(session, *rows):
    return [one.verdict for one in class_rosters.judge(session, class_rosters.read(table(*rows)).lines)]


def known(name, mobile):
    return factories.user(name=name, mobile=mobile, mobile_verified=True)


def test_an_officer_plans_a_class_and_a_meeting(client, provincial_clerk):
    client.force_login(provincial_clerk)
    today = timezone.localdate()
    answer = client.post(
        reverse("classes"),
        {
            "title": "第三期",
            "starts_on": today,
            "ends_on": today,
            "place": "示范会堂",
            "quota": 50,
            "organisers": "示范局",
        },
    )
    made = TrainingClass.objects.get()
    assert answer.url == reverse("training_class", args=[made.uuid])
    assert made.activity.organisers == [{"role": "主办", "name": "示范局"}]
    assert made.activity.region_code == "510000"
    client.post(answer.url, {"title": "第一讲", "starts_at": f"{today}T09:00", "minutes": 90})
    assert "第一讲" in client.get(answer.url).content.decode()
    assert "第三期" in client.get(reverse("classes")).content.decode()


def test_what_cannot_be_planned_is_said_and_kept(client, provincial_clerk):
    client.force_login(provincial_clerk)
    answer = client.post(reverse("classes"), {"title": "留住我", "starts_on": "2026-12-02", "ends_on": "2026-12-01"})
    assert answer.status_code == 422
    assert "留住我" in answer.content.decode()
    assert not TrainingClass.objects.exists()


def test_one_button_at_the_door(client, session, learner):
    client.force_login(learner)
    door = reverse("class_door", args=[session.uuid, session.door_secret])
    assert "张明远" in client.get(door).content.decode()
    assert client.post(door).status_code == 200
    assert client.post(door).status_code == 200
    assert Participation.objects.get().person == learner.ledger_key


def test_a_forged_door_says_so(client, session, learner):
    client.force_login(learner)
    answer = client.post(reverse("class_door", args=[session.uuid, "guess"]))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not ClassSignIn.objects.exists()


def test_the_code_at_the_door_stands_on_the_page(client, session, provincial_clerk):
    client.force_login(provincial_clerk)
    page = client.get(reverse("class_session", args=[session.training_class.uuid, session.pk])).content.decode()
    assert "<svg" in page
    assert session.door_secret in page


def test_verdicts(session):
    known("张明远", "13800000001")
    known("李四光", "13800000002")
    assert verdicts(
        session, ["张明远", "１３８００００ ０００１"], ["李四", 13800000002], ["王五", "13800000003"],
        ["张明远", "13800000001"], ["赵六", "1.38E+10"], ["=1+1", "13800000004"],
    ) == ["counts", "look", "later", "stop", "stop", "stop"]  # fmt: skip


def test_the_whole_way_of_a_table(client, session, provincial_clerk):
    known("张明远", "13800000001")
    known("李四光", "13800000002")
    client.force_login(provincial_clerk)
    here = reverse("class_session", args=[session.training_class.uuid, session.pk])
    roster = reverse("class_roster", args=[session.training_class.uuid, session.pk])
    rows = ["张明远", "13800000001"], ["李四", "13800000002"], ["王五", "13800000003"], ["赵六", "1.38E+10"]
    assert client.post(roster, {"file": table(*rows)}).url == here
    assert not ClassMember.objects.exists()
    page = client.get(here).content.decode()
    assert len(re.findall(r"badge--stop", page)) == 1
    left = client.get(reverse("class_roster_left", args=[session.training_class.uuid, session.pk]))
    names = [row[0] for row in load_workbook(io.BytesIO(left.content)).active.iter_rows(values_only=True)]
    assert names == ["姓名", "李四", "赵六"]
    client.post(roster, {"apply": "1", "trial": on_trial(client), "line-5": "import"})
    assert ClassSignIn.objects.count() == 3
    assert Participation.objects.count() == 2  # one of them has not registered
    client.post(roster, {"file": table(*rows)})
    client.post(roster, {"apply": "1", "trial": on_trial(client)})
    assert (ClassSignIn.objects.count(), Participation.objects.count()) == (3, 2)


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04"])
def test_a_file_that_is_no_table(client, session, provincial_clerk, data):
    client.force_login(provincial_clerk)
    file = io.BytesIO(data)
    file.name = "签到.xlsx"
    answer = client.post(reverse("class_roster", args=[session.training_class.uuid, session.pk]), {"file": file})
    assert answer.status_code == 422


def test_a_table_that_finds_no_places_is_kept_on_trial(client, session, provincial_clerk):
    session.training_class.activity.quota = 1
    session.training_class.activity.save()
    client.force_login(provincial_clerk)
    roster = reverse("class_roster", args=[session.training_class.uuid, session.pk])
    client.post(roster, {"file": table(["王五", "13800000003"], ["赵六", "13800000004"])})
    answer = client.post(roster, {"apply": "1", "trial": on_trial(client)})
    assert answer.status_code == 422
    assert "王五" in answer.content.decode()
    assert not ClassMember.objects.exists()


def test_another_page_that_looked_at_another_table(client, session, provincial_clerk):
    client.force_login(provincial_clerk)
    roster = reverse("class_roster", args=[session.training_class.uuid, session.pk])
    client.post(roster, {"file": table(["王五", "13800000003"])})
    shown = on_trial(client)
    client.post(roster, {"file": table(["赵六", "13800000004"])})
    answer = client.post(roster, {"apply": "1", "trial": shown})
    assert answer.status_code == 422
    assert "期间另一个页面查看了另一份表格" in answer.content.decode()
    assert "赵六" in answer.content.decode()
    assert not ClassMember.objects.exists()
    client.post(roster, {"apply": "1", "trial": on_trial(client)})
    assert ClassMember.objects.get().name == "赵六"


def test_namesakes_are_told_apart_by_their_numbers(client, session, provincial_clerk):
    client.force_login(provincial_clerk)
    roster = reverse("class_roster", args=[session.training_class.uuid, session.pk])
    client.post(roster, {"file": table(["王小二", "13800000003"], ["王小二", "13900000004"])})
    rows = {f"line-{line['number']}": "import" for line in client.session["class-roster"]["lines"]}
    client.post(roster, {"apply": "1", "trial": on_trial(client)} | rows)
    page = client.get(reverse("class_session", args=[session.training_class.uuid, session.pk])).content.decode()
    assert [number in page for number in ("138****0003", "139****0004", "13800000003")] == [True, True, False]


def test_too_many_rows(session, monkeypatch):
    monkeypatch.setattr(class_rosters, "MOST", 1)
    with pytest.raises(workbooks.Refused):
        class_rosters.read(table(["王五", "13800000003"], ["赵六", "13800000004"]))


def test_a_sign_in_is_taken_back_with_a_reason(client, session, learner, provincial_clerk):
    row = classes.come_in(session, user=learner, secret=session.door_secret)
    client.force_login(provincial_clerk)
    back = reverse("class_take_back", args=[session.training_class.uuid, session.pk, row.pk])
    client.post(back, {"reason": ""})
    assert ClassSignIn.objects.standing().exists()
    client.post(back, {"reason": "代签"})
    assert not ClassSignIn.objects.standing().exists()


def test_judging_many_costs_as_much_as_one(session, django_assert_num_queries):
    lines = [workbooks.Line(n, {"name": f"员工{n}", "mobile": f"135{n:08}"}) for n in range(500)]
    with django_assert_num_queries(2):
        class_rosters.judge(session, lines[:1])
    with django_assert_num_queries(2):
        class_rosters.judge(session, lines)


@pytest.mark.parametrize(
    ("who", "status"),
    [("learner", 403), ("outsider", 403), ("editor", 403), ("trainer", 404), ("city_clerk", 404),
     ("provincial_clerk", 200), ("admin", 200)],
)  # fmt: skip
def test_who_sees_a_class_of_the_province(client, request, session, who, status):
    client.force_login(request.getfixturevalue(who))
    uuid = session.training_class.uuid
    assert client.get(reverse("training_class", args=[uuid])).status_code == status
    assert client.get(reverse("class_session", args=[uuid, session.pk])).status_code == status
    assert client.get(reverse("class_roster_left", args=[uuid, session.pk])).status_code == status
    index = client.get(reverse("classes"))
    assert (index.status_code == 200) == (status != 403)
    assert ("第三期" in index.content.decode()) == (status == 200)


def test_the_list_costs_as_much_for_three_as_for_one(client, session, provincial_clerk, django_assert_num_queries):
    client.force_login(provincial_clerk)
    client.get(reverse("classes"))
    with django_assert_num_queries(6):
        client.get(reverse("classes"))
    for n in range(2):
        day = timezone.localdate() + timedelta(days=n)
        classes.plan(title=f"班{n}", by=provincial_clerk, starts_on=day, ends_on=day)
    with django_assert_num_queries(6):
        client.get(reverse("classes"))
