import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LONGEST = 600  # months of validity: fifty years, which outlasts any working life
RENEWABLE = timedelta(days=90)  # before its last day: long enough to study a whole programme again


def new_token() -> str:
    return secrets.token_urlsafe(18)


class CertificateSeries(models.Model):
    """How the certificates of some programmes look and are numbered."""

    # CQO: the first part of each number. Without V, which numbering takes for U: no two codes read alike.
    code = models.CharField(
        _("series code"),
        max_length=12,
        unique=True,
        validators=[
            RegexValidator(r"^[A-UW-Z]{2,12}\Z", _("Two to twelve capital letters other than V, such as CQO."))
        ],
        help_text=_("The first part of each number. Changing it affects only certificates issued afterwards."),
    )
    title = models.CharField(_("title"), max_length=60, default="培训合格证明")
    title_en = models.CharField(_("English title"), max_length=120, default="Certificate of Training")
    post = models.CharField(_("post"), max_length=60, blank=True)  # 首席质量官 or 首席质量（品牌）官
    post_en = models.CharField(_("English post"), max_length=120, blank=True)
    region = models.CharField(
        _("region code"),
        max_length=6,
        default="510000",
        validators=[RegexValidator(r"^[0-9]{6}\Z", _("Six digits, as in GB/T 2260."))],
    )
    issuers = models.JSONField(_("issuers"), default=list, blank=True)  # names; none is the school's own issuer
    issuers_en = models.JSONField(_("issuers in English"), default=list, blank=True)
    # The place {post} takes the post. Empty is the school's usual sentence.
    statement = models.TextField(_("statement"), blank=True)
    statement_en = models.TextField(_("English statement"), blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    orientation = models.CharField(
        _("orientation"),
        max_length=10,
        choices=[("landscape", _("Landscape")), ("portrait", _("Portrait"))],
        default="landscape",
    )
    validity_months = models.PositiveSmallIntegerField(
        _("months valid"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(LONGEST, _("At most %(limit_value)s months. Empty or 0 is without limit."))],
        help_text=_("Empty or 0 for certificates that never expire."),
    )

    class Meta:
        verbose_name = _("certificate series")
        verbose_name_plural = _("certificate series")

    def __str__(self):
        return f"{self.code} {self.title}"

    def clean(self):
        super().clean()
        before = CertificateSeries.objects.filter(pk=self.pk).first()
        if before and before.code != self.code and before.certificates.exists():
            raise ValidationError({"code": _("Numbers with this code have been given out: the code stays as it is.")})


class SerialCounter(models.Model):
    """The last serial given in a series and year. Its row is the lock that keeps numbers without gaps."""

    series = models.ForeignKey(CertificateSeries, models.CASCADE, related_name="counters")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="serial_counter_once")]

    def __str__(self):
        return f"{self.series.code} {self.year}: {self.last}"


class CertificateQuerySet(models.QuerySet):
    """The four statuses exclude each other in this order: revoked, superseded, expired, valid."""

    def revoked(self):
        return self.exclude(revoked_at=None)

    def superseded(self):
        return self.filter(revoked_at=None).exclude(successor=None)

    def expired(self, today=None):
        return self._undisturbed().filter(expires_on__lt=today or timezone.localdate())

    def valid(self, today=None):
        today = today or timezone.localdate()
        return self._undisturbed().filter(models.Q(expires_on=None) | models.Q(expires_on__gte=today))

    def with_status(self, status, today=None):
        if status in (Certificate.Status.VALID, Certificate.Status.EXPIRED):
            return getattr(self, status)(today)
        return getattr(self, status)()

    def expiring(self, *, before, today=None):
        """Valid now and no longer on that day, and nobody has renewed them yet: whom to remind."""
        return self.valid(today).filter(expires_on__lt=before, renewal=None).order_by("expires_on", "pk")

    def told(self):
        """With all that a page about them reads."""
        return self.select_related("series", "user", "successor", "renewal")

    def newest_first(self):
        return self.order_by("-issued_at", "-pk")

    def _undisturbed(self):
        return self.filter(revoked_at=None, successor=None)


