"""Who was there: the list that a host watches, and takes out as a workbook."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from live import permissions, registers, rollcalls, settling, sheets
from live.models import Presence
from live.views.finding import hosted

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@login_required
@never_cache
def attendance(request, uuid):
    """Asked for again every few seconds while the broadcast is on air; then only the list is taken from it."""
    broadcast = hosted(request, uuid, permissions.may_moderate)
    register = registers.Register.of(broadcast)
    search = request.GET.get("q", "").strip()[:40]
    page, rows = registers.page(register, request.GET.get("page"), search)
    context = {
        "broadcast": broadcast,
        "register": register,
        "figures": registers.figures(broadcast),
        "rounds": registers.rounds(register),
        "page_obj": page,
        "rows": [(row, registers.said(row)) for row in rows],
        "search": search,
        "current": register.current and rollcalls.prompt(register.current),
        "may_correct": permissions.may_manage(request.user, broadcast),
        "section": "live",
    }
    return render(request, "live/attendance.html", context)


@require_safe
@login_required
def sheet(request, uuid):
    broadcast = hosted(request, uuid, permissions.may_moderate)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "attendance.xlsx"
        sheets.write(path, broadcast, by=request.user)
        file = path.open("rb")  # outlives its name
    name = f"{slugify(broadcast.title, allow_unicode=True) or 'attendance'}-{timezone.localdate():%Y%m%d}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


@require_POST
@login_required
def correct(request, uuid, pk):
    """Credit somebody, or take it back, with a reason."""
    broadcast = hosted(request, uuid, permissions.may_manage)
    row = get_object_or_404(Presence, pk=pk, broadcast=broadcast)
    credited = request.POST.get("credited") == "1"
    role = permissions.role(request.user, broadcast)
    try:
        settling.correct(row, credited=credited, author=request.user, role=role, reason=request.POST.get("reason", ""))
        messages.success(request, _("The decision is kept with its reason."))
    except settling.Refused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(f"{reverse('attendance', args=[broadcast.uuid])}?{request.GET.urlencode()}")
