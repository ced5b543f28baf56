"""The film on a page."""

from django import template

from media import playback

register = template.Library()
RATES = (0.75, 1.0, 1.25, 1.5, 2.0)


@register.filter
def clock(seconds):
    """3723.4 → 1:02:03; empty when nobody knows yet."""
    if seconds is None:
        return ""
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.inclusion_tag("media/player.html", takes_context=True)
def player(context, video, *, renew_url="", position=0, max_rate=2.0, seconds=playback.SECONDS, **around):
    """The player of a video for the person who reads the page, who must be allowed to see it.

    `renew_url` answers with `playback.offer(…).as_json()` when an address has expired; `max_rate` is the
    fastest speed in the menu, `seconds` how long the address lives. `around` is what the page adds: `more_keys`,
    pairs of a key and what it does; `plays_on`, whether something comes next; `maker`, that the reader prepares films.
    """
    user = context["request"].user
    viewer = user if user.is_authenticated else None
    offer = playback.offer(video, viewer=viewer, seconds=seconds) if video.is_playable else None
    rates = [rate for rate in RATES if rate <= float(max_rate)]
    return {"video": video, "offer": offer, "renew_url": renew_url, "position": position, "rates": rates, **around}
