"""The desk of the bureau: the figures of a period, where they lie, and the way to the rows behind each."""

import re

import pytest
import time_machine
from django.urls import reverse

from lms import bureau as desk
from lms import tallies, tally
from tests import factories
from tests.lms import bureau

HERE = reverse("bureau")


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(bureau.NOW, tick=False):
        yield


@pytest.fixture
def book(db):
    return bureau.small_book()


def get(client, user, query=bureau.QUARTER, path=HERE):
    client.force_login(user)
    return client.get(f"{path}?{query}")


def figures(measures):
    return {key: str(getattr(measures, key)) for key in bureau.TOTAL}


def plain(wanted):
    return {key: str(value) for key, value in wanted.items()}


def test_the_desk_shows_the_figures_of_a_quarter(client, book, provincial_clerk):
    page = get(client, provincial_clerk)
    shown = page.context["shown"]
    assert page.status_code == 200
    assert figures(shown.table.total) == plain(bureau.TOTAL)
    rows = {row.code: row.measures for row in shown.table.rows}
    assert len(rows) == 24
    for code, measures in rows.items():
        assert figures(measures) == plain(bureau.WANTED.get(code, dict.fromkeys(bureau.TOTAL, 0) | {"hours": "0.0"}))
    text = page.content.decode()
    assert "2026年第三季度企业首席质量官培训情况统计表" in text
    assert "成都市" in text


def test_rows_stand_in_the_official_order(client, book, provincial_clerk):
    codes = [row["code"] for row in get(client, provincial_clerk).context["rows"]]
    assert codes[:2] == ["510100", "510300"]
    assert codes[20:] == ["513400", "500000", "OTHER", "UNKNOWN"]
    assert codes[:21] == sorted(codes[:21])


def test_each_figure_is_compared_with_the_period_before(client, book, provincial_clerk):
    shown = get(client, provincial_clerk).context["shown"]
    assert (str(shown.before.first), str(shown.before.last)) == ("2026-04-01", "2026-06-30")
    by_key = {each.definition.key: each.change for each in shown.figures}
    assert by_key["attendances"].before == 1
    assert by_key["sessions"].words == "多 2"


def test_every_cell_leads_to_as_many_rows_as_it_says(client, book, provincial_clerk):
    page = get(client, provincial_clerk)
    cells = [cell for row in [*page.context["rows"], {"cells": page.context["total"]}] for cell in row["cells"]]
    linked = [cell for cell in cells if cell["url"]]
    assert len(linked) == 7 + 6 + 6 + 4 + 7
    for cell in linked:
        answer = client.get(cell["url"])
        assert answer.status_code == 200
        assert answer.context["figure"] == cell["value"]
        facts = [fact for fact, _person in answer.context["lines"]]
        if cell["key"] == "hours":
            assert round(sum(fact.minutes for fact in facts) / 45, 1) == cell["value"]
        else:
            assert answer.context["page_obj"].paginator.count == cell["value"]


def test_names_numbers_and_codes_behind_a_figure_are_masked(client, book, provincial_clerk):
    page = get(client, provincial_clerk, f"{bureau.QUARTER}&measure=attendances", reverse("bureau_rows"))
    text = page.content.decode()
    for leaked in ("何大海", "欧阳静怡", "13800006000", "91510100DEMQ01379A"):
        assert leaked not in text
    for shown in ("何**", "欧阳**", "138****6000", "91510100****9A"):
        assert shown in text


def test_somebody_who_closed_the_account_is_nobody(client, book, provincial_clerk):
    book[0].delete()
    page = get(client, provincial_clerk, f"{bureau.QUARTER}&measure=persons", reverse("bureau_rows"))
    assert page.context["page_obj"].paginator.count == 5
    assert "已注销" in page.content.decode()


