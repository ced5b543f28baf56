from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkerBeat(models.Model):
    """When a background process last said that it is alive."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("worker beat")
        verbose_name_plural = _("worker beats")
        ordering = ["name"]

    def __str__(self):
        return self.name
