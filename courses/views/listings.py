"""Coverage: which enterprises of a list have a chief quality officer; and the lists, as officers bring them."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from courses import listings
from courses.forms import ListForm
from lms import bureau, permissions, sheets, trail, workbooks
from lms.sheets import Paper
from lms.views.desk_question import clerks_only

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 50
private = cache_control(private=True, no_store=True)


def _common(request):
    return {"section": "coverage", "whole": permissions.is_provincial_clerk(request.user)}


def _chosen(request):
    """The versions that the officer sees, and the one that is asked for: else the newest."""
    versions = list(listings.visible(request.user).standing())
    wanted = request.GET.get("list", "")
    return versions, next((row for row in versions if str(row.uuid) == wanted), versions[0] if versions else None)


@clerks_only
@private
@require_safe
def coverage(request):
    versions, chosen = _chosen(request)
    told = listings.coverage(chosen, request.user) if chosen else None
    context = {"versions": versions, "chosen": chosen, "told": told, **_common(request)}
    return render(request, "courses/coverage.html", context)


@clerks_only
@private
@require_safe
def table(request):
    """The same table as a workbook."""
    _versions, chosen = _chosen(request)
    if chosen is None:
        return redirect("coverage")
    now = timezone.localtime()
    title = f"首席质量官覆盖率统计表：{chosen.name}（{chosen.day}）"
    watermark = f"{request.user.name} 于 {now:%Y-%m-%d %H:%M} 导出"
    reporter = bureau.reporter(permissions.home_region(request.user))
    paper = Paper(title=title, reporter=reporter, filed_on=now.date(), units="家、%", watermark=watermark)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coverage.xlsx"
        sheets.write_rows(path, listings.SHEET, listings.lines(listings.coverage(chosen, request.user)), paper=paper)
        file = path.open("rb")  # outlives its name
    name = f"首席质量官覆盖率(截至{now:%Y-%m-%d}).xlsx"
    trail.note(trail.Verb.EXPORT_TAKEN, author=request.user, subject=name, purpose=chosen.name)
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


@clerks_only
@private
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request):
    form = ListForm(request.POST, request.FILES) if request.method == "POST" else ListForm()
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = listings.try_out(
                name=data["name"], day=data["day"], file=data["file"], file_name=data["file"].name, by=request.user
            )
        except (workbooks.Refused, listings.Refused) as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("list", made.uuid)
    rows = Paginator(listings.visible(request.user), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": rows, "most": listings.MOST, **_common(request)}
    return render(request, "courses/lists.html", context, status=422 if form.errors else 200)


@clerks_only
@private
@require_http_methods(["GET", "HEAD", "POST"])
def trial(request, uuid):
    """What was made of the rows, those that do not count first; and the decision."""
    found = get_object_or_404(listings.visible(request.user), uuid=uuid)
    refused = ""
    if request.method == "POST" and found.made_by == request.user:
        if "drop" in request.POST:
            listings.drop(found)
            messages.info(request, _("The list was put aside. Nothing was written."))
            return redirect("lists")
        try:
            listings.apply(found, by=request.user)
            messages.success(request, _("The list is kept. The rate below is that of today."))
            return redirect(f"{reverse('coverage')}?list={found.uuid}")
        except listings.Refused as error:
            refused = str(error)
    rows = listings.readable(found, request.user)
    context = {
        "list": found,
        "refused": refused,
        "counted": rows.counted().count(),
        "stopped": rows.exclude(verdict="counts").count(),
        "page_obj": Paginator(rows.order_by("-verdict", "number"), PAGE).get_page(request.GET.get("page")),
        **_common(request),
    }
    return render(request, "courses/list.html", context, status=422 if refused else 200)


@clerks_only
@private
@require_safe
def left(request, uuid):
    found = get_object_or_404(listings.visible(request.user), uuid=uuid, made_by=request.user)
    return _file(listings.returned(found), f"{found.name}-错误原因.xlsx")


@clerks_only
@require_safe
def template(request):
    return _file(workbooks.template(listings.COLUMNS, title="企业名录"), "企业名录.xlsx")


def _file(data, name):
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(data, content_type=XLSX, headers={"Content-Disposition": disposition})
