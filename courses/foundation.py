"""What a school stands on before anybody teaches in it: the home page in both languages, its tracks, the texts that the
footer leads to, the standards that we ship and the editors' office. Laying it again overwrites nothing.
"""

import json
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from wagtail.models import Locale, Page, Site

from courses import desk, standards
from courses.models import ContentPage, HomePage, NoticeIndexPage, TrackPage
from lms.tracks import TRACKS

REFERENCE = Path(__file__).parent / "reference"
TRACK_TITLES = {
    "cqo": ("首席质量官任职", "Chief Quality Officer"),
    "std": ("标准云课堂", "Classroom of Standards"),
    "tqm": ("全面质量管理", "Total Quality Management"),
    "chain": ("产业链专区", "Industry Chains"),
}
TRACK_LEADS = {
    "cqo": (
        "岗位职责、法规底线、质量战略与卓越绩效，学完可考证。",
        "Duties of the post, legal limits, quality strategy and excellence; ends in a certificate.",
    ),
    "std": (
        "逐条读懂管理体系标准，认识计量、检验检测与认证认可。",
        "Management system standards clause by clause; metrology, testing, certification.",
    ),
    "tqm": (
        "面向全员和班组：过程、工具、成本、现场与改进。",
        "For everyone on the floor: process, tools, cost, workplace and improvement.",
    ),
    "chain": (
        "沿一条产业链讲清关键质量特性、标准与检测资源。",
        "Key characteristics, standards and test resources along one industry chain.",
    ),
}
HOME = (
    ("首席质量官网校", "企业质量人的公益培训学校"),
    ("CQO Academy", "The free training school for people who answer for quality"),
)
NOTICES = ("通知公告", "Notices")


@cache
def data(name: str) -> Any:
    return json.loads((REFERENCE / name).read_text("utf-8"))


@transaction.atomic
def lay(*, anew: bool = True) -> HomePage:
    """The Chinese home page; what stands below it has its English beside it.

    Of a school that has its home page only standards and rights are laid when `anew` is false: editors may have deleted
    or renamed pages, which would all come back.
    """
    Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    english, _ = Locale.objects.get_or_create(language_code="en")
    standards.load(data("standards.json")["standards"])
    desk.prepare()
    home = HomePage.objects.filter(locale__language_code=settings.LANGUAGE_CODE).first()
    if home and not anew:
        return home
    home = home or _home()
    translate(home, english, title=HOME[1][0], lead=HOME[1][1], slug="school-en")
    for code in TRACKS:
        names, leads = TRACK_TITLES[code], TRACK_LEADS[code]
        track, _ = child(home, TrackPage, code, title=names[0], lead=leads[0], code=code)
        translate(track, english, title=names[1], lead=leads[1])
    index, _ = child(home, NoticeIndexPage, "notices", title=NOTICES[0])
    translate(index, english, title=NOTICES[1])
    for row in data("pages.json")["pages"]:
        page, _ = child(home, ContentPage, row["id"], title=row["title"], body=paragraphs(row["body"]))
        translate(page, english, title=row["title_en"], body=paragraphs(row["body_en"]))
    return home


def _home() -> HomePage:
    root = Page.objects.get(depth=1)
    home = root.add_child(instance=HomePage(title=HOME[0][0], lead=HOME[0][1], slug="school"))
    home.save_revision().publish()
    Site.objects.update_or_create(
        is_default_site=True,
        defaults={"hostname": "localhost", "port": 80, "root_page": home, "site_name": HOME[0][0]},
    )
    Page.objects.filter(depth=2, slug="home").exclude(pk=home.pk).delete()
    return home


def child(parent: Page, model: type[Page], slug: str, **fields: Any) -> tuple[Any, bool]:
    """The child of that slug, made and published when there is none."""
    found = model.objects.child_of(parent).filter(slug=slug).first()
    if found:
        return found, False
    page = parent.add_child(instance=model(slug=slug, locale=parent.locale, **fields))
    page.save_revision().publish()
    return page, True


def translate(page: Page, locale: Locale, **fields: Any) -> None:
    if page.has_translation(locale):
        return
    copy = page.copy_for_translation(locale)
    for name, value in fields.items():
        setattr(copy, name, value)
    copy.save_revision().publish()


def paragraphs(rows: list[str]) -> str:
    return "".join(row if row.startswith("<") else f"<p>{escape(row)}</p>" for row in rows)
