"""Libraries of others are what their manifest says, unchanged."""

import hashlib
import json
import re

import pytest
from django.conf import settings

FOLDER = settings.BASE_DIR / "lms/static/vendor"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text())
FILES = {name: digest for library in MANIFEST.values() for name, digest in library["files"].items()}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_the_one_that_was_vendored(name):
    assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == FILES[name]


def test_nothing_lies_there_that_the_manifest_does_not_name():
    found = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    assert found == {*FILES, "manifest.json"}


def test_each_library_has_a_version_and_a_licence_beside_it():
    package = json.loads((settings.BASE_DIR / "package.json").read_text())["dependencies"]
    assert {name: library["version"] for name, library in MANIFEST.items()} == package
    for library in MANIFEST.values():
        assert library["licence"] in {"MIT", "Apache-2.0"}
        assert any(name.endswith("/LICENSE") for name in library["files"])


def test_versions_are_exact_and_the_lock_names_no_address():
    package = json.loads((settings.BASE_DIR / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package.values())
    lock = json.loads((settings.BASE_DIR / "package-lock.json").read_text())["packages"]
    assert [name for name, entry in lock.items() if "resolved" in entry] == []
    assert [name for name, entry in lock.items() if name and "integrity" not in entry] == []


def test_modules_find_everything_they_import():
    imports = re.compile(r"""(?:import|export)[^;"']*?["'](\.{1,2}/[^"']+)["']""")
    modules = [name for name in MANIFEST["media-chrome"]["files"] if name.endswith(".js")]
    assert len(modules) > 30
    lost = [
        (name, path)
        for name in modules
        for path in imports.findall((FOLDER / name).read_text())
        if not (FOLDER / name).parent.joinpath(path).is_file()
    ]
    assert lost == []


def test_our_entry_brings_every_vendored_element():
    entry = (settings.BASE_DIR / "lms/static/js/player-elements.js").read_text()
    brought = re.findall(r'"\.\./vendor/media-chrome/([^"]+)"', entry)
    assert sorted(brought) == sorted(MANIFEST["media-chrome"]["modules"])
    assert entry.index("shadow-styles.js") < entry.index("vendor/media-chrome")
