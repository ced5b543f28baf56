"""A roster is judged line by line, written when somebody says so, and the same roster once more changes nothing."""

import io
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone, translation
from openpyxl import Workbook, load_workbook

from lms import enterprises, members, reasons, rosters, workbooks
from lms.models import Invitation, Membership, Roster
from lms.rosters import Verdict
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm():
    return factories.enterprise()


def file(*rows, head=("姓名", "手机号码", "岗位")):
    book = Workbook()
    book.active.append(["员工名册", None, None])
    book.active.append(list(head))
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def trial(firm, by, *rows, **options):
    return rosters.try_out(enterprise=firm, file=file(*rows, **options), file_name="员工名册.xlsx", by=by)


def verdicts(roster):
    return {line["number"]: line["verdict"] for line in roster.lines}


def employee(firm, name, mobile, post=""):
    return factories.member(factories.user(name=name, mobile=mobile, mobile_verified=True), firm, post=post)


def test_a_trial_writes_nobody(manager, firm):
    roster = trial(firm, manager, ["曹德明", "13500009027", "设备科科长"])
    assert verdicts(roster) == {3: Verdict.NEW}
    assert not Invitation.objects.exists()


def test_new_people_are_invited(manager, firm):
    roster = trial(firm, manager, ["曹德明", 13500009027, "设备科科长"], ["阿说木呷", "１３５ ００００ ９０２８", None])
    done = rosters.apply(roster, by=manager)
    assert done.result == {"new": 2}
    invited = Invitation.objects.order_by("mobile").values_list("name", "mobile", "post")
    assert list(invited) == [("曹德明", "13500009027", "设备科科长"), ("阿说木呷", "13500009028", "")]


def test_people_who_are_there_get_their_post_and_are_confirmed(manager, firm):
    same = employee(firm, "曾凡", "13500000001", "质检员")
    moved = employee(firm, "谢建华", "13500000002", "装配工")
    roster = trial(firm, manager, ["曾凡", "13500000001", "质检员"], ["谢建华", "13500000002", "装配班班长"])
    assert verdicts(roster) == {3: Verdict.SAME, 4: Verdict.UPDATE}
    rosters.apply(roster, by=manager)
    assert enterprises.membership(moved.user).post == "装配班班长"
    assert {enterprises.membership(row.user).confirmed_at is None for row in (same, moved)} == {False}
    assert not Invitation.objects.exists()


def test_the_same_roster_again_changes_nothing(manager, firm):
    employee(firm, "谢建华", "13500000002", "装配工")
    rows = ["谢建华", "13500000002", "班长"], ["曹德明", "13500009027", "科长"]
    rosters.apply(trial(firm, manager, *rows), by=manager)
    before = list(Membership.objects.values()), list(Invitation.objects.values())
    again = trial(firm, manager, *rows)
    assert set(verdicts(again).values()) == {Verdict.SAME}
    rosters.apply(again, by=manager)
    assert (list(Membership.objects.values()), list(Invitation.objects.values())) == before


def test_applying_twice_is_once(manager, firm):
    roster = trial(firm, manager, ["曹德明", "13500009027", "科长"])
    rosters.apply(roster, by=manager)
    assert rosters.apply(roster, by=manager).result == {"new": 1}
    assert Invitation.objects.count() == 1


def test_a_namesake_is_to_be_checked(manager, firm):
    employee(firm, "罗军", "13300007708")
    roster = trial(firm, manager, ["罗军", "13700004406", "铸造车间主任"])
    assert verdicts(roster) == {3: Verdict.LOOK}
    assert "133****7708" in reasons.told(roster.lines[0])
    assert rosters.apply(roster, by=manager).result == {}
    again = trial(firm, manager, ["罗军", "13700004406", "铸造车间主任"])
    rosters.apply(again, by=manager, answers=[3])
    assert Invitation.objects.get().mobile == "13700004406"


def test_somebody_of_another_enterprise_is_asked_and_not_moved(manager, firm):
    other = factories.enterprise(uscc="91510600DEMQ02419T", name="德阳东升装备制造有限公司")
    row = employee(other, "泽仁·旺堆", "18900003345")
    roster = trial(firm, manager, ["泽仁·旺堆", "18900003345", "质检员"])
    assert verdicts(roster) == {3: Verdict.LOOK}
    assert other.name not in reasons.told(roster.lines[0])
    rosters.apply(roster, by=manager, answers=[3])
    assert enterprises.membership(row.user).enterprise == other
    members.accept(Invitation.objects.get(), user=row.user)
    assert enterprises.membership(row.user).enterprise == firm


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["冯玉兰", "1.38E+10", "化验员"], "文本"),
        (["冯玉兰", "1380000", "化验员"], "11"),
        (["冯玉兰", None, "化验员"], "11"),
        (["@张明", "13800000001", ""], "@"),
        (["冯", "13800000001", ""], "2"),
    ],
)
def test_a_line_that_cannot_be_imported_says_why(manager, firm, row, words):
    roster = trial(firm, manager, row)
    assert verdicts(roster) == {3: Verdict.STOP}
    assert words in reasons.told(roster.lines[0])


