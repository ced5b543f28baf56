"""Files that officers take out: 150,000 rows as XLSX and CSV with their memory, and the official table.

The peer of the rows is the same file written the ordinary way, all of it in memory.
"""

import datetime as dt
import os
import shutil
import tempfile
import time
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings.test"
django.setup()

from django.conf import settings  # noqa: E402 - models want Django to be set up
from django.core.management import call_command  # noqa: E402
from django.test.utils import override_settings, setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402
from openpyxl import Workbook  # noqa: E402

from lms import bureau, exports, extracts, seeding, timespans  # noqa: E402
from lms.models import Export  # noqa: E402
from tests import databases, factories  # noqa: E402

ROWS, PLAIN = 150_000, 15_000


def row(measure, value, unit, peer="", peer_value=0):
    ratio = value / peer_value if peer_value else 0
    return {"measure": measure, "value": value, "unit": unit, "peer": peer, "peer_value": peer_value, "ratio": ratio}


def peak():
    """MiB that this process took at most since the last time it was asked."""
    lines = Path("/proc/self/status").read_text().splitlines()
    value = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    Path("/proc/self/clear_refs").write_text("5")
    return value / 1024


def made(clerk, kind):
    """Seconds, seconds of the processor, MiB at most, MiB of the file, rows."""
    span = timespans.between(dt.date(2023, 1, 1), dt.date(2027, 12, 31), today=timezone.localdate())
    export = exports.ask(user=clerk, kind=kind, question=bureau.Question(span))
    peak()
    began, busy = time.perf_counter(), time.process_time()
    if kind not in exports.AT_ONCE:
        exports.make(export.pk)
    spent, busy = time.perf_counter() - began, time.process_time() - busy
    export.refresh_from_db()
    assert export.state == Export.State.READY
    return spent, busy, peak(), export.size / 1024**2, export.rows


def ordinary(clerk):
    """A workbook that is kept in memory until it is whole, of fewer rows: more would not be fair to the machine."""
    span = timespans.between(dt.date(2023, 1, 1), dt.date(2027, 12, 31), today=timezone.localdate())
    facts = exports._facts(bureau.Question(span), "")[:PLAIN]
    peak()
    began = time.perf_counter()
    book = Workbook()
    for line in extracts.lines(facts):
        book.active.append(line)
    book.save(Path(settings.EXPORT_ROOT) / "plain.xlsx")
    return (time.perf_counter() - began) * ROWS / PLAIN, peak()


def table(clerk):
    span = timespans.between(dt.date(2026, 7, 1), dt.date(2026, 9, 30), today=timezone.localdate())
    began = time.perf_counter()
    export = exports.ask(user=clerk, kind="official", question=bureau.Question(span))
    assert export.rows == 24
    return (time.perf_counter() - began) * 1000


def measured():
    call_command("load_reference", verbosity=0)
    clerk = factories.clerk(name="省局处员", region="510000")
    seeding.seed(int(ROWS * 1.06), letter=False, say=lambda text: None)
    seconds, busy, memory, size, rows = made(clerk, "rows")
    assert rows >= ROWS, rows
    csv_seconds, csv_busy, csv_memory, _size, _rows = made(clerk, "rows_csv")
    plain_seconds, plain_memory = ordinary(clerk)
    return [
        row(f"{rows} rows as XLSX", seconds, "s", f"all in memory, from {PLAIN} rows", plain_seconds),
        row(f"{rows} rows as XLSX, of the processor", busy, "s"),
        row(f"{rows} rows as XLSX, memory of the process", memory, "MiB", f"{PLAIN} rows in memory", plain_memory),
        row(f"{rows} rows as XLSX, the file", size, "MiB"),
        row(f"{rows} rows as CSV", csv_seconds, "s"),
        row(f"{rows} rows as CSV, of the processor", csv_busy, "s"),
        row(f"{rows} rows as CSV, memory of the process", csv_memory, "MiB"),
        row("the official table of a quarter, asked for and written", table(clerk), "ms"),
    ]


def run():
    """With the queue of a real installation, that nobody works off meanwhile."""
    setup_test_environment()
    copy = databases.copy()
    copy.make()
    folder = tempfile.mkdtemp(prefix="cqo-bench-")
    queue = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    try:
        with override_settings(EXPORT_ROOT=folder, TASKS=queue):
            return measured()
    finally:
        copy.remove()
        shutil.rmtree(folder)
        shutil.rmtree(settings.VAR_DIR, ignore_errors=True)
