"""A stranger learns whether a certificate is real: status, masked name, what was learnt. No more, and no guessing."""

import datetime as dt
import re

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from courses import certificates, numbering, papers, verification
from courses.models import Certificate
from tests import factories
from tests.courses import graduates

PHONE = {"HTTP_ACCEPT": "text/html,application/xhtml+xml,*/*;q=0.8"}
MACHINE = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture(autouse=True)
def shelf(tmp_path, settings):
    settings.CERTIFICATE_ROOT = tmp_path / "certificates"


@pytest.fixture
def programme(home):
    return graduates.programme(home)


@pytest.fixture
def issued(learner, programme):
    made = graduates.certificate(learner, programme)
    papers.pdf(made)
    return made


def page(client, certificate, **extra):
    return client.get(f"/verify/{certificate.token}", **PHONE, **extra)


def text(response):
    return response.content.decode()


def asked(client, number, name, **extra):
    return client.post(reverse("verify"), {"number": number, "name": name}, **extra)


def upload(client, certificate, data, **extra):
    return client.post(f"/verify/{certificate.token}", {"file": SimpleUploadedFile("a.pdf", data)}, **extra)


def test_a_stranger_verifies_by_the_address_on_the_code(client, issued):
    response = page(client, issued)
    shown = text(response)
    assert response.status_code == 200
    for words in (
        "张**",
        "首席质量官任职培训",
        "41",
        issued.number,
        "示范省市场监督管理局",
        issued.sha256,
        "verdict--ok",
    ):
        assert words in shown
    assert "张明远" not in shown
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"] == "no-store"
    assert "Accept" in response["Vary"]


def test_a_machine_gets_the_same_as_json(client, issued):
    response = client.get(f"/verify/{issued.token}", **MACHINE)
    told = response.json()
    checked_at = told.pop("checked_at")
    assert dt.datetime.fromisoformat(checked_at).utcoffset() == dt.timedelta(hours=8)
    today = graduates.now().astimezone(dt.timezone(dt.timedelta(hours=8))).date().isoformat()
    assert told == {
        "status": "valid",
        "number": issued.number,
        "title": "培训合格证明",
        "title_en": "Certificate of Training",
        "name": "张**",
        "programme": "首席质量官任职培训",
        "programme_en": "",
        "hours": "41",
        "result": "合格",
        "result_en": "Passed",
        "period": ["2026-03-11", "2026-05-24"],
        "issuers": ["示范省市场监督管理局"],
        "issuers_en": [],
        "issued_on": today,
        "expires_on": None,
        "revoked_on": None,
        "replaced_on": None,
        "reason": "",
        "sha256": issued.sha256,
        "successor": None,
        "renewal": None,
        "current": None,
    }
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"] == "no-store"


def test_the_english_page(client, issued):
    shown = text(client.get(f"/en/verify/{issued.token}", **PHONE))
    assert "Certificate of Training" in shown
    assert ">Valid<" in shown
    assert "Passed" in shown


def test_a_slash_at_the_end_is_understood(client, issued):
    assert client.get(f"/verify/{issued.token}/", **PHONE).status_code == 200


def test_a_revoked_certificate_says_so_and_why(client, issued, admin):
    certificates.revoke(issued, author=admin, reason="经核实，报名信息不属实")
    shown = text(page(client, issued))
    assert "verdict--stop" in shown
    assert "经核实，报名信息不属实" in shown
    assert "verdict--ok" not in shown
    told = client.get(f"/verify/{issued.token}", **MACHINE).json()
    assert (told["status"], told["reason"]) == ("revoked", "经核实，报名信息不属实")
    assert told["revoked_on"] is not None


def test_a_replaced_certificate_leads_to_the_new_one(client, issued, admin):
    made = certificates.supersede(issued, changes={"name": "章明远"}, author=admin, reason="姓名更正")
    shown = text(page(client, issued))
    assert "verdict--plain" in shown
    assert "姓名更正" in shown
    assert f'href="/verify/{made.token}"' in shown
    assert client.get(f"/verify/{issued.token}", **MACHINE).json()["successor"] == {
        "number": made.number,
        "status": "valid",
        "verify_url": f"http://localhost:8000/verify/{made.token}",
    }
    assert "章**" in text(page(client, made))


def test_a_replaced_certificate_tells_when_the_new_one_was_revoked(client, issued, admin):
    made = certificates.supersede(issued, changes={"name": "章明远"}, author=admin, reason="姓名更正")
    certificates.revoke(made, author=admin, reason="不属实")
    told = client.get(f"/verify/{issued.token}", **MACHINE).json()
    assert (told["status"], told["successor"]["status"]) == ("superseded", "revoked")


