"""What was planned wrongly is put right: the plan of a class, a meeting of it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from courses import class_corrections, classes
from courses.forms import ClassForm, SessionForm
from courses.views.classes import class_of, for_planners, session_of


@for_planners
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request, uuid):
    found = class_of(request, uuid)
    form = ClassForm(request.POST if request.method == "POST" else None, found=found)
    if request.method == "POST" and form.is_valid():
        try:
            class_corrections.correct(found, by=request.user, **form.cleaned_data)
        except classes.Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("training_class", found.uuid)
    back = reverse("training_class", args=[uuid])
    context = {"class": found, "activity": found.activity, "form": form, "back": back}
    return render(request, "courses/class_correct.html", context, status=422 if form.errors else 200)


@for_planners
@require_http_methods(["GET", "HEAD", "POST"])
def correct_session(request, uuid, pk):
    found = session_of(request, uuid, pk)
    sealed = class_corrections.is_sealed(found)
    form = SessionForm(request.POST if request.method == "POST" else None, found=found, sealed=sealed)
    if request.method == "POST" and form.is_valid():
        change = class_corrections.rename if sealed else class_corrections.move
        try:
            change(found, **form.cleaned_data)
        except classes.Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("class_session", uuid, pk)
    held, back = found.training_class, reverse("class_session", args=[uuid, pk])
    context = {"class": held, "activity": held.activity, "form": form, "back": back}
    context |= {"session": found, "sealed": sealed, "removable": not found.sign_ins.exists()}
    return render(request, "courses/class_correct.html", context, status=422 if form.errors else 200)


@for_planners
@require_POST
def remove_session(request, uuid, pk):
    found = session_of(request, uuid, pk)
    try:
        class_corrections.remove(found)
        messages.success(request, _("The meeting was removed."))
    except classes.Refused as refused:
        messages.error(request, str(refused))
        return redirect("class_session", uuid, pk)
    return redirect("training_class", uuid)
