"""What a course says to the person who reads its page. Called by a template tag, never by a page."""

from collections import defaultdict
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from courses import coverage, enrolment, reports, terms
from courses.models import LessonPage, ProgrammeCourse, Standard
from courses.requirements import Kind
from courses.views.exams import start_url

SHOWN_NUMBERS = 2
KINDS = {
    LessonPage.Kind.VIDEO: gettext_lazy("%(n)d min film"),
    LessonPage.Kind.LIVE: gettext_lazy("%(n)d min live"),
    LessonPage.Kind.READING: gettext_lazy("%(n)d min reading"),
}


@dataclass(frozen=True)
class Move:
    """The one main button: a link, or a form that posts."""

    label: str
    url: str
    posts: bool = False
    note: str = ""
    brief: str = ""  # for the narrow bar of a phone, where the label is long


def signed_in(user):
    return user if user is not None and user.is_authenticated else None


def course_state(user, course, request):
    """Everything on a course's page that depends on who reads it, and the lists that hang on the same rows."""
    reader = signed_in(user)
    row = enrolment.current(reader, course) if reader else None
    report = reports.course_report(row) if row else reports.course_rule(course)
    pages = _pages(report, course)
    cited = _cited(report)
    return {
        "enrolment": row,
        "report": report,
        "move": _move(reader, course, report, pages, request),
        "again": _again(course) if enrolment.finished(row) else None,
        "outline": _outline(report, pages, cited, request),
        "rule": _rule(report),
        "terms": terms.of(report.course),
        "standards": sorted({each.pk: each for row in cited.values() for each in row}.values(), key=_by_number),
        "programmes": _programmes_with(report.course),
    }


def _by_number(standard):
    return standard.number


def _pages(report, course):
    """Record's lesson → the page to link to."""
    return (
        in_language([each.lesson for each in report.lessons])
        if report.course.pk != course.pk
        else {each.lesson.pk: each.lesson for each in report.lessons}
    )


def _cited(report):
    """Lesson → standards of its list and of the cards in its text."""
    cards = {
        each.lesson.pk: [block["value"] for block in each.lesson.body.raw_data if block["type"] == "standard"]
        for each in report.lessons
    }
    pairs = LessonPage.standards.through.objects.filter(lessonpage_id__in=cards)
    cited = defaultdict(dict)
    for pair in pairs.select_related("standard__successor"):
        cited[pair.lessonpage_id][pair.standard_id] = pair.standard
    wanted = {pk for listed in cards.values() for pk in listed if pk}
    carded = Standard.objects.select_related("successor").in_bulk(wanted) if wanted else {}
    for lesson, listed in cards.items():
        cited[lesson] |= {pk: carded[pk] for pk in listed if pk in carded}
    return {lesson: sorted(found.values(), key=_by_number) for lesson, found in cited.items()}


def _move(reader, course, report, pages, request):
    if reader is None:
        return Move(
            _("Join this course"), reverse("enrol", args=[course.pk]), note=_("Free. Sign in or register first.")
        )
    if report.enrolment is None:
        return Move(_("Join this course"), reverse("enrol", args=[course.pk]), posts=True, note=_("Free of charge."))
    if report.done:
        first = report.lessons[0] if report.lessons else None
        url = pages[first.lesson.pk].get_url(request) if first else reverse("my_learning")
        return Move(_("Finished: see it again"), url, note=_("Your record stays as it is."))
    if report.next:
        number = next(at for at, each in enumerate(report.lessons, start=1) if each is report.next)
        label = _("Continue lesson %(n)d") if report.next.started else _("Start lesson %(n)d")
        url = pages[report.next.lesson.pk].get_url(request)
        if report.next.quiz_left:
            return Move(_("Take the quiz of lesson %(n)d") % {"n": number}, to_quiz(url, report.next.quiz_left))
        return Move(label % {"n": number}, url, note=_where(report.next))
    if report.course.assessment_id:
        return Move(_("Take the course test"), start_url(report.course.assessment, report.enrolment))
    return Move(_("My learning"), reverse("my_learning"))


def _again(course):
    note = _("It begins anew with the first lesson. The finished record and your certificates stay as they are.")
    return Move(_("Study this course again"), reverse("study_again", args=[course.pk]), posts=True, note=note)


def to_quiz(url, quiz):
    """The place of a quiz on the page of its lesson."""
    return f"{url}#quiz-{quiz}" if quiz else url


def _where(lesson):
    """Where the film goes on, and what was left out before."""
    if not lesson.progress or not lesson.progress.position_ms:
        return ""
    at = _("Goes on at %(time)s") % {"time": coverage.clock(lesson.progress.position_ms)}
    return f"{at} · {lesson.coverage.gaps_words}" if lesson.coverage.gaps else at


