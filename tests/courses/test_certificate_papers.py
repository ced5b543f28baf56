"""The files: printed once after the row, the same whoever asks, never with a box in place of a name."""

import hashlib
import io
from pathlib import Path

import pypdf
import pytest
import time_machine
import typst
import zxingcpp
from django.conf import settings
from django.utils import translation
from PIL import Image

from courses import attestation, certificates, papers
from courses.models import Certificate
from tests import factories
from tests.courses import graduates
from tests.courses.test_certificate_issue import at_once

Print = Certificate.Print
UNPRINTABLE = "张\U000323af"  # a character that no font of ours has


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
    return graduates.certificate(factories.user(name=UNPRINTABLE), programme)


def fresh(certificate):
    return Certificate.objects.get(pk=certificate.pk)


def text_of(path):
    return "".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def rasterised(pdf, folder):
    """The PDF as a picture: typst takes it as an image."""
    (folder / "paper.pdf").write_bytes(pdf)
    (folder / "sheet.typ").write_text('#set page(width: 297mm, height: 210mm, margin: 0pt)\n#image("paper.pdf")')
    return Image.open(io.BytesIO(typst.compile(str(folder / "sheet.typ"), root=str(folder), format="png", ppi=110)))


def test_the_first_request_prints(issued):
    assert issued.print_state == Print.WAITING
    path = papers.pdf(issued)
    row = fresh(issued)
    assert row.print_state == Print.READY
    assert row.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert "张明远" in text_of(path)
    assert issued.number in text_of(path)
    assert graduates.verbs(issued) == ["issued", "printed"]
    assert issued.events.last().sha256 == row.sha256


def test_the_file_lies_where_no_token_tells(issued):
    path = papers.pdf(issued)
    assert path == Path(settings.CERTIFICATE_ROOT) / str(issued.year) / f"{issued.number}.pdf"
    assert issued.token not in str(path)


def test_the_code_in_the_pdf_leads_to_the_verification(issued, tmp_path):
    picture = rasterised(papers.pdf(issued).read_bytes(), tmp_path)
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == f"{settings.SITE_URL}/verify/{issued.token}"


def test_the_code_is_the_same_whatever_language_the_printer_speaks(issued):
    here = attestation.verify_url(issued)
    with translation.override("en"):
        assert attestation.verify_url(issued) == here
    assert "/en/" not in here


def test_a_file_is_made_once(issued):
    first = papers.pdf(issued).stat()
    second = papers.pdf(fresh(issued)).stat()
    assert (first.st_ino, first.st_mtime_ns) == (second.st_ino, second.st_mtime_ns)


