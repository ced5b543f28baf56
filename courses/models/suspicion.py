"""What looks strange in the evidence, for people to look at. Nothing here changes what counts."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class FlagQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state=Flag.State.OPEN)


class Flag(models.Model):
    """A pattern in the evidence of one lesson of one study, with the figures in which it was seen."""

    class Kind(models.TextChoices):
        TRIMMED = "trimmed", _("Claims beyond what the clock allows")
        SPEED = "speed", _("Tells of a speed above the limit of the course")
        FLAPPING = "flapping", _("Two players taking turns")
        CLOCKWORK = "clockwork", _("Beats like clockwork from a hidden page")
        REPLAYED = "replayed", _("The same claim again and again")
        UNDELIVERED = "undelivered", _("Credited without the film having been fetched")
        TIRELESS = "tireless", _("More hours in a day than a person watches")
        SHARED = "shared", _("Several people with the same beats at the same moments")
        ABSENT = "absent", _("Questions whether somebody is there went unanswered")

    class State(models.TextChoices):
        OPEN = "open", _("To be looked at")
        DISMISSED = "dismissed", _("Harmless")
        CONFIRMED = "confirmed", _("Confirmed")

    key = models.CharField(max_length=120, unique=True)  # what was seen where: seeing it again is the same row
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    enrolment = models.ForeignKey("courses.Enrolment", models.CASCADE, related_name="flags")
    lesson = models.ForeignKey("courses.LessonPage", models.PROTECT, null=True, blank=True, related_name="+")
    figures = models.JSONField(default=dict)  # the evidence in numbers, by kind; see courses.suspicion
    created_at = models.DateTimeField(_("seen"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)

    objects = FlagQuerySet.as_manager()

    class Meta:
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["state", "-created_at"], name="flag_by_state")]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.enrolment}"


class FlagReview(models.Model):
    """What somebody thought of a flag, and why. Another thought is another row."""

    flag = models.ForeignKey(Flag, models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=Flag.State.choices)
    note = models.CharField(_("note"), max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("review of a flag")
        verbose_name_plural = _("reviews of flags")
        ordering = ["made_at", "pk"]
        constraints = [models.CheckConstraint(condition=~models.Q(note=""), name="flag_review_has_note")]

    def __str__(self):
        return f"{self.reviewer}: {self.note}"
