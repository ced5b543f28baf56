import secrets

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def new_token() -> str:
    return secrets.token_urlsafe(18)


class CertificateSeries(models.Model):
    """How the certificates of some programmes look and are numbered."""

    code = models.CharField(_("code"), max_length=12, unique=True)  # CQO: the first part of each number
    title = models.CharField(_("title"), max_length=60, default="培训合格证明")
    title_en = models.CharField(_("English title"), max_length=120, default="Certificate of Training")
    post = models.CharField(_("post"), max_length=60, blank=True)  # 首席质量官 or 首席质量(品牌)官
    region = models.CharField(_("region code"), max_length=6, default="510000")
    issuers = models.JSONField(_("issuers"), default=list)
    statement = models.TextField(_("statement"), blank=True)
    statement_en = models.TextField(_("English statement"), blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    orientation = models.CharField(
        _("orientation"),
        max_length=10,
        choices=[("landscape", _("Landscape")), ("portrait", _("Portrait"))],
        default="landscape",
    )
    validity_months = models.PositiveSmallIntegerField(_("months valid"), null=True, blank=True)

    class Meta:
        verbose_name = _("certificate series")
        verbose_name_plural = _("certificate series")

    def __str__(self):
        return f"{self.code} {self.title}"


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
    def standing(self, today=None):
        """Neither revoked nor replaced nor expired."""
        today = today or timezone.localdate()
        return self.filter(revoked_at=None, successor=None).filter(
            models.Q(expires_on=None) | models.Q(expires_on__gte=today)
        )

    def newest_first(self):
        return self.order_by(Coalesce("issued_at", "created_at").desc())


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
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="successor")
    snapshot = models.JSONField()  # what is printed: name, enterprise, programme, period, hours, result, …
    created_at = models.DateTimeField(auto_now_add=True)
    issued_at = models.DateTimeField()
    expires_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    print_state = models.CharField(max_length=8, choices=Print.choices, default=Print.WAITING)
    print_note = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

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


class CertificateEvent(models.Model):
    """The life of a certificate: issued, printed, revoked, superseded, renewed, with who and why."""

    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="events")
    verb = models.CharField(max_length=12)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("certificate event")
        verbose_name_plural = _("certificate events")
        ordering = ["at"]

    def __str__(self):
        return f"{self.certificate} {self.verb}"
