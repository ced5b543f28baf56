"""Lists of enterprises that ought to have a chief quality officer, as a bureau brings them: each version is kept."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lms.models import Enterprise
from lms.reasons import Reason


class EnterpriseListQuerySet(models.QuerySet):
    def standing(self):
        """Of which somebody said that they hold."""
        return self.exclude(applied_at=None)


class EnterpriseList(models.Model):
    """A list by a name, as of a day. On trial until it is applied; a new version is a new list of the same name."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(_("name of the list"), max_length=100)
    day = models.DateField(_("as of"))
    file_name = models.CharField(max_length=200)
    headings = models.JSONField(default=list)
    region_code = models.CharField(max_length=8, blank=True)  # of the officer who brought it; empty is the whole school
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)

    objects = EnterpriseListQuerySet.as_manager()

    class Meta:
        verbose_name = _("list of enterprises")
        verbose_name_plural = _("lists of enterprises")
        ordering = ["-day", "-pk"]

    def __str__(self):
        return f"{self.name} {self.day}"


class ListedQuerySet(models.QuerySet):
    def counted(self):
        return self.filter(verdict=Listed.Verdict.COUNTS)


class Listed(models.Model):
    """A row of a list with its verdict. Only rows that count are in any figure."""

    class Verdict(models.TextChoices):
        COUNTS = "counts", _("Counts")
        STOP = "stop", _("Cannot be imported")

    listing = models.ForeignKey(EnterpriseList, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()  # as in the file
    uscc = models.CharField(max_length=18)
    name = models.CharField(max_length=200)
    city_code = models.CharField(max_length=8, blank=True)
    county_code = models.CharField(max_length=8, blank=True)
    size = models.CharField(max_length=1, choices=Enterprise.Size.choices, default=Enterprise.Size.UNKNOWN)
    verdict = models.CharField(max_length=6, choices=Verdict.choices)
    reason = models.CharField(max_length=200, blank=True)  # a message id, see lms.reasons
    params = models.JSONField(default=dict)
    raw = models.JSONField(default=list)  # the cells as they came, of a row that cannot be imported

    objects = ListedQuerySet.as_manager()

    class Meta:
        verbose_name = _("listed enterprise")
        verbose_name_plural = _("listed enterprises")
        indexes = [models.Index(fields=["listing", "city_code"], name="listed_city")]
        constraints = [
            models.UniqueConstraint(fields=["listing", "uscc"], condition=Q(verdict="counts"), name="listed_once")
        ]

    def __str__(self):
        return self.name

    @property
    def why(self):
        """In the language of the reader."""
        return str(Reason(self.reason, self.params))
