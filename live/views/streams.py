"""Live playlists and pieces by signed address: the same for everybody, so that caches may keep them.

Nothing here knows who asks. A playlist is written once in a third of a second for all; a piece needs no database, but
for one question a second whether the bureau has stopped the broadcast.
"""

import time
from dataclasses import dataclass, field, replace
from threading import Lock

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from live import playlists
from live.models import Broadcast
from media.delivery import send

FRESH = 0.3  # seconds that a playlist is good for
KNOWN = 1.0  # seconds that what is known of a broadcast is good for
KEPT = 500  # broadcasts remembered by this process
TYPES = {"m3u8": "application/vnd.apple.mpegurl", "mp4": "video/mp4", "m4s": "video/iso.segment"}
NEVER_CHANGES = "public, max-age=31536000, immutable"
GROWS, OVER = "public, max-age=1", "public, max-age=10"
WRITERS = {
    playlists.LIVE: playlists.window,
    playlists.REWIND: playlists.rewind,
    playlists.REHEARSAL: playlists.rehearsal,
}


@dataclass
class Card:
    """What this process remembers of a broadcast, for a moment."""

    at: float
    broadcast: Broadcast | None
    rehearsals: frozenset[int]
    playlists: dict[str, tuple[float, str]] = field(default_factory=dict)
    newest: int | None = None
    writing: Lock = field(default_factory=Lock)


_cards: dict[str, Card] = {}


@require_safe
def stream(request, signature, name, path):
    request.user = AnonymousUser()
    try:
        scope = playlists.read(signature, name)
        card = known(name)
        if scope != playlists.STAFF and playlists.is_past(card.broadcast):
            raise playlists.Refused(path)
        if path in WRITERS:
            return playlist(card, path, scope)
        return piece(request, card, name, path, scope)
    except playlists.Refused:
        return refusal(request)


def playlist(card, path, scope):
    if card.broadcast is None or (path == playlists.REHEARSAL and scope != playlists.STAFF):
        raise playlists.Refused(path)
    text = written(card, path)
    if not text:
        return shared(HttpResponse(_("No picture has arrived yet."), status=404, content_type="text/plain"), GROWS)
    ended = text.endswith("#EXT-X-ENDLIST\n") and card.broadcast.state != Broadcast.State.BLOCKED
    return shared(HttpResponse(text, content_type=TYPES["m3u8"]), OVER if ended else GROWS)


def written(card, path):
    """Thousands who waited for the same piece come at once: one of them has it written, all read it."""
    with card.writing:
        at, text = card.playlists.get(path, (0.0, ""))
        if time.monotonic() - at > FRESH:
            text = WRITERS[path](card.broadcast)
            card.playlists[path] = (time.monotonic(), text)
        return text


def newest(name):
    """The last piece of a stream, for those who wait for the next; when it has come, playlists are written anew."""
    number = playlists.newest(name)
    card = _cards.get(name)
    if card is not None and card.newest != number:
        card.newest = number
        card.playlists.clear()
    return number


def piece(request, card, name, path, scope):
    run, file = playlists.piece(name, path)
    blocked = card.broadcast is None or card.broadcast.state == Broadcast.State.BLOCKED
    if blocked or (run in card.rehearsals and scope != playlists.STAFF):
        raise playlists.Refused(path)
    try:
        return shared(send(request, file, content_type=TYPES[file.suffix[1:]]), NEVER_CHANGES)
    except Http404:
        return shared(HttpResponse(status=404), GROWS)


def known(name):
    card = _cards.get(name)
    if card is None or time.monotonic() - card.at > KNOWN:
        broadcast = Broadcast.objects.filter(name=name).first()
        runs = broadcast.runs.filter(rehearsal=True).values_list("number", flat=True) if broadcast else ()
        if len(_cards) >= KEPT:
            _cards.clear()
        fresh = {"at": time.monotonic(), "broadcast": broadcast, "rehearsals": frozenset(runs)}
        card = _cards[name] = replace(card, **fresh) if card else Card(**fresh)
    return card


def shared(response, cache):
    """For every reader the same: nothing of a session or a language may be added. See lms.middleware."""
    response["Cache-Control"] = cache
    response.shared = True
    return response


def refusal(request):
    with translation.override(translation.get_language_from_request(request)):
        text = _("This address is not valid. Please open the broadcast again.")
    return HttpResponse(
        text, status=403, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"}
    )
