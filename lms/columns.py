"""The book in columns: what counting needs of every row, as arrays in the order in which things happened.

Sealed rows never change, so an image of them is kept in a folder named after the hash of the last batch in it: an
image either is what the chain says or is not found. Younger rows are read from the database at each count.
"""

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection
from django.db.models import Sum

from .models import LedgerBatch

CHUNK = 100_000  # rows read at a time
RENEW = 20_000  # sealed rows outside the image that make a new one worth its time
NEVER = np.iinfo(np.int64).max
SHIFT = 32
REVERSAL = "reversal"
IMAGE = re.compile(r"\d+-[0-9a-f]+")
ABANDONED = 3600  # seconds after which nobody writes a draft any more

NUMBERS = {
    "id": np.int64, "occurred": np.int64, "recorded": np.int64, "reverses": np.int64, "activity": np.int32,
    "minutes": np.int32,
}  # fmt: skip
CODES = {
    "kind": np.int8, "channel": np.int8, "size": np.int8, "city": np.int16, "province": np.int16, "county": np.int32,
    "chains": np.int32, "unit": np.int32, "firm": np.int32, "person": np.int32,
}  # fmt: skip
PAIRS = {"attended": ("person", "activity"), "represented": ("firm", "activity"), "studied": ("person", "unit")}

EXPRESSIONS = {
    "sqlite": {"moment": "{0} || ''", "person": "person", "chains": "chains || ''"},
    "postgresql": {
        "moment": "CAST(EXTRACT(EPOCH FROM {0}) * 1000000 AS BIGINT)",
        "person": "REPLACE(CAST(person AS text), '-', '')",
        "chains": "CAST(chains AS text)",
    },
}

Arrays = dict[str, np.ndarray[Any, Any]]
Lexicons = dict[str, dict[Any, int]]


@dataclass
class Columns:
    """Rows in the order of (occurred, id). `pairs` are the sorted keys of each pair, its code is the place in them."""

    arrays: Arrays
    lexicons: Lexicons
    keys: Arrays
    number: int = 0  # of the last batch in here

    def __len__(self) -> int:
        return len(self.arrays["id"])


@dataclass
class Book:
    """The image and what came after it, with codes of one lexicon."""

    image: Columns
    tail: Arrays
    lexicons: Lexicons

    def __len__(self) -> int:
        return len(self.image) + len(self.tail["id"])

    @cached_property
    def sizes(self) -> dict[str, int]:
        """How many codes there are of each kind."""
        pairs = {name: self._pairs(name) for name in PAIRS}
        return pairs | {name: len(codes) for name, codes in self.lexicons.items()}

    def _pairs(self, name: str) -> int:
        young = self.tail[name]
        return max(len(self.image.keys[name]), int(young.max()) + 1 if len(young) else 0)

    @cached_property
    def taken_back(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """(facts of the image, when) that young rows reversed."""
        back = self.tail["reverses"] > 0
        return self.tail["reverses"][back], self.tail["recorded"][back]


def read(*, anew: bool = False) -> Book:
    """The whole book as it is now; `anew` believes no image."""
    image = _nothing() if anew else _image()
    lexicons = {name: _Growing(codes) for name, codes in image.lexicons.items()}
    parts = list(_rows(image.number, None, lexicons))
    tail = _ordered(_joined(parts))
    for name, pair in PAIRS.items():
        tail[name] = _codes_of(image.keys[name], _keys(tail, pair))
    tail["taken"] = _taken(tail)
    return Book(image, tail, {name: codes.all() for name, codes in lexicons.items()})


class _Growing:
    """A lexicon that is read often and grows rarely: the known part is shared with the image."""

    def __init__(self, known: dict[Any, int]):
        self.known, self.new = known, {}  # type: ignore[var-annotated]

    def code(self, value: Any) -> int:
        found = self.known.get(value)
        return self.new.setdefault(value, len(self.known) + len(self.new)) if found is None else found

    def all(self) -> dict[Any, int]:
        return {**self.known, **self.new} if self.new else self.known


def _rows(number: int, upto: int | None, lexicons: dict[str, "_Growing"]) -> Iterator[Arrays]:
    """The rows after a batch: of the batches up to another one, or of all and those not yet sealed."""
    if not number:
        sealed = [] if upto is None else [LedgerBatch.objects.get(number=upto).pk]
        return _chunks("batch_id <= %s" if sealed else "1 = 1", sealed, lexicons)
    return _younger(number, upto, lexicons)


def _younger(number: int, upto: int | None, lexicons: dict[str, "_Growing"]) -> Iterator[Arrays]:
    """What is sealed while this runs is still read, once: the end is all that no listed batch holds."""
    batches = LedgerBatch.objects.filter(number__gte=number).order_by("number")
    image, *listed = (batches if upto is None else batches.filter(number__lte=upto)).values_list("pk", flat=True)
    for pk in listed:
        yield from _encoded_all("batch_id = %s", [pk], lexicons)
    if upto is None:
        yield from _encoded_all("(batch_id IS NULL OR batch_id > %s)", [[image, *listed][-1]], lexicons)


def _encoded_all(where: str, values: list[Any], lexicons: dict[str, "_Growing"]) -> Iterator[Arrays]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_selected()} FROM lms_participation WHERE {where}", values)  # noqa: S608
        rows = cursor.fetchall()
    if rows:
        yield _encoded(rows, lexicons)


