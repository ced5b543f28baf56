"""The one entry point of the web process: pages over HTTP, rooms over sockets."""

import gc
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
from live import edges  # noqa: E402
from live.lifespan import lifespan  # noqa: E402
from live.routing import sockets as rooms  # noqa: E402

recognised = AuthMiddlewareStack(URLRouter([*lessons, re_path("", nowhere)]))
sockets = AllowedHostsOriginValidator(URLRouter([*rooms, re_path("", recognised)]))


async def rooms_and_lessons(scope, receive, send):
    """`scope["say"]` goes round the wrapper that saves sessions: it looks at every message, and for nothing."""
    await sockets({**scope, "say": send}, receive, send)


application = ProtocolTypeRouter({"http": edges.patient(pages), "websocket": rooms_and_lessons, "lifespan": lifespan})

# What has been loaded by now stays for good. Looking through all of it for garbage, again and again, costs a process
# with thousands of open sockets a quarter of its time.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
