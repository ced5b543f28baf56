"""What a file of the bureau is called: what it is, in Chinese, such that Windows and headers take it."""

import datetime as dt
import re
from urllib.parse import unquote

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import content_disposition_header

from lms import bureau as desk
from lms import file_names, periods, statements, tally, timespans
from lms.models import Export
from tests import factories
from tests.lms import bureau

pytestmark = pytest.mark.django_db
WINDOWS = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(bureau.NOW, tick=False) as clock:
        yield clock


def question(first=dt.date(2026, 7, 1), last=dt.date(2026, 9, 30), region="", **more):
    span = timespans.between(first, last, today=timezone.localdate())
    return desk.Question(span, desk.find(region) if region else None, **more)


def name(*given, **more):
    return statements.file_name(question(*given, **more))


def test_it_says_by_what_the_rows_are():
    names = [name(rows=by) for by in desk.GROUPS]
    assert names[0] == "2026年第三季度培训统计表-按市州-初步(截至2026-09-30).xlsx"
    wanted = "按市州 按县市区 按活动 按活动类型 按参加方式 按板块 按专题活动 按产业链 按企业规模 按月份"
    assert [found.split("-")[1] for found in names] == wanted.split()
    factories.region("510100")
    assert name(region="510100") == "2026年第三季度成都市培训统计表-按县市区-初步(截至2026-09-30).xlsx"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_says_each_condition_in_chinese(language):
    tally.activity(key="class:1", kind="classroom", title="第一场", campaigns=["川渝"])
    with translation.override(language):
        found = name(filters={"kind": "classroom", "campaign": "川渝", "county": "-", "size": ""})
    assert found == (
        "2026年第三季度培训统计表-按市州-活动类型＝面授、专题活动＝川渝、县（市、区）＝未填报-初步(截至2026-09-30).xlsx"
    )


def test_a_locked_period_is_no_longer_preliminary(provincial_clerk):
    periods.lock("2026Q3", author=provincial_clerk, reason="季报已上报")
    assert "-已锁定(" in name()
    assert "-已锁定(" in name(dt.date(2026, 7, 9), dt.date(2026, 8, 3))
    assert "-初步(" in name(dt.date(2026, 6, 30), dt.date(2026, 8, 3))
    periods.unlock("2026Q3", author=provincial_clerk, reason="有更正")
    assert "-初步(" in name()


def test_as_of_a_moment_it_says_which_and_whether_it_was_locked_then(provincial_clerk, today):
    before = timezone.now()
    today.move_to(bureau.NOW + dt.timedelta(minutes=5))
    periods.lock("2026", author=provincial_clerk, reason="年报已上报")
    after = timezone.now()
    assert f"-初步-{timezone.localtime(before):%Y%m%d%H%M%S}账面(截至" in name(as_of=before)
    assert f"-已锁定-{timezone.localtime(after):%Y%m%d%H%M%S}账面(截至" in name(as_of=after)


def test_rows_say_behind_which_figure():
    assert statements.file_name(question(), "csv", "明细", "hours") == (
        "2026年第三季度培训明细-学时-初步(截至2026-09-30).csv"
    )


NASTY = 'a/b\\c:d*e?f"g<h>i|j\r\nk'


def test_windows_and_a_header_take_it():
    tally.activity(key="class:1", kind="classroom", title=NASTY, campaigns=[NASTY])
    found = name(filters={"campaign": NASTY, "activity": "class:1"})
    assert not WINDOWS.search(found)
    assert "专题活动＝a_b_c_d_e_f_g_h_i_j__k" in found
    header = content_disposition_header(as_attachment=True, filename=found)
    assert unquote(header.removeprefix("attachment; filename*=utf-8''")) == found


def test_a_name_fits_into_any_file_system():
    long = ["川渝合作首席质量官能力提升" * 4, "质" * 60]
    tally.activity(key="class:1", kind="classroom", title=long[0], campaigns=long)
    factories.region("513200", "阿坝藏族羌族自治州")
    found = name(filters={"kind": "classroom", "campaign": long[0], "activity": "class:1"}, region="513200")
    assert len(found.encode()) <= 255
    assert "活动类型＝面授等3项条件" in found
    assert found.endswith("-初步(截至2026-09-30).xlsx")
    assert len(found) <= Export._meta.get_field("file_name").max_length


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [([], ""), (["甲"], "甲"), (["甲", "乙"], "甲、乙"), (["甲", "乙乙乙"], "甲等2项条件"), (["甲" * 9], "1项条件")],
)
def test_conditions_that_do_not_fit_are_counted(parts, wanted):
    assert file_names.listed(parts, room=9) == wanted


def test_two_tables_of_one_period_are_two_files(client, provincial_clerk):
    bureau.small_book()
    client.force_login(provincial_clerk)
    for more in ("", "&by=kind", "&channel=live", "&by=kind&channel=live"):
        client.post(f"{reverse('bureau_exports')}?{bureau.QUARTER}{more}", {"kind": "official"})
    names = set(Export.objects.values_list("file_name", flat=True))
    assert len(names) == 4
    for export in Export.objects.all():
        answer = client.get(reverse("bureau_file", args=[export.uuid]))
        assert answer["Content-Disposition"] == content_disposition_header(
            as_attachment=True, filename=export.file_name
        )
