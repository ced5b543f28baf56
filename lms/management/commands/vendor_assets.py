"""Copy the libraries of others that pages load into lms/static/vendor/, unchanged, with licence and checksums.

For developers who change a version; nobody needs npm to run the school or its tests.
"""

import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

TARGET = settings.BASE_DIR / "lms/static/vendor"
IMPORT = re.compile(r"""(?:import|export)[^;"']*?["'](\.{1,2}/[^"']+)["']""")


@dataclass(frozen=True)
class Library:
    """`files` are copied as they are; of `modules` also everything that they import."""

    package: str
    folder: str
    source: str = "dist"
    files: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


LIBRARIES = (
    # Light: no alternate audio, no encryption, no subtitles in the stream; captions are tracks beside it.
    Library("hls.js", "hls", files=("hls.light.min.mjs", "hls.worker.js")),
    Library(
        "media-chrome",
        "media-chrome",
        modules=(
            "media-controller.js",
            "media-control-bar.js",
            "media-play-button.js",
            "media-seek-backward-button.js",
            "media-seek-forward-button.js",
            "media-mute-button.js",
            "media-volume-range.js",
            "media-time-range.js",
            "media-time-display.js",
            "media-playback-rate-button.js",
            "media-captions-button.js",
            "media-pip-button.js",
            "media-fullscreen-button.js",
            "media-loading-indicator.js",
            "media-poster-image.js",
            "lang/zh-CN.js",
        ),
    ),
    Library("tus-js-client", "tus", files=("tus.js",)),
)


class Command(BaseCommand):
    help = "Install the exact versions of package-lock.json with npm and copy the listed files into lms/static/vendor/."

    def handle(self, **options):
        npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(npm, cwd=settings.BASE_DIR, check=True)
        shutil.rmtree(TARGET, ignore_errors=True)
        manifest = {library.package: self._copy(library) for library in LIBRARIES}
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        (TARGET / "manifest.json").write_text(text, encoding="utf-8")

    def _copy(self, library):
        package = settings.BASE_DIR / "node_modules" / library.package
        about = json.loads((package / "package.json").read_text(encoding="utf-8"))
        source = package / library.source
        names = [*library.files, *closure(source, library.modules)]
        target = TARGET / library.folder
        for name in names:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target / name)
        shutil.copyfile(package / "LICENSE", target / "LICENSE")
        self.stdout.write(f"{library.package} {about['version']}: {len(names)} files")
        return {
            "version": about["version"],
            "licence": about["license"],
            "modules": list(library.modules),
            "files": {f"{library.folder}/{name}": sha256(target / name) for name in sorted([*names, "LICENSE"])},
        }


def closure(source: Path, modules) -> list[str]:
    """The modules and whatever they import, as paths below `source`."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        text = (source / name).read_text(encoding="utf-8")
        folder = (source / name).parent
        waiting += [(folder / path).resolve().relative_to(source.resolve()).as_posix() for path in IMPORT.findall(text)]
    return sorted(found)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
