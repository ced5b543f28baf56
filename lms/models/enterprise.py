from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from .region import in_readers_language


class IndustryChain(models.Model):
    """An industry chain under its pillar. A chain that is out of use stays for history."""

    code = models.CharField(_("code"), max_length=8, unique=True)
    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)
    pillar = models.CharField(_("pillar"), max_length=8)
    pillar_name = models.CharField(_("pillar name"), max_length=40)
    pillar_name_en = models.CharField(_("pillar name in English"), max_length=80, blank=True)
    featured = models.BooleanField(_("featured"), default=False)
    in_use = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("industry chain")
        verbose_name_plural = _("industry chains")
        ordering = ["code"]

    def __str__(self):
        return in_readers_language(self.name, self.name_en)


class Enterprise(models.Model):
    """A unit, found or made by its unified social credit code (GB 32100)."""

    class Subject(models.TextChoices):
        ENTERPRISE = "enterprise", _("Enterprise")
        INDIVIDUAL = "individual_business", _("Individual business")
        COOPERATIVE = "farmer_cooperative", _("Farmers' cooperative")
        PUBLIC = "public_institution", _("Public institution")
        GOVERNMENT = "government", _("Government body")
        SOCIAL = "social_organization", _("Social organisation")
        PRIVATE = "private_non_enterprise", _("Private non-enterprise unit")
        OTHER = "other", _("Other")

    class Size(models.TextChoices):
        LARGE = "L", _("Large")
        MEDIUM = "M", _("Medium")
        SMALL = "S", _("Small")
        MICRO = "X", _("Micro")
        INDIVIDUAL = "I", _("Individual business")
        UNKNOWN = "U", _("Not given")

    uscc = models.CharField(_("unified social credit code"), max_length=18, unique=True)
    name = models.CharField(_("name"), max_length=200)
    subject = models.CharField(_("subject type"), max_length=24, choices=Subject.choices)
    size = models.CharField(_("enterprise size"), max_length=1, choices=Size.choices, default=Size.UNKNOWN)
    city = models.ForeignKey(
        "lms.Region", models.PROTECT, null=True, blank=True, related_name="enterprises", verbose_name=_("city")
    )
    chains = models.ManyToManyField(IndustryChain, blank=True, verbose_name=_("industry chains"))
    inner_check_failed = models.BooleanField(_("inner check digit differs"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey("lms.User", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("enterprise")
        verbose_name_plural = _("enterprises")

    def __str__(self):
        return self.name


class DatedQuerySet(models.QuerySet):
    """Rows that hold from `started_on` until before `ended_on`: on a day of transfer the new row counts."""

    def current(self):
        return self.filter(ended_on=None)

    def on(self, day: date):
        return self.filter(started_on__lte=day).filter(models.Q(ended_on=None) | models.Q(ended_on__gt=day))


class Membership(models.Model):
    """A person works for an enterprise between two days; one current enterprise a person."""

    class Role(models.TextChoices):
        STAFF = "staff", _("Staff")
        MANAGER = "manager", _("Training manager")

    user = models.ForeignKey("lms.User", models.CASCADE, related_name="memberships")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.STAFF)
    post = models.CharField(_("post"), max_length=40, blank=True)
    started_on = models.DateField(_("since"))
    ended_on = models.DateField(_("until"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)  # by the enterprise, see MemberDecision

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=models.Q(ended_on=None), name="membership_one_current"),
            models.CheckConstraint(
                condition=models.Q(ended_on=None) | models.Q(ended_on__gte=models.F("started_on")),
                name="membership_ends_after_start",
            ),
        ]

    def __str__(self):
        return f"{self.user} · {self.enterprise}"


class Appointment(models.Model):
    """An enterprise appointed somebody its Chief Quality Officer, between two days, by a document."""

    user = models.ForeignKey("lms.User", models.CASCADE, related_name="appointments")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="appointments")
    title = models.CharField(_("position"), max_length=40, default="首席质量官")
    document = models.CharField(_("document number"), max_length=60, blank=True)
    started_on = models.DateField(_("appointed on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "enterprise"], condition=models.Q(ended_on=None), name="appointment_one_current"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_on=None) | models.Q(ended_on__gte=models.F("started_on")),
                name="appointment_ends_after_start",
            ),
        ]

    def __str__(self):
        return f"{self.enterprise} · {self.title} · {self.user}"
