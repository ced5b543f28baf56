from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class VideoQuerySet(models.QuerySet):
    def ready(self):
        return self.filter(state=Video.State.READY)


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

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=255)
    source = models.ForeignKey("filer.File", models.PROTECT, related_name="+", verbose_name=_("original file"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    # What the file turned out to be.
    duration = models.FloatField(_("seconds"), null=True, blank=True, editable=False)
    width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    has_audio = models.BooleanField(default=False, editable=False)

    # The job.
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.QUEUED, editable=False)
    progress = models.PositiveSmallIntegerField(_("per cent"), default=0, editable=False)
    reason = models.CharField(_("reason"), max_length=255, blank=True, editable=False)
    lease = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    run = models.UUIDField(null=True, blank=True, editable=False)  # the folder under HLS_ROOT that is served

    objects = VideoQuerySet.as_manager()

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        ordering = ["-created_at"]

    def __str__(self):
        return self.title


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
        ordering = ["height"]
        constraints = [models.UniqueConstraint(fields=["video", "name"], name="rendition_once")]

    def __str__(self):
        return f"{self.video} {self.name}"


class Caption(models.Model):
    """The words of a video in one language, kept as WebVTT text."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="captions")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    body = models.TextField(_("WebVTT"))

    class Meta:
        verbose_name = _("captions")
        verbose_name_plural = _("captions")
        constraints = [models.UniqueConstraint(fields=["video", "language"], name="caption_language")]

    def __str__(self):
        return f"{self.video} {self.language}"
