"""A thousand certificates, each with its own name, number and code; beside them typst as its manual shows it."""

import json
import random
import statistics
import time
from dataclasses import replace
from datetime import date

import typst

from courses import faces, printing

SHEETS, PEERS = 1000, 20
SHEET = printing.CertificateSheet(
    name="陈静怡",
    programme="首席质量官任职培训",
    programme_en="Chief Quality Officer Appointment Training",
    period=(date(2024, 3, 11), date(2024, 5, 24)),
    hours="41",
    result="合格",
    number="CQO2024510100003187",
    issued=date(2024, 5, 31),
    issuers=("示范省市场监督管理局",),
    verify_text="school.example/verify",
)
FAMILY, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
PLACES, TRADES = ("蓉城", "绵州", "宜江", "德安"), ("精密传动", "高新材料", "清洁能源", "食品", "电子信息")
FORMS = ("科技有限公司", "股份有限公司", "有限责任公司")


def sheets(count, orientation):
    draw = random.Random(20240531)
    for number in range(count):
        yield replace(
            SHEET,
            orientation=orientation,
            name=draw.choice(FAMILY) + "".join(draw.choices(GIVEN, k=draw.randint(1, 2))),
            enterprise=draw.choice(PLACES) + draw.choice(TRADES) + draw.choice(FORMS),
            number=f"CQO202451010{number:06d}7",
            verify_url=f"https://school.example/verify/{draw.getrandbits(64):016x}",
        )


def timed(work, items):
    """Milliseconds and bytes of each."""
    spent, sizes = [], []
    for item in items:
        begun = time.perf_counter()
        out = work(item)
        spent.append((time.perf_counter() - begun) * 1000)
        sizes.append(len(out))
    return spent, sizes


def module_level(sheet):
    """The same page, with a compiler of its own as `typst.compile` makes it."""
    return typst.compile(
        str(printing.TEMPLATES / "certificate.typ"),
        root=str(printing.TEMPLATES),
        font_paths=[str(folder) for folder in faces.FOLDERS],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(printing.certificate_data(sheet), ensure_ascii=False)},
        format="pdf",
        pdf_standards=["a-2b"],
    )


def row(measure, value, unit, peer=None, peer_value=None):
    ratio = value / peer_value if peer_value else None
    return {"measure": measure, "value": value, "unit": unit, "peer": peer, "peer_value": peer_value, "ratio": ratio}


def run():
    begun = time.perf_counter()
    printing.certificate(SHEET)
    rows = [row("first certificate of a process, fonts and all", (time.perf_counter() - begun) * 1000, "ms")]
    for orientation in ("landscape", "portrait"):
        spent, sizes = timed(printing.certificate, sheets(SHEETS, orientation))
        peer, _ = timed(module_level, sheets(PEERS, orientation))
        peer_name = "typst.compile at module level"
        median, peer_median = statistics.median(spent), statistics.median(peer)
        rows += [
            row(f"{orientation} PDF/A with QR, median", median, "ms", peer_name, peer_median),
            row(f"{orientation} PDF/A with QR, 99th of 100", statistics.quantiles(spent, n=100)[98], "ms"),
            row(f"{orientation} {SHEETS} sheets", sum(spent) / 1000, "s", peer_name, SHEETS * peer_median / 1000),
            row(f"{orientation} file, median", statistics.median(sizes) / 1000, "kB"),
            row(f"{orientation} file, largest", max(sizes) / 1000, "kB"),
        ]
    pictures, _ = timed(printing.certificate_png, sheets(50, "landscape"))
    return [*rows, row("picture at 110 ppi, median", statistics.median(pictures), "ms")]
