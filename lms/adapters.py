"""What django-allauth asks of us: where a mobile number is kept, how codes leave, where people go next."""

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import EmailVerificationStage
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.db import transaction
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from . import accounts, consents, messages, navigation, permissions, school
from .fields import MobileField
from .models import User

log = structlog.get_logger(__name__)

WRONG = _("The mobile number or e-mail and the password do not belong together. Check both, or sign in with a code.")
PATIENCE = _("Too many attempts. Wait a moment and ask for a new code; what you typed is kept.")


SAID_BY_THE_PAGE = {
    "account/messages/logged_in.txt",
    "account/messages/login_code_sent.txt",
    "account/messages/phone_verification_sent.txt",
    "account/messages/phone_verified.txt",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": WRONG,
        "phone_password_mismatch": WRONG,
        "username_password_mismatch": WRONG,
        "invalid_login": WRONG,
        "incorrect_code": _("This is not the code we sent. Check the six digits, or ask for a new code."),
        "phone_taken": _("This number belongs to another account. Sign in with it, or use another number."),
        "email_taken": _("This address belongs to another account. Sign in with it, or use another address."),
        "same_as_current": _("This is what the account has already."),
        "too_many_login_attempts": PATIENCE,
        "rate_limited": _("A code was sent less than 30 seconds ago. Please wait a little before the next one."),
    }

    # The mobile number
    def phone_form_field(self, **kwargs):
        return MobileField(**kwargs)

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.mobile, user.mobile_verified) if user.mobile else None

    def get_user_by_phone(self, phone: str) -> User | None:
        try:
            return User.objects.by_mobile(accounts.clean_mobile(phone))
        except accounts.BadMobile:
            return None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        user.mobile, user.mobile_verified = phone, verified
        user.save(update_fields=["mobile", "mobile_verified"])

    def set_phone_verified(self, user: User, phone: str) -> None:
        accounts.prove_mobile(user, phone)

    # Codes and letters
    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs) -> None:
        text = _("[%(school)s] Your code is %(code)s, valid for 10 minutes. Give it to nobody.")
        self._sms(phone, messages.VERIFICATION_CODE, text, code=code)

    def send_account_already_exists_sms(self, phone: str) -> None:
        text = _(
            "[%(school)s] This number has an account already. Please sign in with a code instead of signing up. "
            "If this was not you, ignore this message."
        )
        self._sms(phone, messages.ALREADY_REGISTERED, text)

    def send_unknown_account_sms(self, phone: str, **kwargs) -> None:
        text = _("[%(school)s] This number has no account yet. Please sign up first. If this was not you, ignore this.")
        self._sms(phone, messages.UNKNOWN_ACCOUNT, text)

    def _sms(self, phone, kind, text, **params):
        words = {"school": school.facts().shown_name, **params}
        try:
            messages.send_sms(messages.Sms(to=phone, kind=kind, text=str(text) % words, params=params))
        except messages.NotSent as error:
            raise ImmediateHttpResponse(not_sent(self.request)) from error

    def send_mail(self, template_prefix, email, context):
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # also smtplib's exceptions
            log.warning("mail_not_sent", kind=template_prefix, error=str(error))
            raise ImmediateHttpResponse(not_sent(self.request)) from error

    def render_mail(self, template_prefix, email, context, headers=None):
        doors = {"sign_in": reverse("account_login"), "sign_up": reverse("account_signup")}
        more = {name: f"{settings.SITE_URL}{path}" for name, path in doors.items()}  # not the host that was asked
        return super().render_mail(template_prefix, email, context | more | {"school": school.facts()}, headers)

    # Signing up and in
    def save_user(self, request, user, form, commit=True):
        user.name = form.cleaned_data["name"]
        user.mobile = form.cleaned_data["phone"]
        user.language = get_language()
        return super().save_user(request, user, form, commit)

    def get_login_stages(self):
        ours = {f"{EmailVerificationStage.__module__}.{EmailVerificationStage.__name__}": "lms.adapters.MailStage"}
        return [ours.get(path, path) for path in super().get_login_stages()]

    def post_login(self, request, user, **how):
        """A new account says next where it works; whoever owes a consent is asked by the gate."""
        consents.review(user)
        # For the account menu of every page, which would have to ask for groups; the desk itself asks each time.
        request.session[navigation.DESK] = user.has_perm("wagtailadmin.access_admin")
        request.session[navigation.FIRM] = permissions.is_manager(user)
        request.session[navigation.FIGURES] = permissions.sees_figures(user)
        request.session[navigation.FILMS] = user.has_perm("media.add_video")
        if how["signup"]:
            back = {"next": how["redirect_url"]} if how["redirect_url"] else {}
            how["redirect_url"] = f"{reverse('my_enterprise')}?{urlencode({'step': 'sign-up', **back})}"
        return super().post_login(request, user, **how)

    def add_message(self, request, level, message_template=None, *args, **kwargs):
        """What the next page says itself would only be in the way above it, and shows the whole number."""
        if message_template not in SAID_BY_THE_PAGE:
            super().add_message(request, level, message_template, *args, **kwargs)

    def confirm_email(self, request, email_address) -> bool:
        before = User.objects.values_list("email", flat=True).get(pk=email_address.user_id) or ""
        with transaction.atomic():
            confirmed = super().confirm_email(request, email_address)
            if confirmed:
                user = email_address.user
                user.refresh_from_db(fields=["email"])
                accounts.note_email(user, before)
        return confirmed

    def _get_login_attempts_cache_key(self, request, **credentials):
        """allauth would count the failures of all mobile numbers together."""
        return f"{request.get_host()}:{login_name(None, credentials)}"


class MailStage(EmailVerificationStage):
    """Somebody who proved a mobile number, and did not come in by mail, has nothing more to prove."""

    def handle(self):
        user = self.login.user
        if user and user.mobile_verified and not self.login.email:
            return None, True
        if user is None and self.login.phone:
            return None, True
        return super().handle()


def login_name(request, credentials: dict | None) -> str:
    """The account that somebody tries to enter, one spelling for each, for counting failures."""
    given = credentials or {}
    typed = request.POST.get("login") if request is not None and request.method == "POST" else None
    typed = typed or given.get("email") or given.get("phone") or given.get("login") or given.get("username") or ""
    try:
        mobile, email = accounts.clean_login(typed)
    except accounts.BadMobile:
        return typed.strip().lower()
    return mobile or email


def client_ip(request) -> str:
    return get_client_ip(request) or "0.0.0.0"  # noqa: S104


def not_sent(request):
    """For a code that could not be sent. Not a 5xx: then the session, with what was typed, would not be saved."""
    return render(request, "account/not_sent.html", status=424)
