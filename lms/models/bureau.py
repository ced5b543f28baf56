"""What an officer takes out of the school, and the trail of it."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """Somebody of the bureau did something that others must be able to ask about. Written once, see `lms.trail`."""

    class Verb(models.TextChoices):
        EXPORT_ASKED = "export_asked", _("Export asked for")
        EXPORT_MADE = "export_made", _("Export made")
        EXPORT_FAILED = "export_failed", _("Export failed")
        EXPORT_TAKEN = "export_taken", _("Export downloaded")
        TOKEN_ISSUED = "token_issued", _("Token issued")
        TOKEN_REVOKED = "token_revoked", _("Token revoked")
        HOOK_SAVED = "hook_saved", _("Webhook saved")
        HOOK_SENT_AGAIN = "hook_sent_again", _("Webhook sent again")

    verb = models.CharField(_("what"), max_length=20, choices=Verb.choices, db_index=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    subject = models.CharField(_("of what"), max_length=200, blank=True)
    details = models.JSONField(_("details"), default=dict)  # the filter, the rows, the purpose

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.get_verb_display()} {self.subject}"


class ExportQuerySet(models.QuerySet):
    def unfinished(self):
        return self.filter(state__in=[Export.State.WAITING, Export.State.RUNNING])

    def kept(self):
        """With a file that can be downloaded."""
        return self.filter(state=Export.State.READY, expires_at__gt=timezone.now())


class Export(models.Model):
    """A file that somebody asked for: made by a worker, kept for some days. What it holds is fixed when it is asked."""

    class Kind(models.TextChoices):
        OFFICIAL = "official", _("Official table (XLSX)")
        TABLE = "table", _("The table (CSV)")
        ROWS = "rows", _("Rows (XLSX)")
        ROWS_CSV = "rows_csv", _("Rows (CSV)")
        ARCHIVE = "archive", _("Training archive (ZIP)")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    kind = models.CharField(_("what"), max_length=8, choices=Kind.choices)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    asked_at = models.DateTimeField(_("asked for at"))  # and the moment whose state of the book it holds
    title = models.CharField(_("title"), max_length=200)
    file_name = models.CharField(_("file name"), max_length=200)
    question = models.JSONField(_("filter"))  # see bureau.Question.as_dict
    full = models.BooleanField(_("with full names and numbers"), default=False)
    purpose = models.CharField(_("purpose"), max_length=200, blank=True)  # asked for full names and numbers

    # Its making. A worker that died leaves `beat_at` behind; then another one begins anew.
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    beat_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-asked_at", "-pk"]

    def __str__(self):
        return self.file_name

    @property
    def percent(self):
        return min(99, 100 * self.rows_done // self.rows) if self.rows else 0

    @property
    def is_over(self):
        return self.state not in (self.State.WAITING, self.State.RUNNING)

    @property
    def can_be_taken(self):
        return self.state == self.State.READY and self.expires_at > timezone.now()
