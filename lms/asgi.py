"""The one entry point of the web process: pages over HTTP, rooms over sockets."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import re_path

from lms import bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.dev")
pages = bodies.application()

from courses.consumers import nowhere  # noqa: E402 - its models want Django to be set up
from courses.routing import sockets as lessons  # noqa: E402
from live.routing import sockets as rooms  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": pages,
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter([*lessons, *rooms, re_path("", nowhere)]))
        ),
    }
)
