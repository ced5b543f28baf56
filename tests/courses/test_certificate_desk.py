"""The keepers of certificates find them, correct and revoke them; those who write courses do not."""

import io
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from courses import certificates, papers
from courses.models import Certificate, CertificateSeries
from tests import factories
from tests.courses import graduates

Status = Certificate.Status
LIST = "certificate:index"
INSPECT = "certificate:inspect"


@pytest.fixture(autouse=True)
def shelf(tmp_path, settings):
    settings.CERTIFICATE_ROOT = tmp_path / "certificates"


@pytest.fixture
def programme(home):
    return graduates.programme(home)


@pytest.fixture
def issued(learner, programme):
    return graduates.certificate(learner, programme)


@pytest.fixture
def rare(programme):
    return graduates.certificate(factories.user(name="张\U000323af"), programme)


@pytest.fixture
def keeper(client, provincial_clerk):
    client.force_login(provincial_clerk)
    return provincial_clerk


def text(response):
    return response.content.decode()


def bulk(action, *rows, next_=None):
    chosen = [("id", row.pk) for row in rows] or [("id", "all")]
    back = next_ or reverse(LIST)
    return (
        reverse("wagtail_bulk_action", args=["courses", "certificate", action])
        + "?"
        + urlencode([*chosen, ("next", back)])
    )


def addresses(certificate):
    return {
        reverse(LIST),
        reverse(INSPECT, args=[certificate.pk]),
        reverse("certificate_correct", args=[certificate.pk]),
        reverse("certificate_file", args=[certificate.pk]),
        reverse("certificates_due"),
        reverse("certificate_sample", args=[certificate.series_id]),
        reverse("certificateseries:index"),
        *(bulk(action, certificate) for action in ("revoke", "reissue", "print", "take")),
    }


@pytest.mark.parametrize("who", ["admin", "provincial_clerk"])
def test_the_keepers_reach_every_page(client, issued, request, who):
    client.force_login(request.getfixturevalue(who))
    assert {address: client.get(address).status_code for address in addresses(issued)} == dict.fromkeys(
        addresses(issued), 200
    )


@pytest.mark.parametrize("who", ["editor", "trainer", "city_clerk", "learner", "outsider"])
def test_nobody_else_reaches_any(client, issued, request, who):
    client.force_login(request.getfixturevalue(who))
    for address in addresses(issued):
        for response in (client.get(address), client.post(address, {"reason": "试试", "name": "试试"})):
            assert response.status_code in (302, 403), address
            assert issued.number not in text(response)
    assert Certificate.objects.get().status == Status.VALID


@pytest.mark.parametrize("who", ["admin", "provincial_clerk"])
@pytest.mark.parametrize("action", ["edit", "delete"])
def test_nobody_edits_or_deletes_a_certificate(client, issued, request, who, action):
    client.force_login(request.getfixturevalue(who))
    address = reverse(f"certificate:{action}", args=[issued.pk])
    assert client.post(address).status_code in (302, 403)
    assert client.post(bulk("delete", issued)).status_code == 404
    assert client.post(reverse("certificate:add")).status_code in (302, 403)
    assert Certificate.objects.get() == issued


def shown(client, **parameters):
    response = client.get(reverse(LIST), parameters)
    return {row.number for row in response.context["object_list"]}


def test_the_list_is_filtered_and_searched(client, keeper, programme, issued, rare, admin):
    factories.member(factories.user(name="王五"))
    revoked = graduates.certificate(factories.user(name="王五"), programme)
    certificates.revoke(revoked, author=admin, reason="不属实")
    papers.make([rare.pk])
    everything = {issued.number, rare.number, revoked.number}
    assert shown(client) == everything
    assert shown(client, status="revoked") == {revoked.number}
    assert shown(client, status="valid") == {issued.number, rare.number}
    assert shown(client, print_state="review") == {rare.number}
    assert shown(client, series=programme.series_id) == everything
    assert shown(client, year=2001) == set()
    assert shown(client, q="王五") == {revoked.number}
    assert shown(client, q=issued.number) == {issued.number}


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_number_of_queries(client, keeper, programme, count, django_assert_num_queries):
    certificates.issue_batch(graduates.completions(programme, count))
    client.get(reverse(LIST))
    with django_assert_num_queries(14):
        client.get(reverse(LIST))


