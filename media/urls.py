"""Signed addresses and the door for uploads. They belong to no language of the site."""

from django.urls import path

from media.views import playback, uploads

app_name = "media"
urlpatterns = [
    path("videos/<str:token>/<uuid:video>/captions/<slug:language>.vtt", playback.captions, name="captions"),
    path("videos/<str:token>/<uuid:video>/<path:name>", playback.stream, name="stream"),
    path("library/uploads/", uploads.collection, name="uploads"),
    path("library/uploads/<uuid:uuid>", uploads.upload, name="upload"),
    path("files/<str:token>/", playback.file, name="file"),
]
