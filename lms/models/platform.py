"""The platform around the school: who may ask it, and whom it tells."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ApiTokenQuerySet(models.QuerySet):
    def usable(self):
        unexpired = models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now())
        return self.filter(unexpired, revoked_at=None)


class ApiToken(models.Model):
    """A key of another system. Its text is shown once; here lies its hash."""

    class Scope(models.TextChoices):
        COUNTS = "counts", _("Read the counts")
        CERTIFICATES = "certificates", _("Read the status of certificates")

    name = models.CharField(_("name"), max_length=80, help_text=_("Which system uses it, and for what."))
    prefix = models.CharField(_("begins with"), max_length=12, unique=True, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256 of the whole token
    scopes = models.JSONField(pgettext_lazy("rights", "may"), default=list)
    region = models.ForeignKey(
        "lms.Region",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("region"),
        help_text=_("Counts of this region alone; none is the whole school."),
    )
    created_at = models.DateTimeField(_("issued at"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("issued by")
    )
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.name} ({self.prefix}…)"

    @property
    def state(self):
        if self.revoked_at:
            return _("Revoked")
        return _("Expired") if self.expires_at and self.expires_at <= timezone.now() else _("In use")


class Webhook(models.Model):
    """An address that is told what happened. Only what stands here is ever called."""

    class Event(models.TextChoices):
        COMPLETION = "completion", _("Programme completed")
        ATTENDANCE = "attendance", _("Lesson credited")
        CERTIFICATE = "certificate", _("Certificate issued, revoked or superseded")

    name = models.CharField(_("name"), max_length=80)
    url = models.URLField(_("address"), max_length=300)
    secret = models.CharField(max_length=80, editable=False)  # signs each letter; the receiver has the same
    events = models.JSONField(_("is told of"), default=list)
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name"]

    def __str__(self):
        return self.name


class WebhookDeliveryQuerySet(models.QuerySet):
    def due(self):
        return self.filter(state=WebhookDelivery.State.WAITING, next_at__lte=timezone.now(), hook__active=True)


class WebhookDelivery(models.Model):
    """A letter to an address, and how it went. The text never changes, so that its signature can be checked again:
    only whose certificate it tells of goes when the account is closed."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        GIVEN_UP = "given_up", _("Given up")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    hook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", verbose_name=_("webhook"))
    event = models.CharField(_("event"), max_length=16, choices=Webhook.Event.choices)
    key = models.CharField(max_length=140)  # of the fact: told once to each address
    body = models.JSONField(_("content"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    next_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)  # of HTTP, at the last try
    note = models.CharField(_("what stopped it"), max_length=200, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["hook", "key"], name="webhook_told_once")]
        indexes = [models.Index(fields=["next_at"], condition=models.Q(state="waiting"), name="webhook_due")]

    def __str__(self):
        return f"{self.hook} {self.event} {self.key}"


class WebhookCursor(models.Model):
    """How far a source of events has been read."""

    name = models.CharField(max_length=20, unique=True)
    upto = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("webhook cursor")
        verbose_name_plural = _("webhook cursors")

    def __str__(self):
        return f"{self.name} {self.upto}"
