"""Everything the school needs, read from the environment. dev, test and production override a few lines.

The embedded default needs no service: SQLite, local files, database tasks, one web process.
"""

import logging
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ
import structlog
from django.utils.translation import gettext_lazy as _

from . import logs
from .people import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
CSRF_FAILURE_VIEW = "lms.views.site.csrf_failure"
REDIS_URL = env.str("REDIS_URL", default="")
WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", default=1)  # uvicorn starts this many processes
# How uvicorn speaks with sockets: this gives thousands the same frame at once; "websockets-sansio" is the plain way.
SOCKET_PROTOCOL = env.str("SOCKET_PROTOCOL", default="live.protocol:Frames")
WATCH_SOCKET = env.bool("WATCH_SOCKET", default=True)  # beats over sockets; off, players send them over HTTP
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # lets a Prometheus on another machine read /metrics and /readyz

INSTALLED_APPS = [
    "lms",
    "media",
    "courses",
    "live",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.search_promotions",
    "wagtail.embeds",
    "wagtail.sites",
    "lms.users.SchoolUsersConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "easy_thumbnails",
    "filer",
    "polymorphic",
    "django_tasks",
    "django_tasks_db",
    "django_htmx",
    "django_structlog",
    "django_prometheus",
    "axes",
    "rules",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "channels",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "lms.middleware.sent_in_pieces",
    "lms.middleware.request_number",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lms.middleware.PolicyMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "lms.middleware.WithoutNul",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "lms.limits.too_fast",
    "lms.gate.consent_gate",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "lms.urls"
ASGI_APPLICATION = "lms.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    }
]

# SQLite as a real multi-process database: WAL, write lock taken at BEGIN, twenty seconds of patience.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;",
}
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": (
        {"BACKEND": "lms.caching.SharedCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 2000}}
    )
}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# Language and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "lms/locale", BASE_DIR / "lms/locale_wagtail"]
USE_I18N = True
WAGTAIL_I18N_ENABLED = True
WAGTAIL_USER_TIME_ZONES = ["Asia/Shanghai"]
WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Files: the folder media/ is code, so uploads live under var/.
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "uploads"
MEDIA_URL = "/uploads/"
HLS_ROOT = VAR_DIR / "hls"
LIBRARY_ROOT = VAR_DIR / "library"
CERTIFICATE_ROOT = VAR_DIR / "certificates"
EXPORT_ROOT = VAR_DIR / "exports"  # what officers took out, for some days
# Webhooks may call addresses of the inner network, and over plain http. Otherwise none but public ones, over https.
WEBHOOK_PRIVATE_ADDRESSES = env.bool("WEBHOOK_PRIVATE_ADDRESSES", default=False)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "lms.staticfiles.SchoolStaticFilesStorage"},
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_TEMP_DIR = None

# The library of teaching material. Private files lie in LIBRARY_ROOT, outside of what a web server hands out.
FILER_ENABLE_PERMISSIONS = True
FILER_IS_PUBLIC_DEFAULT = False
FILER_ALLOW_REGULAR_USERS_TO_ADD_ROOT_FOLDERS = False
FILER_STORAGES = {
    "public": {
        "main": {
            "ENGINE": "filer.storage.PublicFileSystemStorage",
            "OPTIONS": {},
            "UPLOAD_TO": "media.filing.upload_to",
            "UPLOAD_TO_PREFIX": "files",
        },
    },
    "private": {
        "main": {
            "ENGINE": "media.filing.LibraryStorage",
            "OPTIONS": {},
            "UPLOAD_TO": "media.filing.upload_to",
            "UPLOAD_TO_PREFIX": "",
        },
        "thumbnails": {
            "ENGINE": "media.filing.LibraryStorage",
            "OPTIONS": {"folder": "thumbnails"},
            "THUMBNAIL_OPTIONS": {},
        },
    },
}
FILER_SERVERS = {
    "private": {
        "main": {"ENGINE": "media.delivery.LibraryServer", "OPTIONS": {}},
        "thumbnails": {"ENGINE": "media.delivery.LibraryServer", "OPTIONS": {}},
    }
}
THUMBNAIL_PROCESSORS = (
    "easy_thumbnails.processors.colorspace",
    "easy_thumbnails.processors.autocrop",
    "filer.thumbnail_processors.scale_and_crop_with_subject_location",
    "easy_thumbnails.processors.filters",
)

# Video: limits of an upload, and what makes the ladder. An empty FFMPEG takes the one of the system or the bundled one.
FFMPEG = env.str("FFMPEG", default="")
VIDEO_MAX_BYTES = env.int("VIDEO_MAX_BYTES", default=4 * 1024**3)
VIDEO_MAX_SECONDS = env.int("VIDEO_MAX_SECONDS", default=6 * 3600)
# Resumable uploads: their parts must lie on the same disk as LIBRARY_ROOT, so that a whole file is taken over at once.
UPLOAD_ROOT = VAR_DIR / "uploads-in-progress"
UPLOAD_TRAINER_BYTES = env.int("UPLOAD_TRAINER_BYTES", default=VIDEO_MAX_BYTES)  # the largest file
UPLOAD_EDITOR_BYTES = env.int("UPLOAD_EDITOR_BYTES", default=2 * VIDEO_MAX_BYTES)
UPLOAD_UNFINISHED = env.int("UPLOAD_UNFINISHED", default=10)  # uploads of one person at a time
UPLOAD_DAY_BYTES = env.int("UPLOAD_DAY_BYTES", default=12 * VIDEO_MAX_BYTES)  # of one person within 24 hours
UPLOAD_RESERVE_BYTES = env.int("UPLOAD_RESERVE_BYTES", default=2 * 1024**3)  # of the disk that uploads leave free
UPLOAD_KEEP_HOURS = env.int("UPLOAD_KEEP_HOURS", default=72)  # an unfinished upload, after its last byte
UPLOAD_CHUNK_BYTES = env.int("UPLOAD_CHUNK_BYTES", default=16 * 1024**2)  # of one request; nginx must let it pass
# With nginx in front: the internal location that maps to VAR_DIR; empty sends the bytes from here.
X_ACCEL_PREFIX = env.str("X_ACCEL_PREFIX", default="")
# Who notes which segments of a film went to whom: "app", "log" (read_access_log reads that of nginx), or "off".
DELIVERIES = env.str("DELIVERIES", default="app")

