"""The one entry point of the web process: pages over HTTP, rooms over sockets."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

from lms import bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.dev")

application = ProtocolTypeRouter(
    {
        "http": bodies.application(),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter([]))),
    }
)
