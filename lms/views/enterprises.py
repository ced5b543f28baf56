"""The enterprise one works for: found by its code, joined, changed, left."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lms import enterprises, permissions, regions, uscc
from lms.forms import EnterpriseForm
from lms.models import Enterprise

from .accounts import way_on


@login_required
@require_http_methods(["GET", "POST"])
def my_enterprise(request):
    """The second step of signing up, and later the place to change it. ?code= looks a code up without scripts."""
    if request.method == "POST":
        return _save(request)
    current = enterprises.membership(request.user)
    code = request.GET.get("code", "")
    initial = {"code": code}
    if not code and current:
        initial = {"code": current.enterprise.uscc, "post": current.post}
    return render(request, "lms/my_enterprise.html", _context(request, initial["code"], initial=initial))


@login_required
@require_GET
def lookup(request):
    """The part of the form that depends on the code: what was found, or what has to be described."""
    code = request.GET.get("code", "")
    if not request.htmx:
        query = request.GET.copy()
        return HttpResponseRedirect(f"{reverse('my_enterprise')}?{query.urlencode()}")
    return render(request, "lms/includes/enterprise_found.html", _context(request, code, initial={"code": code}))


@login_required
@require_POST
def leave(request):
    left = enterprises.leave(request.user)
    permissions.forget(request.user)
    if left:
        messages.success(
            request,
            _("You no longer belong to %(name)s. Earlier records stay with it.") % {"name": left.enterprise.name},
        )
    return redirect("profile")


def _save(request):
    found = enterprises.find(request.POST.get("code", ""))
    form = EnterpriseForm(request.POST, found=found)
    if not form.is_valid():
        context = _context(request, request.POST.get("code", ""), form=form)
        return render(request, "lms/my_enterprise.html", context, status=422)
    data = form.cleaned_data
    enterprise = enterprises.find_or_create(
        code=data["code"],
        name=data.get("name", ""),
        city=data.get("city"),
        size=data.get("size") or Enterprise.Size.UNKNOWN,
        chains=data.get("chains") or [],
        by=request.user,
    )
    enterprises.transfer(user=request.user, enterprise=enterprise, post=data["post"])
    permissions.forget(request.user)
    messages.success(request, _("You belong to %(name)s from today.") % {"name": enterprise.name})
    return redirect(way_on(request))


def _context(request, code, *, form=None, initial=None):
    """What the form shows for a code: nothing yet, what is wrong with it, the enterprise, or a new one to describe."""
    checked = uscc.check(code) if code else None
    found = enterprises.find(code) if checked and checked.usable else None
    if form is None:
        city = regions.city_of(checked.code) if checked and checked.usable else None
        form = EnterpriseForm(initial=(initial or {}) | {"city": city}, found=found)
    onward = way_on(request)
    current = enterprises.membership(request.user) if found else None
    return {
        "mine": bool(current and current.enterprise_id == found.pk),
        "form": form,
        "checked": checked,
        "found": found,
        "subject": Enterprise.Subject(checked.subject).label if checked and checked.subject else "",
        "colleagues": _colleagues(request, found) if found else 0,
        "signing_up": (request.POST.get("step") or request.GET.get("step")) == "sign-up",
        "next": onward,
        "skip_url": onward,
    }


def _colleagues(request, found: Enterprise) -> int:
    return found.memberships.current().exclude(user=request.user).count()
