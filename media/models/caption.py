from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .video import Video


class Caption(models.Model):
    """The words of a video in one language, kept as clean WebVTT text."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="captions")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    body = models.TextField(_("WebVTT"))

    class Meta:
        verbose_name = _("captions")
        verbose_name_plural = _("captions")
        ordering = ["video", "-language"]  # the school's own language first
        constraints = [models.UniqueConstraint(fields=["video", "language"], name="caption_language")]

    def __str__(self):
        return f"{self.video} {self.language}"
