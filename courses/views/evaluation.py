"""The five questions about an activity, and what came of them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from courses import activities, evaluation
from courses.forms import EvaluationForm
from lms.models import Activity

PAGE = 50


@login_required
@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def evaluate(request, uuid):
    """Five rows of stars and a few words; sent again it takes the place of what was sent before."""
    activity = get_object_or_404(Activity, uuid=uuid)
    context = {"activity": activity, "enough": evaluation.ENOUGH, "reads": evaluation.may_read(request.user, activity)}
    try:
        context["asked"] = asked = evaluation.asked(request.user, activity)
    except evaluation.Refused as refused:
        context["refused"] = str(refused)
        return render(request, "courses/evaluation.html", context, status=403 if request.method == "POST" else 200)
    form = EvaluationForm(request.POST if request.method == "POST" else None, given=asked.given)
    if request.method == "POST" and form.is_valid():
        evaluation.give(request.user, activity, stars=form.stars(), words=form.cleaned_data["words"])
        messages.success(request, _("Thank you. You may change your answers here until they stand in the results."))
        return redirect("evaluation", activity.uuid)
    return render(request, "courses/evaluation.html", context | {"form": form}, status=422 if form.errors else 200)


@login_required
@cache_control(private=True, no_store=True)
@require_safe
def results(request, uuid):
    activity = get_object_or_404(Activity, uuid=uuid)
    if not evaluation.may_read(request.user, activity):
        raise PermissionDenied(
            _("The results are for who held the activity, and for officers of the region in which it was held.")
        )
    context = {
        "activity": activity,
        "results": evaluation.results(activity),
        "enough": evaluation.ENOUGH,
        "back": activities.page_of(activity),
        "page_obj": Paginator(evaluation.words(activity), PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "courses/evaluation_results.html", context)
