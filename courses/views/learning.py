"""Joining and going on: forms that post and lead back to a page.

Whoever comes here by GET, as after signing in on the way, is led to the page and finds the button there.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from courses import enrolment, progress
from courses.models import CoursePage, LessonPage, ProgrammePage

GET_OR_POST = require_http_methods(["GET", "POST"])


def door(model, rule, done):
    """A view that asks the rule for somebody and a page, says that it is done or why not, and leads to the page."""

    @login_required
    @GET_OR_POST
    def view(request, pk):
        page = get_object_or_404(model.objects.live(), pk=pk)
        if request.method == "POST":
            _ask(request, rule, page, done)
        return redirect(page.localized.url)

    return view


def _ask(request, rule, page, done):
    try:
        rule(request.user, page)
    except enrolment.Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, done)


AGAIN = _("A new period has begun. The record of the last one is kept.")
enrol = door(CoursePage, enrolment.enrol, _("You have joined this course."))
study_again = door(CoursePage, enrolment.restart, AGAIN)
join = door(ProgrammePage, enrolment.join, _("You have joined this programme and its required courses."))
join_again = door(ProgrammePage, enrolment.rejoin, AGAIN)


@login_required
@GET_OR_POST
def finish_reading(request, pk):
    lesson = get_object_or_404(LessonPage.objects.live(), pk=pk)
    if request.method == "POST":
        _ask(request, progress.finish_reading, lesson, _("Noted: you have read this lesson."))
    return redirect(lesson.localized.url)
