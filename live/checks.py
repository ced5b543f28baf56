"""What can be set wrongly about broadcasts, each with a number that stays."""

from django.conf import settings
from django.core.checks import Error, register

LAW = 180  # days


@register("cqo")
def chat_is_kept(app_configs, **kwargs):
    if settings.CHAT_KEEP_DAYS >= LAW:
        return []
    return [
        Error(
            f"CHAT_KEEP_DAYS is {settings.CHAT_KEEP_DAYS}; what is said in public is kept for {LAW} days at least.",
            hint="Leave it at 185, or set more.",
            id="live.E001",
        )
    ]
