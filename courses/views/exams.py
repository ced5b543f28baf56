"""Pages of quizzes and exams: before, during, handing in, afterwards."""

from datetime import timedelta
from itertools import groupby

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from pydantic_core import from_json

from courses import admission, exams, facts, marking, questions
from courses.models import Assessment, Attempt, CoursePage, Enrolment, ProgrammeEnrolment, ProgrammePage, Question

PAGE, JSON = "text/html", "application/json"
JOIN = {CoursePage: "enrol", ProgrammePage: "join"}


class PlaceForm(forms.Form):
    enrolment = forms.UUIDField(required=False)
    programme = forms.UUIDField(required=False)


class PledgeForm(forms.Form):
    pledge = forms.BooleanField()


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def start(request, uuid):
    assessment = get_object_or_404(Assessment, uuid=uuid)
    place = _place(request, assessment)
    if place is None:
        return _outside(request, assessment)
    refusal, unsigned = None, False
    if request.method == "POST":
        unsigned = assessment.kind == Assessment.Kind.EXAM and not PledgeForm(request.POST).is_valid()
        if not unsigned:
            try:
                return redirect("attempt", _start(request.user, assessment, place).uuid)
            except exams.Refused as refused:
                refusal = refused
    context = _before(request, assessment, place) | {"refusal": refusal, "unsigned": unsigned}
    return render(request, "courses/exam_start.html", context, status=409 if refusal else 200)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def attempt(request, uuid):
    """The paper. Without script all answers are posted here at once; scripts ask here for the clock."""
    sitting = _sitting(request, uuid)
    if request.get_preferred_type([PAGE, JSON]) == JSON:
        return JsonResponse(_clock(sitting))
    if sitting.submitted_at:
        return redirect("attempt_result", sitting.uuid)
    if request.method == "POST":
        return _save_all(request, sitting)
    return render(request, "courses/exam_paper.html", _during(request, sitting))


@never_cache
@require_POST
def answer(request, uuid):
    """One answer as {position, chosen, marked, age_ms}; replies when it is stored, with the server's clock.

    What waited on the device is told how the question stands now: something chosen later elsewhere stays.
    """
    if not request.user.is_authenticated:
        return _refusal("signed_out", _("You are signed out. Sign in again; your answers wait on this device."), 401)
    try:
        sitting = exams.find(user=request.user, uuid=uuid)
        entry = _shape(request.body)
        saved_at = exams.answer(attempt=sitting, **entry)
    except Attempt.DoesNotExist:
        return _refusal("not_found", _("This paper belongs to another account."), 404)
    except exams.BadAnswer as refused:
        return _refusal(refused.code, refused.message, 400)
    except exams.Refused as refused:
        return _refusal(refused.code, refused.message, 409, result=reverse("attempt_result", args=[uuid]))
    told = {"saved_at": saved_at, "saved_clock": _hhmm(saved_at)} | _clock(sitting)
    if timedelta(milliseconds=entry["age_ms"]) > exams.CLOSE:
        told["stands"] = sitting.answers.values("position", "chosen", "marked").get(position=entry["position"])
    return JsonResponse(told)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def submit(request, uuid):
    sitting = _sitting(request, uuid)
    if request.method == "POST":
        exams.submit(sitting)
    if request.method == "POST" or sitting.submitted_at:
        return redirect("attempt_result", sitting.uuid)
    return render(request, "courses/exam_submit.html", _during(request, sitting))


@never_cache
@login_required
@require_GET
def result(request, uuid):
    sitting = _sitting(request, uuid)
    if not sitting.submitted_at:
        return redirect("attempt", sitting.uuid)
    place = _place_of(sitting)
    rows = exams.paper(sitting)
    context = {
        "attempt": sitting,
        "assessment": sitting.assessment,
        "rows": rows,
        "right": sum(row.verdict == "right" for row in rows),
        "standing": admission.standing(sitting.assessment, place),
        "start_url": start_url(sitting.assessment, place),
        "certificate": _certificate(place),
    }
    return render(request, "courses/exam_result.html", context | _origin(request, sitting.assessment, place))


def start_url(assessment, place):
    key = "enrolment" if isinstance(place, Enrolment) else "programme"
    return f"{reverse('exam_start', args=[assessment.uuid])}?{key}={place.uuid}"


def ranges(numbers):
    """Pairs of first and last: [1, 2, 3, 7] becomes [(1, 3), (7, 7)]."""
    runs = groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    groups = [[number for _index, number in run] for _gap, run in runs]
    return [(group[0], group[-1]) for group in groups]


def _place(request, assessment):
    """The enrolment that the address names, else the current one that the assessment belongs to, if any."""
    named = PlaceForm(request.GET)
    if not named.is_valid():
        raise Http404
    mine = {"user": request.user}
    if named.cleaned_data["enrolment"]:
        mine["uuid"] = named.cleaned_data["enrolment"]
        return get_object_or_404(Enrolment.objects.select_related("course"), **mine)
    if named.cleaned_data["programme"]:
        mine["uuid"] = named.cleaned_data["programme"]
        return get_object_or_404(ProgrammeEnrolment.objects.select_related("programme"), **mine)
    return admission.place_of(user=request.user, assessment=assessment)


