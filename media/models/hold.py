from django.db import models
from django.utils.translation import gettext_lazy as _


class Hold(models.Model):
    """Something that needs the machine more than films being prepared do, such as a broadcast on air."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    until = models.DateTimeField(_("until"))  # whoever holds says so again before; a forgotten hold ends by itself

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ["-until"]

    def __str__(self):
        return self.name