def test_a_row_that_was_taken_back_is_neither_counted_nor_shown(client, book, provincial_clerk):
    from lms import tally
    from lms.models import Participation

    tally.reverse(Participation.objects.filter(person=book[4].ledger_key).get(), author=provincial_clerk, reason="误记")
    page = get(client, provincial_clerk)
    assert page.context["shown"].table.total.attendances == 6
    before = get(client, provincial_clerk, f"{bureau.QUARTER}&as_of=2026-10-02T00:00")
    assert before.context["shown"].table.total.attendances == 7


def test_conditions_narrow_the_figures_and_stay_in_the_links(client, book, provincial_clerk):
    page = get(client, provincial_clerk, f"{bureau.QUARTER}&kind=broadcast")
    assert page.context["shown"].table.total.attendances == 2
    linked = next(cell["url"] for cell in page.context["total"] if cell["url"])
    assert "kind=broadcast" in linked


def test_an_empty_period_says_so(client, book, provincial_clerk):
    page = get(client, provincial_clerk, "period=custom&since=2025-01-01&until=2025-03-31")
    assert page.status_code == 200
    assert "这段时间没有记录" in page.content.decode()
    assert 'name="kind" value="official"' not in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "period=custom&since=2026-09-30&until=2026-07-01",
        "period=custom&since=2026-07-01",
        "period=custom&since=gestern&until=2026-07-01",
        "period=custom&since=0001-01-01&until=2026-07-01",
        "kind=nonsense",
        "as_of=once",
    ],
)
def test_a_question_that_cannot_be_read_is_refused_and_kept(client, book, provincial_clerk, query):
    page = get(client, provincial_clerk, query)
    assert page.status_code == 422
    assert page.context["form"].errors
    if "since=2026-09-30" in query:
        assert 'value="2026-09-30"' in page.content.decode()


def test_a_city_clerk_sees_the_counties_of_the_city_alone(client, book, city_clerk):
    page = get(client, city_clerk)
    shown = page.context["shown"]
    assert shown.table.by == "county"
    assert figures(shown.table.total) == plain(bureau.WANTED["510100"])
    assert "绵阳" not in re.sub(r"<option.*?</option>", "", page.content.decode())


def test_a_county_clerk_sees_the_county_alone(client, book):
    clerk = factories.clerk(region="510104", level="county", name="锦江区干部")
    page = get(client, clerk)
    assert page.status_code == 200
    assert page.context["question"].scope().county == "510104"
    assert get(client, clerk, f"{bureau.QUARTER}&region=510100").status_code == 403


@pytest.mark.parametrize("path", ["bureau", "bureau_rows"])
@pytest.mark.parametrize("region", ["510700", "510000", "500000", "OTHER", "UNKNOWN", "510703"])
def test_a_clerk_who_asks_for_another_city_is_refused_in_words(client, book, city_clerk, path, region):
    page = get(client, city_clerk, f"{bureau.QUARTER}&region={region}", reverse(path))
    assert page.status_code == 403
    assert "成都市" in page.content.decode()


def test_a_region_that_does_not_exist_is_not_found(client, book, provincial_clerk):
    assert get(client, provincial_clerk, f"{bureau.QUARTER}&region=999999").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_book(client, book, provincial_clerk, django_assert_num_queries):
    tallies.keep()
    get(client, provincial_clerk)
    with django_assert_num_queries(QUERIES):
        client.get(f"{HERE}?{bureau.QUARTER}")
    for number in range(3):
        bureau.write(book[0], bureau.activity(20 + number))
    tallies.keep()
    with django_assert_num_queries(QUERIES):
        client.get(f"{HERE}?{bureau.QUARTER}")


def test_the_rows_of_a_page_cost_the_same(client, book, provincial_clerk, django_assert_num_queries):
    path = reverse("bureau_rows")
    tallies.keep()
    get(client, provincial_clerk)
    with django_assert_num_queries(ROWS_QUERIES):
        client.get(f"{path}?{bureau.QUARTER}&region=500000&measure=attendances")
    with django_assert_num_queries(ROWS_QUERIES):
        client.get(f"{path}?{bureau.QUARTER}&region=510100&measure=attendances")


