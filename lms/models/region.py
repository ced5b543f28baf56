from datetime import date

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def in_readers_language(chinese: str, english: str) -> str:
    """Chinese where no English was given."""
    return english or chinese if (get_language() or "").startswith("en") else chinese


class RegionQuerySet(models.QuerySet):
    def on(self, day: date):
        """The division as it stood on that day."""
        return self.filter(valid_from__lte=day).exclude(valid_to__lt=day)

    def current(self):
        return self.filter(valid_to=None)

    def statistical(self):
        """The rows of the bureau's table: 21 市(州), 重庆市, 省外, 未填报, in code order."""
        return self.filter(level__in=[Region.Level.CITY, Region.Level.BUCKET]).order_by("order", "code")

    def cities(self):
        """What a unit can lie in: the statistical rows without "not given"."""
        return self.statistical().exclude(code=Region.UNKNOWN)


class Region(models.Model):
    """A province, city or county of GB/T 2260, valid between two days. History is kept, never edited."""

    class Level(models.TextChoices):
        PROVINCE = "province", _("Province")
        CITY = "city", _("City")
        COUNTY = "county", _("County")
        BUCKET = "bucket", _("Statistical group")

    OTHER = "OTHER"  # 省外
    UNKNOWN = "UNKNOWN"  # 未填报

    code = models.CharField(_("code"), max_length=8)
    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    short = models.CharField(_("short name"), max_length=20, blank=True)
    level = models.CharField(_("administrative level"), max_length=10, choices=Level.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    zone = models.CharField(_("zone"), max_length=40, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    valid_from = models.DateField(_("valid from"), default=date(2000, 1, 1))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="region_code_from"),
            models.UniqueConstraint(fields=["code"], condition=models.Q(valid_to=None), name="region_code_current"),
        ]

    def __str__(self):
        """For reading: the ledger and exports keep `name`, whatever the language of the reader."""
        return in_readers_language(self.name, self.name_en)

    @property
    def province_code(self):
        """510000 for 510722; a statistical group is its own province."""
        return f"{self.code[:2]}0000" if self.code.isdigit() else self.code
