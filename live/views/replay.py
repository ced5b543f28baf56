"""What was said, beside the replay."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import JsonResponse
from django.views.decorators.http import require_safe

from live import frames, permissions
from live.models import Broadcast, Message
from live.views.finding import seen
from lms.numbers import whole

PIECE = 500  # messages of an answer


def _may_watch_replay(user, broadcast):
    if broadcast.film is None or broadcast.state != Broadcast.State.REPLAY:
        return False
    shown = broadcast.reviewed_at is not None and permissions.may_watch(user, broadcast)
    return shown or permissions.may_moderate(user, broadcast) or permissions.may_manage(user, broadcast)


@require_safe
def chat(request, uuid):
    """What was said, by the moment of the film at which it was.

    {messages: [{id, at, said_at, name, text, role, question}], more}, `at` on the timeline of the film.

    `after` is the moment in milliseconds from which on they are wanted. While there is `more`, the next ones are asked
    for with the `at` of the last one as `after` and its `id` as `id`: many may be said in one millisecond.
    """
    broadcast = seen(request, uuid)
    if not _may_watch_replay(request.user, broadcast):
        raise PermissionDenied
    low = broadcast.cut_from_ms
    rows = Message.objects.shown().filter(broadcast=broadcast, media_ms__gte=low)
    after, last = whole(request.GET.get("after")), whole(request.GET.get("id"))
    if after is not None:
        begin = low + min(after, 10**9)
        rows = rows.filter(Q(media_ms__gt=begin) | Q(media_ms=begin, pk__gt=last or 0))
    if broadcast.cut_to_ms is not None:
        rows = rows.filter(media_ms__lt=broadcast.cut_to_ms)
    told = [
        {
            "id": row.pk,
            "at": row.media_ms - low,
            "said_at": frames.moment(row.at),
            "name": row.author_name,
            "text": row.shown_text or row.text,
            "role": row.role,
            "question": row.kind == Message.Kind.QUESTION,
        }
        for row in rows.order_by("media_ms", "pk")[:PIECE]
    ]
    return JsonResponse({"messages": told, "more": len(told) == PIECE})
