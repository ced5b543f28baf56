"""Who was there: stays of a person at a device, answers to sign-ins, and how many were there at a time."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Stay(models.Model):
    """One device of one person, or of somebody without an account, from coming to leaving, on the server's clock.

    `present` is [[from, to], …] in milliseconds since the epoch: sorted, disjoint, only while the picture played.
    """

    broadcast = models.ForeignKey("live.Broadcast", models.PROTECT, related_name="stays")
    key = models.UUIDField(default=uuid4, unique=True)  # of the page: coming again with it goes on here
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="stays"
    )  # nobody: counted apart, and no person
    replay = models.BooleanField(default=False)  # after the end; such a stay gives no presence
    came_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # the last word of the page
    left_at = models.DateTimeField(null=True, blank=True)
    present = models.JSONField(default=list)
    hidden_ms = models.PositiveIntegerField(default=0)
    muted_ms = models.PositiveIntegerField(default=0)
    address = models.GenericIPAddressField(null=True, blank=True)
    device = models.CharField(max_length=200, blank=True)  # what the browser calls itself

    class Meta:
        verbose_name = _("stay")
        verbose_name_plural = _("stays")
        indexes = [models.Index(fields=["broadcast", "user"], name="stay_of_a_person")]

    def __str__(self):
        return f"{self.broadcast_id} · {self.user_id} · {self.came_at:%H:%M:%S}"


class Presence(models.Model):
    """What a person's stays come to: settled once, at the end, and recomputable from them."""

    broadcast = models.ForeignKey("live.Broadcast", models.PROTECT, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="presences")
    intervals = models.JSONField(default=list)  # [[from, to], …] in ms of the timeline of the recording
    present_ms = models.PositiveIntegerField(default=0)  # the length of that union
    on_air_ms = models.PositiveIntegerField(default=0)  # how long the broadcast was on air
    came_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    joins = models.PositiveSmallIntegerField(default=0)
    sign_ins = models.PositiveSmallIntegerField(default=0)  # answered or excused
    credited = models.BooleanField(default=False)  # the rule of the broadcast was met
    settled_at = models.DateTimeField()

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [models.UniqueConstraint(fields=["broadcast", "user"], name="presence_once")]

    def __str__(self):
        return f"{self.user} · {self.present_ms // 60_000}′"


class RollCall(models.Model):
    """签到: who is there now? Open for `seconds`; `code` is for those who look at one screen together."""

    broadcast = models.ForeignKey("live.Broadcast", models.CASCADE, related_name="roll_calls")
    uuid = models.UUIDField(default=uuid4, unique=True)
    title = models.CharField(_("words"), max_length=60, blank=True)
    code = models.CharField(max_length=6)
    opened_at = models.DateTimeField()
    seconds = models.PositiveSmallIntegerField(default=120)
    jitter = models.PositiveSmallIntegerField(default=20)  # seconds over which it is shown, so that answers spread
    recalled_at = models.DateTimeField(null=True, blank=True)  # taken back: counts for nobody
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.broadcast_id} · {self.opened_at:%H:%M:%S}"


class RollCallAnswer(models.Model):
    class How(models.TextChoices):
        BUTTON = "button", _("Pressed")
        CODE = "code", _("By code")
        EXCUSED = "excused", _("Excused")

    roll_call = models.ForeignKey(RollCall, models.CASCADE, related_name="answers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    how = models.CharField(max_length=7, choices=How.choices)
    answered_at = models.DateTimeField()
    late = models.BooleanField(default=False)  # kept, and not counted

    class Meta:
        verbose_name = _("answer to a sign-in")
        verbose_name_plural = _("answers to sign-ins")
        constraints = [models.UniqueConstraint(fields=["roll_call", "user"], name="roll_call_answer_once")]

    def __str__(self):
        return f"{self.user} · {self.get_how_display()}"


class AudienceSample(models.Model):
    """How many were there at that minute, people and visitors without an account apart."""

    broadcast = models.ForeignKey("live.Broadcast", models.CASCADE, related_name="samples")
    at = models.DateTimeField()
    people = models.PositiveIntegerField()
    anonymous = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("size of the audience")
        verbose_name_plural = _("sizes of the audience")
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "at"], name="sample_once"),
            models.CheckConstraint(condition=Q(people__gte=0), name="sample_people"),
        ]

    def __str__(self):
        return f"{self.at:%H:%M} {self.people}"
