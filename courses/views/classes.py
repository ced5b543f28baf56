"""Classes on site: their plan, their meetings, who came; and the page behind the code at the door."""

from dataclasses import asdict
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses import class_counting, class_rosters, classes, evaluation, facts
from courses.forms import ClassForm, SessionForm
from courses.models import ClassSession, ClassSignIn
from lms import file_names, periods, permissions, workbooks
from lms.tracks import TRACKS

PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TRIAL = "class-roster"  # in the session: the table on trial, of one meeting at a time


def for_planners(view):
    """Officers of the bureau and trainers. Each class is asked for by `classes.visible`."""

    @login_required
    @cache_control(private=True, no_store=True)
    def guarded(request, *args, **kwargs):
        if not (permissions.is_clerk(request.user) or permissions.is_trainer(request.user)):
            raise PermissionDenied(_("Classes are planned by officers of the bureau and by trainers."))
        return view(request, *args, **kwargs)

    return guarded


@for_planners
@require_http_methods(["GET", "HEAD", "POST"])
def index(request):
    form = ClassForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            region = permissions.home_region(request.user)
            made = classes.plan(by=request.user, region=region, **form.cleaned_data)
        except classes.Refused as refused:
            form.add_error("ends_on", str(refused))
        else:
            return redirect("training_class", made.uuid)
    rows = classes.visible(request.user).order_by("-activity__starts_on", "-pk")
    rows = rows.annotate(people=Count("members", distinct=True))
    context = {"form": form, "page_obj": Paginator(rows, PAGE).get_page(request.GET.get("page"))}
    return render(request, "courses/classes.html", context, status=422 if form.errors else 200)


def class_of(request, uuid):
    return get_object_or_404(classes.visible(request.user), uuid=uuid)


def session_of(request, uuid, pk):
    return get_object_or_404(
        ClassSession.objects.select_related("training_class__activity"), training_class=class_of(request, uuid), pk=pk
    )


@for_planners
@require_http_methods(["GET", "HEAD", "POST"])
def training_class(request, uuid):
    found = class_of(request, uuid)
    form = SessionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            classes.add_session(found, **form.cleaned_data)
        except classes.Refused as refused:
            form.add_error("starts_at", str(refused))
        else:
            return redirect("training_class", found.uuid)
    came = Count("sign_ins", filter=Q(sign_ins__taken_back_at=None))
    sessions = list(found.sessions.select_related("lesson").annotate(came=came))
    titles = facts.localised([each.lesson for each in sessions if each.lesson])
    context = {
        "class": found,
        "activity": found.activity,
        "form": form,
        "sessions": [(each, titles.get(each.lesson_id)) for each in sessions],
        "track": TRACKS.get(found.activity.track),
        "page_obj": Paginator(found.members.select_related("user").order_by("pk"), PAGE).get_page(
            request.GET.get("page")
        ),
        "people": found.members.count(),
        "unknown": found.members.filter(user=None).count(),
    }
    return render(request, "courses/training_class.html", context, status=422 if form.errors else 200)


@for_planners
@require_POST
def cancel(request, uuid):
    found = class_of(request, uuid)
    try:
        classes.cancel(found)
        messages.success(request, _("The class was cancelled."))
    except classes.Refused as refused:
        messages.error(request, str(refused))
    return redirect("training_class", found.uuid)


@for_planners
@require_safe
def session(request, uuid, pk):
    """Who came to a meeting, the code for its door, and the table that can be brought."""
    return render(request, "courses/class_session.html", _session_context(request, session_of(request, uuid, pk)))


def _session_context(request, found, **more):
    rows = found.sign_ins.select_related("member__user", "taken_back_by").order_by("-pk")
    door = request.build_absolute_uri(reverse("class_door", args=[found.uuid, found.door_secret]))
    kept = request.session.get(TRIAL, {})
    trial = kept.get("lines") if kept.get("session") == found.pk else None
    closed = next(iter(periods.locked(periods.labels_at(found.starts_at))), "") if trial else ""
    return {
        "session": found,
        "class": found.training_class,
        "activity": found.training_class.activity,
        "page_obj": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "came": found.sign_ins.standing().count(),
        "door": door,
        "trial": trial,
        "trial_id": kept.get("id", ""),
        "closed": closed,
        "corrects": closed and class_rosters.may_correct(request.user),
        "ahead": not class_counting.has_begun(found),
        "wrong": sum(line["verdict"] == "stop" for line in trial or []),
        **more,
    }


