"""What the design promises about the shape of the code. Import order itself is checked by import-linter."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
APPS = ["lms", "media", "courses", "live"]
MODULES = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def named(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_is_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= 350


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_is_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= 150


def test_no_function_is_long():
    long = [
        f"{named(path)}:{node.name} {node.end_lineno - node.lineno + 1}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno - node.lineno >= 60
    ]
    assert long == []


def test_no_junk_drawers():
    forbidden = {"services", "selectors", "utils", "helpers", "common", "core", "tasks"}
    assert [named(path) for path in MODULES if path.stem in forbidden or path.parent.name in forbidden] == []


def test_migrations_have_names():
    auto = re.compile(r"\d{4}_(auto_|alter_|remove_.*_and_|.*_more)")
    found = [path for app in APPS for path in (ROOT / app / "migrations").glob("0*.py")]
    assert found
    assert [named(path) for path in found if auto.match(path.name)] == []


def test_no_inline_script_or_style_in_templates():
    inline = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|<style|\sstyle=|\son[a-z]+=")
    assert [named(path) for path in TEMPLATES if inline.search(path.read_text("utf-8"))] == []


def test_lock_files_hold_no_address():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert "index-url" not in text


@pytest.mark.parametrize("name", ["media/models.py", "media/static", "lms/static/vendor/manifest.json"])
def test_git_does_not_ignore_code(name):
    if not (ROOT / ".git").exists():
        return
    answer = subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False)
    assert answer.returncode == 1


def test_pages_ask_no_foreign_host():
    """Sources of scripts, styles, pictures and fonts are our own; links to other sites are links only."""
    loads = re.compile(
        r"(?:src|srcset|data|poster)=\"(?:https?:)?//|@import\s+(?:url\()?[\"']?(?:https?:)?//|url\([\"']?https?://"
    )
    own = [path for app in APPS for kind in ("css", "js") for path in (ROOT / app).rglob(f"static/**/*.{kind}")]
    own = [path for path in own if "vendor" not in path.parts]
    assert [named(Path(path)) for path in [*TEMPLATES, *own] if loads.search(path.read_text("utf-8"))] == []


RULES = [
    "courses/certificates.py", "courses/completion.py", "courses/enrolment.py", "courses/exams.py",
    "courses/intervals.py", "courses/numbering.py", "courses/progress.py", "courses/questions.py", "lms/enterprises.py",
    "lms/regions.py", "lms/reports.py", "lms/tally.py", "lms/uscc.py", "media/library.py", "media/playback.py",
    "media/transcoding.py",
]  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_public_rules_are_typed(name):
    """mypy checks what is annotated; this checks that it is."""
    bare = [
        node.name
        for node in ast.parse((ROOT / name).read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and (node.returns is None or any(a.annotation is None for a in [*node.args.args, *node.args.kwonlyargs]))
    ]
    assert bare == []
