from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class VideoQuerySet(models.QuerySet):
    def ready(self):
        return self.filter(state=Video.State.READY)

    def playable(self):
        """Something of it can be shown, also while a newer ladder is being made."""
        return self.filter(run__isnull=False)

    def unfinished(self):
        return self.filter(state__in=[Video.State.QUEUED, *Video.WORKING])

    def abandoned(self, now):
        """A worker took it and has not been heard of since."""
        return self.filter(state__in=Video.WORKING, lease_until__lt=now)

    def claimable(self, now, *, attempts):
        waiting = Q(state=Video.State.QUEUED)
        abandoned = Q(state__in=Video.WORKING, lease_until__lt=now)
        return self.filter(waiting | abandoned, attempts__lt=attempts)


class Video(models.Model):
    """A lesson film: an original in the library and the ladder made from it.

    The row is its own job: a worker takes it with a lease, beats while it works, and a row whose
    lease ran out is taken by the next worker.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        PROBING = "probing", _("Reading the file")
        TRANSCODING = "transcoding", _("Being prepared")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    WORKING = (State.PROBING, State.TRANSCODING)

    class Reason(models.TextChoices):
        """Why a video could not be prepared, in words an editor can act on."""

        NOT_VIDEO = (
            "not_video",
            _("This is not a video file. Please choose MP4, MOV, MKV, WebM, AVI, WMV, FLV or MPEG."),
        )
        NO_PICTURE = "no_picture", _("This file has sound but no moving picture.")
        NOTHING = "nothing", _("This file has neither a picture nor sound. Please choose the recording itself.")
        STILL = "still", _("This file holds a single picture and no film. Please choose the recording itself.")
        DAMAGED = "damaged", _("The file is damaged or incomplete. Please export it again and upload the new copy.")
        ENDS_EARLY = "ends_early", _("The file stops before its end, as if the copy was cut off. Upload it again.")
        TOO_LARGE = "too_large", _("The file is larger than the library accepts.")
        TOO_LONG = "too_long", _("The film is longer than the library accepts. Please cut it into several lessons.")
        TOO_SLOW = "too_slow", _("Preparing the film took too long and was stopped. Please try again when it is quiet.")
        DISK_FULL = "disk_full", _("The server ran out of disk space. Please tell the administrator, then try again.")
        MISSING = "missing", _("The original file is no longer in the library. Please upload it again.")
        CANCELLED = "cancelled", _("Preparing the film was cancelled by an editor.")
        GAVE_UP = "gave_up", _("Preparing the film was interrupted several times. Please tell the administrator.")
        UNKNOWN = (
            "unknown",
            _("The film could not be prepared. Please tell the administrator; the log has the details."),
        )

    # The file itself is at fault: trying it again comes to the same end.
    FAULTS = (
        Reason.NOT_VIDEO,
        Reason.NO_PICTURE,
        Reason.NOTHING,
        Reason.STILL,
        Reason.DAMAGED,
        Reason.ENDS_EARLY,
        Reason.TOO_LARGE,
        Reason.TOO_LONG,
        Reason.MISSING,
    )

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=255)
    source = models.OneToOneField(
        "filer.File", models.PROTECT, related_name="video", verbose_name=_("original file"), editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=_("uploaded by"),
    )
    created_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)

    # What the file turned out to be, as people see it: after rotation, with square pixels.
    duration = models.FloatField(_("duration in seconds"), null=True, blank=True, editable=False)
    width = models.PositiveIntegerField(_("width"), null=True, blank=True, editable=False)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True, editable=False)
    has_audio = models.BooleanField(_("has sound"), default=False, editable=False)

    # The job.
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.QUEUED, editable=False)
    progress = models.PositiveSmallIntegerField(_("per cent"), default=0, editable=False)
    seconds_left = models.PositiveIntegerField(null=True, blank=True, editable=False)  # at the speed so far
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices, blank=True, editable=False)
    lease = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    # Folders under HLS_ROOT. `run` is served. `making` is being written and outlives its worker. A first ladder is
    # served while it is made, and then both are the same; a later one takes the place of the first when complete.
    run = models.UUIDField(null=True, blank=True, editable=False)
    making = models.UUIDField(null=True, blank=True, editable=False)

    objects = VideoQuerySet.as_manager()

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["state", "lease_until"], name="video_job")]

    def __str__(self):
        return self.title

    @property
    def is_playable(self):
        return self.run is not None

    @property
    def is_growing(self):
        """It can be watched, but its end is not made yet."""
        return self.run is not None and self.run == self.making

    @property
    def needs_another_file(self):
        return self.state == self.State.FAILED and self.reason in self.FAULTS

    @property
    def is_unfinished(self):
        return self.state in (self.State.QUEUED, *self.WORKING)


class Rendition(models.Model):
    """One rung of a video's ladder."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="renditions")
    name = models.CharField(max_length=12)  # 360p, the folder of its segments
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bandwidth = models.PositiveIntegerField()  # bits a second, as the master playlist says

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        ordering = ["height", "width"]
        constraints = [models.UniqueConstraint(fields=["video", "name"], name="rendition_once")]

    def __str__(self):
        return f"{self.video} {self.name}"
