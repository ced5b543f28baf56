"""Bringing a roster: the file, its trial line by line, the decision, and what could not be used."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms import file_names, rosters, workbooks
from lms.models import Roster

from .enterprise_desk import for_managers

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200  # lines of a trial on the page; those with something to say come first
WEIGHT = {"stop": 0, "look": 1, "update": 2, "new": 3, "same": 4}


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def bring(request, enterprise):
    context, status = {"enterprise": enterprise, "most": rosters.MOST}, 200
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is None:
                raise workbooks.Refused(_("Choose a file first."))
            roster = rosters.try_out(enterprise=enterprise, file=file, file_name=file.name, by=request.user)
        except workbooks.Refused as refused:
            context["refused"], status = str(refused), 422
        else:
            return redirect("enterprise_roster", enterprise.uscc, roster.uuid)
    return render(request, "courses/enterprise_roster_bring.html", context, status=status)


@require_safe
@for_managers
def trial(request, enterprise, uuid):
    roster = get_object_or_404(Roster, uuid=uuid, enterprise=enterprise)
    return render(request, "courses/enterprise_roster.html", _context(enterprise, roster))


@require_POST
@for_managers
def decide(request, enterprise, uuid):
    """Import what may be imported, or put the roster aside."""
    roster = get_object_or_404(Roster, uuid=uuid, enterprise=enterprise)
    if "drop" in request.POST:
        rosters.drop(roster)
        messages.info(request, _("The roster was put aside. Nothing was written."))
        return redirect("enterprise_desk", enterprise.uscc)
    answers = {line["number"] for line in roster.lines if request.POST.get(f"line-{line['number']}") == "import"}
    try:
        roster = rosters.apply(roster, by=request.user, answers=answers, whole=request.POST.get("how") == "all")
    except rosters.Refused as refused:
        context = _context(enterprise, roster) | {"refused": str(refused), "answers": answers, "whole": True}
        return render(request, "courses/enterprise_roster.html", context, status=422)
    return redirect("enterprise_roster", enterprise.uscc, roster.uuid)


@require_safe
@for_managers
def left(request, enterprise, uuid):
    """The rows that cannot be imported as they are, each with its reason."""
    roster = get_object_or_404(Roster, uuid=uuid, enterprise=enterprise)
    return _file(rosters.returned(roster), f"{file_names.safe(roster.file_name.rsplit('.', 1)[0])}-错误原因.xlsx")


@require_safe
@for_managers
def template(request, enterprise):
    return _file(workbooks.template(rosters.COLUMNS[:3], title="员工名册"), "员工名册.xlsx")


def _file(data, name):
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(data, content_type=XLSX, headers={"Content-Disposition": disposition})


def _context(enterprise, roster):
    sums = rosters.sums(roster)
    lines = sorted(roster.lines, key=lambda line: (WEIGHT[line["verdict"]], line["number"]))
    return {
        "enterprise": enterprise,
        "roster": roster,
        "sums": sums,
        "lines": lines[:SHOWN],
        "more": max(0, len(lines) - SHOWN),
        "total": len(roster.lines),
        "ready": sums["new"] + sums["update"] + sums["same"],
        "problems": sums["look"] + sums["stop"],
        "written": sum(roster.result.values()),
        "unwritten": sum(not line.get("written") for line in roster.lines),
    }
