"""Where a trainer plans, changes, announces, cancels and reviews broadcasts."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from live import moderation, permissions, publishing, recordings, schedule, states
from live.forms import CancelForm, CutForm, HostForm, PlanForm, ReviewForm, now_for_input
from live.models import Broadcast, Host
from live.views import words
from live.views.finding import hosted

LISTED = 100
REFUSALS = (schedule.Refused, states.Refused, recordings.Refused, publishing.Refused, moderation.Refused)


@require_safe
@login_required
def mine(request):
    """What the person hosts or planned; editors and officers see all that they may change."""
    if not permissions.may_schedule(request.user):
        raise PermissionDenied
    rows = Broadcast.objects.annotate(booked=Count("bookings", Q(bookings__cancelled_at=None)))
    rows = rows.filter(Q(pk__in=_hosted_by(request.user)) | Q(created_by=request.user)).prefetch_related("hosts__user")
    shown = [{"row": row, "badge": words.badge(row), "hours": words.hours(row)} for row in _latest(rows)]
    return render(request, "live/mine.html", {"rows": shown, "section": "live"})


def _hosted_by(user):
    return Host.objects.filter(user=user).values("broadcast")


def _latest(rows):
    return rows.order_by("-starts_at")[:LISTED]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request):
    if not permissions.may_schedule(request.user):
        raise PermissionDenied
    form = PlanForm(request.POST or None, initial={"starts_at": now_for_input()})
    if request.method == "POST" and form.is_valid():
        try:
            made = schedule.create(by=request.user, **form.plan())
        except schedule.Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("The plan is kept as a draft. Announce it when it is ready."))
            return HttpResponseRedirect(reverse("host_broadcast", args=[made.uuid]))
    return render(request, "live/plan_form.html", {"form": form, "section": "live"}, status=_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def manage(request, uuid):
    """The plan as a form, and everything else that can be done with the broadcast, each by a form of its own."""
    broadcast = hosted(request, uuid, permissions.may_manage)
    form = PlanForm(request.POST or None, instance=broadcast)
    if request.method == "POST" and form.is_valid():
        fresh = Broadcast.objects.get(pk=broadcast.pk)
        try:
            schedule.change(fresh, by=request.user, **form.plan())
        except schedule.Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("The changes are kept."))
            return HttpResponseRedirect(request.path)
    return page(request, broadcast, form=form)


def page(request, broadcast, **given):
    """The desk of one broadcast, with those forms as they were filled in."""
    fresh = Broadcast.objects.select_related("lesson", "reviewed_by", "film").get(pk=broadcast.pk)
    context = {
        "broadcast": fresh,
        "badge": words.badge(fresh),
        "hours": words.hours(fresh),
        "hosts": fresh.hosts.select_related("user").order_by("pk"),
        "transitions": fresh.transitions.select_related("actor"),
        "booked": fresh.bookings.standing().count(),
        "may_host": permissions.may_host(request.user, fresh),
        "role": permissions.role(request.user, fresh),
        "standing": fresh.state in schedule.STANDING,
        "section": "live",
        "form": given.get("form") or PlanForm(instance=fresh),
        "host_form": given.get("host_form") or HostForm(),
        "cancel_form": given.get("cancel_form") or CancelForm(),
        "cut_form": given.get("cut_form")
        or CutForm(initial={"cut_from_ms": fresh.cut_from_ms, "cut_to_ms": fresh.cut_to_ms}),
        "review_form": given.get("review_form") or ReviewForm(),
        "why_failed": recordings.why_failed(fresh),
        "left_out": publishing.left_out(fresh),
    }
    status = max((_status(form) for form in given.values()), default=200)
    return render(request, "live/manage.html", context, status=status)


def _status(form):
    return 422 if form.is_bound and form.errors else 200


@require_POST
@login_required
def announce(request, uuid):
    broadcast = hosted(request, uuid, permissions.may_manage)
    told = _("Announced: the broadcast stands in the lobby.")
    return done(request, broadcast, lambda: schedule.announce(broadcast, by=request.user), told)


@require_POST
@login_required
def cancel(request, uuid):
    broadcast = hosted(request, uuid, permissions.may_manage)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return page(request, broadcast, cancel_form=form)
    reason, told = form.cleaned_data["reason"], _("Cancelled. Those who booked are told.")
    return done(request, broadcast, lambda: schedule.cancel(broadcast, by=request.user, reason=reason), told)


@require_POST
@login_required
def add_host(request, uuid):
    broadcast = hosted(request, uuid, permissions.may_manage)
    form = HostForm(request.POST)
    if not form.is_valid():
        return page(request, broadcast, host_form=form)
    people = dict(broadcast.hosts.values_list("user", "role")) | {form.user.pk: form.cleaned_data["role"]}
    return _name(request, broadcast, people)


@require_POST
@login_required
def remove_host(request, uuid, pk):
    broadcast = hosted(request, uuid, permissions.may_manage)
    people = dict(broadcast.hosts.exclude(pk=pk).values_list("user", "role"))
    return _name(request, broadcast, people)


def _name(request, broadcast, people):
    told = _("The hosts are kept.")
    return done(request, broadcast, lambda: schedule.name_hosts(broadcast, people, by=request.user), told, "#hosts")


def done(request, broadcast, do, words, place=""):
    """Back to the desk of the broadcast, with these words or with those of the refusal."""
    try:
        do()
        messages.success(request, words)
    except REFUSALS as refused:
        messages.error(request, str(getattr(refused, "message", refused)))
    return HttpResponseRedirect(reverse("host_broadcast", args=[broadcast.uuid]) + place)
