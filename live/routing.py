"""Where sockets of this app are. A room looks up the person of a session itself, with all else it has to know."""

from channels.sessions import CookieMiddleware
from django.urls import path

from .consumers import room

sockets = [path("ws/live/<uuid:uuid>", CookieMiddleware(room))]
