"""For pytest: either database, tasks at once, cheap password hashing."""

import tempfile
from pathlib import Path

from .base import *  # noqa: F403
from .base import BASE_DIR, DATABASES, STORAGES

DEMO = True
DATABASES["default"].setdefault("TEST", {})
SECRET_KEY = "only-for-tests-" + "x" * 50
VAR_DIR = Path(tempfile.mkdtemp(prefix="cqo-test-"))
MEDIA_ROOT = VAR_DIR / "uploads"
HLS_ROOT = VAR_DIR / "hls"
LIVE_ROOT = VAR_DIR / "live"
LIBRARY_ROOT = VAR_DIR / "library"
UPLOAD_ROOT = VAR_DIR / "uploads-in-progress"
CERTIFICATE_ROOT = VAR_DIR / "certificates"
EXPORT_ROOT = VAR_DIR / "exports"
STATIC_ROOT = BASE_DIR / "var/static-test"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TASKS = {"default": {"BACKEND": "tests.tasks.Backend"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
UPLOAD_RESERVE_BYTES = LIVE_RESERVE_BYTES = LIVE_WARN_BYTES = 0  # a small machine has no gigabytes to spare
DELIVERIES = "off"  # tests of it switch it on
PRESENCE_SECONDS = 0  # tests write when they mean to
