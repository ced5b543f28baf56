"""Where the reader stands with a quiz, and scores in words. Pages that call it stay the same for every visitor."""

from django import template
from django.utils.translation import pgettext

from courses import exams, marking, questions
from courses.models import LessonPage
from courses.views import lesson
from courses.views.exams import start_url

register = template.Library()


@register.filter
def points(score):
    """80, 3.5 or 66.67"""
    return f"{score.normalize():f}"


@register.filter
def spans(ranges):
    """[(1, 3), (7, 7)] as 1–3、7"""
    return pgettext("list", ", ").join(f"{first}–{last}" if first < last else str(first) for first, last in ranges)


@register.simple_tag(takes_context=True)
def quiz(context, assessment):
    """{count, full_score, pass_score, preview, standing, start_url}; `standing` is None for who is not enrolled."""
    request = context.get("request")
    parts = questions.kept_parts(assessment)
    full = sum(part.score for part in parts)
    card = {
        "count": sum(part.count for part in parts),
        "full_score": full,
        "pass_score": marking.pass_score(full, assessment.pass_percent),
        "preview": getattr(request, "is_preview", False),
        "standing": None,
    }
    enrolment = None if card["preview"] else _enrolment(context, request)
    if enrolment is None:
        return card
    try:
        standing = exams.standing(user=request.user, assessment=assessment, enrolment=enrolment, within=context["page"])
    except exams.Unrelated as stray:  # shown in a translation, but no longer in the lesson itself
        return card | {"note": stray.message}
    return card | {"standing": standing, "start_url": start_url(assessment, enrolment)}


def _enrolment(context, request):
    page = context.get("page")
    if request is None or not isinstance(page, LessonPage):
        return None
    return lesson.read(request, page).enrolment