def test_the_task_prints_after_the_commit(learner, programme, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        made = graduates.certificate(learner, programme)
        assert fresh(made).print_state == Print.WAITING
        assert not papers.path_of(made).exists()
    assert fresh(made).print_state == Print.READY
    assert papers.is_intact(fresh(made))


def test_a_batch_is_printed_in_chunks(programme, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(papers, "CHUNK", 2)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        made = certificates.issue_batch(graduates.completions(programme, 5))
    assert len(callbacks) >= 3
    assert all(papers.is_intact(fresh(row)) for row in made)


@pytest.mark.parametrize("count", [1, 3])
def test_printing_takes_the_same_number_of_queries(programme, count, django_assert_num_queries):
    keys = [row.pk for row in certificates.issue_batch(graduates.completions(programme, count))]
    with django_assert_num_queries(6):
        assert papers.make(keys) == count


def test_a_lost_file_comes_back_the_same(issued):
    path = papers.pdf(issued)
    before = path.read_bytes()
    path.unlink()
    assert papers.pdf(fresh(issued)).read_bytes() == before
    assert graduates.verbs(issued) == ["issued", "printed"]


def test_a_file_that_was_changed_on_disk_is_not_handed_out(issued):
    path = papers.pdf(issued)
    before = path.read_bytes()
    path.write_bytes(before + b"changed")
    assert papers.pdf(fresh(issued)).read_bytes() == before


def test_what_waits_too_long_is_printed(issued, rare):
    assert papers.catch_up() == 0
    with time_machine.travel(graduates.now() + papers.LATE * 2):
        assert papers.catch_up() == 1
        assert papers.catch_up() == 0
    assert fresh(issued).print_state == Print.READY
    assert fresh(rare).print_state == Print.REVIEW


def test_a_name_that_cannot_be_printed_goes_to_a_person(rare):
    with pytest.raises(papers.NeedsAPerson):
        papers.pdf(rare)
    row = fresh(rare)
    assert row.print_state == Print.REVIEW
    assert row.print_note == "\U000323af U+323AF"
    assert row.sha256 == ""
    assert not papers.path_of(row).exists()
    assert graduates.verbs(row) == ["issued", "held"]
    with pytest.raises(papers.NeedsAPerson):
        papers.picture(row)


def test_asking_again_does_not_write_again(rare):
    for _ in range(2):
        with pytest.raises(papers.NeedsAPerson):
            papers.pdf(fresh(rare))
    papers.make_again([rare.pk], author=None)
    assert graduates.verbs(rare) == ["issued", "held"]


def test_an_empty_name_is_not_printed(programme):
    made = graduates.certificate(factories.user(name=" "), programme)
    with pytest.raises(papers.NeedsAPerson):
        papers.pdf(made)


def test_a_name_beyond_the_basic_plane_is_printed(programme):
    made = graduates.certificate(factories.user(name="㛃𠮷祥"), programme)
    assert "㛃𠮷祥" in text_of(papers.pdf(made))


def test_a_person_files_a_pdf_by_hand(rare, issued, admin):
    papers.make([rare.pk])
    made_elsewhere = papers.pdf(issued).read_bytes()
    papers.file_by_hand(rare, data=made_elsewhere, author=admin, reason="用扩展字库排版")
    papers.file_by_hand(rare, data=made_elsewhere, author=admin, reason="用扩展字库排版")
    row = fresh(rare)
    assert papers.pdf(row).read_bytes() == made_elsewhere
    assert (row.print_state, row.print_note) == (Print.READY, "")
    assert [(event.verb, event.author) for event in row.events.all()] == [
        ("issued", None),
        ("held", None),
        ("filed", admin),
    ]


def test_printing_again_leaves_a_file_that_was_made_by_hand(rare, issued, admin):
    made_elsewhere = papers.pdf(issued).read_bytes()
    papers.file_by_hand(rare, data=made_elsewhere, author=admin, reason="用扩展字库排版")
    assert papers.make_again([rare.pk], author=admin) == 0
    assert papers.pdf(fresh(rare)).read_bytes() == made_elsewhere


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"%PDF-1.7 half of a file", b"%PDF-" + b"x" * papers.PDF_LIMIT + b"%%EOF"]
)
def test_what_is_no_pdf_or_too_large_is_not_filed(rare, admin, data):
    with pytest.raises(papers.Refused):
        papers.file_by_hand(rare, data=data, author=admin, reason="试试")
    assert fresh(rare).print_state == Print.WAITING


def test_a_corrected_name_is_printed_instead(rare, admin):
    papers.make([rare.pk])
    made = certificates.supersede(rare, changes={"name": "张某"}, author=admin, reason="以通用字代替")
    assert "张某" in text_of(papers.pdf(made))


def test_a_print_with_other_fonts_is_a_new_file_and_the_old_hash_stays(issued, admin, settings):
    old = hashlib.sha256(papers.pdf(issued).read_bytes()).hexdigest()
    shown = papers.picture(fresh(issued))
    settings.SITE_URL = "https://new.example"
    assert papers.make_again([issued.pk], author=admin, reason="换域名") == 1
    assert papers.make_again([issued.pk], author=admin, reason="换域名") == 0
    row = fresh(issued)
    assert row.sha256 != old
    assert papers.is_intact(row)
    assert not shown.exists()
    assert papers.picture(row) != shown
    assert list(row.events.exclude(sha256="").values_list("sha256", flat=True)) == [old, row.sha256]


def test_the_picture_is_drawn_once(issued):
    path = papers.picture(issued)
    assert Image.open(path).size == (1286, 909)
    before = path.stat().st_mtime_ns
    assert papers.picture(issued).stat().st_mtime_ns == before


def test_a_portrait_series(learner, home):
    series = factories.series("CQP", orientation="portrait")
    made = graduates.certificate(learner, graduates.programme(home, series=series))
    assert Image.open(papers.picture(made)).size == (909, 1286)


@pytest.mark.django_db(transaction=True)
def test_ten_who_ask_at_once_get_the_same_file(issued):
    Certificate.objects.filter(pk=issued.pk).update(print_state=Print.WAITING, sha256="")
    papers.path_of(issued).unlink(missing_ok=True)
    issued.events.exclude(verb="issued").delete()
    found = at_once(lambda _number: papers.pdf(fresh(issued)).read_bytes(), 10)
    assert len(set(found)) == 1
    assert graduates.verbs(issued) == ["issued", "printed"]
    assert not list(papers.path_of(issued).parent.glob(".*"))
