"""What a certificate says: put together once from the records of that day, and laid out for the printer."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypedDict

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from lms import school
from lms.models import Membership

from .models import Certificate, CertificateSeries, ProgrammeEnrolment, ProgrammePage
from .printing import CertificateSheet, sample_of

PASSED, PASSED_EN = "合格", "Passed"


class Snapshot(TypedDict):
    """As printed; `period` holds two ISO dates, `hours` is 41 or 41.5. Kept as JSON and never changed."""

    name: str
    enterprise: str
    programme: str
    programme_en: str
    post: str
    period: list[str]
    hours: str
    result: str
    result_en: str
    title: str
    title_en: str
    statement: str
    statement_en: str
    issuers: list[str]
    issuers_en: list[str]
    note: str
    orientation: str


WORDING = ("post", "title", "title_en", "statement", "statement_en", "issuers", "issuers_en", "note", "orientation")


def snapshots(enrolments: Iterable[ProgrammeEnrolment]) -> dict[int, Snapshot]:
    """By the enrolments' keys, in two queries. They come with their user, programme and series."""
    rows = list(enrolments)
    employers, english = _employers(rows), _english_titles(rows)
    return {
        row.pk: Snapshot(
            name=row.user.name.strip(),
            enterprise=employers.get(row.pk, ""),
            programme=row.programme.title,
            programme_en=english.get(row.programme.translation_key, ""),
            period=[timezone.localdate(row.started_at).isoformat(), timezone.localdate(row.completed_at).isoformat()],
            hours=_hours(row),
            result=PASSED,
            result_en=PASSED_EN,
            **wording(row.programme.series, examined=row.programme.exam_id is not None),
        )
        for row in rows
    }


def wording(series: CertificateSeries, *, examined: bool) -> dict:
    """The part of a snapshot that is the same for everybody of the series: the fields named in WORDING."""
    facts = school.facts()
    return {
        "post": series.post,
        "title": series.title,
        "title_en": series.title_en,
        "statement": _filled(series.statement or _sentence(series, examined), series.post),
        "statement_en": _filled(series.statement_en or _sentence_en(series, examined), series.post_en),
        "issuers": list(series.issuers) or [facts.certificate_issuer],
        "issuers_en": list(series.issuers_en) or ([] if series.issuers else [facts.certificate_issuer_en]),
        "note": series.note,
        "orientation": series.orientation,
    }


def sheet(certificate: Certificate) -> CertificateSheet:
    """What the printer needs. Only the snapshot and the row itself speak: later changes elsewhere do not reach it."""
    told: Snapshot = certificate.snapshot
    texts = ("name", "enterprise", "programme", "programme_en", "hours", "result", "title", "title_en")
    optional = {"note": told["note"]} if told["note"] else {}
    return CertificateSheet(
        **{field: told[field] for field in texts},
        **optional,
        statement=told["statement"],
        statement_en=told["statement_en"],
        orientation=told["orientation"],
        issuers=tuple(told["issuers"]),
        period=(date.fromisoformat(told["period"][0]), date.fromisoformat(told["period"][1])),
        number=certificate.number,
        issued=timezone.localdate(certificate.issued_at),
        verify_url=verify_url(certificate),
        verify_text=_address("verify").split("://", 1)[1].rstrip("/"),
    )


def sample(series: CertificateSeries) -> CertificateSheet:
    """What the series looks like, with nobody's name and no code to scan."""
    told, today = wording(series, examined=True), timezone.localdate()
    texts = ("title", "title_en", "statement", "statement_en", "orientation")
    return sample_of(
        CertificateSheet(
            **{field: told[field] for field in texts},
            issuers=tuple(told["issuers"]),
            name="",
            number="",
            programme="（培训项目）",
            period=(today, today),
            hours="0",
            result=PASSED,
            issued=today,
            verify_text=_address("verify").split("://", 1)[1].rstrip("/"),
        )
    )


def verify_url(certificate: Certificate) -> str:
    """What the QR code holds. A signature over the content can later follow behind a #, see decision 0004."""
    return _address("verify_token", certificate.token)


def _address(name: str, *args: str) -> str:
    """In the school's first language, whoever caused the print."""
    with translation.override(settings.LANGUAGE_CODE):
        return settings.SITE_URL + reverse(name, args=args)


def _employers(rows: list[ProgrammeEnrolment]) -> dict[int, str]:
    """Where each person worked on the day of completion."""
    held: Mapping[int, list[Membership]] = {row.user_id: [] for row in rows}
    for membership in Membership.objects.filter(user__in=held).select_related("enterprise").order_by("pk"):
        held[membership.user_id].append(membership)
    found = {}
    for row in rows:
        day = timezone.localdate(row.completed_at)
        for membership in held[row.user_id]:
            if membership.started_on <= day and (membership.ended_on is None or day < membership.ended_on):
                found[row.pk] = membership.enterprise.name
    return found


def _english_titles(rows: list[ProgrammeEnrolment]) -> dict:
    keys = {row.programme.translation_key for row in rows}
    english = ProgrammePage.objects.filter(translation_key__in=keys, locale__language_code="en", live=True)
    return dict(english.values_list("translation_key", "title"))


def _hours(row: ProgrammeEnrolment) -> str:
    """What was credited; a completion without a figure has at least what its programme asks for."""
    hours = row.programme.min_hours if row.hours is None else row.hours
    return f"{hours:f}".rstrip("0").rstrip(".") if "." in f"{hours:f}" else f"{hours:f}"


def _filled(sentence: str, post: str) -> str:
    return sentence.replace("{post}", post)


def _sentence(series: CertificateSeries, examined: bool) -> str:
    courses = "完成{post}岗位培训规定的全部课程与学时，" if series.post else "完成规定的全部课程与学时，"
    return courses + ("结业考试成绩合格，特此证明。" if examined else "特此证明。")


def _sentence_en(series: CertificateSeries, examined: bool) -> str:
    training = "training for the post of {post}" if series.post_en else "programme"
    passed = " and passed its final examination" if examined else ""
    return f"The holder has completed every required course and credit hour of the {training}{passed}."