def test_the_first_of_several_names_the_one_in_force_now(client, issued, admin):
    second = certificates.supersede(issued, changes={"name": "章明远"}, author=admin, reason="姓名更正")
    third = certificates.supersede(second, changes={"enterprise": "另一家"}, author=admin, reason="单位更正")
    shown = text(page(client, issued))
    assert f'href="/verify/{third.token}"' in shown
    assert "现行有效的证书" in shown
    assert second.number in shown
    assert third.number in shown
    told = client.get(f"/verify/{issued.token}", **MACHINE).json()
    assert told["successor"]["number"] == second.number
    assert told["current"] == {
        "number": third.number,
        "status": "valid",
        "verify_url": f"http://localhost:8000/verify/{third.token}",
    }
    assert client.get(f"/api/v1/certificates/verify/{issued.token}").json()["current"] == told["current"]
    certificates.revoke(third, author=admin, reason="不属实")
    assert client.get(f"/verify/{issued.token}", **MACHINE).json()["current"]["status"] == "revoked"
    shown = text(page(client, issued))
    assert "现行有效的证书" not in shown
    assert f"{third.number} (已撤销)" in shown


def test_an_expired_certificate_is_genuine_but_over(client, learner, home):
    programme = graduates.programme(home, series=factories.series("CQY", validity_months=12))
    with time_machine.travel("2026-06-15 02:00:00Z", tick=False):
        made = graduates.certificate(learner, programme)
    with time_machine.travel("2027-06-15 02:00:00Z", tick=False):
        assert "verdict--due" in text(page(client, made))
        assert client.get(f"/verify/{made.token}", **MACHINE).json()["status"] == "expired"
    with time_machine.travel("2027-06-14 02:00:00Z", tick=False):
        assert "verdict--ok" in text(page(client, made))


@pytest.mark.parametrize("token", ["wrong", "x" * 24, "CQO202651000000001M", "张三"])
def test_an_unknown_address_is_answered_clearly(client, issued, token):
    response = client.get(f"/verify/{token}", **PHONE)
    assert response.status_code == 404
    assert "verdict--plain" in text(response)
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    machine = client.get(f"/verify/{token}", **MACHINE)
    told = machine.json()
    assert (machine.status_code, told["status"], told["code"]) == (404, "unknown", "unknown")
    assert told["message"]


def test_the_holder_may_show_the_full_name(client, issued, learner):
    certificates.show_name(issued, shown=True, author=learner)
    assert "张明远" in text(page(client, issued))


def test_the_choice_ends_with_the_account(client, issued, learner):
    certificates.show_name(issued, shown=True, author=learner)
    learner.delete()
    shown = text(page(client, issued))
    assert "张**" in shown
    assert "张明远" not in shown


def test_number_and_name_lead_to_the_same_page(client, issued):
    response = asked(client, issued.number.lower().replace("cqo", "cq0 "), " 张 明远")
    assert response.status_code == 302
    assert response["Location"] == f"/verify/{issued.token}"


def test_the_form_stands_on_a_page_of_its_own(client, home):
    response = client.get(reverse("verify"))
    assert response.status_code == 200
    assert 'name="number"' in text(response)
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_a_wrong_name_and_a_number_that_is_not_there_are_one_answer(client, issued):
    absent = numbering.number(code="CQO", year=2026, region="510000", serial=77_777)
    wrong_name, no_number = asked(client, issued.number, "李四"), asked(client, absent, "李四")
    assert wrong_name.status_code == no_number.status_code == 404
    token = re.compile('name="csrfmiddlewaretoken" value="[^"]+"')
    assert token.sub("", text(wrong_name)) == token.sub("", text(no_number)).replace(absent, issued.number)
    assert "verdict--plain" in text(wrong_name)


def test_a_slip_of_the_pen_is_told_before_anybody_is_asked(client, issued, django_assert_num_queries):
    wrong = issued.number[:-2] + ("8" if issued.number[-2] != "8" else "9") + issued.number[-1]
    client.get(reverse("verify"))
    with django_assert_num_queries(0):
        response = asked(client, wrong, "张明远")
    assert response.status_code == 422
    assert wrong in text(response)
    assert "error-summary" in text(response)


def test_guessing_a_name_is_stopped(client, issued):
    for guess in range(verification.FAILURES_PER_NUMBER):
        assert asked(client, issued.number, f"王{guess}").status_code == 404
    refused = asked(client, issued.number, "张明远")
    assert refused.status_code == 429
    assert refused["Retry-After"] == str(verification.WINDOW)
    assert issued.number in text(refused)
    assert page(client, issued).status_code == 200


def test_who_is_stopped_for_one_number_may_ask_for_another_and_others_may_ask_for_it(
    client, issued, outsider, programme
):
    other = graduates.certificate(outsider, programme)
    for _ in range(verification.FAILURES_PER_NUMBER):
        asked(client, issued.number, "王五")
    assert asked(client, other.number, "外来者").status_code == 302
    assert asked(client, issued.number, "张明远", REMOTE_ADDR="192.0.2.7").status_code == 302


