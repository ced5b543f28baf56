"""One migrated database, made once and copied for each test process; copied again after a test that commits.

SQLite copies a file, PostgreSQL a template database. The copy is named after the migrations it was made
from, so that a changed migration makes a new one.
"""

import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit
from weakref import WeakSet

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from psycopg import sql

_opened = WeakSet()


@receiver(connection_created)
def remember(connection, **named):
    _opened.add(connection)


def hang_up():
    """Close every connection of this process, of whichever thread: the database behind it goes away."""
    for connection in list(_opened):
        connection.inc_thread_sharing()
        try:
            connection.close()
        finally:
            connection.dec_thread_sharing()


def fingerprint() -> str:
    digest = hashlib.sha256()
    for name in ("wagtail", "django", "django-filer", "django-allauth", "django-tasks-db"):
        digest.update(version(name).encode())
    for label in ("lms", "media", "courses", "live"):
        for path in sorted(Path(apps.get_app_config(label).path, "migrations").glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def one_at_a_time(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def address() -> str:
    """The database of this test, as DATABASE_URL says it to another process."""
    name = connections["default"].settings_dict["NAME"]
    if connections["default"].vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def migrate_into(name):
    connection = connections["default"]
    connection.close()
    kept, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], name
    call_command("migrate", verbosity=0, interactive=False)
    connection.close()
    connection.settings_dict["NAME"] = kept


class SqliteCopy:
    """A file beside the others of this test process."""

    def __init__(self):
        self.template = settings.BASE_DIR / f"var/test-db/{fingerprint()}.sqlite3"
        self.path = Path(settings.VAR_DIR) / "db.sqlite3"

    def make(self):
        with one_at_a_time(self.template.with_suffix(".lock")):
            if not self.template.exists():
                draft = self.template.with_suffix(".draft")
                draft.unlink(missing_ok=True)
                migrate_into(str(draft))
                draft.rename(self.template)
        self.restore()

    def restore(self):
        hang_up()
        for leftover in (f"{self.path}-wal", f"{self.path}-shm"):
            Path(leftover).unlink(missing_ok=True)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)  # a new file: who still holds the old one cannot harm it
        shutil.copyfile(self.template, self.path)
        connections["default"].settings_dict["NAME"] = str(self.path)

    def remove(self):
        hang_up()


class PostgresCopy:
    """A database beside the others of this server."""

    def __init__(self):
        self.template = f"cqo_template_{fingerprint()}"
        self.name = f"cqo_test_{os.getpid()}"

    def server(self):
        """A connection to the server itself, where databases are made and dropped."""
        given = connections["default"].settings_dict
        host = given["HOST"] or given.get("OPTIONS", {}).get("host")
        parameters = {"host": host, "port": given["PORT"], "user": given["USER"], "password": given["PASSWORD"]}
        return psycopg.connect(dbname="postgres", autocommit=True, **{k: v for k, v in parameters.items() if v})

    def execute(self, statement, *names):
        with self.server() as server:
            server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def has_template(self):
        with self.server() as server:
            return server.execute("select 1 from pg_database where datname = %s", [self.template]).fetchone()

    def make(self):
        with one_at_a_time(settings.BASE_DIR / "var/test-db/postgres.lock"):
            if not self.has_template():
                self.execute("drop database if exists {}", "draft_" + self.template)
                self.execute("create database {}", "draft_" + self.template)
                migrate_into("draft_" + self.template)
                self.execute("alter database {} rename to {}", "draft_" + self.template, self.template)
        self.restore()

    def restore(self):
        hang_up()
        self.execute("drop database if exists {} with (force)", self.name)
        self.execute("create database {} template {}", self.name, self.template)
        connections["default"].settings_dict["NAME"] = self.name

    def remove(self):
        hang_up()
        self.execute("drop database if exists {} with (force)", self.name)


def copy():
    return SqliteCopy() if connections["default"].vendor == "sqlite" else PostgresCopy()
