"""What the content desk's pages about accounts and terms show and take."""

from allauth.core import context
from django import forms
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.views.account import AccountView, NameEmailSettingsPanel
from wagtail.users.forms import UserCreationForm, UserEditForm
from wagtail.users.views.users import IndexView, UserViewSet

from lms import accounts, consents
from lms.fields import MobileField, NameField
from lms.models import Terms, User


class MySettings(AccountView):
    """Of Wagtail's own page about one's account all but the name and address: a person here has one name, and both are
    changed on the school's page, which asks for a proof."""

    def get_panels(self):
        return [panel for panel in super().get_panels() if not isinstance(panel, NameEmailSettingsPanel)]


class AccountFormMixin:
    """Staff vouch for what they enter: number and address count as proved, and a changed name is recorded."""

    def clean_mobile(self):
        return self.cleaned_data["mobile"] or None

    def save(self, commit=True):
        before = User.objects.filter(pk=self.instance.pk).first()
        user = super().save(commit)
        if commit:
            accounts.vouch(user=user, before=before, by=context.request.user)
        return user


class AccountCreationForm(AccountFormMixin, UserCreationForm):
    first_name = last_name = None
    name = NameField()
    mobile = MobileField(required=False)

    class Meta(UserCreationForm.Meta):
        fields = ("email", "name", "mobile", "is_superuser", "groups")


class AccountEditForm(AccountFormMixin, UserEditForm):
    first_name = last_name = None
    email = forms.EmailField(required=False, label=_("E-mail"))
    name = NameField()
    mobile = MobileField(required=False)

    class Meta(UserEditForm.Meta):
        fields = ("email", "name", "mobile", "is_active", "is_superuser", "groups")

    def clean_email(self):
        return self.cleaned_data["email"].lower() or None

    def clean(self):
        data = super().clean()
        if not data.get("email") and not data.get("mobile") and not self.errors:
            raise forms.ValidationError(_("An account needs a mobile number or an e-mail address."))
        return data


class AccountIndexView(IndexView):
    search_fields = ("name", "mobile", "email")


class AccountViewSet(UserViewSet):
    index_view_class = AccountIndexView
    template_prefix = "lms/users/"

    def get_form_class(self, for_update=False):
        return AccountEditForm if for_update else AccountCreationForm


class TermsForm(forms.Form):
    kind = forms.ChoiceField(label=_("kind"), choices=Terms.Kind.choices)
    version = forms.CharField(label=_("version"), max_length=20, help_text=_("For instance 2027-01."))
    title_zh = forms.CharField(label=_("title in Chinese"), max_length=100)
    body_zh = forms.CharField(
        label=_("text in Chinese"), widget=forms.Textarea, help_text=_("A line that begins with “# ” is a heading.")
    )
    title_en = forms.CharField(label=_("title in English"), max_length=100)
    body_en = forms.CharField(label=_("text in English"), widget=forms.Textarea)

    def texts(self):
        data = self.cleaned_data
        return {
            "zh-hans": consents.Text(data["title_zh"], data["body_zh"]),
            "en": consents.Text(data["title_en"], data["body_en"]),
        }


def publish_terms(request):
    """A version in all languages at once; from then on everybody is asked to agree at the next page."""
    if not request.user.has_perm("lms.add_terms"):
        raise PermissionDenied
    form = TermsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            consents.publish(kind=form.cleaned_data["kind"], version=form.cleaned_data["version"], texts=form.texts())
        except consents.AlreadyPublished:
            form.add_error("version", _("This version is published and cannot be changed. Give the next one."))
        else:
            messages.success(request, _("Published. Everybody is asked to agree at the next page."))
            return redirect("wagtailsnippets_lms_terms:list")
    return render(
        request,
        "wagtailadmin/generic/form.html",
        {
            "form": form,
            "page_title": _("Publish terms"),
            "header_icon": "doc-full-inverse",
            "action_url": request.path,
            "submit_button_label": _("Publish"),
        },
    )
