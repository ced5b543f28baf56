"""What the list of certificates in the editors' office shows, and which of them an action on all of it means."""

from datetime import timedelta

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, StatusTagColumn
from wagtail.admin.views.generic import IndexView

from courses.models import Certificate

SEARCHED = ["number", "snapshot__name", "snapshot__enterprise", "user__mobile"]


def _day(moment):
    return timezone.localdate(moment).isoformat()


COLUMNS = [
    "number",
    Column("holder", label=_("Holder"), accessor=lambda row: row.snapshot["name"]),
    Column("programme", label=_("Programme"), accessor=lambda row: row.snapshot["programme"]),
    Column("issued_at", label=_("Date of issue"), sort_key="issued_at", accessor=lambda row: _day(row.issued_at)),
    Column("expires_on", label=_("Valid until"), sort_key="expires_on", accessor=lambda row: str(row.expires_on or "")),
    StatusTagColumn(
        "status",
        label=_("Status"),
        accessor=lambda row: row.status.label,
        primary=lambda row: row.status == Certificate.Status.VALID,
    ),
    Column("print_state", label=_("Making of the file"), accessor=lambda row: row.get_print_state_display()),
]


class CertificateIndexView(IndexView):
    def get_base_queryset(self):
        return super().get_base_queryset().told()

    @cached_property
    def columns(self):
        return [BulkActionsCheckboxColumn("bulk_actions", obj_type="certificate"), *super().columns]

    def _get_title_column(self, *args, **kwargs):
        return super()._get_title_column(*args, get_title_id=lambda row: f"certificate_{row.pk}_title", **kwargs)


class CertificateFilters(WagtailFilterSet):
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Certificate.Status.choices, method="of_status")
    expires_within = django_filters.ChoiceFilter(
        label=_("Expires within"),
        choices=[(30, _("30 days")), (90, _("90 days")), (180, _("180 days"))],
        method="expiring",
    )

    class Meta:
        model = Certificate
        fields = ["series", "year", "print_state"]

    def of_status(self, rows, _name, value):
        return rows.with_status(value)

    def expiring(self, rows, _name, value):
        today = timezone.localdate()
        return rows.expiring(before=today + timedelta(days=int(value)), today=today)


def listed(parameters, request):
    """Keys of what the list shows with these parameters of its address."""
    rows = CertificateFilters(parameters, queryset=Certificate.objects.all(), request=request).qs
    if words := parameters.get("q", "").strip():
        found = Q()
        for field in SEARCHED:
            found |= Q(**{f"{field}__icontains": words})
        rows = rows.filter(found)
    return rows.order_by("pk").values_list("pk", flat=True)
