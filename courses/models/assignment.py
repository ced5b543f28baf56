"""What an enterprise asks of its people: a programme by a day."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AssignmentQuerySet(models.QuerySet):
    def standing(self):
        return self.filter(withdrawn_at=None)


class Assignment(models.Model):
    """A programme that somebody should finish by a day, given by the enterprise they worked for. Given again, the day
    moves; it is one assignment."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="assignments")
    enterprise = models.ForeignKey("lms.Enterprise", models.CASCADE, related_name="assignments")
    programme = models.ForeignKey("courses.ProgrammePage", models.PROTECT, related_name="assignments")
    due_on = models.DateField(_("to be finished by"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "enterprise", "programme"],
                condition=models.Q(withdrawn_at=None),
                name="assignment_once",
            )
        ]
        indexes = [models.Index(fields=["enterprise", "due_on"], name="assignment_of_an_enterprise")]

    def __str__(self):
        return f"{self.user} · {self.programme} · {self.due_on}"


class WeeklyLetter(models.Model):
    """The list of who is behind, for a training manager: of which week it was sent last, and whether it is wanted."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="weekly_letter")
    off = models.BooleanField(default=False)
    week = models.DateField(null=True, blank=True)  # its Monday

    class Meta:
        verbose_name = _("weekly letter")
        verbose_name_plural = _("weekly letters")

    def __str__(self):
        return f"{self.user_id} · {self.week}"
