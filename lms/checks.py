"""What can be set wrongly, each with a number that stays and a hint that helps. DEMO is False in production."""

import os
import tempfile
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Warning, register
from django.utils.module_loading import import_string

from . import messages

HOME_ONLY = {"localhost", "127.0.0.1", "::1", ""}
KEY_LENGTH = 50


@register("cqo")
def var_is_writable(app_configs, **kwargs):
    try:
        os.makedirs(settings.VAR_DIR, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=settings.VAR_DIR):
            return []
    except OSError as error:
        return [
            Error(
                f"Nothing can be written into {settings.VAR_DIR}: {error.strerror}.",
                hint="Give the folder to the user that runs the school, or set VAR_DIR to one that is theirs.",
                id="lms.E001",
            )
        ]


@register("cqo")
def one_process_without_redis(app_configs, **kwargs):
    wanted = settings.WEB_CONCURRENCY
    if wanted <= 1 or settings.REDIS_URL:
        return []
    return [
        Error(
            f"{wanted} web processes are configured, but there is no REDIS_URL.",
            hint="Processes talk to each other and count attempts through Redis. Set REDIS_URL, or WEB_CONCURRENCY=1.",
            id="lms.E002",
        )
    ]


@register("cqo")
def site_address(app_configs, **kwargs):
    address = urlsplit(settings.SITE_URL)
    if address.scheme not in {"http", "https"} or not address.netloc or address.path:
        problem = f"SITE_URL is {settings.SITE_URL!r}, which is not an address like https://school.example."
    elif not settings.DEMO and address.hostname in HOME_ONLY:
        problem = f"SITE_URL is {settings.SITE_URL!r}, which nobody outside can open."
    else:
        return []
    return [
        Error(
            problem,
            hint="Letters and the QR codes of certificates carry this address. Set SITE_URL to the public one.",
            id="lms.E003",
        )
    ]


@register("cqo")
def secret_key(app_configs, **kwargs):
    if settings.DEMO or len(settings.SECRET_KEY) >= KEY_LENGTH:
        return []
    return [
        Error(
            f"SECRET_KEY has {len(settings.SECRET_KEY)} characters; it needs {KEY_LENGTH}.",
            hint='python -c "import secrets; print(secrets.token_urlsafe(50))" makes one. Keep it: links depend on it.',
            id="lms.E004",
        )
    ]


@register("cqo")
def sms_sender(app_configs, **kwargs):
    try:
        usable = callable(getattr(import_string(settings.SMS_SENDER), "send", None))
    except ImportError as error:
        usable, reason = False, str(error)
    else:
        reason = "it has no method send"
    if usable:
        return []
    return [
        Error(
            f"SMS_SENDER {settings.SMS_SENDER!r} cannot send: {reason}.",
            hint="Name a class with send(self, sms: lms.messages.Sms) -> None that can be imported.",
            id="lms.E005",
        )
    ]


@register("cqo")
def outbox_is_local(app_configs, **kwargs):
    if settings.DEMO:
        return []
    local = [
        name
        for name, used, own in (
            ("SMS_SENDER", settings.SMS_SENDER, messages.LOCAL_SMS),
            ("EMAIL_BACKEND", settings.EMAIL_BACKEND, messages.LOCAL_MAIL),
        )
        if used == own
    ]
    if not local:
        return []
    return [
        Warning(
            f"{' and '.join(local)} keep messages on this machine, and nobody can read them in production.",
            hint="Set SMS_SENDER to the sender of your gateway and EMAIL_BACKEND to a real one.",
            id="lms.W001",
        )
    ]


@register("cqo")
def debug_in_production(app_configs, **kwargs):
    if settings.DEMO or not settings.DEBUG:
        return []
    return [Warning("DEBUG shows the inside of the school to visitors.", hint="Unset DEBUG.", id="lms.W002")]


@register("cqo")
def proxies_are_counted(app_configs, **kwargs):
    """The school itself speaks plain HTTP and sends every byte, so https or X_ACCEL_PREFIX tell of a proxy."""
    if settings.DEMO:
        return []
    signs = [
        sign
        for sign, seen in (
            ("SITE_URL begins with https", urlsplit(settings.SITE_URL).scheme == "https"),
            ("X_ACCEL_PREFIX is set", bool(settings.X_ACCEL_PREFIX)),
        )
        if seen
    ]
    counted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if signs and not counted:
        return [
            Warning(
                f"A proxy stands before the school ({' and '.join(signs)}), but PROXY_COUNT is 0.",
                hint="All visitors seem to come from the proxy, and limits by address meet them together. "
                "Set PROXY_COUNT to the number of proxies that append to X-Forwarded-For.",
                id="lms.W003",
            )
        ]
    if counted and not signs:
        return [
            Warning(
                f"PROXY_COUNT is {counted}, but nothing tells of a proxy: SITE_URL is not https, no X_ACCEL_PREFIX.",
                hint="Without a proxy anybody may write X-Forwarded-For and pass the limits by address. Set "
                "PROXY_COUNT=0, or SITE_URL to the https address of the proxy.",
                id="lms.W004",
            )
        ]
    return []
