"""Signed addresses of what is being sent. They belong to no language of the site."""

from django.urls import path

from live.views import streams

urlpatterns = [path("streams/<str:signature>/<slug:name>/<path:path>", streams.stream, name="live_stream")]
