"""The room over plain HTTP, beside its page."""

from django.urls import path

from live.views import talk

urlpatterns = [
    path("live/<uuid:uuid>/messages", talk.said, name="broadcast_messages"),
    path("live/<uuid:uuid>/say", talk.say, name="broadcast_say"),
]
