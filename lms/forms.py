"""What people fill in: signing up and in, their details, their enterprise."""

import time

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context, ratelimit
from django import forms
from django.db import transaction
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from . import accounts, consents, uscc
from .fields import CodeField, LoginField, MobileField, NameField, PasswordField
from .models import Enterprise, IndustryChain, Region, User

JUST_NOW = 10 * 60  # seconds after a sign-in by code in which a new password needs no old one
PASSWORD_HINT = _("At least 10 characters, not digits alone. A short sentence is easiest to remember.")

# Kept in Chinese, because certificates and tables print it; shown in the reader's language.
POSTS = [
    ("", _("Please choose")),
    ("首席质量官", _("Chief Quality Officer")),
    ("首席质量(品牌)官", _("Chief Quality (Brand) Officer")),
    ("质量负责人", _("Head of quality")),
    ("质量安全总监", _("Quality and safety director")),
    ("食品安全总监", _("Food safety director")),
    ("质量安全员", _("Quality and safety officer")),
    ("检验检测机构授权签字人", _("Authorised signatory of a testing body")),
    ("内审员", _("Internal auditor")),
    ("其他", _("Other")),
]


class LoginMixin:
    """One box for mobile number or e-mail; `phone` and `email` are what allauth works with."""

    def clean_login(self):
        try:
            mobile, email = accounts.clean_login(self.cleaned_data["login"])
        except accounts.BadMobile as error:
            raise forms.ValidationError(str(error)) from error
        self.cleaned_data |= {"phone": mobile or None, "email": email or None}
        return mobile or email


