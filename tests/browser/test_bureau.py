"""A clerk opens the desk, chooses a quarter, looks behind a figure and takes the table out: they say the same."""

import json
import re

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

QUARTER = "?period=custom&since=2026-07-01&until=2026-09-30"
PAGES = [
    f"/bureau/{QUARTER}",
    f"/bureau/{QUARTER}&region=510100",
    f"/bureau/rows/{QUARTER}&measure=attendances",
    "/bureau/?period=custom&since=2020-01-01&until=2020-03-31",
    "/bureau/definitions/",
    "/bureau/online/",
    "/bureau/exports/",
    "/bureau/trail/",
    "/bureau/locks/",
    "/bureau/balances/",
    f"/bureau/{QUARTER}&size=M&campaign=-",
]


@pytest.fixture(scope="module")
def school(new_school):
    new_school.manage("seed_ledger", "--rows", "3000")
    new_school.start("web", "worker")
    return new_school


@pytest.fixture(scope="module")
def accounts(school):

    return json.loads((school.folder / "demo-accounts.json").read_text())


def number(text):
    return float(text.replace(",", ""))


def test_a_quarter_from_the_desk_to_the_file(school, visitor, sign_in, tmp_path):
    page = visitor()
    sign_in(page, "provincial_clerk")
    page.goto("/bureau/")
    page.locator("label:has-text('自定义')").click()
    page.fill("#q-since", "2026-07-01")
    page.fill("#q-until", "2026-09-30")
    page.locator(".period__go").click()
    page.wait_for_url(lambda url: "since=2026-07-01" in url)
    cells = [number(cell) for cell in page.locator(".official-table tfoot td.num").all_inner_texts()]
    figure = page.locator(".official-table tbody tr:first-child td.num a").nth(1)
    said = number(figure.inner_text())
    figure.click()
    page.wait_for_url(lambda url: "/bureau/rows/" in url)
    assert re.search(r"人次：([\d,]+)", page.locator("h1").inner_text()).group(1) == f"{said:,.0f}"
    assert page.locator("tbody tr").count() == min(said, 50)
    page.go_back()
    page.locator(".export-menu summary").click()
    with page.expect_download() as download:
        page.locator("button[value=official]").click()
    assert download.value.suggested_filename == "2026年第三季度培训统计表-按市州-初步(截至2026-09-30).xlsx"
    download.value.save_as(tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert [sheet.cell(29, column).value for column in range(4, 12)] == cells
    assert sheet.cell(29, 3).value == "合计"


def test_rows_are_made_by_the_worker_and_the_page_says_when(school, visitor, sign_in):
    page = visitor(width=360)
    sign_in(page, "provincial_clerk")
    page.goto(f"/bureau/rows/{QUARTER}&measure=attendances")
    page.locator(".export-menu summary").click()
    page.locator("button[value=rows_csv]").click()
    page.wait_for_url(lambda url: "/bureau/exports/" in url)
    page.wait_for_selector("text=文件已生成", timeout=60_000)
    with page.expect_download() as download:
        page.locator("text=下载").first.click()
    assert download.value.suggested_filename.endswith(".csv")


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("language", ["", "/en"])
def test_the_pages_have_no_fault(school, visitor, sign_in, width, language):
    page = visitor(width=width)
    sign_in(page, "provincial_clerk")
    found = []
    for path in PAGES:
        assert page.goto(language + path).status == 200, path
        found += [
            f"{width} {language}{path}: {fault['id']} {node['html'][:160]} {node['failureSummary'][:200]}"
            for fault in Axe().run(page).response["violations"]
            for node in fault["nodes"]
        ]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{width} {language}{path}: scrolls sideways")
    assert found == []
