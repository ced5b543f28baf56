"""Files that officers take out: asked for, made by a worker, downloaded, forgotten. Every step is on the trail.

What a file holds is fixed when it is asked for: it is the book as it stood at that moment, so a worker that was killed
is followed by one that begins anew and writes the same. Nobody sees a file before it is whole.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_tasks import task

from . import bureau, extracts, permissions, reading, reports, sheets, statements, trail
from .bureau import Question
from .models import Export, Region, User

KEEP = timedelta(days=3)
STALE = timedelta(minutes=2)  # a worker that said nothing for so long is dead
TRIES = 3
CHINESE = "zh-hans"  # what is filed is in the language of record
SOON = 50  # somebody waits for it: before the indexing of pages and the like
EVERY = 2_000  # rows after which a worker says how far it is
Kind, State = Export.Kind, Export.State
ENDINGS = {Kind.OFFICIAL: "xlsx", Kind.TABLE: "csv", Kind.ROWS: "xlsx", Kind.ROWS_CSV: "csv"}
AT_ONCE = (Kind.OFFICIAL, Kind.TABLE)  # a page of rows: nobody has to wait for a worker
log = structlog.get_logger(__name__)


class Refused(Exception):
    """The message says why, in the reader's language."""


@dataclass(frozen=True)
class Maker:
    """A kind of file that an app above makes: how it is written, and who may have it (raises bureau.OutOfReach)."""

    ending: str
    write: Callable[[Export, Path], int]  # says how many rows
    allow: Callable[[User, Export], None]


makers: dict[str, Maker] = {}


def ask(
    *, user: User, kind: str, question: Question, measure: str = "", full: bool = False, purpose: str = ""
) -> Export:
    """Full names and numbers are for officers of the province, who say what for. Raises Refused, bureau.OutOfReach."""
    _allow(user, kind, question.region)
    asked = replace(question, as_of=question.as_of or timezone.now())
    table = kind in AT_ONCE
    kept = {**asked.as_dict(), **({} if table else {"measure": measure})}
    name = statements.file_name(question, ENDINGS[Kind(kind)], "统计表" if table else "明细", measure)
    title = statements.title(asked) if table else f"{statements.title(asked).removesuffix('统计表')}明细"
    return order(user=user, kind=kind, title=title, file_name=name, kept=kept, full=full, purpose=purpose)


def _allow(user: User, kind: str, region: Region | None) -> None:
    """Raises bureau.OutOfReach: rows need more than the figures do."""
    bureau.allow(user, region)
    if kind not in AT_ONCE:
        bureau.allow_rows(user, region)


def order(
    *, user: User, kind: str, title: str, file_name: str, kept: dict[str, Any], full: bool = False, purpose: str = ""
) -> Export:
    """Write down what is asked for and have it made; who asks may have it by now. Raises Refused for full names."""
    if full and not permissions.is_provincial_clerk(user):
        raise Refused(_("Full names and numbers are given out to officers of the province only."))
    if full and not purpose.strip():
        raise Refused(_("Say what the full names and numbers are needed for."))
    table = kind in AT_ONCE
    with transaction.atomic():
        export = Export.objects.create(
            kind=kind,
            author=user,
            asked_at=timezone.now(),
            title=title[:200],
            file_name=file_name,
            question=kept,
            full=full,
            purpose=purpose.strip(),
        )
        details = {"kind": kind, "filter": kept, "full": full, "purpose": purpose.strip()}
        trail.note(trail.Verb.EXPORT_ASKED, author=user, subject=file_name, export=str(export.uuid), **details)
        if not table:
            transaction.on_commit(partial(make_waiting.enqueue, export.pk))
    if table:
        make(export.pk)
        export.refresh_from_db()
    return export


def ask_again(*, user: User, export: Export) -> Export:
    """The same days, region and filters, as the book stands now."""
    if export.kind in makers:
        makers[export.kind].allow(user, export)
        return order(
            user=user, kind=export.kind, title=export.title, file_name=export.file_name, kept=export.question,
            full=export.full, purpose=export.purpose,
        )  # fmt: skip
    kept = {**export.question, "as_of": None}
    return ask(
        user=user,
        kind=export.kind,
        question=bureau.from_dict(kept),
        measure=kept.get("measure", ""),
        full=export.full,
        purpose=export.purpose,
    )


@task(priority=SOON)
def make_waiting(key: int) -> bool:
    return make(key)


def make(key: int) -> bool:
    """Make the file, if nobody else is at it. What goes wrong is written down, tried again, and at last given up."""
    export = _take(key)
    if export is None:
        return False
    path = path_of(export)
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with translation.override(CHINESE):
            rows = _write(export, part)
        part.replace(path)
    except Exception:
        _failed(export)
        part.unlink(missing_ok=True)
        raise
    _done(export, path, rows)
    return True


def path_of(export: Export) -> Path:
    ending = makers[export.kind].ending if export.kind in makers else ENDINGS[Kind(export.kind)]
    return Path(settings.EXPORT_ROOT) / f"{export.uuid}.{ending}"


def _take(key: int) -> Export | None:
    now = timezone.now()
    free = Q(state=State.WAITING) | Q(state=State.RUNNING, beat_at__lt=now - STALE)
    with transaction.atomic():
        export = Export.objects.select_for_update().filter(free, pk=key).first()
        if export is None:
            return None
        export.state, export.beat_at, export.tries, export.rows_done = State.RUNNING, now, export.tries + 1, 0
        export.save(update_fields=["state", "beat_at", "tries", "rows_done"])
    return export


