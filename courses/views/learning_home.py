"""My learning: what to do now, what was earned, year by year."""

from collections import Counter, defaultdict
from decimal import Decimal

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from courses import evaluation, reports
from courses.coverage import Coverage, clock
from courses.models import Certificate, LessonPage, LessonProgress, ProgrammeEnrolment
from courses.views.course import in_language, to_quiz
from courses.views.programme import told
from lms import enterprises
from lms.models import Participation

Channel = Participation.Channel
CHANNELS = (
    (_("online courses"), (Channel.ON_DEMAND, Channel.REPLAY)),
    (_("live sessions"), (Channel.LIVE,)),
    (_("classes on site"), (Channel.CLASSROOM,)),
)


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def home(request):
    summaries = reports.overview(request.user)
    links = _links(summaries)
    programmes = _programmes(request)
    now = _now(request, programmes, summaries, links)
    within = {each["summary"].enrolment.pk for each in now["state"]["courses"] if each["summary"]} if now else set()
    rows = [_course(each, links, request) for each in summaries if each.enrolment.pk not in within]
    certificates = list(Certificate.objects.told().filter(user=request.user).newest_first())
    years = _years(request.user, certificates)
    context = {
        "membership": enterprises.membership(request.user),
        "now": now,
        "programmes": [each for each in programmes if not now or each["row"].pk != now["row"].pk],
        "open": [row for row in rows if not row["summary"].done],
        "done": [row for row in rows if row["summary"].done],
        "certificates": certificates,
        "evaluations": evaluation.waiting(request.user),
        "years": years,
        "this_year": next((year for year in years if year["year"] == timezone.localdate().year), None),
    }
    return render(request, "courses/my_learning.html", context)


def _links(summaries):
    """Pages to link to in the reader's language: courses and next lessons."""
    courses = in_language([each.enrolment.course for each in summaries])
    return courses | in_language([each.next for each in summaries if each.next])


def _course(summary, links, request):
    upcoming = links[summary.next.pk] if summary.next else None
    page = links[summary.enrolment.course_id]
    return {
        "summary": summary,
        "page": page,
        "title": page.title,
        "cover": page.on_cover,
        "url": page.get_url(request),
        "next": upcoming,
        "next_url": upcoming.get_url(request) if upcoming else "",
    }


def _programmes(request):
    """Present periods, unfinished first, the newest before the older."""
    rows = ProgrammeEnrolment.objects.current().filter(user=request.user).select_related("programme")
    rows = sorted(rows, key=lambda row: (row.completed_at is not None, -row.started_at.timestamp()))
    pages = in_language([row.programme for row in rows])
    return [
        {"row": row, "title": pages[row.programme_id].title, "url": pages[row.programme_id].get_url(request)}
        for row in rows
    ]


def _now(request, programmes, summaries, links):
    """The first unfinished programme with all that is missing, or None."""
    first = next((each for each in programmes if not each["row"].completed_at), None)
    if first is None:
        return None
    state = told(first["row"], first["row"].programme, summaries, request, reader=request.user)
    begun = [each for each in state["electives"] if each["summary"] or each["done"]]
    return {**first, "state": state, "courses": [*state["required"], *begun], "next": _next(state, links, request)}


def _next(state, links, request):
    """The lesson to go on with: of the first required course that is not finished."""
    waiting = [each["summary"] for each in state["required"] if not each["done"] and each["summary"]]
    summary = next((each for each in waiting if each.next), None)
    if summary is None:
        return None
    lesson = links[summary.next.pk]
    record = LessonProgress.objects.filter(enrolment=summary.enrolment, lesson=summary.next).exclude(covered_at=None)
    row = record.select_related("lesson").first()
    quiz = reports.quiz_left(row) if row else None
    return {"title": lesson.title, "course": summary.title, "url": to_quiz(lesson.get_url(request), quiz), "quiz": quiz}


def _years(user, certificates):
    """Year by year, newest first. A lesson that was finished twice in a year counts once, at its best."""
    best = {}
    finished = LessonProgress.objects.filter(enrolment__user=user).exclude(completed_at=None)
    for at, lesson, hours, channel in finished.values_list("completed_at", "lesson_id", "hours", "channel"):
        key = timezone.localdate(at).year, lesson
        if key not in best or best[key][0] < hours:
            best[key] = hours, channel
    hours, channels = Counter(), defaultdict(Counter)
    for (year, _lesson), (credit, channel) in best.items():
        hours[year] += credit
        channels[year][channel] += credit
    completed = user.enrolments.exclude(completed_at=None).values_list("completed_at", flat=True)
    courses = Counter(timezone.localdate(at).year for at in completed)
    issued = defaultdict(list)
    for certificate in certificates:
        issued[timezone.localdate(certificate.issued_at).year].append(certificate)
    return [
        {
            "year": year,
            "hours": hours[year] or Decimal(0),
            "channels": _by_channel(channels[year]),
            "courses": courses[year],
            "certificates": issued[year],
        }
        for year in sorted({*hours, *courses, *issued}, reverse=True)
    ]


def _by_channel(credits):
    told = [(words, sum((credits[channel] for channel in channels), Decimal(0))) for words, channels in CHANNELS]
    return [{"words": words, "hours": hours} for words, hours in told if hours]


def resume(user, request):
    """Where the reader left off last, for the home page; the next lesson of a course just joined, else None."""
    rows = LessonProgress.objects.filter(
        enrolment__user=user,
        enrolment__ended_at=None,
        enrolment__completed_at=None,
        completed_at=None,
        lesson__live=True,
    )
    row = rows.select_related("lesson", "enrolment__course").order_by("-updated_at").first()
    if row:
        return _resumed(row.lesson, row.enrolment.course, row, request)
    waiting = next((each for each in reports.overview(user) if not each.done and each.next), None)
    return _resumed(waiting.next, waiting.enrolment.course, None, request) if waiting else None


def _resumed(lesson, course, row, request):
    shown = in_language([lesson])[lesson.pk]
    lessons = [each.pk for each in course.lessons().only("pk", "path")]
    quiz = reports.quiz_left(row) if row else None
    return {
        "title": shown.title,
        "url": to_quiz(shown.get_url(request), quiz),
        "quiz": quiz,
        "course": in_language([course])[course.pk].title,
        "number": lessons.index(lesson.pk) + 1,
        "of": len(lessons),
        "coverage": _coverage(row, course, lesson) if row else None,
        "at": clock(row.position_ms) if row and row.position_ms and not quiz else "",
    }


def _coverage(row, course, lesson: LessonPage):
    return Coverage(
        duration_ms=row.duration_ms,
        threshold=course.threshold,
        seen=row.coverage,
        position_ms=row.position_ms,
        hours=lesson.credit_hours,
    )
