"""The settings of a web process that is measured: as in the tests, on the database that the benchmark has filled."""

from lms.settings.test import *  # noqa: F403
from lms.settings.test import LOGGING

ROOT_URLCONF = "tests.benchmarks._served_urls"
LOGGING["root"]["level"] = "WARNING"