def _write(export: Export, path: Path) -> int:
    if export.kind in makers:
        return makers[export.kind].write(export, path)
    question = bureau.from_dict(export.question)
    if export.kind in AT_ONCE:
        return _write_table(export, question, path)
    behind = reports.rows(question.scope(), export.question["measure"])
    keys = reading.keys(behind.order_by("pk"))
    export.rows = len(keys)
    export.save(update_fields=["rows"])
    facts = reading.by_keys(keys, behind.model.objects.with_person().select_related("activity"))
    lines = told(export, extracts.lines(facts, full=export.full))
    if export.kind == Kind.ROWS:
        paper = statements.paper(question, watermark=watermark(export))
        sheets.write_rows(path, extracts.COLUMNS, lines, paper=replace(paper, title=export.title))
    else:
        _write_csv(path, sheets.csv_lines(extracts.COLUMNS, lines))
    return export.rows


def _write_table(export: Export, question: Question, path: Path) -> int:
    table = reports.table(question.scope(), by=question.by)
    columns, rows, total = statements.columns(question.by), statements.rows(table), statements.total(table)
    if export.kind == Kind.OFFICIAL:
        paper = statements.paper(question, watermark=watermark(export))
        paper = replace(paper, reporter=permissions.unit(export.author) or paper.reporter)
        apart = statements.APART, statements.apart(bureau.opening(question))
        sheets.official(paper, columns, rows, total, apart).save(path)
    else:
        _write_csv(path, sheets.csv_lines(columns, [*rows, total]))
    return len(rows)


def _write_csv(path: Path, lines: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


def told(
    export: Export, lines: Iterable[Sequence[sheets.Value]], *, first: int = 1
) -> Iterator[Sequence[sheets.Value]]:
    """The same rows, with a word now and then about how far they are."""
    for number, line in enumerate(lines, first):
        if number % EVERY == 0:
            Export.objects.filter(pk=export.pk).update(rows_done=number, beat_at=timezone.now())
        yield line


def watermark(export: Export) -> str:
    """Whose copy it is, on the paper and in the file."""
    kind = "含完整姓名和手机，用途：" + export.purpose if export.full else "姓名、手机和信用代码已脱敏"
    when = f"{timezone.localtime(export.asked_at):%Y-%m-%d %H:%M}"
    number = export.uuid.hex[:8].upper()
    return f"导出人：{export.author.name}  导出时间：{when}  编号：{number}  {kind}，仅供工作使用"


def _done(export: Export, path: Path, rows: int) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    export.state, export.rows, export.rows_done = State.READY, rows, rows
    export.size, export.sha256 = path.stat().st_size, digest
    export.finished_at = timezone.now()
    export.expires_at = export.finished_at + KEEP
    with transaction.atomic():
        export.save()
        _note(trail.Verb.EXPORT_MADE, export, author=export.author, rows=rows, sha256=digest)


def _failed(export: Export) -> None:
    with transaction.atomic():
        export.state = State.FAILED if export.tries >= TRIES else State.WAITING
        export.save(update_fields=["state"])
        if export.state == State.FAILED:
            _note(trail.Verb.EXPORT_FAILED, export, author=export.author, tries=export.tries)


def _note(verb: str, export: Export, *, author: User, **details: object) -> None:
    trail.note(verb, author=author, subject=export.file_name, export=str(export.uuid), full=export.full, **details)


def visible(user: User) -> QuerySet[Export]:
    """Somebody's own; those of everybody to officers of the province."""
    exports = Export.objects.select_related("author")
    return exports if permissions.is_provincial_clerk(user) else exports.filter(author=user)


def take(user: User, key: UUID) -> tuple[Export, Path]:
    """A file to hand out, and a line on the trail. Raises Export.DoesNotExist, Refused, bureau.OutOfReach."""
    export = visible(user).get(uuid=key)
    if export.kind in makers:
        makers[export.kind].allow(user, export)
    else:
        _allow(user, export.kind, bureau.from_dict(export.question).region)
    if not export.can_be_taken:
        raise Refused(_("This file is no longer kept. Ask for it anew."))
    path = path_of(export)
    if not path.exists():
        raise Refused(_("This file is no longer kept. Ask for it anew."))
    _note(trail.Verb.EXPORT_TAKEN, export, author=user, rows=export.rows)
    return export, path


def catch_up() -> int:
    """The periodic duty: queue again what a dead worker left, give up what never succeeds. Says how many."""
    now = timezone.now()
    left = Q(state=State.RUNNING, beat_at__lt=now - STALE)
    unqueued = Q(state=State.WAITING, asked_at__lt=now - STALE) & (Q(beat_at=None) | Q(beat_at__lt=now - STALE))
    found = list(Export.objects.filter(left | unqueued))
    for export in found:
        if export.tries >= TRIES:
            _failed(export)
            continue
        export.beat_at, export.state = now, State.WAITING
        export.save(update_fields=["beat_at", "state"])
        make_waiting.enqueue(export.pk)
    return len(found)


def forget() -> int:
    """The periodic duty: remove files whose days are over. The trail keeps that they were."""
    over = list(Export.objects.filter(state=State.READY, expires_at__lte=timezone.now()))
    for export in over:
        path_of(export).unlink(missing_ok=True)
        export.state = State.EXPIRED
        export.save(update_fields=["state"])
    return len(over)
