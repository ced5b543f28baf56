"""What a person has done: enrolments, watch evidence, completions, and corrections by people."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class EnrolmentQuerySet(models.QuerySet):
    def current(self):
        return self.filter(ended_at=None)

    def completed(self):
        return self.exclude(completed_at=None)


class Enrolment(models.Model):
    """A period of study of one course. Studying again is a new row; the old one keeps its record."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="enrolments")
    course = models.ForeignKey("courses.CoursePage", models.PROTECT, related_name="enrolments")
    period = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    revision = models.ForeignKey("wagtailcore.Revision", models.PROTECT, null=True, blank=True, related_name="+")

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["user", "course", "period"], name="enrolment_period"),
            models.UniqueConstraint(
                fields=["user", "course"], condition=models.Q(ended_at=None), name="enrolment_one_current"
            ),
        ]

    def __str__(self):
        return f"{self.user} · {self.course} · {self.period}"


class ProgrammeEnrolment(models.Model):
    """A period of a programme. From the second period on, only courses finished since `started_at` count."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="programme_enrolments")
    programme = models.ForeignKey("courses.ProgrammePage", models.PROTECT, related_name="enrolments")
    period = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    hours = models.DecimalField(_("credit hours"), max_digits=5, decimal_places=1, null=True, blank=True)
    revision = models.ForeignKey("wagtailcore.Revision", models.PROTECT, null=True, blank=True, related_name="+")

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme enrolment")
        verbose_name_plural = _("programme enrolments")
        constraints = [
            models.UniqueConstraint(fields=["user", "programme", "period"], name="programme_period"),
            models.UniqueConstraint(
                fields=["user", "programme"], condition=models.Q(ended_at=None), name="programme_one_current"
            ),
        ]

    def __str__(self):
        return f"{self.user} · {self.programme} · {self.period}"


class LessonProgress(models.Model):
    """The present sum of the evidence for one lesson in one enrolment; recomputable from it."""

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="lessons")
    lesson = models.ForeignKey("courses.LessonPage", models.PROTECT, related_name="progress")
    video = models.ForeignKey("media.Video", models.PROTECT, null=True, blank=True, related_name="+")
    ladder = models.UUIDField(null=True, blank=True, editable=False)  # the run of that film that was watched
    coverage = models.JSONField(default=list)  # [[from, to], …] in milliseconds of the film, sorted, disjoint
    watched_ms = models.PositiveBigIntegerField(default=0)  # the length of that union
    duration_ms = models.PositiveBigIntegerField(default=0)  # of the film; 0 while there is none
    covered_at = models.DateTimeField(null=True, blank=True)  # when the union first reached what the course asks
    position_ms = models.PositiveBigIntegerField(default=0)  # where to go on, apart from what was covered
    updated_at = models.DateTimeField(auto_now=True)

    # Written once, when all that the lesson asks was met. A later edit of the lesson does not reach here.
    completed_at = models.DateTimeField(null=True, blank=True)
    hours = models.DecimalField(_("credit hours"), max_digits=4, decimal_places=1, default=0)  # credited
    channel = models.CharField(max_length=10, blank=True)  # how most of it was taken, as the ledger has it
    revision = models.ForeignKey("wagtailcore.Revision", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("lesson progress")
        verbose_name_plural = _("lesson progress")
        constraints = [models.UniqueConstraint(fields=["enrolment", "lesson"], name="lesson_progress_once")]

    def __str__(self):
        return f"{self.enrolment} · {self.lesson}"


class WatchSessionQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_at=None)

    def close(self, *, at: datetime, reason: str) -> int:
        return self.open().update(closed_at=at, closed=reason)


class WatchSession(models.Model):
    """A player that is, or was, open. A person has one: opening another closes it."""

    class Closed(models.TextChoices):
        LEFT = "left", _("Left the page")
        SUPERSEDED = "superseded", _("Opened on another page or device")
        ENDED = "ended", _("Enrolment ended")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="watch_sessions")
    progress = models.ForeignKey(LessonProgress, models.RESTRICT, related_name="sessions")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed = models.CharField(max_length=10, choices=Closed.choices, blank=True)

    # The film and the rule as they were when the player opened; the length follows the ladder until it is whole.
    video = models.ForeignKey("media.Video", models.PROTECT, related_name="+")
    ladder = models.UUIDField(null=True, blank=True, editable=False)  # the run of the film that is played
    duration_ms = models.PositiveBigIntegerField()
    rate_cap = models.DecimalField(max_digits=3, decimal_places=2)
    pause_when_hidden = models.BooleanField(default=False)
    attention_minutes = models.PositiveSmallIntegerField(default=0)  # between two questions; 0 asks none
    attention_seconds = models.PositiveSmallIntegerField(default=0)  # to answer one

    # The account of time, moved by each accepted beat.
    last_beat_at = models.DateTimeField()  # server clock, at first opened_at
    last_sequence = models.PositiveIntegerField(default=0)
    balance_ms = models.PositiveIntegerField(default=0)  # allowance left over
    attention_left_ms = models.PositiveIntegerField(default=0)  # to be credited before the next question

    examined_at = models.DateTimeField(null=True, blank=True)  # for strange patterns, after it was over

    objects = WatchSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("watch session")
        verbose_name_plural = _("watch sessions")
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=models.Q(closed_at=None), name="watch_one_player")
        ]
        indexes = [models.Index(fields=["last_beat_at"], condition=models.Q(examined_at=None), name="watch_to_examine")]

    def __str__(self):
        return f"{self.user} · {self.progress} · {self.opened_at:%F %R}"


class WatchBeat(models.Model):
    """Evidence: what a player claimed, when the server heard it, and what was new and credited."""

    class Verdict(models.TextChoices):
        OK = "ok", _("Credited")
        TRIMMED = "trimmed", _("More than the clock allowed")
        HIDDEN = "hidden", _("The page was hidden")
        ABSENT = "absent", _("Nobody said that they were there")

    session = models.ForeignKey(WatchSession, models.CASCADE, related_name="beats")
    sequence = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    claimed = models.JSONField()  # [[from, to], …] in milliseconds, within the film
    credited = models.JSONField()  # the part that was not covered before and that the clock allowed
    rate = models.DecimalField(max_digits=4, decimal_places=2)
    visible = models.BooleanField(default=True)
    position_ms = models.PositiveBigIntegerField(default=0)
    verdict = models.CharField(max_length=8, choices=Verdict.choices)

    class Meta:
        verbose_name = _("watch beat")
        verbose_name_plural = _("watch beats")
        constraints = [models.UniqueConstraint(fields=["session", "sequence"], name="watch_beat_once")]

    def __str__(self):
        return f"{self.session} #{self.sequence}"


class Attendance(models.Model):
    """Presence outside the player: a broadcast on the lesson's own timeline, a classroom roster, a reading."""

    class Channel(models.TextChoices):
        LIVE = "live", pgettext_lazy("channel", "Live")
        CLASSROOM = "classroom", _("Classroom")
        READING = "reading", _("Reading")

    key = models.CharField(max_length=120, unique=True)  # whose fact this is: writing it twice is one row
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="attendance")
    lesson = models.ForeignKey("courses.LessonPage", models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    intervals = models.JSONField(default=list)  # live: milliseconds of the recording's timeline
    duration_ms = models.PositiveBigIntegerField(default=0)  # live: the length of that timeline
    # Live: the film that the recording has become. While there is none the recording is a timeline of its own.
    video = models.ForeignKey("media.Video", models.SET_NULL, null=True, blank=True, related_name="+")
    minutes = models.PositiveSmallIntegerField(default=0)  # classroom: minutes signed for
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")

    def __str__(self):
        return f"{self.enrolment} · {self.lesson} · {self.channel}"


class Override(models.Model):
    """A person's decision that a requirement counts as met. Kept for ever, and never undone by recomputing."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, null=True, blank=True, related_name="overrides")
    lesson = models.ForeignKey("courses.LessonPage", models.PROTECT, null=True, blank=True, related_name="+")
    programme_enrolment = models.ForeignKey(
        ProgrammeEnrolment, models.PROTECT, null=True, blank=True, related_name="overrides"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("override")
        verbose_name_plural = _("overrides")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(enrolment=None) ^ models.Q(programme_enrolment=None), name="override_for_one"
            ),
            models.CheckConstraint(
                condition=models.Q(lesson=None) | models.Q(programme_enrolment=None), name="override_lesson_of_course"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="override_has_reason"),
        ]

    def __str__(self):
        return f"{self.author}: {self.reason}"