def test_a_number_of_somebody_else_here(manager, firm):
    employee(firm, "曾凡", "13500000001")
    roster = trial(firm, manager, ["别人", "13500000001", ""])
    assert verdicts(roster) == {3: Verdict.STOP}
    assert "曾凡" in reasons.told(roster.lines[0])


def test_the_same_number_twice(manager, firm):
    roster = trial(firm, manager, ["曹德明", "13500009027", ""], ["曹德民", "13500009027", ""])
    assert verdicts(roster) == {3: Verdict.NEW, 4: Verdict.STOP}
    assert "3" in reasons.told(roster.lines[1])


def test_a_row_of_another_enterprise(manager, firm):
    rows = ["甲某", "13500000011", "91510600DEMQ02419T"], ["乙某", "13500000012", "９１510100demq01379a"]
    roster = trial(firm, manager, *rows, head=("姓名", "手机", "统一社会信用代码"))
    assert verdicts(roster) == {3: Verdict.STOP, 4: Verdict.NEW}
    with pytest.raises(rosters.Refused, match="1"):
        rosters.apply(roster, by=manager, whole=True)
    done = rosters.apply(roster, by=manager)
    assert done.result == {"new": 1}
    assert verdicts(done) == {3: Verdict.STOP, 4: Verdict.NEW}
    assert done.lines[0]["reason"]
    assert Invitation.objects.get().mobile == "13500000012"


def test_all_or_nothing(manager, firm):
    roster = trial(firm, manager, ["曹德明", "13500009027", ""], ["冯玉兰", "1.38E+10", ""])
    with pytest.raises(rosters.Refused, match="1"):
        rosters.apply(roster, by=manager, whole=True)
    assert not Invitation.objects.exists()
    rosters.apply(roster, by=manager)
    assert Invitation.objects.count() == 1


def test_what_is_left_comes_back_with_the_reason(manager, firm):
    roster = trial(firm, manager, ["曹德明", "13500009027", ""], ["冯玉兰", "1.38E+10", "化验员"])
    rows = list(load_workbook(io.BytesIO(rosters.returned(roster))).active.iter_rows(values_only=True))
    assert rows[0] == ("姓名", "手机号码", "岗位", "错误原因")
    assert rows[1][:3] == ("冯玉兰", "1.38E+10", "化验员")
    assert len(rows) == 2


def test_people_who_joined_between_trial_and_import(manager, firm):
    roster = trial(firm, manager, ["曹德明", "13500009027", "科长"])
    row = employee(firm, "曹德明", "13500009027", "科员")
    rosters.apply(roster, by=manager)
    assert not Invitation.objects.exists()
    assert enterprises.membership(row.user).post == "科长"


def test_a_roster_put_aside_is_not_imported(manager, firm):
    roster = trial(firm, manager, ["曹德明", "13500009027", "科长"])
    rosters.drop(roster)
    with pytest.raises(rosters.Refused):
        rosters.apply(roster, by=manager)


def test_too_many_people(manager, firm, monkeypatch):
    monkeypatch.setattr(rosters, "MOST", 2)
    with pytest.raises(workbooks.Refused, match="2"):
        trial(firm, manager, *([f"员工{n}", f"1350000{n:04}", ""] for n in range(3)))


def test_old_rosters_go(manager, firm):
    trial(firm, manager, ["曹德明", "13500009027", "科长"])
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert rosters.forget_old() == 1
    assert not Roster.objects.exists()


def test_judging_a_thousand_lines_costs_as_much_as_one(manager, firm, django_assert_num_queries):
    employee(firm, "罗军", "13300007708")
    lines = [workbooks.Line(n, {"name": f"员工{n}", "mobile": f"135{n:08}"}) for n in range(1_000)]
    with django_assert_num_queries(3):
        rosters.judge(firm, lines[:1])
    with django_assert_num_queries(3):
        rosters.judge(firm, lines)


