"""What a certificate says: put together once from the records of that day, and laid out for the printer."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal, TypedDict

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from lms import school
from lms.models import Membership

from . import facts as known_facts
from . import requirements
from .models import Certificate, CertificateSeries, Override, ProgrammeEnrolment, ProgrammePage
from .printing import CertificateSheet, sample_of

PASSED, PASSED_EN = "合格", "Passed"
RECOGNISED, RECOGNISED_EN = "认定合格", "Recognised"  # by somebody's decision, without the course work
NOTE = "电子证书，扫码核验"


class Wording(TypedDict):
    """The part that is the same for everybody of a series. `issuers_en` may be empty."""

    post: str
    title: str
    title_en: str
    statement: str
    statement_en: str
    issuers: list[str]
    issuers_en: list[str]
    note: str
    orientation: Literal["landscape", "portrait"]


class Snapshot(Wording):
    """As printed; `period` holds two ISO dates, `hours` is 41 or 41.5, or empty where none were counted. Kept as JSON
    and never changed."""

    name: str
    enterprise: str
    programme: str
    programme_en: str
    period: list[str]
    hours: str
    result: str
    result_en: str


def snapshots(enrolments: Iterable[ProgrammeEnrolment]) -> dict[int, Snapshot]:
    """By the enrolments' keys, in three queries, and a few more for each that was decided. They come with their user,
    programme and series."""
    rows = list(enrolments)
    employers, english, decided = _employers(rows), _english_titles(rows), decisions(rows)
    return {row.pk: _snapshot(row, employers.get(row.pk, ""), english, decided.get(row.pk)) for row in rows}


def decisions(rows: Iterable[ProgrammeEnrolment]) -> dict[int, date]:
    """By the enrolments' keys, the day on which somebody decided that the programme counts as met; of those alone that
    are not met by what was done."""
    of = {row.pk: row for row in rows}
    made = Override.objects.filter(programme_enrolment__in=of).order_by("-made_at")
    days = {key: timezone.localdate(at) for key, at in made.values_list("programme_enrolment_id", "made_at")}
    return {key: day for key, day in days.items() if key is not None and not _earned(of[key])}


def _earned(row: ProgrammeEnrolment) -> bool:
    asked = requirements.programme(known_facts.of_programme(row.programme, row, titled=False)).requirements
    return bool(asked) and all(each.done for each in asked)


def _snapshot(row: ProgrammeEnrolment, employer: str, english: Mapping[Any, str], decided: date | None) -> Snapshot:
    return {
        "name": row.user.name.strip(),
        "enterprise": employer,
        "programme": row.programme.title,
        "programme_en": english.get(row.programme.translation_key, ""),
        "period": [timezone.localdate(at).isoformat() for at in (row.started_at, row.completed_at)],
        "hours": _hours(row),
        "result": RECOGNISED if decided else PASSED,
        "result_en": RECOGNISED_EN if decided else PASSED_EN,
        **wording(series_of(row), examined=row.programme.exam_id is not None, decided=decided),
    }


def series_of(row: ProgrammeEnrolment) -> CertificateSeries:
    if row.programme.series is None:
        raise LookupError(f"{row.programme} gives no certificate")
    return row.programme.series


def wording(series: CertificateSeries, *, examined: bool, decided: date | None = None) -> Wording:
    """A sentence about courses that nobody took would be untrue: there, the decision stands in its place."""
    facts = school.facts()
    if decided:
        said, said_en = _decision(series, decided), _decision_en(series, decided)
    else:
        said = series.statement or _sentence(series, examined)
        said_en = series.statement_en or _sentence_en(series, examined)
    return {
        "post": series.post,
        "title": series.title,
        "title_en": series.title_en,
        "statement": _filled(said, series.post),
        "statement_en": _filled(said_en, series.post_en),
        "issuers": list(series.issuers) or [facts.certificate_issuer],
        "issuers_en": list(series.issuers_en) or ([] if series.issuers else [facts.certificate_issuer_en]),
        "note": series.note or NOTE,
        "orientation": "portrait" if series.orientation == "portrait" else "landscape",
    }


def sheet(certificate: Certificate) -> CertificateSheet:
    """What the printer needs. Only the snapshot and the row itself speak: later changes elsewhere do not reach it."""
    told: Snapshot = certificate.snapshot
    first, last = told["period"]
    return CertificateSheet(
        name=told["name"],
        enterprise=told["enterprise"],
        programme=told["programme"],
        programme_en=told["programme_en"],
        period=(date.fromisoformat(first), date.fromisoformat(last)),
        hours=counted(told["hours"]),
        result=told["result"],
        title=told["title"],
        title_en=told["title_en"],
        statement=told["statement"],
        statement_en=told["statement_en"],
        issuers=tuple(told["issuers"]),
        note=told["note"],
        orientation=told["orientation"],
        number=certificate.number,
        issued=timezone.localdate(certificate.issued_at),
        verify_url=verify_url(certificate),
        verify_text=_verify_text(),
    )


def sample(series: CertificateSeries) -> CertificateSheet:
    """What the series looks like, with nobody's name and no code to scan."""
    told, today = wording(series, examined=True), timezone.localdate()
    return sample_of(
        CertificateSheet(
            title=told["title"],
            title_en=told["title_en"],
            statement=told["statement"],
            statement_en=told["statement_en"],
            issuers=tuple(told["issuers"]),
            orientation=told["orientation"],
            name="",
            number="",
            programme="（培训项目）",
            period=(today, today),
            hours="0",
            result=PASSED,
            issued=today,
            verify_text=_verify_text(),
        )
    )