def _chunks(where: str, values: list[Any], lexicons: dict[str, "_Growing"]) -> Iterator[Arrays]:
    """A large part of the table in the order of its numbers, so many rows at a time."""
    last = 0
    statement = f"SELECT {_selected()} FROM lms_participation WHERE id > %s AND {where} ORDER BY id LIMIT {CHUNK}"  # noqa: S608
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [last, *values])
            rows = cursor.fetchall()
        if not rows:
            return
        last = rows[-1][0]
        yield _encoded(rows, lexicons)
        if len(rows) < CHUNK:
            return


def _selected() -> str:
    how = EXPRESSIONS[connection.vendor]
    return ", ".join(
        [
            "id",
            how["moment"].format("occurred_at"),
            how["moment"].format("recorded_at"),
            "COALESCE(reverses_id, 0)",
            "activity_id",
            "CAST(ROUND(minutes * 10) AS INTEGER)",
            "kind",
            "channel",
            "enterprise_size",
            "city_code",
            "province_code",
            "county_code",
            how["chains"],
            "unit",
            "enterprise_uscc",
            how["person"],
        ]
    )


def _encoded(rows: list[tuple[Any, ...]], lexicons: dict[str, _Growing]) -> Arrays:
    columns = list(zip(*rows, strict=True))
    arrays: Arrays = {}
    for (name, kind), values in zip(NUMBERS.items(), columns, strict=False):
        if isinstance(values[0], str):
            arrays[name] = np.array(values, dtype="datetime64[us]").astype(np.int64)
        else:
            arrays[name] = np.array(values, dtype=kind)
    for (name, kind), values in zip(CODES.items(), columns[len(NUMBERS) :], strict=True):
        code = lexicons[name].code
        arrays[name] = np.fromiter(map(code, values), kind, len(values))
    return arrays


def _empty() -> Arrays:
    return {name: np.empty(0, kind) for name, kind in {**NUMBERS, **CODES}.items()}


def _joined(parts: list[Arrays]) -> Arrays:
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts] or [empty]) for name, empty in _empty().items()}


def _ordered(arrays: Arrays) -> Arrays:
    order = np.lexsort((arrays["id"], arrays["occurred"]))
    return {name: column[order] for name, column in arrays.items()}


def _keys(arrays: Arrays, pair: tuple[str, str]) -> np.ndarray[Any, Any]:
    one, other = pair
    return (arrays[one].astype(np.int64) << SHIFT) | arrays[other].astype(np.int64)


