"""What a programme says to the person who reads its page, and how far somebody is in it."""

from collections import defaultdict
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from courses import coverage, enrolment, reports
from courses.models import CoursePage, LessonPage
from courses.requirements import Kind
from courses.views.course import Move, in_language, signed_in
from courses.views.exams import start_url


def programme_state(user, programme, request):
    """Everything on a programme's page that depends on who reads it."""
    reader = signed_in(user)
    row = enrolment.current_programme(reader, programme) if reader else None
    summaries = reports.overview(reader) if reader else []
    return told(row, programme, summaries, request, reader=reader)


def told(row, programme, summaries, request, *, reader):
    """`summaries` are the reader's courses, see reports.overview."""
    report = reports.programme_report(row) if row else reports.programme_rule(programme)
    courses = _courses(report, {each.enrolment.course_id: each for each in summaries}, request)
    earned = sum((each["earned"] for each in courses), Decimal(0))
    return {
        "enrolment": row,
        "report": report,
        "courses": courses,
        "required": [each for each in courses if each["required"]],
        "electives": [each for each in courses if not each["required"]],
        "rule": _rule(report, earned),
        "earned": earned,
        "hours": sum((each["hours"] for each in courses if each["required"]), Decimal(0)),
        "move": _move(reader, programme, report, courses),
        "again": again(programme) if enrolment.finished(row) else None,
    }


def again(programme):
    """The button that begins another period of a finished programme, with what it does."""
    note = _("The required courses begin anew. The finished record stays as it is.")
    if programme.series_id:
        note = _(
            "The required courses begin anew. The finished record and its certificate stay as they are; "
            "completing the new period gives a certificate that renews the present one."
        )
    return Move(_("Begin another period"), reverse("join_again", args=[programme.pk]), posts=True, note=note)


def _courses(report, summaries, request):
    pages = CoursePage.objects.in_bulk([part.ref for part in report.courses])
    links = in_language(list(pages.values()))
    hours = _hours(pages.values())
    return [
        _course(part, links[part.ref], hours[part.ref], summaries.get(part.ref), request) for part in report.courses
    ]


def _hours(pages):
    """Credit hours of the published lessons, by course."""
    hours = defaultdict(Decimal)
    paths = {page.path: page.pk for page in pages}
    if not paths:
        return hours
    step = LessonPage.steplen
    for path, credit in LessonPage.objects.live().values_list("path", "credit_hours"):
        owner = paths.get(path[:-step]) or paths.get(path[: -2 * step])
        if owner:
            hours[owner] += credit
    return hours


def _course(part, page, hours, summary, request):
    done = part.done_at is not None
    return {
        "state": "met" if done else "due" if summary else "open",
        "text": page.title,
        "note": _course_note(done, summary),
        "value": _of(part.hours if done else summary.hours_done if summary else None, hours),
        "url": page.get_url(request),
        "icon": "" if done else "book",
        "title": page.title,
        "hours": hours,
        "earned": part.hours if done else summary.hours_done if summary else Decimal(0),
        "required": part.required,
        "summary": summary,
        "done": done,
    }


def _course_note(done, summary):
    if done:
        return _("Completed")
    if summary and summary.lessons_done:
        return ngettext("%(n)d lesson done", "%(n)d lessons done", summary.lessons_done) % {"n": summary.lessons_done}
    return pgettext("learning", "Not started") if summary else ""


def _of(have, need):
    if have is None:
        return coverage.hours_words(need)
    return f"{have.normalize():f} / {coverage.hours_words(need)}"


def _rule(report, earned):
    """What the programme asks beside its required courses: electives, hours, the exam."""
    return [_asked(asked, report, earned) for asked in report.verdict.requirements if asked.kind != Kind.COURSE]


def _asked(asked, report, earned):
    met = asked.done or report.done
    item = {"state": "met" if met else "due" if report.enrolment else "open", "text": asked.text}
    if asked.kind == Kind.HOURS:
        item["text"] = _("Earn %(hours)s in all") % {"hours": coverage.hours_words(Decimal(asked.need))}
        item["value"] = _of(earned, Decimal(asked.need)) if report.enrolment else ""
    if asked.kind == Kind.ELECTIVES:
        need = int(asked.need)
        item["text"] = ngettext("Finish %(n)d elective", "Finish %(n)d electives", need) % {"n": need}
        item["value"] = f"{asked.have} / {asked.need}" if report.enrolment else ""
    if asked.kind == Kind.EXAM:
        item |= _exam(report, met)
    return item


def _exam(report, met):
    paper = report.programme.exam
    notes = [_("%(percent)d%% to pass") % {"percent": paper.pass_percent}]
    if paper.attempts:
        notes.append(ngettext("%(n)d attempt", "%(n)d attempts", paper.attempts) % {"n": paper.attempts})
    if not report.ready_for_exam and not met:
        notes.insert(0, _("opens after the courses"))
    value = _("Passed") if met else _("Open now") if report.ready_for_exam else _("Not open yet")
    locked = not met and not report.ready_for_exam
    return {
        "text": _("Pass the final exam"),
        "note": " · ".join(notes),
        "value": value if report.enrolment else "",
        "icon": "lock" if locked else "",
        "url": start_url(paper, report.enrolment) if report.enrolment and not locked else "",
    }


def _move(reader, programme, report, courses):
    if reader is None:
        note = _("Free. Sign in or register first.")
        return Move(_("Join this programme"), reverse("join", args=[programme.pk]), note=note)
    if report.enrolment is None:
        return Move(
            _("Join this programme"), reverse("join", args=[programme.pk]), posts=True, note=_("Free of charge.")
        )
    if report.done:
        return Move(_("My certificates"), reverse("my_learning") + "#certificates")
    unfinished = next((each for each in courses if each["required"] and not each["done"]), None)
    if unfinished:
        label = (
            _("Continue: %(title)s")
            if unfinished["summary"] and unfinished["summary"].lessons_done
            else _("Start: %(title)s")
        )
        return Move(label % {"title": unfinished["title"]}, unfinished["url"], brief=_("Continue learning"))
    if report.programme.exam_id and report.ready_for_exam:
        return Move(_("Take the final exam"), start_url(report.programme.exam, report.enrolment))
    elective = next((each for each in courses if not each["required"] and not each["done"]), None)
    if elective:
        return Move(_("Choose an elective"), elective["url"])
    return Move(_("My learning"), reverse("my_learning"))