def _outside(request, assessment):
    """For somebody who has not joined what the paper belongs to: joining it, where that is open."""
    pages = admission.homes(assessment)
    titles = facts.localised(pages)
    ways = [
        {"title": titles[page.pk], "url": page.localized.url, "join": reverse(JOIN[type(page)], args=[page.pk])}
        for page in pages
    ]
    context = {"assessment": assessment, "ways": ways}
    return render(request, "courses/exam_outside.html", context, status=403)


def _start(user, assessment, place):
    return exams.start(user=user, assessment=assessment, **admission.of(place))


def _sitting(request, uuid):
    try:
        return exams.find(user=request.user, uuid=uuid)
    except Attempt.DoesNotExist as missing:
        raise Http404 from missing


def _place_of(sitting):
    return sitting.enrolment or sitting.programme_enrolment


def _certificate(place):
    """What the programme has earned, if it is one."""
    return None if isinstance(place, Enrolment) else place.certificates.newest_first().first()


def _before(request, assessment, place):
    try:
        standing = exams.standing(user=request.user, assessment=assessment, **admission.of(place))
    except exams.Unrelated as stray:
        raise Http404 from stray
    parts = questions.parts(assessment)
    full = sum(part.score for part in parts)
    context = {
        "assessment": assessment,
        "standing": standing,
        "parts": parts,
        "count": sum(part.count for part in parts),
        "full_score": full,
        "pass_score": marking.pass_score(full, assessment.pass_percent),
        "asks_multiple": any(part.kind in ("", Question.Kind.MULTIPLE) for part in parts),
    }
    return context | _origin(request, assessment, place)


def _during(request, sitting):
    rows = exams.paper(sitting)
    unanswered = [row.position for row in rows if not row.chosen]
    marked = [row.position for row in rows if row.marked]
    return {
        "attempt": sitting,
        "assessment": sitting.assessment,
        "rows": rows,
        "sections": _sections(rows),
        "total": len(rows),
        "answered": len(rows) - len(unanswered),
        "unanswered": unanswered,
        "unanswered_ranges": ranges(unanswered),
        "marked": marked,
        "marked_ranges": ranges(marked),
        "saved_at": max((row.answered_at for row in rows if row.answered_at), default=None),
        "standing": admission.standing(sitting.assessment, _place_of(sitting)),
    } | _clock(sitting)


def _sections(rows):
    """The parts of the answer sheet: a heading and a cell for each question."""
    sections = []
    for kind, group in groupby(rows, key=lambda row: row.version.question.kind):
        cells = [
            {
                "number": row.position,
                "url": f"#q{row.position}",
                "answered": bool(row.chosen),
                "marked": row.marked,
            }
            for row in group
        ]
        first, last = cells[0]["number"], cells[-1]["number"]
        numbers = f"{first}–{last}" if first < last else str(first)
        sections.append({"title": f"{Question.Kind(kind).label} {numbers}", "cells": cells})
    return sections


def _origin(request, assessment, place):
    """Where the paper stands, to show and to go back to: a lesson, a course or a programme."""
    page = place.course if isinstance(place, Enrolment) else place.programme
    lesson = admission.lesson_of(assessment, page) if isinstance(place, Enrolment) else None
    target = (lesson or page).localized
    return {"origin_title": facts.localised([page])[page.pk], "origin_url": target.get_url(request), "lesson": lesson}


def _save_all(request, sitting):
    entries = [
        exams.Entry(
            position=row.position,
            chosen=request.POST.getlist(f"q{row.position}"),
            marked=f"m{row.position}" in request.POST,
        )
        for row in sitting.answers.all()
    ]
    try:
        exams.save(attempt=sitting, entries=entries)
    except exams.BadAnswer as refused:
        return render(request, "courses/exam_paper.html", _during(request, sitting) | {"refusal": refused}, status=400)
    except exams.Refused:
        return redirect("attempt_result", sitting.uuid)
    return redirect("attempt_submit" if "hand_in" in request.POST else "attempt", sitting.uuid)


def _shape(body):
    """What `exams.answer` takes, if the body has that shape."""
    try:
        data = from_json(body)
        position, chosen, marked = data["position"], data.get("chosen"), data.get("marked")
        age_ms = data.get("age_ms", 0)
    except (ValueError, KeyError, TypeError, AttributeError) as broken:
        raise exams.BadAnswer from broken
    choice = chosen is None or (isinstance(chosen, list) and all(isinstance(key, str) for key in chosen))
    if type(position) is not int or not 0 < position < 10_000 or not choice or type(marked) not in (bool, type(None)):
        raise exams.BadAnswer
    if type(age_ms) is not int or not 0 <= age_ms <= exams.OLDEST:
        raise exams.BadAnswer
    return {"position": position, "chosen": chosen, "marked": marked, "age_ms": age_ms}


def _clock(sitting):
    left = exams.left(sitting)
    return {
        "left_ms": None if left is None else round(left.total_seconds() * 1000),
        "result": reverse("attempt_result", args=[sitting.uuid]) if sitting.submitted_at else "",
    }


def _hhmm(moment):
    return f"{timezone.localtime(moment):%H:%M}"


def _refusal(code, message, status, **more):
    return JsonResponse({"code": code, "message": message} | more, status=status)
