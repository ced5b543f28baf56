"""The desk of the bureau: figures, the rows behind them, what they mean, who is here now."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from lms import bureau, definitions, extracts, overview, periods, permissions, presence, reports, statements, timespans
from lms.models import Region

from . import desk_question
from .desk_question import officers_only

PAGE = 50


@officers_only
@require_safe
def desk(request):
    form, question = desk_question.read(request)
    context = {"form": form, "section": "figures", **_common(request)}
    if question is None:
        return render(request, "lms/bureau/desk.html", context, status=422)
    shown = overview.overview(question)
    drilled = bureau.sees_rows(request.user, question.region)
    earlier, later = timespans.neighbours(question.span, today=timezone.localdate())
    return render(
        request,
        "lms/bureau/desk.html",
        context
        | {
            "question": question,
            "shown": shown,
            "drilled": drilled,
            "rows": [_row(question, row, drilled) for row in shown.table.rows],
            "total": _cells(question, shown.table.total, drilled),
            "tiles": _tiles(question, shown),
            "head": bureau.GROUPS[question.by],
            "columns": [definitions.BY_KEY[key] for key, _over in statements.FIGURES],
            "title": statements.title(question),
            "reporter": permissions.unit(request.user) or bureau.reporter(question.region),
            "file_name": statements.file_name(question),
            "query": desk_question.query(question),
            "fixed": desk_question.query(question, as_of=f"{timezone.localtime(shown.as_of):%Y-%m-%dT%H:%M:%S}"),
            "earlier": _span_link(question, earlier),
            "later": _span_link(question, later) if later else None,
            "lock": shown.lock,
            "unknown": _of(shown.table, Region.UNKNOWN),
            "adds_up": _adds_up(shown.table),
            "opening": bureau.opening(question),
        },
    )


def _common(request):
    return {"whole": permissions.is_provincial_clerk(request.user), "seat": bureau.reach(request.user)}


def _span_link(question, span):
    more = {"since": span.first, "until": span.last}
    return {"name": span.name, "url": f"{reverse('bureau')}?{desk_question.query(question, **more)}"}


def _row(question, row, drilled):
    inner = _narrowed(question, row)
    cells = _cells(question, row.measures, drilled, inner)
    return {"code": row.code, "name": row.name, "cells": cells, "inside": inner}


def _narrowed(question, row):
    """What the address says more for a row of the table."""
    if question.by == "month":
        since, until = periods.days(row.code)
        first, last = max(since, question.span.first), min(until - timespans.DAY, question.span.last)
        return {"since": first, "until": last}
    level = question.region.level if question.region else Region.Level.PROVINCE
    if level == question.by:
        return {}  # the one row is the region itself
    if question.by == "city":
        return {"region": row.code} if level == Region.Level.PROVINCE else {}
    placed = question.by == "county" and row.code != bureau.NONE
    return {"region" if placed else question.by: row.code}


def _cells(question, measures, drilled, inside=None):
    """Each figure with the way to its rows, for whom they are open. Those of certificates and of answers are kept
    elsewhere."""
    cells = []
    for key, _over in statements.FIGURES:
        value = getattr(measures, key)
        url = ""
        if drilled and value and key in extracts.DRILLED:
            url = f"{reverse('bureau_rows')}?{desk_question.query(question, measure=key, **(inside or {}))}"
        cells.append({"key": key, "value": value, "url": url})
    return cells


def _tiles(question, shown):
    if shown.map is None:
        return []
    names = {each.code: each for each in Region.objects.statistical().current()}
    return [
        {
            "tile": tile,
            "region": names[tile.code],
            "label": label(names[tile.code]),
            "url": f"{reverse('bureau')}?{desk_question.query(question, region=tile.code)}",
        }
        for tile in shown.map.tiles
        if tile.code in names
    ]


def _of(table, code):
    """人次 of one row; None in a table that has no such row."""
    return next((row.measures.attendances for row in table.rows if row.code == code), None)


def _adds_up(table):
    """Whether what must add up does: None for a table whose rows overlap."""
    if not table.adds_up:
        return None
    names = ("attendances", "enterprise_attendances", "graduates")
    return all(sum(getattr(row.measures, name) for row in table.rows) == getattr(table.total, name) for name in names)


def label(region):
    """Short enough for a tile: 阿坝州, 重庆; Garzê."""
    if get_language() == "en":
        return region.name_en.split(" ")[0] or region.name
    return region.short if len(region.short) > 1 else region.name.removesuffix("市")


@officers_only
@require_safe
def rows(request):
    form, question = desk_question.read(request)
    key = request.GET.get("measure", "attendances")
    bureau.allow_rows(request.user, question.region if question else bureau.reach(request.user))
    if question is None or key not in extracts.DRILLED:
        context = {"form": form, "section": "figures", **_common(request)}
        return render(request, "lms/bureau/desk.html", context, status=422)
    facts = reports.rows(question.scope(), key).select_related("activity").order_by("-occurred_at", "-pk")
    page = Paginator(facts, PAGE).get_page(request.GET.get("page"))
    known = extracts.people(fact.person for fact in page.object_list)
    return render(
        request,
        "lms/bureau/rows.html",
        {
            "section": "figures",
            "question": question,
            "definition": definitions.BY_KEY[key],
            "figure": getattr(reports.measures(question.scope()), key),
            "page_obj": page,
            "lines": [(fact, known.get(fact.person, extracts.Person())) for fact in page.object_list],
            "query": desk_question.query(question, measure=key),
            "back": f"{reverse('bureau')}?{desk_question.query(question)}",
            "place": question.region,
            "conditions": bureau.conditions(question),
            **_common(request),
        },
    )


@officers_only
@require_safe
def meanings(request):
    context = {
        "definitions": definitions.DEFINITIONS,
        "edition": definitions.EDITION,
        "notes": statements.NOTES,
        "section": "definitions",
    }
    return render(request, "lms/bureau/definitions.html", context | _common(request))


@officers_only
@require_safe
def online(request):
    seat = bureau.reach(request.user)
    context = {"now": presence.now(seat), "at": timezone.now(), "section": "online", **_common(request)}
    return render(request, "lms/bureau/online.html", context)
