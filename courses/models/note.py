"""What a learner writes down while watching. It belongs to the person, not to an enrolment."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST = 2000  # characters


class Note(models.Model):
    """A thought at a moment of a lesson. `lesson` is the page that records hang on, whatever language was read."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)  # a page may choose it: sent twice is one note
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notes")
    lesson = models.ForeignKey("courses.LessonPage", models.PROTECT, related_name="notes")
    position_ms = models.PositiveIntegerField(default=0)  # of the film
    text = models.TextField(_("note"), max_length=LONGEST)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("learner's note")
        verbose_name_plural = _("learners' notes")
        ordering = ["position_ms", "pk"]
        indexes = [models.Index(fields=["user", "lesson", "position_ms"], name="note_of_a_lesson")]
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="note_says_something")]

    def __str__(self):
        return f"{self.user} · {self.lesson} · {self.position_ms // 1000} s"

    @property
    def seconds(self) -> float:
        return self.position_ms / 1000
