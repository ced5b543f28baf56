from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .video import Video


class UploadQuerySet(models.QuerySet):
    def unfinished(self):
        """Bytes are missing, or a word of the person who sent them."""
        return self.filter(state__in=Upload.OPEN)


class Upload(models.Model):
    """A file on its way into the library. How much of it has arrived is the length of its part on disk.

    The row stays for a while after the end: it says what became of the file, and it counts towards the day's bytes.
    """

    class Purpose(models.TextChoices):
        FILM = "film", _("New film")
        REPLACEMENT = "replacement", _("Replacement of a film")
        HANDOUT = "handout", _("Handout")

    class State(models.TextChoices):
        RECEIVING = "receiving", _("Unfinished")
        DUPLICATE = "duplicate", _("Already in the library")
        KEPT = "kept", _("In the library")
        REUSED = "reused", _("The one in the library is used")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Expired")

    OPEN = (State.RECEIVING, State.DUPLICATE)

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="uploads")
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    name = models.CharField(_("file name"), max_length=255)
    title = models.CharField(_("title"), max_length=255, blank=True)
    stamp = models.CharField(max_length=40, blank=True)  # when the file was last changed, as the sender's computer says
    length = models.PositiveBigIntegerField()  # bytes, as announced
    offset = models.PositiveBigIntegerField(default=0)  # bytes at the last look; the truth lies on disk
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVING)
    message = models.TextField(blank=True)  # why it was refused, in the language of the person who sent it
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now_add=True)  # of the last byte
    expires_at = models.DateTimeField()

    # A replacement: of which film, and which original it had when the upload began.
    target = models.ForeignKey(Video, models.SET_NULL, null=True, blank=True, related_name="uploads")
    before = models.ForeignKey("filer.File", models.SET_NULL, null=True, blank=True, related_name="+")

    # What it became, or what was there already.
    sha1 = models.CharField(max_length=40, blank=True)
    video = models.ForeignKey(Video, models.SET_NULL, null=True, blank=True, related_name="+")
    file = models.ForeignKey("filer.File", models.SET_NULL, null=True, blank=True, related_name="+")

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["owner", "created_at"], name="upload_owner_day"),
            models.Index(fields=["state", "expires_at"], name="upload_expiry"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["target"],
                condition=Q(state__in=["receiving", "duplicate"]) & ~Q(target=None),
                name="upload_one_replacement",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_open(self):
        return self.state in self.OPEN


class Replacement(models.Model):
    """A film got another file. The row is history; the former original is kept until the new one can be played."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="replacements")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    former = models.ForeignKey("filer.File", models.SET_NULL, null=True, blank=True, related_name="+")
    former_name = models.CharField(max_length=255)
    former_size = models.PositiveBigIntegerField()
    former_sha1 = models.CharField(max_length=40, blank=True)
    former_seconds = models.FloatField(null=True, blank=True)
    former_run = models.UUIDField(null=True, blank=True)  # the ladder of the former file, when it was complete
    name = models.CharField(max_length=255)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("replacement")
        verbose_name_plural = _("replacements")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.video} {self.former_name} → {self.name}"
