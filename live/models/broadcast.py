"""A broadcast: what is planned, who hosts it, who means to come, and each change of its state."""

import secrets
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lms.models.region import in_readers_language


def public_name() -> str:
    """Of the folder and the stream: random, and no key."""
    return secrets.token_hex(12)


class BroadcastQuerySet(models.QuerySet):
    def announced(self):
        """What the lobby lists."""
        return self.exclude(state__in=[Broadcast.State.DRAFT, Broadcast.State.BLOCKED])

    def on_air(self):
        return self.filter(state__in=Broadcast.ON_AIR)

    def running(self):
        """From the opened room to the end."""
        return self.filter(state__in=[Broadcast.State.READY, *Broadcast.ON_AIR])


class Broadcast(models.Model):
    """A lecture held live at a planned time; afterwards, under the same address, its replay."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Announced")
        READY = "ready", _("Waiting room open")
        LIVE = "live", _("On air")
        INTERRUPTED = "interrupted", _("Interrupted")
        ENDED = "ended", _("Ended")
        PROCESSING = "processing", _("Replay being prepared")
        REPLAY = "replay", _("Replay ready")
        REPLAY_FAILED = "replay_failed", _("Replay failed")
        CANCELLED = "cancelled", _("Cancelled")
        BLOCKED = "blocked", _("Stopped by the bureau")

    ON_AIR = [State.LIVE, State.INTERRUPTED]
    OVER = [State.ENDED, State.PROCESSING, State.REPLAY, State.REPLAY_FAILED, State.CANCELLED, State.BLOCKED]

    class Audience(models.TextChoices):
        OPEN = "open", _("Everybody, also without an account")
        MEMBERS = "members", _("Everybody with an account")
        COURSE = "course", _("Learners of the course")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=32, unique=True, default=public_name, editable=False)  # of stream and folder
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    summary = models.TextField(_("summary"), max_length=1000, blank=True)
    summary_en = models.TextField(_("summary in English"), max_length=2000, blank=True)
    track = models.CharField(_("track"), max_length=8, blank=True)
    lesson = models.ForeignKey(
        "courses.LessonPage", models.PROTECT, null=True, blank=True, related_name="broadcasts", verbose_name=_("lesson")
    )
    audience = models.CharField(_("who may watch"), max_length=8, choices=Audience.choices, default=Audience.MEMBERS)
    capacity = models.PositiveIntegerField(_("places"), null=True, blank=True)

    # What the bureau counts it as: copied to the activity of the ledger when it is announced.
    activity = models.OneToOneField("lms.Activity", models.PROTECT, null=True, blank=True, related_name="broadcast")
    organisers = models.JSONField(_("organisers"), default=list, blank=True)  # [{"role": "主办", "name": …}]
    region_code = models.CharField(_("organiser's region"), max_length=8, blank=True)
    campaigns = models.JSONField(_("campaigns"), default=list, blank=True)

    starts_at = models.DateTimeField(_("begins"), db_index=True)
    minutes = models.PositiveSmallIntegerField(_("planned minutes"), default=90)
    state = models.CharField(max_length=13, choices=State.choices, default=State.DRAFT, db_index=True)
    version = models.PositiveIntegerField(default=0)  # counts every change that an open room has to hear of
    started_at = models.DateTimeField(null=True, blank=True)  # first on air
    interrupted_at = models.DateTimeField(null=True, blank=True)  # since then without a picture
    ended_at = models.DateTimeField(null=True, blank=True)
    start_asked_at = models.DateTimeField(null=True, blank=True)  # the trainer pressed Start; see live.runs.start
    start_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    # The key of the encoder: a hash, valid from half an hour before until the end. See live.keys.
    key_hash = models.CharField(max_length=64, blank=True)
    key_made_at = models.DateTimeField(null=True, blank=True)
    key_made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    # How presence counts: so much of the time on air, and so many of the sign-ins.
    threshold = models.PositiveSmallIntegerField(_("per cent of the time to be present"), default=80)
    sign_ins_needed = models.PositiveSmallIntegerField(_("sign-ins to be answered"), default=0)
    settled_at = models.DateTimeField(null=True, blank=True)  # attendance is in the ledger

    # The replay: a film of the library, cut at borders of segments, public after somebody looked at it.
    film = models.ForeignKey("media.Video", models.PROTECT, null=True, blank=True, related_name="broadcasts")
    cut_from_ms = models.PositiveIntegerField(default=0)  # of the timeline of the recording
    cut_to_ms = models.PositiveIntegerField(null=True, blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)  # the replay is public since
    replay_counts = models.BooleanField(_("watching the replay counts as well"), default=True)

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BroadcastQuerySet.as_manager()

    class Meta:
        verbose_name = _("broadcast")
        verbose_name_plural = _("broadcasts")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gt=0), name="broadcast_minutes"),
            models.CheckConstraint(condition=Q(threshold__lte=100), name="broadcast_threshold"),
            models.CheckConstraint(
                condition=Q(cut_to_ms=None) | Q(cut_to_ms__gt=F("cut_from_ms")), name="broadcast_cut"
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def shown_title(self):
        return in_readers_language(self.title, self.title_en)

    @property
    def shown_summary(self):
        return in_readers_language(self.summary, self.summary_en)

    @property
    def planned_end(self):
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def is_on_air(self):
        return self.state in self.ON_AIR

    @property
    def is_over(self):
        return self.state in self.OVER


class Host(models.Model):
    """Who works in the room. Officers of the bureau need no row: they may enter every room of their region."""

    class Role(models.TextChoices):
        TRAINER = "trainer", _("Trainer")
        MODERATOR = "moderator", _("Moderator")
        ASSISTANT = "assistant", _("Assistant")

    broadcast = models.ForeignKey(Broadcast, models.CASCADE, related_name="hosts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="hosted")
    role = models.CharField(_("role"), max_length=9, choices=Role.choices, default=Role.TRAINER)

    class Meta:
        verbose_name = _("host")
        verbose_name_plural = _("hosts")
        constraints = [models.UniqueConstraint(fields=["broadcast", "user"], name="host_once")]

    def __str__(self):
        return f"{self.user} · {self.get_role_display()}"


class Transition(models.Model):
    """One change of state: who, when, why. Written once."""

    broadcast = models.ForeignKey(Broadcast, models.CASCADE, related_name="transitions")
    before = models.CharField(max_length=13, choices=Broadcast.State.choices)
    after = models.CharField(max_length=13, choices=Broadcast.State.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200)  # a person's words, or which rule of the school it was
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("change of state")
        verbose_name_plural = _("changes of state")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.before} → {self.after}"


class BookingQuerySet(models.QuerySet):
    def standing(self):
        return self.filter(cancelled_at=None)


class Booking(models.Model):
    """Somebody means to come; with limited places it keeps one."""

    broadcast = models.ForeignKey(Broadcast, models.CASCADE, related_name="bookings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="bookings")
    made_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = [models.UniqueConstraint(fields=["broadcast", "user"], name="booking_once")]

    def __str__(self):
        return f"{self.user} · {self.broadcast}"


class Reminder(models.Model):
    """Sent, so that nobody is reminded twice of the same."""

    class Kind(models.TextChoices):
        DAY = "day", _("A day before")
        SOON = "soon", _("Shortly before")
        MOVED = "moved", _("The time was changed")
        CANCELLED = "cancelled", _("Cancelled")
        REPLAY = "replay", _("The replay is there")

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    about = models.DateTimeField()  # the beginning it spoke of: a new time is a new reminder
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)  # on the page of messages

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [models.UniqueConstraint(fields=["booking", "kind", "about"], name="reminder_once")]

    def __str__(self):
        return f"{self.booking} · {self.get_kind_display()}"