def test_a_certificate_shows_its_life(client, keeper, issued, admin):
    papers.pdf(issued)
    certificates.revoke(issued, author=admin, reason="经核实，报名信息不属实")
    page = text(client.get(reverse(INSPECT, args=[issued.pk])))
    for words in ("张明远", issued.token, "经核实，报名信息不属实", "管理员", Certificate.objects.get().sha256):
        assert words in page


def test_revoking_asks_for_a_reason(client, keeper, issued):
    assert "张明远" in text(client.get(bulk("revoke", issued)))
    client.post(bulk("revoke", issued), {"reason": " "})
    assert Certificate.objects.get().status == Status.VALID
    response = client.post(bulk("revoke", issued), {"reason": "报名信息不属实"})
    assert response.status_code == 302
    row = Certificate.objects.get()
    assert (row.status, row.reason) == (Status.REVOKED, "报名信息不属实")
    assert row.events.last().author == keeper


def test_all_or_none_are_revoked(client, keeper, programme, admin):
    first, second = certificates.issue_batch(graduates.completions(programme, 2))
    certificates.revoke(second, author=admin, reason="另一个原因")
    response = client.post(bulk("revoke", first, second), {"reason": "报名信息不属实"}, follow=True)
    assert second.number in text(response)
    assert Certificate.objects.get(pk=first.pk).status == Status.VALID


def test_all_means_what_the_list_showed(client, keeper, issued, rare):
    filtered = reverse(LIST) + "?" + urlencode({"q": "张明远"})
    client.post(bulk("revoke", next_=filtered), {"reason": "报名信息不属实"})
    assert list(Certificate.objects.revoked()) == [issued]


def test_reissuing_in_bulk(client, keeper, programme):
    made = certificates.issue_batch(graduates.completions(programme, 3))
    made[0].user.name = "新名字"
    made[0].user.save()
    client.post(bulk("reissue", *made), {"reason": "姓名更正"})
    assert Certificate.objects.count() == 4
    assert Certificate.objects.get(version=2).snapshot["name"] == "新名字"


def test_printing_again(client, keeper, issued, settings):
    old = papers.pdf(issued).read_bytes()
    settings.SITE_URL = "https://new.example"
    client.post(bulk("print", issued), {"reason": "换域名"})
    row = Certificate.objects.get()
    assert papers.pdf(row).read_bytes() != old
    assert (row.events.last().author, row.events.last().reason) == (keeper, "换域名")


def test_downloading_many_at_once(client, keeper, issued, rare):
    response = client.post(bulk("take", issued, rare))
    assert response["Content-Disposition"].startswith("attachment")
    files = ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    name = f"{issued.number}-张明远.pdf"
    assert sorted(files.namelist()) == sorted([name, "not-printed.txt"])
    assert files.read(name) == papers.path_of(issued).read_bytes()
    assert rare.number in files.read("not-printed.txt").decode("utf-8-sig")
    assert [event.author for event in issued.events.filter(verb="taken")] == [keeper]


def test_too_many_at_once_are_refused(client, keeper, programme, monkeypatch):
    monkeypatch.setattr("courses.views.certificate_actions.MOST", 2)
    made = certificates.issue_batch(graduates.completions(programme, 3))
    client.post(bulk("revoke", *made), {"reason": "报名信息不属实"})
    assert not Certificate.objects.revoked().exists()


def correction(certificate, **changes):
    told = certificate.snapshot
    fields = {name: told[name] for name in ("name", "enterprise", "programme", "programme_en", "hours")}
    return {**fields, "reason": "姓名更正", **changes}


def test_correcting_one(client, keeper, issued):
    address = reverse("certificate_correct", args=[issued.pk])
    assert "张明远" in text(client.get(address))
    response = client.post(address, correction(issued, name="章明远"))
    made = Certificate.objects.get(version=2)
    assert response["Location"] == reverse(INSPECT, args=[made.pk])
    assert made.snapshot == {**issued.snapshot, "name": "章明远"}
    assert made.events.get().author == keeper


