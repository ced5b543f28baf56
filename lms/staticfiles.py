"""How static files leave the building: hashed names everywhere, and each stylesheet as one file."""

import posixpath
import re
from pathlib import Path

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'@import url\("(?P<path>[^":]+)"\)(?: layer\((?P<layer>[\w-]+)\))?;')
REFERENCE = re.compile(r'url\("(?P<path>(?!data:|/|#)[^"]+)"\)')


class SchoolStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """In the source every component has its own file; a reader's browser asks for one sheet, not for forty."""

    support_js_module_import_aggregation = True
    own_names: frozenset[str] = frozenset()

    def post_process(self, paths, dry_run=False, **options):
        self.own_names = frozenset(name for name, (storage, _) in paths.items() if _is_ours(storage))
        if not dry_run:
            for name in [name for name in paths if name.startswith("css/") and name.endswith(".css")]:
                self._flatten(name, paths)
        yield from super().post_process(paths, dry_run, **options)

    def url_converter(self, name, hashed_files, template=None):
        """Scripts of installed packages stay as they are: some only look like modules and import what is not there.

        Source maps are not shipped, so the notes that point to them stay as they are too.
        """
        if name.endswith(".js") and (name not in self.own_names or "sourceMappingURL" in (template or "")):
            return lambda match: match[0]
        return super().url_converter(name, hashed_files, template)

    def _flatten(self, name, paths):
        source = _read(name, paths)
        if not IMPORT.search(source):
            return
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(flattened(name, lambda other: _read(other, paths)))
        paths[name] = (self, name)


def _is_ours(storage):
    return Path(storage.location).parent.parent == settings.BASE_DIR


def _read(name, paths):
    storage, path = paths[name]
    with storage.open(path) as file:
        return file.read().decode("utf-8")


def flattened(name, read) -> str:
    """The sheet with its imports written in place; `read` gives the text of a sheet by its static name."""
    folder = posixpath.dirname(name)

    def inline(match):
        target = posixpath.normpath(posixpath.join(folder, match["path"]))
        text = _rebased(flattened(target, read), posixpath.dirname(target), folder)
        return f"@layer {match['layer']} {{\n{text}}}\n" if match["layer"] else text

    return IMPORT.sub(inline, read(name))


def _rebased(text, old_folder, new_folder):
    """The same references, as seen from another folder."""

    def move(match):
        target = posixpath.join(old_folder, match["path"])
        return f'url("{posixpath.relpath(target, new_folder)}")'

    return REFERENCE.sub(move, text)
