from datetime import date, datetime
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountManager(UserManager):
    """Accounts have no user name: they are found by mobile number or e-mail address."""

    def by_mobile(self, mobile: str):
        """The account that proved this number; an unproved number belongs to nobody."""
        return self.filter(mobile=mobile, mobile_verified=True).first()

    def _create_user(self, username, email, password, **extra):
        user = self.model(email=self.normalize_email(email) or None, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email=None, password=None, **extra):
        return super().create_user("", email, password, **extra)

    def create_superuser(self, email=None, password=None, **extra):
        """Who may type on the server proves the address by that: no letter could leave before the first account."""
        from allauth.account.models import EmailAddress  # noqa: PLC0415 (its models need this one)

        user = super().create_superuser("", email, password, **extra)
        if user.email:
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user


class User(AbstractUser):
    """A person. The ledger knows people by `ledger_key` alone; clearing it here makes its rows anonymous."""

    class Agreement(models.TextChoices):
        GIVEN = "given", _("Agreed")
        DUE = "due", _("To be asked")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    username = first_name = last_name = None
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(_("full name"), max_length=40)
    mobile = models.CharField(_("mobile number"), max_length=20, null=True, blank=True, unique=True)
    mobile_verified = models.BooleanField(_("mobile number verified"), default=False)
    email = models.EmailField(_("e-mail"), null=True, blank=True, unique=True)
    ledger_key = models.UUIDField(default=uuid4, unique=True, editable=False)

    # Denormalised from the consents, so that every page knows it without a query. Nobody has agreed to begin with.
    agreement = models.CharField(_("terms"), max_length=10, choices=Agreement.choices, default=Agreement.DUE)

    # Since then nobody: the row stays for what hangs on it, and says nothing of the person. See lms.closing.
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)

    # What the person chose for reading.
    language = models.CharField(_("language"), max_length=10, blank=True)
    large_type = models.BooleanField(_("large type"), default=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = AccountManager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(mobile__isnull=False)
                | models.Q(email__isnull=False)
                | models.Q(closed_at__isnull=False),
                name="user_has_mobile_or_email",
            )
        ]

    def __str__(self):
        return self.name or self.email or self.mobile

    def clean(self):
        """Django's own clean writes "" for a missing address, and two accounts may not share that."""
        super().clean()
        self.email = self.email or None

    @property
    def masked_mobile(self):
        """138****8000: how a number is shown to anybody, its owner included."""
        return f"{self.mobile[:3]}****{self.mobile[-4:]}" if self.mobile else ""

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name


class AccountChange(models.Model):
    """Somebody changed what certificates and reminders rely on: written once, never edited."""

    class Field(models.TextChoices):
        NAME = "name", _("full name")
        MOBILE = "mobile", _("mobile number")
        EMAIL = "email", _("e-mail")

    user = models.ForeignKey(User, models.CASCADE, related_name="changes")
    field = models.CharField(_("what changed"), max_length=8, choices=Field.choices)
    before = models.CharField(_("before"), max_length=254, blank=True)
    after = models.CharField(_("after"), max_length=254, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("changed by"))
    at = models.DateTimeField(_("changed at"), auto_now_add=True)

    class Meta:
        verbose_name = _("account change")
        verbose_name_plural = _("account changes")
        ordering = ["-at", "-id"]

    def __str__(self):
        return f"{self.get_field_display()}: {self.before} → {self.after}"


class BureauPostQuerySet(models.QuerySet):
    def on(self, day: date):
        return self.filter(started_on__lte=day).filter(models.Q(ended_on=None) | models.Q(ended_on__gt=day))


class BureauPost(models.Model):
    """An officer reads the figures of a region from the first day until before the last; no region is everything.
    A service centre reads those of its own city or county, and nothing else that officers may."""

    class Duty(models.TextChoices):
        BUREAU = "bureau", _("Bureau")
        CENTRE = "centre", _("Service centre")

    user = models.ForeignKey(User, models.CASCADE, related_name="bureau_posts", verbose_name=_("account"))
    region = models.ForeignKey(
        "lms.Region", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("region")
    )
    duty = models.CharField(_("duty"), max_length=8, choices=Duty.choices, default=Duty.BUREAU, db_default=Duty.BUREAU)
    unit = models.CharField(_("name of the centre"), max_length=100, blank=True, db_default="")
    started_on = models.DateField(_("since"))
    ended_on = models.DateField(_("until"), null=True, blank=True)

    objects = BureauPostQuerySet.as_manager()

    class Meta:
        verbose_name = _("bureau post")
        verbose_name_plural = _("bureau posts")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(duty="bureau") | models.Q(region__isnull=False),
                name="centre_has_region",
                violation_error_message=_("A service centre has a city or county."),
            )
        ]

    def __str__(self):
        return f"{self.user} · {self.region or _('everything')}"


class TermsQuerySet(models.QuerySet):
    def in_force(self, at: datetime):
        """The newest published version of each kind, in every language it was written in."""
        newest = (
            self.filter(kind=models.OuterRef("kind"), published_at__lte=at)
            .order_by("-published_at", "-id")
            .values("version")[:1]
        )
        return self.filter(published_at__lte=at, version=models.Subquery(newest)).order_by("kind", "language")


class Terms(models.Model):
    """One version of a text that people agree to. A published version is never edited."""

    class Kind(models.TextChoices):
        AGREEMENT = "agreement", _("User agreement")
        PRIVACY = "privacy", _("Privacy policy")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    version = models.CharField(_("version"), max_length=20)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    title = models.CharField(_("title"), max_length=100)
    body = models.TextField(_("text"))
    sha256 = models.CharField(max_length=64, editable=False)
    published_at = models.DateTimeField(_("published at"))  # in force from then on
    asked_at = models.DateTimeField(null=True, editable=False)  # when everybody was asked, at or after that moment

    objects = TermsQuerySet.as_manager()

    class Meta:
        verbose_name = _("terms")
        verbose_name_plural = _("terms")
        get_latest_by = "published_at"
        constraints = [models.UniqueConstraint(fields=["kind", "version", "language"], name="terms_version")]

    def __str__(self):
        return f"{self.title} {self.version}"

    @property
    def sections(self):
        """[{title, text}]: a line that begins with "# " opens a section."""
        found = [{"title": "", "text": ""}]
        for line in self.body.splitlines():
            if line.startswith("# "):
                found.append({"title": line[2:], "text": ""})
            else:
                found[-1]["text"] += f"{line}\n"
        return [section for section in found if section["title"] or section["text"].strip()]


class ConsentQuerySet(models.QuerySet):
    def standing(self):
        return self.filter(withdrawn_at=None)


class Consent(models.Model):
    """Who agreed to which version, when; withdrawing keeps the row.

    Version and hash are copied so that the row is evidence by itself.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="consents")
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="+")
    version = models.CharField(_("version"), max_length=20)
    sha256 = models.CharField(max_length=64)
    given_at = models.DateTimeField(_("given at"), auto_now_add=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "terms"], condition=models.Q(withdrawn_at=None), name="consent_once"
            )
        ]

    def __str__(self):
        return f"{self.user} · {self.terms}"


class Outgoing(models.Model):
    """A message that the embedded senders kept instead of sending: the local outbox page shows it."""

    class Channel(models.TextChoices):
        SMS = "sms", _("Text message")
        MAIL = "mail", _("E-mail")

    channel = models.CharField(max_length=4, choices=Channel.choices)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    sent_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        ordering = ["-sent_at", "-id"]

    def __str__(self):
        return f"{self.channel} → {self.to}"
