"""What was said, beside the replay."""

from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.views.decorators.http import require_safe

from live import permissions
from live.models import Broadcast, Message
from live.views.finding import seen

PIECE = 500  # messages of an answer


def _may_watch_replay(user, broadcast):
    if broadcast.film is None or broadcast.state != Broadcast.State.REPLAY:
        return False
    shown = broadcast.reviewed_at is not None and permissions.may_watch(user, broadcast)
    return shown or permissions.may_moderate(user, broadcast) or permissions.may_manage(user, broadcast)


@require_safe
def chat(request, uuid):
    """What was said, by the moment of the film at which it was: {messages: [{id, at, name, text, role, question}]}.

    `after` is the moment in milliseconds from which on they are wanted; a full answer is asked on from its last one.
    """
    broadcast = seen(request, uuid)
    if not _may_watch_replay(request.user, broadcast):
        raise PermissionDenied
    after = request.GET.get("after", "0")
    low = broadcast.cut_from_ms
    rows = Message.objects.shown().filter(broadcast=broadcast, media_ms__gte=low)
    if after.isascii() and after.isdigit():
        rows = rows.filter(media_ms__gte=low + min(int(after), 10**9))
    if broadcast.cut_to_ms is not None:
        rows = rows.filter(media_ms__lt=broadcast.cut_to_ms)
    told = [
        {
            "id": row.pk,
            "at": row.media_ms - low,
            "name": row.author_name,
            "text": row.shown_text or row.text,
            "role": row.role,
            "question": row.kind == Message.Kind.QUESTION,
        }
        for row in rows.order_by("media_ms", "pk")[:PIECE]
    ]
    return JsonResponse({"messages": told, "more": len(told) == PIECE})
