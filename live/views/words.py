"""A broadcast in words: states, times, hosts, as pages show them."""

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from live.models import Broadcast, Host

State = Broadcast.State
BADGES = {
    State.DRAFT: (_("Draft"), ""),
    State.SCHEDULED: (_("Announced"), "due"),
    State.READY: (_("Waiting room open"), "due"),
    State.LIVE: (_("On air"), "live"),
    State.INTERRUPTED: (_("Interrupted"), "live"),
    State.ENDED: (_("Ended"), ""),
    State.PROCESSING: (_("Replay being prepared"), ""),
    State.REPLAY: (_("Replay"), "ok"),
    State.REPLAY_FAILED: (_("Ended"), ""),
    State.CANCELLED: (_("Cancelled"), "stop"),
    State.BLOCKED: (_("Stopped by the bureau"), "stop"),
}


def badge(broadcast):
    label, kind = BADGES[broadcast.state]
    return {"label": label, "kind": kind}


def hours(broadcast):
    """14:30 – 16:00, on the school's clock."""
    begin, end = timezone.localtime(broadcast.starts_at), timezone.localtime(broadcast.planned_end)
    return f"{begin:%H:%M} – {end:%H:%M}"


def trainers(broadcast) -> list[str]:
    """Names of those who teach; wants `hosts__user` prefetched for a list."""
    return [host.user.name for host in broadcast.hosts.all() if host.role == Host.Role.TRAINER]


def item(broadcast, *, booked=frozenset()):
    """For includes/schedule.html."""
    begin = timezone.localtime(broadcast.starts_at)
    meta = [badge(broadcast)["label"], *trainers(broadcast), _minutes(broadcast)]
    if broadcast.pk in booked:
        meta.append(_("Booked"))
    return {
        "datetime": broadcast.starts_at,
        "day": date_format(begin, "MONTH_DAY_FORMAT"),
        "hour": hours(broadcast),
        "url": reverse("broadcast", args=[broadcast.uuid]),
        "title": broadcast.shown_title,
        "meta": meta,
    }


def _minutes(broadcast):
    return ngettext("%(n)s minute", "%(n)s minutes", broadcast.minutes) % {"n": broadcast.minutes}


def organisers(broadcast):
    return [f"{each.get('role', '')}：{each.get('name', '')}" for each in broadcast.organisers if each.get("name")]
