"""Wagtail's own messages that come without Chinese: an editor's pages do not mix two languages.

`python -m tests.wagtail_wording` brings lms/locale_wagtail up to date: what neither Wagtail, Django nor the school says
in Chinese comes in empty, and a test fails until it is translated; what Wagtail has learnt to say goes out. So nothing
of ours ever stands before a translation of theirs. `… FILE.json` fills in {"English": "中文"}.
"""

import json
import sys
from pathlib import Path

import django
import polib
import wagtail

from tests import wording

PACKAGES = [Path(wagtail.__file__).parent, Path(django.__file__).parent]
FOLDER = wording.ROOT / "lms/locale_wagtail/zh_Hans/LC_MESSAGES"
DOMAINS = ("django", "djangojs")


def chinese(entry):
    return entry.msgstr_plural.get(0) if entry.msgid_plural else entry.msgstr


def files(package, language, domain):
    return sorted(package.rglob(f"locale/{language}/LC_MESSAGES/{domain}.po"))


def said(domain):
    """What has its Chinese already, theirs or ours."""
    entries = [
        entry for package in PACKAGES for path in files(package, "zh_Hans", domain) for entry in polib.pofile(str(path))
    ]
    ours = wording.catalogue() if domain == "django" else []
    return {(e.msgctxt, e.msgid) for e in [*entries, *ours] if chinese(e) and not e.fuzzy and not e.obsolete}


def lacking(domain):
    """Each message of Wagtail without Chinese, with the part of Wagtail it comes from."""
    there, found = said(domain), {}
    for path in files(PACKAGES[0], "en", domain):
        for entry in polib.pofile(str(path)):
            if (entry.msgctxt, entry.msgid) not in there:
                place = path.relative_to(PACKAGES[0].parent).as_posix().split("/locale/en")[0]
                found.setdefault((entry.msgctxt, entry.msgid), (entry, place))
    return found


def catalogue(domain):
    path = FOLDER / f"{domain}.po"
    return polib.pofile(str(path), wrapwidth=110) if path.exists() else polib.POFile(wrapwidth=110)


def update(domain, given):
    known = {(e.msgctxt, e.msgid): chinese(e) for e in catalogue(domain)}
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata = wording.catalogue().metadata
    for key, (entry, place) in sorted(lacking(domain).items(), key=lambda item: (item[1][1], item[0][1])):
        made = polib.POEntry(msgctxt=key[0], msgid=key[1], occurrences=[(place, "")], flags=entry.flags)
        value = given.get(key[1]) or known.get(key) or ""
        if entry.msgid_plural:
            made.msgid_plural, made.msgstr_plural = entry.msgid_plural, {0: value}
        else:
            made.msgstr = value
        fresh.append(made)
    FOLDER.mkdir(parents=True, exist_ok=True)
    fresh.save(str(FOLDER / f"{domain}.po"))
    return fresh


def main():
    given = {key: text for name in sys.argv[1:] for key, text in json.loads(Path(name).read_text("utf-8")).items()}
    for domain in DOMAINS:
        done = update(domain, given)
        empty = wording.missing(done)
        print(f"{domain}: {len(done)} messages, {len(empty)} without Chinese")
        for message in empty:
            print("  ", message)


if __name__ == "__main__":
    main()
