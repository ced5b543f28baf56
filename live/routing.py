"""Where sockets of this app are."""

from django.urls import path

from .consumers import room

sockets = [path("ws/live/<uuid:uuid>", room)]
