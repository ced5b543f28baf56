"""Certificates on paper: what is printed, that it is the same each time, and that a code can be scanned."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pypdf
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from courses import border, printing

SHEET = printing.CertificateSheet(
    name="陈静怡",
    enterprise="蓉城精密传动科技有限公司",
    programme="首席质量官任职培训",
    programme_en="Chief Quality Officer Appointment Training",
    period=(date(2024, 3, 11), date(2024, 5, 24)),
    hours="41",
    result="合格",
    number="CQO2024510100003187",
    issued=date(2024, 5, 31),
    issuers=("示范省市场监督管理局",),
    verify_url="https://school.example/verify/7Q4M2KX9RT5W8NPA",
    verify_text="school.example/verify",
)
ORIENTATIONS = ("landscape", "portrait")


def read(pdf):
    return pypdf.PdfReader(io.BytesIO(pdf))


def text_of(pdf):
    """What can be copied out; the title is set with wide gaps, which come out as spaces."""
    (page,) = read(pdf).pages
    return page.extract_text()


def faces_in(pdf):
    fonts = read(pdf).pages[0]["/Resources"]["/Font"].values()
    return sorted(font["/BaseFont"].split("+")[1].removesuffix("-Identity-H") for font in fonts)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_words_of_the_sheet_can_be_copied_out(orientation):
    text = text_of(printing.certificate(replace(SHEET, orientation=orientation)))

    for printed in (
        SHEET.name,
        SHEET.enterprise,
        SHEET.programme,
        SHEET.programme_en,
        "2024年3月11日至2024年5月24日",
        SHEET.number,
        SHEET.verify_text,
        "2024年5月31日",
        *SHEET.issuers,
    ):
        assert printed in text
    assert SHEET.title in text.replace(" ", "")
    assert "扫码核验" in text


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_file_is_an_archive_of_one_small_page(orientation):
    pdf = printing.certificate(replace(SHEET, orientation=orientation))

    assert b"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>" in pdf
    assert len(pdf) < 40_000
    assert b"/GTS_PDFA1" in pdf
    assert read(pdf).trailer["/Root"]["/Lang"] == "zh-CN"
    box = read(pdf).pages[0].mediabox
    assert (box.width > box.height) is (orientation == "landscape")
    assert faces_in(pdf) == ["NotoSerifSC-Regular"]


def test_the_same_sheet_gives_the_same_bytes():
    assert printing.certificate(SHEET) == printing.certificate(SHEET)
    assert printing.certificate(SHEET) != printing.certificate(replace(SHEET, name="陈静宜"))


def test_several_threads_print_the_same_as_one():
    sheets = [replace(SHEET, name=name) for name in ("王伟", "李娜", "张敏", "刘洋")]
    alone = [printing.certificate(sheet) for sheet in sheets]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(printing.certificate, sheets * 3)) == alone * 3


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("ppi", [72, 110, 200])
def test_the_code_is_read_from_a_picture(orientation, ppi):
    picture = printing.certificate_png(replace(SHEET, orientation=orientation), ppi=ppi)

    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))

    assert code.text == SHEET.verify_url


@settings(max_examples=25, deadline=None)
@given(token=st.text("23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz", min_size=8, max_size=43))
def test_any_token_is_read_from_a_coarse_picture(token):
    url = f"https://wangxiao.school.example/verify/{token}"

    (code,) = zxingcpp.read_barcodes(
        Image.open(io.BytesIO(printing.certificate_png(replace(SHEET, verify_url=url), ppi=72)))
    )

    assert code.text == url


def test_a_sample_names_nobody_and_has_no_code():
    sample = printing.sample_of(replace(SHEET, name_en="CHEN Jingyi", seal_svg=SEAL))

    text = text_of(printing.certificate(sample))

    assert "样张" in text
    assert "不作证明" in text
    assert SHEET.programme in text
    for private in (SHEET.name, "CHEN", SHEET.enterprise, SHEET.number, "电子证书"):
        assert private not in text
    assert zxingcpp.read_barcodes(Image.open(io.BytesIO(printing.certificate_png(sample)))) == []


SEAL = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
    '<circle cx="50" cy="50" r="47" fill="none" stroke="#B7332A" stroke-width="3"/></svg>'
)


def reds(sheet, box):
    """How many pixels of the seal's red stand in a part of the page, given in tenths of its width and height."""
    picture = Image.open(io.BytesIO(printing.certificate_png(sheet))).convert("RGB")
    left, top, right, bottom = box
    part = picture.crop(
        (
            left * picture.width // 10,
            top * picture.height // 10,
            right * picture.width // 10,
            bottom * picture.height // 10,
        )
    )
    return sum(count for count, (r, g, b) in part.getcolors(part.width * part.height) if r > 150 and g < 90 and b < 90)


def test_red_stands_once():
    note, seal = (0, 7, 5, 10), (5, 6, 10, 10)
    plain, sealed = SHEET, replace(SHEET, seal_svg=SEAL)

    assert reds(plain, note) > 200
    assert reds(plain, seal) == 0
    assert reds(sealed, note) == 0
    assert reds(sealed, seal) > 200


def test_the_title_and_the_issuers_are_the_caller_s():
    pdf = printing.certificate(
        replace(
            SHEET,
            title="首席质量（品牌）官培训合格证明",
            issuers=("示范省市场监督管理局", "示范省质量和标准化研究院（承办）"),
        )
    )

    text = text_of(pdf).replace(" ", "")
    assert "首席质量（品牌）官培训合格证明" in text
    assert "示范省质量和标准化研究院（承办）" in text
    assert "首席质量（品牌）官培训合格证明 CQO2024510100003187".encode() in pdf


def test_the_kept_drawings_are_those_of_the_rule():
    """After a change in courses.border: manage.py draw_certificate_border."""
    kept = {name: (border.FOLDER / name).read_text("utf-8") for name in border.draw()}

    assert kept == border.draw()


def test_the_border_stays_between_its_limits():
    for name in ORIENTATIONS:
        width, height, _, _ = border.SHEETS[name]
        drawing = border.draw()[f"frame-{name}.svg"]
        assert f'viewBox="0 0 {width} {height}"' in drawing
        assert drawing.count("<rect") == len(border.LIMITS)
    assert max(away for away, _ in border.LIMITS) > border.HEIGHT
