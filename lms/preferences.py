"""What a person chose for reading, kept with the account so that it follows to another device."""

from .models import User


def remember(user: User, *, scale: str = "", language: str = "") -> None:
    """Keep what was given; an empty string leaves the choice as it was."""
    changed = []
    if scale:
        user.large_type = scale == "large"
        changed.append("large_type")
    if language:
        user.language = language
        changed.append("language")
    if changed:
        user.save(update_fields=changed)
