"""The settings of a web process that tests start, on the database of the tests."""

from lms.settings.test import *  # noqa: F403
