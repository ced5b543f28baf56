"""The question whether somebody is there, and what became of it."""

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from .learning import WatchSession


class AttentionPrompt(models.Model):
    """Asked once by one player; the next player asks on. Kept as evidence, answered or not."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    session = models.ForeignKey(WatchSession, models.CASCADE, related_name="prompts")
    issued_at = models.DateTimeField()
    due_at = models.DateTimeField()  # from here on time earns nothing until somebody answers
    answered_at = models.DateTimeField(null=True, blank=True)
    carried = models.BooleanField(default=False)  # the player before this one closed without an answer
    # A player that was silent over the deadline may not have had a network: its time is kept for an answer in time.
    respite = models.BooleanField(default=False)
    held_ms = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("attention prompt")
        verbose_name_plural = _("attention prompts")
        constraints = [
            models.UniqueConstraint(
                fields=["session"], condition=models.Q(answered_at=None), name="attention_one_open_prompt"
            )
        ]

    def __str__(self):
        return f"{self.session} · {self.issued_at:%F %R}"