class SignUpForm(LoginMixin, allauth_forms.SignupForm):
    field_order = ["login", "name", "password1", "agreement", "privacy"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("email", "phone"):
            del self.fields[name]
        self.fields["login"] = LoginField(
            help_text=_("Only for signing in, reminders and recovery; other learners do not see it.")
        )
        self.fields["name"] = NameField()
        self.fields["password1"] = PasswordField("new-password", help_text=PASSWORD_HINT)
        self.fields["agreement"] = forms.BooleanField(
            label=_("I have read and accept the user agreement"),
            help_text=linked(_('<a href="{}" target="_blank">Read the user agreement</a>'), "agreement"),
            error_messages={"required": _("Please read it and tick the box.")},
        )
        self.fields["privacy"] = forms.BooleanField(
            label=_("I have read and accept the privacy policy"),
            help_text=linked(
                _(
                    "Mobile number or e-mail, name, enterprise, city and post are kept for recording study hours "
                    "and for statistics; you can withdraw at any time. "
                    '<a href="{}" target="_blank">Read the privacy policy</a>'
                ),
                "privacy",
            ),
            error_messages={"required": _("Please read it and tick the box.")},
        )
        self.order_fields(self.field_order)

    def clean(self):
        """Whether the account exists is not said here: the message that is sent says it to its owner alone."""
        data = forms.Form.clean(self)
        login = {"mobile": data.get("phone") or "", "email": data.get("email") or ""}
        self.account_already_exists = any(login.values()) and accounts.taken(**login)
        if password := data.get("password1"):
            about = User(name=data.get("name", ""), mobile=data.get("phone"), email=data.get("email"))
            try:
                get_adapter().clean_password(password, user=about)
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return data

    def save(self, request):
        with transaction.atomic():
            accounts.forget_unfinished(mobile=self.cleaned_data["phone"] or "", email=self.cleaned_data["email"] or "")
            user = super().save(request)
            consents.give(user, consents.in_force())
        return user


def linked(words, name: str):
    return format_html(words, reverse(name))


class SignInForm(LoginMixin, allauth_forms.LoginForm):
    field_order = ["login", "password"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"] = LoginField()
        self.fields["password"] = PasswordField()
        self.order_fields(self.field_order)


class RequestCodeForm(LoginMixin, forms.Form):
    login = LoginField()

    def clean_login(self):
        login = super().clean_login()
        if not ratelimit.consume(context.request, action="request_login_code", key=login):
            raise get_adapter().validation_error("rate_limited")
        self._user = accounts.find(mobile=self.cleaned_data["phone"] or "", email=self.cleaned_data["email"] or "")
        return login


class CodeMixin:
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"] = CodeField()


class SignInCodeForm(CodeMixin, allauth_forms.ConfirmLoginCodeForm):
    pass


class MobileCodeForm(CodeMixin, allauth_forms.VerifyPhoneForm):
    pass


class EmailCodeForm(CodeMixin, allauth_forms.ConfirmEmailVerificationCodeForm):
    pass


class ResetCodeForm(CodeMixin, allauth_forms.ConfirmPasswordResetCodeForm):
    pass


class MobileForm(allauth_forms.ChangePhoneForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["phone"] = MobileField(label=_("New mobile number"))


class PasswordForm(allauth_forms.ChangePasswordForm):
    """Whoever signed in by a code a moment ago has shown enough, and may have forgotten the old password."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        self.fields["password1"].help_text = PASSWORD_HINT
        if signed_in_by_code(context.request):
            del self.fields["oldpassword"]


def signed_in_by_code(request) -> bool:
    records = get_authentication_records(request, request.user)
    return bool(records) and records[-1]["method"] == "code" and time.time() - records[-1]["at"] < JUST_NOW


class NameForm(forms.Form):
    name = NameField()


class ConsentForm(forms.Form):
    """One box for each text that is still to be agreed to."""

    def __init__(self, *args, terms, **kwargs):
        super().__init__(*args, **kwargs)
        for row in terms:
            self.fields[row.kind] = forms.BooleanField(
                label=_("I have read and accept: %(title)s") % {"title": f"{row.title} {row.version}"},
                error_messages={"required": _("Tick the box to agree, or leave below.")},
            )


class EnterpriseForm(forms.Form):
    """The credit code finds the enterprise. One that nobody named before is described here."""

    code = forms.CharField(
        label=_("Unified social credit code"),
        help_text=_("18 characters, at the top right of the business licence. Asked only once."),
        widget=forms.TextInput(
            attrs={
                "class": "input--code",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "maxlength": 40,
            }
        ),
    )
    name = forms.CharField(
        label=_("Name of the enterprise"),
        help_text=_("The full name on the licence."),
        min_length=2,
        max_length=100,
        error_messages={"required": _("This code is new here: please enter the name of the enterprise.")},
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    city = forms.ModelChoiceField(
        label=_("City"),
        help_text=_("Taken from the code. Correct it if the enterprise works elsewhere."),
        queryset=Region.objects.none(),
        error_messages={"required": _("Please choose the city in which the enterprise works.")},
        empty_label=_("Please choose"),
        widget=forms.Select(),
    )
    size = forms.ChoiceField(
        label=_("Enterprise size"),
        help_text=_("As the enterprise states it in its statistics."),
        choices=Enterprise.Size.choices,
        required=False,
        initial=Enterprise.Size.UNKNOWN,
        widget=forms.Select(),
    )
    chains = forms.ModelMultipleChoiceField(
        label=_("Industry chain(s)"),
        queryset=IndustryChain.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )
    post = forms.ChoiceField(
        label=_("Present post"),
        choices=POSTS,
        error_messages={"required": _("No post is chosen yet. What you filled in is kept; choose one and send again.")},
        widget=forms.Select(),
    )

    def __init__(self, *args, found: Enterprise | None = None, **kwargs):
        """`found` is the enterprise of the code that was looked up or sent, if it is known."""
        super().__init__(*args, **kwargs)
        self.found = found
        self.fields["city"].queryset = Region.objects.current().cities()
        self.fields["chains"].queryset = IndustryChain.objects.filter(in_use=True)
        if found:
            self._ask_only_for_blanks(found)

    def _ask_only_for_blanks(self, found: Enterprise) -> None:
        del self.fields["name"]
        if found.city_id:
            del self.fields["city"]
        if found.size != Enterprise.Size.UNKNOWN:
            del self.fields["size"]
        if found.chains.all():
            del self.fields["chains"]

    def clean_code(self):
        checked = uscc.check(self.cleaned_data["code"])
        if not checked.usable:
            raise forms.ValidationError([problem.message for problem in checked.errors])
        return checked.code
