"""Signing up, one's own details, consents, and what is kept about oneself."""

from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.internal.stagekit import clear_login, unstash_login
from allauth.account.views import SignupView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lms import accounts, consents, enterprises, members
from lms.forms import ConsentForm, NameForm
from lms.models import Appointment, Consent, Membership, Terms

DRAFT = "sign_up_draft"


class SignUpView(SignupView):
    """What was typed is kept for this session, but never the password."""

    def get_initial(self):
        return super().get_initial() | self.request.session.get(DRAFT, {})

    def form_valid(self, form):
        self.request.session[DRAFT] = {key: form.data.get(key, "") for key in ("login", "name")}
        return super().form_valid(form)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"terms": consents.in_force()}


sign_up = SignUpView.as_view()


@require_POST
def sign_up_again(request):
    """Back from the code to the form, for another number; the same whether or not the first one had an account."""
    login = unstash_login(request)
    clear_login(request)
    request.session.pop(EMAIL_VERIFICATION_CODE_SESSION_KEY, None)
    if login and login.signup and login.user:
        accounts.forget_unfinished(
            mobile=login.user.mobile or "", email="" if login.user.mobile else login.user.email or ""
        )
    return redirect("account_signup")


@login_required
@require_GET
def profile(request):
    user = request.user
    membership = enterprises.membership(user)
    return render(
        request,
        "lms/profile.html",
        {
            "membership": membership,
            "invitations": members.waiting_for(user),
            "denied": members.last_denial(user) if membership is None else None,
            "standing": enterprises.snapshot(membership.enterprise) if membership else None,
            "past": Membership.objects.filter(user=user).exclude(ended_on=None).select_related("enterprise"),
            "appointments": Appointment.objects.filter(user=user).select_related("enterprise"),
            "consents": Consent.objects.filter(user=user).select_related("terms").order_by("-given_at"),
            "changes": user.changes.filter(field="name"),
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
def name(request):
    form = NameForm(_posted(request), initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        if accounts.rename(user=request.user, name=form.cleaned_data["name"], by=request.user):
            messages.success(request, _("Your name was changed. Certificates issued earlier keep the old one."))
        return redirect("profile")
    return render(request, "lms/name.html", {"form": form}, status=_status(form))


@login_required
@require_GET
def my_data(request):
    """Everything the school keeps about the person, as a file."""
    response = JsonResponse(accounts.data(request.user), json_dumps_params={"ensure_ascii": False, "indent": 1})
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="my-data-{day}.json"'
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_http_methods(["GET", "POST"])
def consent(request):
    """Asks for the texts that are in force and not yet agreed to; nothing missing leads on at once."""
    onward = way_on(request)
    missing = consents.missing(request.user)
    if not missing:
        consents.review(request.user)
        return redirect(onward)
    form = ConsentForm(_posted(request), terms=missing)
    if request.method == "POST" and form.is_valid():
        consents.give(request.user, missing)
        return redirect(onward)
    boxes = [(row, form[row.kind]) for row in missing]
    return render(request, "lms/consent.html", {"form": form, "boxes": boxes, "next": onward}, status=_status(form))


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request):
    """Says first what withdrawal does; afterwards the person is signed out."""
    if request.method == "GET":
        return render(request, "lms/withdraw.html")
    consents.withdraw(request.user)
    logout(request)
    return render(request, "lms/withdrawn.html")


@require_GET
def terms(request, kind):
    """A text in force, or an earlier version by ?version=."""
    version = request.GET.get("version", "")
    if version:
        row = Terms.objects.filter(kind=kind, version=version, language=request.LANGUAGE_CODE).first()
        row = row or Terms.objects.filter(kind=kind, version=version).first()
    else:
        row = consents.text(kind)
    if row is None:
        raise Http404
    versions = Terms.objects.filter(kind=kind, language=row.language).order_by("-published_at")
    return render(request, "lms/terms.html", {"terms": row, "versions": versions})


def staff_login(request, extra_context=None):
    """Where the admins send somebody to sign in: our own page. Signed in without the right, it says so."""
    if request.user.is_authenticated:
        raise PermissionDenied
    target = request.GET.get("next") or request.get_full_path()
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': target})}")


def locked_out(request, response, credentials):
    """After too many wrong passwords for one account from one address."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(request, "account/locked_out.html", {"minutes": minutes}, status=429)


def way_on(request) -> str:
    """The address in `next` when it is ours, else the page after signing in."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(target, allowed_hosts=hosts, require_https=request.is_secure()):
        return target
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def _posted(request):
    """An empty post is still a form that was sent."""
    return request.POST if request.method == "POST" else None


def _status(form) -> int:
    return 422 if form.is_bound and form.errors else 200