def test_reasons_are_read_in_the_language_of_the_reader(firm, manager):
    roster = trial(firm, manager, ["张三丰", "138000", "质检员"])
    assert roster.lines[0]["reason"] == "Enter a mainland mobile number: 11 digits that begin with 1."
    with translation.override("zh-hans"):
        chinese = reasons.told(roster.lines[0])
    with translation.override("en"):
        english = reasons.told(roster.lines[0])
    assert english.startswith("Enter a mainland")
    assert "手机" in chinese


def test_a_roster_of_before_is_read_as_it_was_written():
    old = {"number": 2, "name": "张三", "mobile": "1", "post": "", "verdict": "stop", "reason": "百分之 5% 的号码有误"}
    with translation.override("en"):
        assert reasons.told(old) == "百分之 5% 的号码有误"
    assert rosters._kept(old).params == {}


def test_a_post_that_nobody_worked_out_stops_its_row_and_comes_back(manager, firm):
    """Without its result the person would come in without a post, and the formula would be gone."""
    roster = trial(firm, manager, ["曹德明", "13500009027", "=VLOOKUP(A3,Sheet2!A:B,2,0)"], ["=D4", "=E4", ""])
    assert verdicts(roster) == {3: Verdict.STOP, 4: Verdict.STOP}
    with translation.override("zh-hans"):
        assert reasons.told(roster.lines[0]).startswith("“岗位”是公式")
    rows = list(load_workbook(io.BytesIO(rosters.returned(roster))).active.iter_rows(values_only=True))
    assert [row[:3] for row in rows[1:]] == [
        ("曹德明", "13500009027", "=VLOOKUP(A3,Sheet2!A:B,2,0)"), ("=D4", "=E4", None),
    ]  # fmt: skip


ODD = {
    "2026/3/5": "姓名中不能有", "2026年3月5日": "姓名中不能有", "46086": "姓名中不能有",
    "二〇二六年三月五日": "", "46086.5": "姓名中不能有",
}  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_a_date_where_a_name_is_asked_stops_its_row_alone(manager, firm, text):
    roster = trial(firm, manager, [text, "13500009021", ""], ["曹德明", "13500009022", ""])
    assert [line["verdict"] for line in roster.lines] == ["stop" if ODD[text] else "new", "new"]
    assert ODD[text] in reasons.told(roster.lines[0])


@pytest.mark.parametrize(
    "cell", ["2026/3/5", "2026年3月5日", 46086, 46086.0, date(2026, 3, 5), "135-0000", "1350000902x", "25000009021"]
)
def test_a_date_where_a_number_is_asked_stops_its_row_alone(manager, firm, cell):
    roster = trial(firm, manager, ["冯玉兰", cell, ""], ["曹德明", "13500009022", ""])
    assert [line["verdict"] for line in roster.lines] == ["stop", "new"]
    assert "11 位数字" in reasons.told(roster.lines[0])
    rows = list(load_workbook(io.BytesIO(rosters.returned(roster))).active.iter_rows(values_only=True))
    assert rows[1][:2] == ("冯玉兰", workbooks.clean(cell))


CODES = {
    "91510100DEMQ01379B": "信用代码不是本企业的", "9151": "信用代码不是本企业的",
    "2026/3/5": "信用代码不是本企业的", 911510100000000000.0: "数字已丢失",
}  # fmt: skip


@pytest.mark.parametrize("cell", CODES)
def test_a_wrong_code_stops_its_row_alone(manager, firm, cell):
    rows = [["冯玉兰", "13500009021", "", cell], ["曹德明", "13500009022", "", firm.uscc.lower()]]
    roster = trial(firm, manager, *rows, head=["姓名", "手机号码", "岗位", "统一社会信用代码"])
    assert [line["verdict"] for line in roster.lines] == ["stop", "new"]
    assert CODES[cell] in reasons.told(roster.lines[0])


def test_dates_in_columns_that_nobody_asks_for_come_back_as_a_person_would_read_them(manager, firm):
    days = ["2026/3/5", "2026年3月5日", 46086, date(2026, 3, 5)]
    rows = [[f"员工{number}", "1", "", day] for number, day in enumerate(days)]
    roster = trial(firm, manager, *rows, head=["姓名", "手机号码", "岗位", "入职日期"])
    back = list(load_workbook(io.BytesIO(rosters.returned(roster))).active.iter_rows(values_only=True))
    assert [row[3] for row in back] == ["入职日期", "2026/3/5", "2026年3月5日", "46086", "2026-03-05"]