def _codes_of(known: np.ndarray[Any, Any], keys: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The place of each key among the known ones, and new places behind them."""
    if not len(known):
        return np.unique(keys, return_inverse=True)[1].reshape(-1).astype(np.int32)
    places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    strange = known[places] != keys
    if strange.any():
        places[strange] = len(known) + np.unique(keys[strange], return_inverse=True)[1].reshape(-1)
    return places.astype(np.int32)


def _taken(arrays: Arrays) -> np.ndarray[Any, Any]:
    """When each fact was taken back by a row among these, or NEVER."""
    taken = np.full(len(arrays["id"]), NEVER, np.int64)
    back = arrays["reverses"] > 0
    if back.any():
        order = np.argsort(arrays["id"])
        ids = arrays["id"][order]
        targets = arrays["reverses"][back]
        places = np.minimum(np.searchsorted(ids, targets), len(ids) - 1)
        known = ids[places] == targets
        taken[order[places[known]]] = arrays["recorded"][back][known]
    return taken


# --- the image that is kept ---

_held: dict[Path, Columns] = {}


def folder() -> Path:
    return Path(settings.VAR_DIR) / "columns"


def _image() -> Columns:
    """The newest image that the chain knows; an empty one when there is none."""
    for path in sorted(_folders(), key=lambda path: -int(path.name.split("-")[0])):
        number, _dash, digest = path.name.partition("-")
        if LedgerBatch.objects.filter(number=int(number), hash__startswith=digest).exists():
            try:
                return _opened(path, int(number))
            except FileNotFoundError:  # a newer one took its place meanwhile
                continue
    return _nothing()


def _folders() -> list[Path]:
    """Whole images; drafts have other names."""
    return [path for path in folder().glob("*-*") if IMAGE.fullmatch(path.name)]


def _opened(path: Path, number: int) -> Columns:
    found = _held.get(path)
    if found is None:
        found = _load(path, number)
        _held.clear()
        _held[path] = found
    return found


def _nothing() -> Columns:
    return _finished(_empty(), {name: {} for name in CODES}, 0)


def renew(least: int = RENEW) -> int:
    """The periodic duty: make a new image when many rows were sealed since the last one. Says how many it holds."""
    last = LedgerBatch.objects.order_by("number").last()
    image = _image()
    if last is None or last.number == image.number:
        return 0
    waiting = LedgerBatch.objects.filter(number__gt=image.number).aggregate(rows=Sum("rows"))["rows"] or 0
    if waiting < least:
        return 0
    lexicons = {name: _Growing(codes) for name, codes in image.lexicons.items()}
    parts = list(_rows(image.number, last.number, lexicons))
    old = {name: image.arrays[name] for name in _empty()}
    made = _finished(_joined([old, *parts]), {name: codes.all() for name, codes in lexicons.items()}, last.number)
    _keep(made, folder() / f"{last.number}-{last.hash[:24]}")
    return len(made)


def _finished(arrays: Arrays, lexicons: Lexicons, number: int) -> Columns:
    arrays, keys = _ordered(arrays), {}
    arrays["taken"] = _taken(arrays)
    for name, pair in PAIRS.items():
        keys[name], codes = np.unique(_keys(arrays, pair), return_inverse=True)
        arrays[name] = codes.reshape(-1).astype(np.int32)
    return Columns(arrays, lexicons, keys, number)


def _keep(made: Columns, path: Path) -> None:
    for left in folder().glob(".*-*"):  # by workers that were killed
        if time.time() - left.stat().st_mtime > ABANDONED:
            shutil.rmtree(left, ignore_errors=True)
    draft = path.with_name(f".{path.name}-{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name, column in made.arrays.items():
        np.save(draft / f"{name}.npy", column)
    for name, column in made.keys.items():
        np.save(draft / f"{name}.keys.npy", column)
    (draft / "lexicons.json").write_text(json.dumps({name: list(codes) for name, codes in made.lexicons.items()}))
    shutil.rmtree(path, ignore_errors=True)
    draft.rename(path)
    for other in _folders():
        if other != path:
            shutil.rmtree(other, ignore_errors=True)


def _load(path: Path, number: int) -> Columns:
    listed = json.loads((path / "lexicons.json").read_text())
    lexicons = {name: {value: code for code, value in enumerate(values)} for name, values in listed.items()}
    names = [*NUMBERS, *CODES, *PAIRS, "taken"]
    arrays = {name: np.load(path / f"{name}.npy", mmap_mode="r") for name in names}
    return Columns(
        arrays, lexicons, {name: np.load(path / f"{name}.keys.npy", mmap_mode="r") for name in PAIRS}, number
    )