def test_the_page_of_definitions_has_each_figure(client, provincial_clerk):
    page = get(client, provincial_clerk, "", reverse("bureau_definitions"))
    text = page.content.decode()
    for word in ("场次", "人次", "人数", "家次", "家数", "学时", "结业", "发证", "满意度"):
        assert word in text


def test_the_page_is_english_as_a_whole(client, book, provincial_clerk):
    page = get(client, provincial_clerk, path=f"/en{HERE}")
    text = page.content.decode()
    assert "Attendances" in text
    assert "Quarter 3 of 2026" in text


QUERIES = 23
ROWS_QUERIES = 16


def test_the_form_narrows_by_all_that_the_rules_know(client, book, provincial_clerk):
    tally.activity(key="course:month", kind="course", title="质量月课程", campaigns=["2026质量月"])
    page = get(client, provincial_clerk)
    fields = page.context["form"].fields
    for name in ("county", "kind", "channel", "track", "campaign", "chain", "size"):
        assert f'id="q-{name}"' in page.content.decode()
        assert len(fields[name].choices) > 2
    asked = f"{bureau.QUARTER}&size=M&track=-&campaign=-&chain=-&county=-&channel=on_demand&kind=course"
    page = get(client, provincial_clerk, asked)
    assert page.context["shown"].table.total.attendances == 3
    cell = page.context["total"][1]
    for name in ("size=M", "track=-", "campaign=-", "chain=-", "county=-", "channel=on_demand", "kind=course"):
        assert name in cell["url"]
        assert name in page.context["query"]
    rows = client.get(cell["url"])
    assert rows.context["figure"] == len(rows.context["lines"]) == 3
    assert "企业规模" in rows.content.decode()
    assert get(client, provincial_clerk, f"{bureau.QUARTER}&campaign=2026质量月").context["shown"].empty


def test_another_city_drops_the_county_of_the_former_one(client, book, provincial_clerk):
    page = get(client, provincial_clerk, f"{bureau.QUARTER}&region=510700&county=510104")
    assert page.context["question"].filters == {}
    page = get(client, provincial_clerk, f"{bureau.QUARTER}&region=510100&county=510104")
    assert page.context["question"].filters == {"county": "510104"}
    offered = [code for code, _name in page.context["form"].fields["county"].choices]
    assert {code[:4] for code in offered} == {"", "5101", "-"}


def test_a_condition_that_nobody_knows_is_refused_in_words(client, book, provincial_clerk):
    page = get(client, provincial_clerk, f"{bureau.QUARTER}&size=Z")
    assert page.status_code == 422
    assert "size" in page.context["form"].errors


def test_a_refused_question_about_rows_keeps_the_tabs_of_the_province(client, book, provincial_clerk):
    page = get(client, provincial_clerk, "period=nope", reverse("bureau_rows"))
    assert page.status_code == 422
    for name in ("bureau_locks", "bureau_balances", "bureau_trail"):
        assert f'href="{reverse(name)}"' in page.content.decode()


@pytest.mark.parametrize("by", [*desk.GROUPS])
@pytest.mark.parametrize("region", ["", "510700"])
def test_the_table_has_a_row_for_whatever_is_asked(client, book, provincial_clerk, by, region):
    """Each cell leads to as many rows as it says, whatever the table is by."""
    client.force_login(provincial_clerk)
    page = client.get(f"{HERE}?{bureau.QUARTER}&by={by}&region={region}")
    whole = client.get(f"{HERE}?{bureau.QUARTER}&region={region}").context["shown"].table.total
    assert page.context["shown"].table.total == whole
    cells = [row["cells"][1] for row in page.context["rows"] if row["cells"][1]["value"]]
    assert cells
    for cell in cells:
        assert client.get(cell["url"]).context["page_obj"].paginator.count == cell["value"], cell
