"""Where sockets of this app are."""

from django.urls import path

from .api.shapes import SOCKET
from .consumers import watching

sockets = [path(SOCKET.removeprefix("/"), watching)]