# Broadcasts: what comes in lies under LIVE_ROOT until the replay has been made; the ingest process listens for encoders
# on RTMP_PORT and for browser studios on STUDIO_PORT.
LIVE_ROOT = VAR_DIR / "live"
RTMP_HOST = env.str("RTMP_HOST", default="127.0.0.1")
RTMP_PORT = env.int("RTMP_PORT", default=1935)
RTMP_URL = env.str(
    "RTMP_URL", default=f"rtmp://{urlsplit(SITE_URL).hostname}:{RTMP_PORT}/live"
)  # what trainers are told
STUDIO_HOST = env.str("STUDIO_HOST", default="127.0.0.1")
STUDIO_PORT = env.int("STUDIO_PORT", default=8935)
# Where browsers find the studio's socket; behind nginx that is the site's own wss:// address.
STUDIO_URL = env.str("STUDIO_URL", default=f"ws://{urlsplit(SITE_URL).hostname}:{STUDIO_PORT}").rstrip("/")
RELAY_URL = env.str(
    "RELAY_URL", default="rtmp://127.0.0.1:1936/live"
)  # of an nginx-rtmp in front; see docs/operator.md
RELAY_FROM = env.list("RELAY_FROM", default=["127.0.0.1", "::1"])  # who may ask in its name
LIVE_WARN_BYTES = env.int("LIVE_WARN_BYTES", default=5 * 1024**3)  # of the disk: below, the trainer is warned
LIVE_RESERVE_BYTES = env.int("LIVE_RESERVE_BYTES", default=2 * 1024**3)  # of the disk: below, a broadcast ends cleanly
LIVE_ROOM_PLACES = env.int("LIVE_ROOM_PLACES", default=20_000)  # sockets of one room in one process
LIVE_ROOM_PAGES = env.int("LIVE_ROOM_PAGES", default=10)  # sockets of one person in one room; the oldest makes room
# Sockets, and rows of attendance, of visitors without an account from one network; an office may share an address.
LIVE_ROOM_VISITORS = env.int("LIVE_ROOM_VISITORS", default=1_000)
CHAT_VISIBLE_RATE = env.int("CHAT_VISIBLE_RATE", default=20)  # messages a second that a room shows; 0 shows all
PRESENCE_SECONDS = env.int("PRESENCE_SECONDS", default=15)  # after which stays in rooms are written, many at once
# The pieces of a broadcast, after its replay was made public; longer than the three hours that live addresses hold.
LIVE_KEEP_HOURS = env.int("LIVE_KEEP_HOURS", default=24)
CHAT_KEEP_DAYS = env.int("CHAT_KEEP_DAYS", default=185)  # what was said; the law asks for 180 at least

# Wagtail: nothing calls home.
WAGTAIL_SITE_NAME = "首席质量官网校"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILSEARCH_BACKENDS = {
    "default": {"BACKEND": "courses.search", "SEARCH_CONFIG": "simple"},
}

# Pages come from us alone: no inline script, no inline style. The one hash is that of the empty text: media-chrome
# leaves empty <style> elements behind after js/shadow-styles.js took their text.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "style-src": ["'self'", "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'", "blob:"],
        "worker-src": ["'self'", "blob:"],
        # Older Safaris do not take the socket of the same site for "self".
        "connect-src": ["'self'", SITE_URL.replace("http", "ws", 1), STUDIO_URL],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    }
}
# Instead of the same directives, below /cms/ and /admin/ only: page lists, reports and filer of the admins write inline
# scripts and handlers that change with the page (measured with Wagtail 8.0 and filer 3.6).
ADMIN_SECURITY_POLICY = {
    "script-src": ["'self'", "'unsafe-inline'"],
    "style-src": ["'self'", "'unsafe-inline'"],
}
PERMISSIONS_POLICY = (
    "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), autoplay=(self), "
    "picture-in-picture=(self), geolocation=(), payment=(), usb=(), serial=(), midi=()"
)
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"


# Binding the user would query the session even on an error page of a database that is down; see lms.middleware.log_who.
DJANGO_STRUCTLOG_USER_ID_FIELD = None
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line for each request, when it is finished
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # always ours: lms.middleware.request_number has written it
structlog.configure(
    processors=[
        *logs.shared_processors,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_FILE = env.str("LOG_FILE", default=logs.CONSOLE)  # "-": all on the console. `up` keeps a file unless told otherwise
LOGGING = logs.configuration(level=LOG_LEVEL, file=LOG_FILE)


def kept_secret(name: str) -> str:
    """A secret made once on this machine and kept in var/; several processes may ask at the same time."""
    path = VAR_DIR / name
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text()
