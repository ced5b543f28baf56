"""The settings of a web process that tests start, on the database and the recordings of the tests."""

import os
from pathlib import Path

from lms.settings.test import *  # noqa: F403

LIVE_ROOT = Path(os.environ["VAR_DIR"]) / "live"
