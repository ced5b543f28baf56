"""The messages of the school, collected without any tool of the machine.

`python -m tests.wording` brings lms/locale/zh_Hans/LC_MESSAGES/django.po up to date: new messages come in empty, and
the test of the wording fails until they are translated; messages that nobody uses any more go out.
`python -m tests.wording FILE.json …` also fills in {"English": "中文"} or {"one": ["其他"]} from files.
"""

import ast
import json
import re
import sys
from pathlib import Path

import django
import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "lms/locale/zh_Hans/LC_MESSAGES/django.po"
APPS = ["lms", "media", "courses", "live"]
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}
CALL = re.compile(r"\b(_|gettext|ngettext|pgettext|npgettext)\(")
PLACE = re.compile(r"%\(\w+\)[sdf]|%[sdf]|\{\w*\}")


def text_of(node):
    """The string of a literal, also of one written in several pieces."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def entries_of(call, name):
    strings = [text_of(argument) for argument in call.args]
    if name in PLAIN and strings and strings[0]:
        yield None, strings[0], None
    elif name in PLURAL and len(strings) > 1 and strings[0]:
        yield None, strings[0], strings[1]
    elif name in CONTEXT and len(strings) > 1 and strings[1]:
        yield strings[0], strings[1], None


def from_python(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
            yield from entries_of(node, name)


def call_at(code, start):
    """The call that begins there: the shortest piece up to a closing bracket that parses."""
    for bracket in re.finditer(r"\)", code[start:]):
        piece = re.sub(r",\s*count\s*\)$", ")", code[start : start + bracket.end()])
        try:
            return ast.parse(piece, mode="eval").body
        except SyntaxError:
            continue
    raise ValueError(f"No call in {code[start : start + 80]!r}")


def from_template(source, name):
    """Django turns a template into something that reads like code; each call in it is parsed by itself."""
    code = templatize(source, origin=name)
    for match in CALL.finditer(code):
        yield from entries_of(call_at(code, match.start()), match.group(1))


def collect():
    """Each message → the files that use it."""
    found = {}

    def keep(path, entries):
        for entry in entries:
            found.setdefault(entry, set()).add(str(path.relative_to(ROOT)))

    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                keep(path, from_python(path.read_text("utf-8")))
    for folder in [ROOT / "templates", *(ROOT / app / "templates" for app in APPS)]:
        for path in sorted(folder.rglob("*.*")):
            if path.suffix in (".html", ".txt"):
                keep(path, from_template(path.read_text("utf-8"), str(path)))
    return found


def catalogue():
    if CATALOGUE.exists():
        return polib.pofile(str(CATALOGUE), wrapwidth=110)
    made = polib.POFile(wrapwidth=110)
    made.metadata = {
        "Language": "zh_Hans",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    return made


def update(dictionaries):
    known = {(entry.msgctxt, entry.msgid): entry for entry in catalogue()}
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata = catalogue().metadata
    messages = {}
    for (context, message, plural), files in collect().items():
        messages.setdefault((context, message), [None, set()])
        messages[context, message][0] = messages[context, message][0] or plural
        messages[context, message][1] |= files
    for (context, message), (plural, files) in sorted(
        messages.items(), key=lambda item: (sorted(item[1][1]), item[0][1])
    ):
        entry = polib.POEntry(msgctxt=context, msgid=message, occurrences=[(name, "") for name in sorted(files)])
        old = known.get((context, message))
        given = next((d[message] for d in dictionaries if d.get(message)), None)
        if plural:
            entry.msgid_plural = plural
            value = given if isinstance(given, list) else [given] if given else None
            value = [old.msgstr_plural[0]] if old and old.msgstr_plural.get(0) else value
            entry.msgstr_plural = {0: value[0] if value else ""}
        else:
            given = given[0] if isinstance(given, list) else given
            entry.msgstr = (old.msgstr if old and old.msgstr else given) or ""
        if PLACE.search(message):
            entry.flags.append("python-format" if "%" in message else "python-brace-format")
        fresh.append(entry)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(CATALOGUE))
    return fresh


def missing(entries):
    return [e.msgid for e in entries if not (e.msgstr_plural.get(0) if e.msgid_plural else e.msgstr)]


def main():
    django.setup()
    done = update([json.loads(Path(name).read_text("utf-8")) for name in sys.argv[1:]])
    empty = missing(done)
    print(f"{len(done)} messages, {len(empty)} without Chinese")
    for message in empty:
        print("  ", message)


if __name__ == "__main__":
    main()