@pytest.mark.parametrize(
    "changes", [{}, {"name": ""}, {"hours": "viele"}, {"hours": ""}, {"name": "章明远", "reason": ""}]
)
def test_a_correction_that_makes_no_sense_stays_on_the_form(client, keeper, issued, changes):
    response = client.post(reverse("certificate_correct", args=[issued.pk]), correction(issued, **changes))
    assert response.status_code == 422
    assert Certificate.objects.count() == 1


def test_correcting_one_without_hours(client, keeper, learner, programme):
    """As given by decision: none are asked for, and none appear."""
    issued = graduates.certificate(learner, programme, hours=0)
    Certificate.objects.filter(pk=issued.pk).update(snapshot={**issued.snapshot, "hours": ""})
    issued.refresh_from_db()
    client.post(reverse("certificate_correct", args=[issued.pk]), correction(issued, name="章明远"))
    made = Certificate.objects.get(version=2)
    assert (made.snapshot["name"], made.snapshot["hours"]) == ("章明远", "")


def test_the_corrected_name_of_the_account_is_offered(client, keeper, learner, issued):
    learner.name = "章明远"
    learner.save()
    address = reverse("certificate_correct", args=[issued.pk])
    shown = text(client.get(address))
    assert 'value="章明远"' in shown
    assert "证书上为张明远" in shown
    client.post(address, correction(issued, name="章明远"))
    assert Certificate.objects.get(version=2).snapshot == {**issued.snapshot, "name": "章明远"}


def test_filing_a_pdf_by_hand(client, keeper, issued, rare):
    papers.make([rare.pk])
    address = reverse("certificate_file", args=[rare.pk])
    assert rare.token in text(client.get(address))
    data = papers.pdf(issued).read_bytes()
    wrong = client.post(address, {"file": SimpleUploadedFile("a.pdf", b"GIF89a"), "reason": "手工排版"})
    assert wrong.status_code == 422
    right = client.post(address, {"file": SimpleUploadedFile("a.pdf", data), "reason": "手工排版"})
    assert right.status_code == 302
    assert papers.pdf(Certificate.objects.get(pk=rare.pk)).read_bytes() == data


def test_issuing_what_is_outstanding(client, keeper, home):
    programme = graduates.programme(home, series=None)
    graduates.completions(programme, 2)
    programme.series = factories.series()
    programme.save()
    assert programme.title in text(client.get(reverse("certificates_due")))
    client.post(reverse("certificates_due"), {"programme": programme.pk})
    assert Certificate.objects.count() == 2
    assert programme.title not in text(client.get(reverse("certificates_due")))


def test_a_series_is_shaped_in_a_form(client, keeper):
    address = reverse("certificateseries:add")
    fields = {
        "code": "CQB",
        "region": "510000",
        "title": "首席质量（品牌）官培训合格证明",
        "title_en": "Certificate",
        "post": "首席质量（品牌）官",
        "issuers": "示范省市场监督管理局\n\n 示范协会 ",
        "orientation": "portrait",
        "validity_months": "36",
    }
    assert client.post(address, {**fields, "code": "cqv"}).status_code == 200
    assert not CertificateSeries.objects.exists()
    assert client.post(address, fields).status_code == 302
    made = CertificateSeries.objects.get()
    assert made.issuers == ["示范省市场监督管理局", "示范协会"]
    assert made.issuers_en == []
    page = client.get(reverse("certificateseries:edit", args=[made.pk]))
    assert "示范省市场监督管理局\n示范协会" in text(page)
    sample = client.get(reverse("certificate_sample", args=[made.pk]))
    assert sample.content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("months", "taken"), [("0", True), ("600", True), ("601", False), ("100000", False), ("-1", False)]
)
def test_months_of_validity_have_a_bound(client, keeper, months, taken):
    series = factories.series("CQY")
    address = reverse("certificateseries:edit", args=[series.pk])
    fields = {"code": "CQY", "region": "510000", "title": "证明", "title_en": "C", "orientation": "portrait"}
    answer = client.post(address, {**fields, "validity_months": months})
    assert answer.status_code == (302 if taken else 200)
    if months == "601":
        assert "最多 600 个月" in text(answer)


def test_a_series_is_not_deleted(client, keeper, issued):
    assert client.post(reverse("certificateseries:delete", args=[issued.series_id])).status_code in (302, 403)
    assert CertificateSeries.objects.exists()
