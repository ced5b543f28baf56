"""The desk of an enterprise: its managers, and the officers of its city in their place."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses import assignments, enrolment, papers, weekly, workforce
from courses.forms import AssignForm
from courses.models import Assignment
from lms import enterprises, file_names, members, permissions, uscc
from lms.models import Enterprise, Invitation, Membership
from lms.numbers import whole

PAGE = 50


def for_managers(view):
    """`view(request, enterprise, …)` for who may work at its desk; everybody else is told who may."""

    @wraps(view)
    @login_required
    @cache_control(private=True, no_store=True)
    def guarded(request, code, *args, **kwargs):
        enterprise = get_object_or_404(Enterprise.objects.select_related("city"), uscc=uscc.normalise(code))
        if not permissions.can_see_enterprise(request.user, enterprise):
            raise PermissionDenied(_("The desk of an enterprise is for its training managers and its city's officers."))
        return view(request, enterprise, *args, **kwargs)

    return guarded


@require_safe
@login_required
def mine(request):
    """The desk of one's own enterprise."""
    held = enterprises.membership(request.user)
    if held is None or not permissions.manages(request.user, held.enterprise):
        raise PermissionDenied(_("You are not the training manager of an enterprise. Your bureau can name you one."))
    return redirect("enterprise_desk", held.enterprise.uscc)


@require_safe
@for_managers
def desk(request, enterprise):
    return render(request, "courses/enterprise_desk.html", _context(request, enterprise, AssignForm()))


@require_POST
@for_managers
def assign(request, enterprise):
    """Give a programme to those who are ticked, or only remind them."""
    form = AssignForm(request.POST)
    people = {key for key in map(whole, request.POST.getlist("who")) if key is not None}
    if "remind" in request.POST:
        return _remind(request, enterprise, people)
    if form.is_valid():
        try:
            done = assignments.assign(enterprise=enterprise, people=people, by=request.user, **form.cleaned_data)
        except (assignments.Refused, enrolment.Refused) as refused:
            form.add_error(None, str(getattr(refused, "message", refused)))
        else:
            messages.success(request, _given(done))
            return redirect("enterprise_desk", enterprise.uscc)
    context = _context(request, enterprise, form, chosen=people)
    return render(request, "courses/enterprise_desk.html", context, status=422)


def _given(done):
    words = _("Given to %(new)d people. For %(moved)d the last day was moved; %(same)d had it already.")
    return words % {name: done[name] for name in ("new", "moved", "same")}


def _remind(request, enterprise, people):
    standing = Assignment.objects.standing().filter(enterprise=enterprise, user__in=people)
    members_now = Membership.objects.current().filter(enterprise=enterprise).values("user")
    rows = list(standing.filter(user__in=members_now).select_related("user", "programme", "enterprise"))
    if not rows:
        messages.warning(request, _("Nobody who is ticked has been given anything: there is nothing to remind of."))
    else:
        done = assignments.remind(rows)
        messages.success(request, ngettext("%(n)d person reminded.", "%(n)d people reminded.", done["reminded"])
                         % {"n": done["reminded"]})  # fmt: skip
        if done["lately"]:
            messages.info(request, _("%(n)d were reminded within the last day already.") % {"n": done["lately"]})
        if done["unreachable"]:
            messages.warning(request, _("%(n)d cannot be reached: no number or address is proved.")
                             % {"n": done["unreachable"]})  # fmt: skip
    return redirect("enterprise_desk", enterprise.uscc)


def _context(request, enterprise, form, chosen=()):
    told = workforce.desk(enterprise)
    query = request.GET.get("q", "").strip()
    rows = [row for row in told.rows if query in row.membership.user.name] if query else told.rows
    return {
        "enterprise": enterprise,
        "desk": told,
        "page_obj": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "form": form,
        "chosen": chosen,
        "query": query,
        "invitations": Invitation.objects.open(timezone.now()).filter(enterprise=enterprise).order_by("pk")[:PAGE],
        "steps_in": not permissions.manages(request.user, enterprise),
        "weekly": weekly.wanted(request.user),
        "today": timezone.localdate(),
    }


@require_POST
@for_managers
def member(request, enterprise, pk):
    """Confirm somebody, or say that they are not, or no longer, one of ours."""
    row = get_object_or_404(Membership.objects.select_related("user"), pk=pk, enterprise=enterprise)
    try:
        if "confirm" in request.POST:
            members.confirm(row, by=request.user)
            messages.success(request, _("%(name)s is confirmed.") % {"name": row.user.name})
        else:
            members.deny(row, by=request.user, reason=request.POST.get("reason", ""))
            messages.success(request, _("%(name)s no longer counts as one of your people. Earlier records stay.")
                             % {"name": row.user.name})  # fmt: skip
    except members.Refused as refused:
        messages.error(request, str(refused))
    return redirect(f"{reverse('enterprise_desk', args=[enterprise.uscc])}#requests")


@require_POST
@for_managers
def weekly_letter(request, enterprise):
    """Whether the reader hears on Mondays who is behind."""
    off = request.POST.get("weekly") == "off"
    weekly.choose(request.user, off=off)
    messages.success(request, _("No list will come on Mondays.") if off else _("The list will come on Mondays."))
    return redirect("enterprise_desk", enterprise.uscc)


@require_POST
@for_managers
def withdraw_invitation(request, enterprise, uuid):
    members.withdraw(get_object_or_404(Invitation, uuid=uuid, enterprise=enterprise))
    return redirect(f"{reverse('enterprise_desk', args=[enterprise.uscc])}#invited")


@require_safe
@for_managers
def certificates(request, enterprise):
    """All valid certificates of the people as one ZIP."""
    rows = workforce.certificates(enterprise)
    if not rows:
        messages.info(request, _("None of your people holds a certificate yet."))
        return redirect("enterprise_desk", enterprise.uscc)
    archive = papers.bundle([row.pk for row in rows], author=request.user)
    name = f"{file_names.safe(enterprise.name)}-{timezone.localdate():%Y-%m-%d}.zip"
    return FileResponse(archive, as_attachment=True, filename=name, content_type="application/zip")


@require_http_methods(["POST"])
@login_required
def invitation(request, uuid):
    """The answer of the person who was invited."""
    row = get_object_or_404(Invitation.objects.select_related("enterprise"), uuid=uuid, mobile=request.user.mobile)
    try:
        if "accept" in request.POST:
            members.accept(row, user=request.user)
            permissions.forget(request.user)
            messages.success(request, _("You belong to %(name)s from today.") % {"name": row.enterprise.name})
        else:
            members.decline(row, user=request.user)
            messages.info(request, _("The invitation was declined. Nothing changed."))
    except members.Refused as refused:
        messages.error(request, str(refused))
    return redirect("profile")
