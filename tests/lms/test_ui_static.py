"""How static files leave the building."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from lms.staticfiles import flattened


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    target = tmp_path_factory.mktemp("static")
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": "lms.staticfiles.SchoolStaticFilesStorage"}}
    with override_settings(STATIC_ROOT=target, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
    names = json.loads((target / "staticfiles.json").read_text())["paths"]
    return lambda name: (target / names[name]).read_text(encoding="utf-8")


def test_the_sheet_of_every_page_is_one_file(collected):
    sheet = collected("css/site.css")
    assert "@import" not in sheet
    assert sheet.index("@layer tokens, base, layout, components;") < sheet.index("@layer tokens {")
    assert ".course-card" in sheet


def test_a_page_sheet_brings_its_components_along(collected):
    sheet = collected("css/pages/bureau.css")
    assert "@import" not in sheet
    assert "@layer components {\n/* Square tiles" in sheet


def test_pictures_in_flattened_sheets_are_found_from_their_new_place(collected):
    (reference,) = set(re.findall(r'url\("([^"]+)"\)', collected("css/site.css")))
    assert re.fullmatch(r"\.\./img/chevron-down\.[0-9a-f]{12}\.svg", reference)


def test_modules_import_hashed_names(collected):
    script = collected("js/site.js")
    assert re.search(r'import"\./scale\.[0-9a-f]{12}\.js"', script)
    assert re.search(r"media-controller\.[0-9a-f]{12}\.js", collected("js/player-elements.js"))


def test_scripts_of_installed_packages_stay_as_they_are(collected):
    name = "filer/js/base.js"
    assert "addons/focal-point" in collected(name)
    assert collected(name) == Path(finders.find(name)).read_text(encoding="utf-8")


@given(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=6), st.sampled_from(["css", "css/parts", "css/parts/deep"])
)
def test_flattening_keeps_the_order_and_moves_the_references(names, folder):
    """Sheets named by one letter, each with a reference, imported in any order and from any depth."""
    depth = folder.count("/")
    sheets = {
        f"{folder}/{name}.css": f'.{name} {{ background: url("{"../" * (depth + 1)}img/{name}.svg") }}\n'
        for name in "abc"
    }
    below = folder.removeprefix("css").lstrip("/")
    prefix = f"{below}/" if below else ""
    sheets["css/all.css"] = "".join(f'@import url("{prefix}{name}.css") layer(x);\n' for name in names)
    flat = flattened("css/all.css", sheets.__getitem__)
    assert re.findall(r"^\.(\w)", flat, re.M) == names
    assert re.findall(r'url\("([^"]+)"\)', flat) == [f"../img/{name}.svg" for name in names]
