"""Joining and going on: forms that post and lead back to a page.

Whoever comes here by GET, as after signing in on the way, is led to the page and finds the button there.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from courses import enrolment, progress
from courses.models import CoursePage, LessonPage, ProgrammePage

GET_OR_POST = require_http_methods(["GET", "POST"])


@login_required
@GET_OR_POST
def enrol(request, pk):
    course = get_object_or_404(CoursePage.objects.live(), pk=pk)
    if request.method == "POST":
        enrolment.enrol(request.user, course)
        messages.success(request, _("You have joined this course."))
    return redirect(course.localized.url)


@login_required
@GET_OR_POST
def study_again(request, pk):
    course = get_object_or_404(CoursePage.objects.live(), pk=pk)
    if request.method == "POST":
        _begin_again(request, enrolment.restart, course)
    return redirect(course.localized.url)


def _begin_again(request, rule, page):
    try:
        rule(request.user, page)
    except enrolment.Unfinished as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("A new period has begun. The record of the last one is kept."))


@login_required
@GET_OR_POST
def join(request, pk):
    programme = get_object_or_404(ProgrammePage.objects.live(), pk=pk)
    if request.method == "POST":
        enrolment.join(request.user, programme)
        messages.success(request, _("You have joined this programme and its required courses."))
    return redirect(programme.localized.url)


@login_required
@GET_OR_POST
def join_again(request, pk):
    programme = get_object_or_404(ProgrammePage.objects.live(), pk=pk)
    if request.method == "POST":
        _begin_again(request, enrolment.rejoin, programme)
    return redirect(programme.localized.url)


@login_required
@GET_OR_POST
def finish_reading(request, pk):
    lesson = get_object_or_404(LessonPage.objects.live(), pk=pk)
    if request.method == "POST":
        _finish_reading(request, lesson)
    return redirect(lesson.localized.url)


def _finish_reading(request, lesson):
    try:
        progress.finish_reading(request.user, lesson)
    except enrolment.Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Noted: you have read this lesson."))