class Certificate(models.Model):
    """A document as it was issued: the snapshot never changes; a correction is another row that supersedes it."""

    class Status(models.TextChoices):
        VALID = "valid", _("Valid")
        EXPIRED = "expired", _("Expired")
        REVOKED = "revoked", _("Revoked")
        SUPERSEDED = "superseded", _("Superseded")

    class Print(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        READY = "ready", _("Ready")
        REVIEW = "review", _("Needs a person")

    number = models.CharField(_("number"), max_length=40, unique=True)
    number_key = models.CharField(max_length=40, unique=True, editable=False)  # look-alikes folded: what a search asks
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    series = models.ForeignKey(CertificateSeries, models.PROTECT, related_name="certificates")
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="certificates"
    )
    programme_enrolment = models.ForeignKey(
        "courses.ProgrammeEnrolment", models.SET_NULL, null=True, blank=True, related_name="certificates"
    )
    revision = models.ForeignKey("wagtailcore.Revision", models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveSmallIntegerField(default=1)
    # What the bureau counts: all versions of a certificate are one.
    issuance = models.ForeignKey(
        "courses.Issuance", models.PROTECT, null=True, blank=True, editable=False, related_name="versions"
    )
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="successor")
    renews = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="renewal")
    snapshot = models.JSONField()  # what is printed, see wording.Snapshot; never changed
    created_at = models.DateTimeField(auto_now_add=True)
    issued_at = models.DateTimeField()
    expires_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)  # why revoked or superseded: strangers read it
    shows_name = models.BooleanField(_("full name is public"), default=False)  # the holder's choice

    # The file, made after the row.
    print_state = models.CharField(_("making of the file"), max_length=8, choices=Print.choices, default=Print.WAITING)
    print_note = models.CharField(_("what stopped it"), max_length=200, blank=True)
    print_tries = models.PositiveSmallIntegerField(default=0)  # that failed for a reason nobody foresaw
    print_after = models.DateTimeField(null=True, blank=True)  # when the next of them may be
    sha256 = models.CharField(max_length=64, blank=True)  # of the present PDF

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            models.UniqueConstraint(fields=["series", "year", "serial"], name="certificate_serial"),
            models.UniqueConstraint(fields=["programme_enrolment", "version"], name="certificate_once"),
        ]

    def __str__(self):
        return self.number

    def status_on(self, today):
        if self.revoked_at:
            return self.Status.REVOKED
        if self.superseded_by:
            return self.Status.SUPERSEDED
        if self.expires_on and self.expires_on < today:
            return self.Status.EXPIRED
        return self.Status.VALID

    @property
    def status(self):
        return self.status_on(timezone.localdate())

    @property
    def due_for_renewal(self):
        """Its time is over or soon will be, and nothing has taken its place yet."""
        today = timezone.localdate()
        if not self.expires_on or self.status_on(today) not in (self.Status.VALID, self.Status.EXPIRED):
            return False
        return self.expires_on <= today + RENEWABLE and self.renewed_by is None

    @property
    def superseded_by(self):
        return getattr(self, "successor", None)

    @property
    def renewed_by(self):
        return getattr(self, "renewal", None)


class CertificateEvent(models.Model):
    """The life of a certificate, with who and why. Nobody is the school itself."""

    class Verb(models.TextChoices):
        ISSUED = "issued", _("Issued")
        PRINTED = "printed", _("Printed")
        HELD = "held", _("Print needs a person")
        FILED = "filed", _("Filed by hand")
        REVOKED = "revoked", _("Revoked")
        SUPERSEDED = "superseded", _("Superseded")
        RENEWED = "renewed", _("Renewed")
        NAME_SHOWN = "name_shown", _("Full name made public")
        NAME_HIDDEN = "name_hidden", _("Full name masked")
        TAKEN = "taken", _("Downloaded in bulk")

    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="events")
    verb = models.CharField(max_length=12, choices=Verb.choices)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)  # of the file that this step made
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("certificate event")
        verbose_name_plural = _("certificate events")
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.certificate} {self.verb}"
