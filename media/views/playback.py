"""Playlists, segments, captions and handouts by signed address."""

from functools import partial
from pathlib import Path

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.views.decorators.http import require_safe
from filer.models import File

from lms.models import User
from media import deliveries, playback
from media.delivery import send
from media.models import Caption

TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mp4": "video/mp4",
    ".m4s": "video/iso.segment",
    ".jpg": "image/jpeg",
    ".vtt": "text/vtt; charset=utf-8",
}
later = partial(sync_to_async, thread_sensitive=False)
NEVER_CHANGES = "private, max-age=86400, immutable"
MAY_CHANGE = "private, no-cache"


@require_safe
async def stream(request, token, video, name):
    """One file of a ladder. Hundreds of them make a lesson, so nothing here asks the database."""
    request.user = AnonymousUser()
    try:
        grant = playback.read(token, video)
        path = playback.locate(grant, name)
    except playback.Refused as refused:
        return refusal(request, refused)
    if grant.viewer:
        request.user = User(pk=grant.viewer)  # for the log: the token says who this is
    cache = MAY_CHANGE if path.suffix == ".m3u8" else NEVER_CHANGES
    try:
        response = await later(send)(request, path, content_type=TYPES[path.suffix], cache=cache)
    except Http404:
        return refusal(request, playback.Gone())
    if request.method == "GET":
        deliveries.note(viewer=grant.viewer, video=grant.video, run=grant.run, name=name)
    return response


@require_safe
def captions(request, token, video, language):
    request.user = AnonymousUser()
    try:
        playback.read(token, video)
    except playback.Refused as refused:
        return refusal(request, refused)
    caption = get_object_or_404(Caption, video__uuid=video, language=language)
    response = HttpResponse(caption.body, content_type="text/vtt; charset=utf-8")
    response["Cache-Control"] = MAY_CHANGE
    return response


@require_safe
def file(request, token):
    """A handout, for the person its address was made for."""
    viewer = request.user if request.user.is_authenticated else None
    try:
        grant = playback.read_file(token, viewer=viewer)
    except playback.Refused as refused:
        return refusal(request, refused)
    kept = get_object_or_404(File.objects.non_polymorphic(), pk=grant.file)
    return send(request, Path(kept.path), content_type=kept.mime_type, name=kept.original_filename)


def refusal(request, refused):
    """In the reader's language; these addresses have none of their own."""
    with translation.override(translation.get_language_from_request(request)):
        return HttpResponse(
            str(refused.message),
            status=410 if isinstance(refused, playback.Gone) else 403,
            content_type="text/plain; charset=utf-8",
            headers={"Cache-Control": "no-store"},
        )
