"""Opening balances: signed and withdrawn by officers of the province, one row each with source and approver."""

from uuid import uuid4

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from lms import balances, bureau, definitions, permissions, statements
from lms.models import OpeningBalance, Region
from lms.numbers import whole
from lms.scopes import HOUR

from .desk_question import officers_only

COUNTED = ("sessions", "attendances", "persons", "enterprise_attendances", "enterprises", "graduates")
INPUT = {"class": "input"}
DAY = {"type": "date", **INPUT}


class BalanceForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("What it is"), max_length=200, widget=forms.TextInput(attrs=INPUT))
    since = forms.DateField(label=pgettext_lazy("dates", "From"), widget=forms.DateInput(attrs=DAY))
    until = forms.DateField(label=gettext_lazy("To, included"), widget=forms.DateInput(attrs=DAY))
    city_code = forms.ChoiceField(label=gettext_lazy("City"), required=False, widget=forms.Select(attrs=INPUT))
    hours = forms.DecimalField(
        min_value=0, max_digits=11, decimal_places=1, required=False, widget=forms.NumberInput(attrs=INPUT)
    )
    source = forms.CharField(label=gettext_lazy("Source"), max_length=200, widget=forms.TextInput(attrs=INPUT))
    approver = forms.CharField(label=gettext_lazy("Approved by"), max_length=80, widget=forms.TextInput(attrs=INPUT))
    key = forms.UUIDField(widget=forms.HiddenInput)  # of this form: posted twice it is one row

    field_order = ["title", "since", "until", "city_code", *COUNTED, "hours", "source", "approver", "key"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="b-%s", **kwargs)
        cities = Region.objects.statistical().current()
        self.fields["city_code"].choices = [("", _("The whole school")), *((each.code, str(each)) for each in cities)]
        for name in COUNTED:
            self.fields[name] = forms.IntegerField(
                label=definitions.BY_KEY[name].name, min_value=0, max_value=2_000_000_000, required=False,
                widget=forms.NumberInput(attrs=INPUT),
            )  # fmt: skip
        self.fields["hours"].label = definitions.BY_KEY["hours"].name
        self.order_fields(self.field_order)


class WithdrawalForm(forms.Form):
    balance = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, widget=forms.TextInput(attrs=INPUT),
        error_messages={"required": gettext_lazy("Say why these figures are withdrawn.")},
    )  # fmt: skip


@officers_only
@require_http_methods(["GET", "HEAD", "POST"])
def index(request):
    if not permissions.is_provincial_clerk(request.user):
        raise bureau.OutOfReach(_("Opening balances are signed by officers of the province."))
    if request.method == "POST":
        return _withdraw(request) if "balance" in request.POST else _sign(request)
    balance = OpeningBalance.objects.filter(pk=whole(request.GET.get("withdraw"))).first()
    leaving = WithdrawalForm(initial={"balance": balance.pk}) if balance else None
    return _page(request, leaving=leaving, balance=balance)


def _sign(request):
    form = BalanceForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    data = form.cleaned_data
    figures = {name: data[name] or 0 for name in COUNTED} | {"minutes": (data["hours"] or 0) * HOUR}
    told = {name: data[name] for name in ("title", "since", "until", "city_code", "source", "approver")}
    try:
        balances.sign(key=f"desk:{data['key']}", author=request.user, **told, **figures)
    except balances.Refused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, status=422)
    messages.success(request, _("The balance is signed."))
    return redirect("bureau_balances")


def _withdraw(request):
    form = WithdrawalForm(request.POST)
    balance = get_object_or_404(balances.standing(), pk=whole(request.POST.get("balance")))
    if not form.is_valid():
        return _page(request, leaving=form, balance=balance, status=422)
    balances.withdraw(balance, author=request.user, reason=form.cleaned_data["reason"])
    messages.success(request, _("The balance is withdrawn. Its row stays to be read."))
    return redirect("bureau_balances")


def _page(request, form=None, *, leaving=None, balance=None, status=200):
    context = {
        "form": form or BalanceForm(initial={"key": uuid4()}),
        "leaving": leaving,
        "balance": balance,
        "opening": list(balances.standing()),
        "withdrawn": OpeningBalance.objects.exclude(withdraws=None).select_related("withdraws").order_by("-pk"),
        "columns": [definitions.BY_KEY[key] for key, _over in statements.FIGURES],
        "withdrawing": True,
        "section": "balances",
        "whole": True,
    }
    return render(request, "lms/bureau/balances.html", context, status=status)
