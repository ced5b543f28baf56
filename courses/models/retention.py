"""How much of a film its viewers watch, summed up: nobody's name is in it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

BUCKETS = 100


class Retention(models.Model):
    """The sums of one film, in one lesson or, without a lesson, wherever it is shown. Made anew by a duty."""

    video = models.ForeignKey("media.Video", models.CASCADE, related_name="+")
    lesson = models.ForeignKey("courses.LessonPage", models.CASCADE, null=True, blank=True, related_name="+")
    viewers = models.PositiveIntegerField(default=0)  # distinct people with anything credited
    completed = models.PositiveIntegerField(default=0)  # of them, those who finished the lesson
    median = models.PositiveSmallIntegerField(default=0)  # of what they covered, per cent of the film
    covered = models.JSONField(default=list)  # people by per cent of the film, 100 of them
    played_ms = models.JSONField(default=list)  # milliseconds played by per cent of the film, again and again included
    film_ms = models.PositiveIntegerField(null=True, blank=True)  # how long the film was that all this is of
    counted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("retention")
        verbose_name_plural = _("retention")
        constraints = [
            models.UniqueConstraint(fields=["video", "lesson"], name="retention_of_lesson"),
            models.UniqueConstraint(fields=["video"], condition=models.Q(lesson=None), name="retention_of_film"),
        ]
        indexes = [models.Index(fields=["counted_at"], name="retention_due")]

    def __str__(self):
        return f"{self.video} · {self.lesson or '*'}"


class RetentionMark(models.Model):
    """Up to which beat everything played has been counted: one row, and the lock of those who count."""

    beat = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("retention mark")
        verbose_name_plural = _("retention marks")

    def __str__(self):
        return f"#{self.beat}"