@for_planners
@require_POST
def roster(request, uuid, pk):
    """Look at a table without writing anything; or write what was looked at; or put it aside."""
    found = session_of(request, uuid, pk)
    if "file" in request.FILES:
        return _look(request, found)
    kept = request.session.get(TRIAL, {})
    if kept.get("session") == found.pk and kept.get("id", "") != request.POST.get("trial", ""):
        words = _("Another table was looked at since, on another page. It is the one below; nothing was written.")
        return render(
            request, "courses/class_session.html", _session_context(request, found, refused=words), status=422
        )
    if "apply" in request.POST and kept.get("session") == found.pk:
        agreed = {line["number"] for line in kept["lines"] if request.POST.get(f"line-{line['number']}") == "import"}
        rows, reason = class_rosters.judged(kept["lines"]), request.POST.get("reason", "")[:200]
        try:
            done = class_rosters.apply(found, rows, by=request.user, agreed=agreed, reason=reason)
        except classes.Refused as refused:
            context = _session_context(request, found, refused=str(refused), answers=agreed, reason=reason)
            return render(request, "courses/class_session.html", context, status=422)
        messages.success(request, _told(found, done))
    elif "apply" in request.POST or "drop" not in request.POST:
        context = _session_context(request, found, refused=_("Choose a file first."))
        return render(request, "courses/class_session.html", context, status=422)
    request.session.pop(TRIAL, None)
    return redirect("class_session", uuid, pk)


def _told(found, done):
    if not class_counting.has_begun(found):
        return _("%(n)d people got a place. Nobody is counted before the meeting has begun.") % {"n": done.places}
    return _(
        "%(places)d people got a place, %(signed)d were signed in, %(counted)d are newly counted, %(waiting)d count "
        "after registering."
    ) % asdict(done)


def _look(request, found):
    try:
        table = class_rosters.read(request.FILES["file"])
    except workbooks.Refused as refused:
        context = _session_context(request, found, refused=str(refused))
        return render(request, "courses/class_session.html", context, status=422)
    lines = class_rosters.told(table, class_rosters.judge(found, table.lines))
    request.session[TRIAL] = {
        "id": uuid4().hex, "session": found.pk, "headings": list(table.headings), "lines": lines,
    }  # fmt: skip
    return redirect("class_session", found.training_class.uuid, found.pk)


@for_planners
@require_safe
def left(request, uuid, pk):
    """The rows on trial that cannot be imported as they are, with the reasons."""
    found = session_of(request, uuid, pk)
    kept = request.session.get(TRIAL, {})
    mine = kept if kept.get("session") == found.pk else {"headings": ("姓名", "手机号码"), "lines": []}
    data = class_rosters.returned(mine["headings"], mine["lines"])
    disposition = content_disposition_header(
        as_attachment=True, filename=f"{file_names.safe(found.title)}-错误原因.xlsx"
    )
    return HttpResponse(data, content_type=XLSX, headers={"Content-Disposition": disposition})


@for_planners
@require_POST
def take_back(request, uuid, pk, sign_in):
    found = session_of(request, uuid, pk)
    row = get_object_or_404(ClassSignIn, session=found, pk=sign_in)
    try:
        classes.take_back(row, by=request.user, reason=request.POST.get("reason", ""))
    except classes.Refused as refused:
        messages.error(request, str(refused))
    return redirect("class_session", uuid, pk)


@login_required
@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def door(request, uuid, secret):
    """One button, for somebody who stands in a doorway with a telephone."""
    found = get_object_or_404(ClassSession.objects.select_related("training_class__activity"), uuid=uuid)
    context = {"session": found, "activity": found.training_class.activity}
    mine = found.sign_ins.standing().filter(member__user=request.user).first()
    if request.method == "POST" and mine is None:
        try:
            mine = classes.come_in(found, user=request.user, secret=secret)
        except classes.Refused as refused:
            context["refused"] = str(refused)
    context["mine"] = mine
    context["asked"] = (
        mine and found.ends_at <= timezone.now() and evaluation.is_asked(request.user, context["activity"])
    )
    return render(request, "courses/class_door.html", context, status=422 if "refused" in context else 200)
