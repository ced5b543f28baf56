"""The component that sends files to the door for uploads."""

import json

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from media import allowances
from media.models import Upload

register = template.Library()


@register.inclusion_tag("media/upload.html", takes_context=True)
def uploader(context, *, open_url, target=None, office=False):
    """A place to choose files, and what is unfinished. `open_url` is the page of a film, with /0/ for its number."""
    user = context["request"].user
    found = user.uploads.unfinished().select_related("video", "file", "target")
    rows = [row for row in found if row.target_id == (target.pk if target else None)]
    for row in rows:
        row.shown_title = allowances.shown_title(row)
    return {
        "door": reverse("media:uploads"),
        "purpose": Upload.Purpose.REPLACEMENT if target else Upload.Purpose.FILM,
        "target": target,
        "rows": rows,
        "open_url": open_url,
        "chunk": settings.UPLOAD_CHUNK_BYTES,
        "largest": allowances.largest(user),
        "keep_hours": settings.UPLOAD_KEEP_HOURS,
        "words": json.dumps(_words(), ensure_ascii=False),
        "button": "button button-secondary button-small" if office else "button",
    }


def _words():
    return {
        "starting": _("Starting…"),
        "waiting": _("Waits for its turn"),
        "paused": _("Paused"),
        "lost": _("No connection. It goes on by itself; what has arrived is kept."),
        "checking": _("All bytes are there. The file is being checked…"),
        "cancelling": _("Being cancelled…"),
        "unfinished": _("Unfinished. Choose the same file again to go on."),
        "resumed": _("This file had been begun; it goes on from there."),
        "gone": _("This upload is no longer there. Please choose the file again."),
        "unreadable": _("The file on this computer was changed or moved. Choose it again; what has arrived is kept."),
        "twin": _("This file is already in the library: “%s”. Use that one, or keep both?"),
        "hidden_twin": _("This file is already in the library. Use that one, or keep both?"),
        "kept": _("In the library. It is being prepared; you may leave this page."),
        "reused": _("The film in the library is used; nothing was added."),
        "seconds": _("about %d seconds left"),
        "minutes": _("about %d minutes left"),
    }
