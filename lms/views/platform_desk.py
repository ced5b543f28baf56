"""Keys of other systems and the addresses that are told, in the editors' office. For administrators."""

from datetime import datetime, time, timedelta
from functools import wraps

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from lms import permissions, tokens, webhooks
from lms.models import ApiToken, Region, Webhook, WebhookDelivery

LETTERS = 30


def administrators_only(view):
    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if not permissions.keeps_keys(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapped


class TokenForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Which system uses it, and for what."))
    scopes = forms.MultipleChoiceField(
        label=pgettext_lazy("rights", "May"), choices=ApiToken.Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    region = forms.ModelChoiceField(
        label=_("Region"),
        queryset=Region.objects.none(),
        required=False,
        empty_label=_("The whole school"),
        help_text=_("Counts of this region alone."),
    )
    expires_on = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("A key without an end is forgotten and found by others. Give one."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = Region.objects.statistical().current()

    def clean_expires_on(self):
        day = self.cleaned_data["expires_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("This day is over."))
        return day


class HookForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    url = forms.CharField(label=_("Address"), max_length=300, help_text=_("Begins with https://, on a public host."))
    events = forms.MultipleChoiceField(
        label=_("Is told of"), choices=Webhook.Event.choices, widget=forms.CheckboxSelectMultiple
    )
    active = forms.BooleanField(label=_("Active"), required=False, initial=True)


@administrators_only
@require_safe
def index(request):
    letters = WebhookDelivery.objects.select_related("hook")
    context = {
        "tokens": ApiToken.objects.select_related("created_by", "region"),
        "hooks": Webhook.objects.all(),
        "page_obj": Paginator(letters, LETTERS).get_page(request.GET.get("page")),
    }
    return render(request, "lms/admin/platform.html", context)


@administrators_only
def issue(request):
    form = TokenForm(request.POST or None)
    if not form.is_valid():
        return _form(request, form, title=_("Issue a token"), button=_("Issue"))
    data = form.cleaned_data
    end = timezone.make_aware(datetime.combine(data["expires_on"] + timedelta(days=1), time.min))
    token, text = tokens.issue(
        name=data["name"], scopes=data["scopes"], region=data["region"], expires_at=end, by=request.user
    )
    response = render(request, "lms/admin/token.html", {"token": token, "text": text})
    response["Cache-Control"] = "no-store"
    return response


@administrators_only
@require_POST
def revoke(request, pk):
    token = tokens.revoke(get_object_or_404(ApiToken, pk=pk), by=request.user)
    messages.success(request, _("%(token)s is revoked.") % {"token": token})
    return redirect("platform_desk")


@administrators_only
def hook(request, pk=None):
    found = get_object_or_404(Webhook, pk=pk) if pk else None
    initial = {name: getattr(found, name) for name in ("name", "url", "events", "active")} if found else None
    form = HookForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            saved = webhooks.save(hook=found, by=request.user, **form.cleaned_data)
        except webhooks.Refused as refusal:
            form.add_error("url", str(refusal))
        else:
            messages.success(request, _("Saved. Letters are signed with the secret below."))
            return redirect("platform_hook", saved.pk)
    title = _("Change a webhook") if found else _("Add a webhook")
    return _form(request, form, title=title, button=_("Save"), hook=found)


@administrators_only
@require_POST
def secret(request, pk):
    webhooks.renew_secret(get_object_or_404(Webhook, pk=pk), by=request.user)
    messages.success(request, _("A new secret. The receiver needs it before the next letter."))
    return redirect("platform_hook", pk)


@administrators_only
@require_POST
def again(request, pk):
    try:
        webhooks.send_again(get_object_or_404(WebhookDelivery, pk=pk), by=request.user)
    except webhooks.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It is sent again within half a minute."))
    return redirect("platform_desk")


def _form(request, form, *, title, button, hook=None):
    context = {
        "form": form,
        "hook": hook,
        "page_title": title,
        "header_icon": "link",
        "action_url": request.path,
        "submit_button_label": button,
    }
    return render(request, "lms/admin/platform_form.html", context, status=422 if form.errors else 200)