def test_an_office_behind_one_address_verifies_as_many_as_it_likes(client, issued):
    answers = {asked(client, issued.number, "张明远").status_code for _ in range(verification.FAILURES_PER_SOURCE + 20)}
    assert answers == {302}


def test_one_address_that_tries_number_after_number_is_stopped(issued, monkeypatch):
    monkeypatch.setattr(verification, "FAILURES_PER_SOURCE", 10)
    for serial in range(10):
        assert verification.by_number(f"CQO{serial}", name="张明远", source="192.0.2.7") is None
    with pytest.raises(verification.TooMany):
        verification.by_number(issued.number, name="张明远", source="192.0.2.7")
    assert verification.by_number(issued.number, name="张明远", source="192.0.2.8") == issued


def test_the_wait_ends(issued):
    for _ in range(verification.FAILURES_PER_NUMBER):
        verification.by_number(issued.number, name="王五", source="192.0.2.7")
    with time_machine.travel(graduates.now() + dt.timedelta(seconds=verification.WINDOW + 1)):
        assert verification.by_number(issued.number, name="张明远", source="192.0.2.7") == issued


@pytest.mark.parametrize("typed", ["阿卜杜•买买提", "阿卜杜・买买提", "阿卜杜 · 买买提", "阿卜杜.买买提"])
def test_any_middle_dot_will_do(programme, typed):
    made = graduates.certificate(factories.user(name="阿卜杜·买买提"), programme)
    assert verification.by_number(made.number, name=typed, source="192.0.2.7") == made


def test_the_file_as_issued_is_recognised(client, issued):
    data = papers.pdf(issued).read_bytes()
    assert verification.compare(issued, [data[:100], data[100:]]) == "same"
    assert "notice--stop" not in text(upload(client, issued, data, **PHONE))
    assert upload(client, issued, data, **MACHINE).json()["file"] == "same"


def test_an_edited_file_is_found_out(client, issued):
    data = papers.pdf(issued).read_bytes()
    edited = data.replace(b"%%EOF", b"%%EOG")
    assert edited != data
    response = upload(client, issued, edited, **PHONE)
    assert response.status_code == 200
    assert "notice--stop" in text(response)
    assert upload(client, issued, edited, **MACHINE).json()["file"] == "different"


def test_the_file_of_somebody_else_is_found_out(client, issued, outsider, programme):
    other = papers.pdf(graduates.certificate(outsider, programme)).read_bytes()
    assert upload(client, issued, other, **MACHINE).json()["file"] == "different"


def test_an_earlier_print_is_recognised(client, issued, admin, settings):
    data = papers.pdf(issued).read_bytes()
    settings.SITE_URL = "https://new.example"
    papers.make_again([issued.pk], author=admin, reason="换域名")
    assert upload(client, issued, data, **MACHINE).json()["file"] == "earlier"


def test_without_a_file_of_our_own_nothing_can_be_said(client, outsider, programme):
    made = graduates.certificate(outsider, programme)
    assert upload(client, made, b"%PDF-", **MACHINE).json()["file"] == "unknown"


def test_a_huge_file_is_not_read(client, issued, monkeypatch):
    monkeypatch.setattr(papers, "PDF_LIMIT", 1000)
    assert upload(client, issued, papers.pdf(issued).read_bytes(), **MACHINE).json()["file"] == "different"


def test_sending_no_file_is_no_answer(client, issued):
    response = client.post(f"/verify/{issued.token}", **PHONE)
    assert response.status_code == 200
    assert "notice" not in text(response).partition("verify__file")[2].partition("</section>")[0]


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_nothing_can_be_changed_here(client, issued, method):
    assert getattr(client, method)(f"/verify/{issued.token}").status_code == 405
    assert Certificate.objects.get().status == Certificate.Status.VALID


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张明远", "张**"),
        ("张三", "张*"),
        ("张", "*"),
        ("欧阳娜娜", "欧阳**"),
        ("欧阳", "欧*"),
        ("上官婉儿", "上官**"),
        ("阿卜杜·买买提", "阿**·买**"),
        ("阿卜杜热西提·买买提吐尔逊·阿不都克里木", "阿***·买***·阿***"),
        ("阿卜杜•买买提", "阿**·买**"),
        ("John Smith", "J*** S***"),
        ("J. R. Smith", "J*** R*** S***"),
        ("李  明", "李*"),
        ("", ""),
        ("𠮷祥", "𠮷*"),
        ("〇明", "〇*"),
    ],
)
def test_a_name_is_masked(name, shown):
    assert verification.masked(name) == shown


def test_the_verification_takes_few_queries(client, issued, django_assert_num_queries):
    page(client, issued)
    with django_assert_num_queries(1):
        page(client, issued)
