"""The holder looks at a certificate, downloads it, hands on its link. Nobody else can."""

import pytest
from django.urls import reverse

from courses import certificates, papers
from courses.models import Certificate
from tests import factories
from tests.courses import graduates

PAGES = ["certificate", "certificate_pdf", "certificate_png"]


@pytest.fixture(autouse=True)
def shelf(tmp_path, settings):
    settings.CERTIFICATE_ROOT = tmp_path / "certificates"


@pytest.fixture
def programme(home):
    return graduates.programme(home)


@pytest.fixture
def issued(learner, programme):
    factories.member(learner)
    return graduates.certificate(learner, programme)


@pytest.fixture
def rare(programme):
    return graduates.certificate(factories.user(name="张\U000323af", email="rare@example.org"), programme)


def text(response):
    return response.content.decode()


def page(client, certificate, name="certificate"):
    return client.get(reverse(name, args=[certificate.number]))


def test_the_holder_sees_the_certificate(client, learner, issued):
    client.force_login(learner)
    response = page(client, issued)
    assert response.status_code == 200
    shown = text(response)
    for address in (
        reverse("certificate_pdf", args=[issued.number]),
        reverse("certificate_png", args=[issued.number]),
        f"http://localhost:8000/verify/{issued.token}",
    ):
        assert address in shown
    assert response["Cache-Control"] == "private, no-store"


def test_the_holder_downloads_the_pdf(client, learner, issued):
    client.force_login(learner)
    response = page(client, issued, "certificate_pdf")
    body = b"".join(response.streaming_content)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    assert issued.number in response["Content-Disposition"]
    assert body == papers.path_of(issued).read_bytes()
    assert body.startswith(b"%PDF-")


def test_the_pdf_is_shown_for_printing(client, learner, issued):
    client.force_login(learner)
    response = client.get(reverse("certificate_pdf", args=[issued.number]) + "?inline")
    assert response["Content-Disposition"].startswith("inline")


def test_the_picture(client, learner, issued):
    client.force_login(learner)
    response = page(client, issued, "certificate_png")
    assert response["Content-Type"] == "image/png"
    assert b"".join(response.streaming_content).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("who", ["outsider", "trainer", "editor", "city_clerk", "manager"])
def test_another_persons_certificate_is_not_there(client, issued, request, name, who):
    client.force_login(request.getfixturevalue(who))
    assert page(client, issued, name).status_code == 404
    assert issued.print_state == Certificate.Print.WAITING


@pytest.mark.parametrize("name", PAGES)
def test_a_guest_signs_in_first(client, issued, name):
    response = page(client, issued, name)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("who", ["admin", "provincial_clerk"])
def test_the_keepers_may_look(client, issued, request, who):
    client.force_login(request.getfixturevalue(who))
    response = page(client, issued)
    assert response.status_code == 200
    assert reverse("certificate_name", args=[issued.number]) not in text(response)


def test_a_rare_character_waits_for_a_person_and_says_so(client, rare):
    client.force_login(rare.user)
    shown = text(page(client, rare))
    assert "notice--due" in shown
    assert reverse("certificate_pdf", args=[rare.number]) not in shown
    for name in PAGES[1:]:
        response = page(client, rare, name)
        assert response.status_code == 404
        assert response["Content-Type"].startswith("text/plain")


def test_a_file_made_by_hand_is_offered_without_a_picture(client, rare, issued, admin):
    papers.file_by_hand(rare, data=papers.pdf(issued).read_bytes(), author=admin, reason="手工排版")
    client.force_login(rare.user)
    shown = text(page(client, rare))
    assert reverse("certificate_pdf", args=[rare.number]) in shown
    assert reverse("certificate_png", args=[rare.number]) not in shown
    assert page(client, rare, "certificate_pdf").status_code == 200


def test_the_holder_reads_why_it_was_revoked(client, learner, issued, admin):
    certificates.revoke(issued, author=admin, reason="经核实，报名信息不属实")
    client.force_login(learner)
    shown = text(page(client, issued))
    assert "notice--stop" in shown
    assert "经核实，报名信息不属实" in shown


def test_the_old_certificate_leads_to_the_corrected_one(client, learner, issued, admin):
    made = certificates.supersede(issued, changes={"name": "章明远"}, author=admin, reason="姓名更正")
    client.force_login(learner)
    assert reverse("certificate", args=[made.number]) in text(page(client, issued))


def test_the_holder_shows_and_masks_the_name(client, learner, issued):
    client.force_login(learner)
    address = reverse("certificate_name", args=[issued.number])
    assert "张**" in text(page(client, issued))
    assert client.post(address, {"shown": "yes"}).status_code == 302
    assert Certificate.objects.get().shows_name
    client.post(address, {"shown": "no"})
    assert not Certificate.objects.get().shows_name


@pytest.mark.parametrize("who", ["outsider", "admin"])
def test_nobody_else_decides_about_the_name(client, issued, request, who):
    client.force_login(request.getfixturevalue(who))
    assert client.post(reverse("certificate_name", args=[issued.number]), {"shown": "yes"}).status_code == 404
    assert not Certificate.objects.get().shows_name


def test_the_english_page(client, learner, issued):
    client.force_login(learner)
    response = client.get(f"/en/me/certificates/{issued.number}/")
    assert response.status_code == 200
    assert "Certificate of Training" in text(response)
