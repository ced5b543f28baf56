"""Periods closed and opened again by officers of the province, and what was decided about them so far."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Min
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from lms import bureau, periods, permissions, timespans
from lms.models import Participation, PeriodLock, User

from .desk_question import officers_only

PAGE = 50
LOCK, UNLOCK = "lock", "unlock"
KINDS = {"H": timespans.HALF, "Q": timespans.QUARTER, "-": timespans.MONTH}


def name_of(label):
    """2026Q3 as a reader says it."""
    kind = next((kind for sign, kind in KINDS.items() if sign in label), timespans.YEAR)
    return timespans.natural(kind, periods.days(label)[0], today=timespans.LATEST).name


class LockForm(forms.Form):
    turn = forms.ChoiceField(
        label=gettext_lazy("What to do"),
        choices=[(LOCK, gettext_lazy("Lock")), (UNLOCK, gettext_lazy("Unlock"))],
        widget=forms.RadioSelect,
    )
    period = forms.ChoiceField(
        label=pgettext_lazy("statistics", "Period"), widget=forms.Select(attrs={"class": "input"})
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input"}),
        help_text=gettext_lazy("Kept for good with your name and the time."),
        error_messages={"required": gettext_lazy("Say why the period is locked or unlocked.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="l-%s", **kwargs)
        self.fields["period"].choices = _choices()


def _choices():
    """What has begun since the first fact, by year, the youngest first; and what was ever locked."""
    today = timezone.localdate()
    first = Participation.objects.aggregate(at=Min("occurred_at"))["at"]
    years = range(today.year, (timezone.localdate(first).year if first else today.year) - 1, -1)
    found = []
    for year in years:
        months = [f"{year:04}-{month:02}" for month in range(1, 13)]
        listed = [f"{year:04}", *(f"{year:04}H{n}" for n in (1, 2)), *(f"{year:04}Q{n}" for n in range(1, 5)), *months]
        begun = [label for label in listed if periods.days(label)[0] <= today]
        found.append((str(year), [(label, name_of(label)) for label in begun]))
    known = {label for _year, labels in found for label, _name in labels}
    others = sorted(set(PeriodLock.objects.values_list("period", flat=True)) - known)
    return [*found, (_("Others"), [(label, name_of(label)) for label in others])] if others else found


@officers_only
@require_http_methods(["GET", "HEAD", "POST"])
def index(request):
    if not permissions.is_provincial_clerk(request.user):
        raise bureau.OutOfReach(_("Periods are locked and unlocked by officers of the province."))
    if request.method == "POST":
        return _turn(request)
    asked = {"turn": request.GET.get("turn", LOCK), "period": request.GET.get("period", "")}
    return _page(request, LockForm(initial=asked))


def _turn(request):
    form = LockForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    data = form.cleaned_data
    turn = periods.lock if data["turn"] == LOCK else periods.unlock
    try:
        turn(data["period"], author=request.user, reason=data["reason"])
    except periods.Refused as refusal:
        form.add_error("period", str(refusal))
        return _page(request, form, status=422)
    said = _("%(period)s is locked.") if data["turn"] == LOCK else _("%(period)s is open again.")
    messages.success(request, said % {"period": name_of(data["period"])})
    return redirect("bureau_locks")


def _page(request, form, status=200):
    page = Paginator(PeriodLock.objects.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    names = dict(User.objects.filter(ledger_key__in={row.author for row in page}).values_list("ledger_key", "name"))
    context = {
        "form": form,
        "page_obj": page,
        "rows": [{"row": row, "name": name_of(row.period), "who": names.get(row.author, "")} for row in page],
        "locked": [{"label": label, "name": name_of(label)} for label in periods.locked()],
        "section": "locks",
        "whole": True,
    }
    return render(request, "lms/bureau/locks.html", context, status=status)