def _outline(report, pages, cited, request):
    row = report.enrolment
    numbers = {each.lesson.pk: number for number, each in enumerate(report.lessons, start=1)}
    return [
        {
            "number": number,
            "title": each.title,
            "url": "" if row and each.locked else pages[each.lesson.pk].get_url(request),
            "hours": coverage.hours_words(each.lesson.credit_hours),
            "meta": [KINDS[each.lesson.kind] % {"n": each.lesson.minutes}, *_numbers(cited.get(each.lesson.pk, []))],
            "state": "done" if each.done else "open" if each.started else "",
            "words": _words(each, row, numbers),
            "current": row is not None and each is report.next,
        }
        for each, number in zip(report.lessons, numbers.values(), strict=True)
    ]


def _numbers(standards):
    shown = [standard.number for standard in standards[:SHOWN_NUMBERS]]
    more = len(standards) - len(shown)
    return [*shown, ngettext("%(n)d more", "%(n)d more", more) % {"n": more}] if more else shown


def _words(lesson, row, numbers):
    if row is None:
        return ""
    if lesson.done:
        return _("Completed")
    if lesson.locked:
        return _("After lesson %(n)d") % {"n": numbers[lesson.needs.pk]}
    if lesson.started:
        return _("Watched up to %(time)s") % {"time": coverage.clock(lesson.coverage.furthest_ms)}
    return pgettext("learning", "Not started")


def _rule(report):
    """What finishing takes, in plain words with how much of it is there."""
    lessons = [asked for asked in report.verdict.requirements if asked.kind == Kind.LESSON]
    quizzes = [asked for each in report.lessons for asked in each.verdict.requirements if asked.kind == Kind.QUIZ]
    tests = [asked for asked in report.verdict.requirements if asked.kind == Kind.TEST]
    watched = any(
        asked.kind in (Kind.WATCH, Kind.ATTEND) for each in report.lessons for asked in each.verdict.requirements
    )
    share = _("At least %(percent)d%% of each film; what was skipped does not count") % {
        "percent": report.course.threshold
    }
    rows = []
    if lessons:
        words = ngettext("Finish %(n)d lesson", "Finish %(n)d lessons", len(lessons)) % {"n": len(lessons)}
        rows.append(_counted(words, lessons, report, note=share if watched else ""))
    if report.course.sequential and not report.done:
        rows.append({"state": "open", "text": _("The lessons go in order")})
    if quizzes:
        words = ngettext("Pass %(n)d quiz", "Pass %(n)d quizzes", len(quizzes)) % {"n": len(quizzes)}
        rows.append(_counted(words, quizzes, report))
    rows += [_single(asked, report) for asked in tests]
    return rows


def _counted(words, asked, report, note=""):
    done = len(asked) if report.done else sum(each.done for each in asked)
    state = "met" if done == len(asked) else "due" if report.enrolment else "open"
    return {"state": state, "text": words, "note": note, "value": f"{done} / {len(asked)}" if report.enrolment else ""}


def _single(asked, report):
    met = asked.done or report.done
    words = _("Pass the course test")
    paper = report.course.assessment
    note = _("%(percent)d%% to pass") % {"percent": paper.pass_percent}
    if paper.attempts:
        times = ngettext("%(n)d attempt", "%(n)d attempts", paper.attempts) % {"n": paper.attempts}
        note = f"{note} · {times}"
    value = ""
    if report.enrolment:
        value = _("Passed") if met else _("Not passed yet") if asked.tried else _("Not taken yet")
    return {
        "state": "met" if met else "due" if report.enrolment else "open",
        "text": words,
        "note": note,
        "value": value,
    }


def _programmes_with(course):
    """Programmes that count this course, in the reader's language, each with `required`."""
    entries = ProgrammeCourse.objects.filter(course=course, programme__live=True).select_related("programme__series")
    found = [entry for entry in entries if entry.programme.locale_id == course.locale_id]
    pages = in_language([entry.programme for entry in found])
    return [
        {"page": pages[entry.programme_id], "required": entry.required, "series": entry.programme.series}
        for entry in found
    ]


def in_language(pages):
    """Primary key → the page to link to: the translation in the reader's language, or the page itself. One query."""
    found = {page.pk: page for page in pages}
    language = get_language() or settings.LANGUAGE_CODE
    if not pages or language == settings.LANGUAGE_CODE:
        return found
    by_key = {page.translation_key: page.pk for page in pages}
    model = type(pages[0])
    translated = model.objects.live().filter(translation_key__in=by_key, locale__language_code=language, alias_of=None)
    return found | {by_key[page.translation_key]: page for page in translated}
