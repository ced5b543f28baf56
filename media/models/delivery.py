"""What of a film was sent to whom."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .video import Video


class Delivery(models.Model):
    """The segments of one ladder that one person fetched in one hour, whatever their size of picture."""

    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    video = models.ForeignKey(Video, models.CASCADE, related_name="deliveries")
    run = models.UUIDField()
    hour = models.DateTimeField()  # its beginning
    segments = models.JSONField(default=list)  # [[first, after the last], …], numbers, sorted and disjoint

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["viewer", "video", "run", "hour"], name="delivery_once")]
        indexes = [models.Index(fields=["hour"], name="delivery_by_hour")]

    def __str__(self):
        return f"{self.viewer} · {self.video} · {self.hour:%F %R}"