def verify_url(certificate: Certificate) -> str:
    """What the QR code holds. A signature over the content can later follow behind a #, see decision 0005."""
    return _address("verify_token", certificate.token)


def _verify_text() -> str:
    return _address("verify").split("://", 1)[1].rstrip("/")


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


def _english_titles(rows: list[ProgrammeEnrolment]) -> dict[Any, str]:
    keys = {row.programme.translation_key for row in rows}
    english = ProgrammePage.objects.filter(translation_key__in=keys, locale__language_code="en", live=True)
    return dict(english.values_list("translation_key", "title"))


def counted(hours: str) -> str:
    """Nothing rather than a nought: where no hour was counted, a certificate does not speak of hours."""
    return "" if hours == "0" else hours


def _hours(row: ProgrammeEnrolment) -> str:
    """What was credited; a completion without a figure has at least what its programme asks for."""
    hours = row.programme.min_hours if row.hours is None else row.hours
    return counted(f"{hours:f}".rstrip("0").rstrip(".") if "." in f"{hours:f}" else f"{hours:f}")


def _filled(sentence: str, post: str) -> str:
    return sentence.replace("{post}", post)


def _sentence(series: CertificateSeries, examined: bool) -> str:
    courses = "完成{post}岗位培训规定的全部课程与学时，" if series.post else "完成规定的全部课程与学时，"
    return courses + ("结业考试成绩合格，特此证明。" if examined else "特此证明。")


def _sentence_en(series: CertificateSeries, examined: bool) -> str:
    training = "training for the post of {post}" if series.post_en else "programme"
    passed = " and passed its final examination" if examined else ""
    return f"The holder has completed every required course and credit hour of the {training}{passed}."


def _decision(series: CertificateSeries, decided: date) -> str:
    subject = "{post}岗位培训" if series.post else "本培训项目"
    return f"依据{decided.year}年{decided.month}月{decided.day}日的认定，视为达到{subject}的全部要求，特此证明。"


def _decision_en(series: CertificateSeries, decided: date) -> str:
    training = "training for the post of {post}" if series.post_en else "programme"
    return f"By decision of {decided:%d %B %Y}, the holder counts as having met every requirement of the {training}."
