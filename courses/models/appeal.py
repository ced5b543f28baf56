"""A learner contests that something was not credited, and somebody answers."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AppealQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state=Appeal.State.OPEN)

    def decided(self):
        return self.filter(state__in=Appeal.DECIDED)


class Appeal(models.Model):
    """Written once by the learner and answered once. The evidence itself is never touched by it."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for a decision")
        GRANTED = "granted", _("Granted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    DECIDED = (State.GRANTED, State.DECLINED)
    TEXT_LENGTH = 1_000
    ANSWER_LENGTH = 200  # of the reason of an override, which a granted one becomes

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    enrolment = models.ForeignKey("courses.Enrolment", models.CASCADE, related_name="appeals")
    lesson = models.ForeignKey("courses.LessonPage", models.PROTECT, related_name="+")
    text = models.TextField(_("what is missing"), max_length=TEXT_LENGTH)
    from_ms = models.PositiveBigIntegerField(null=True, blank=True)  # of the film, where the learner named a stretch
    to_ms = models.PositiveBigIntegerField(null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    filed_at = models.DateTimeField(_("filed at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    answer = models.CharField(_("answer"), max_length=ANSWER_LENGTH, blank=True)
    override = models.OneToOneField("courses.Override", models.PROTECT, null=True, blank=True, related_name="appeal")
    told_at = models.DateTimeField(null=True, blank=True)  # when the message about the decision left

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["-filed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "lesson"], condition=models.Q(state="open"), name="appeal_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(from_ms=None, to_ms=None) | models.Q(from_ms__lt=models.F("to_ms")),
                name="appeal_stretch",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["granted", "declined"])
                | (~models.Q(answer="") & models.Q(decided_by__isnull=False, closed_at__isnull=False)),
                name="appeal_decided_with_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="granted") | models.Q(override__isnull=False), name="appeal_granted_counts"
            ),
        ]
        indexes = [models.Index(fields=["state", "filed_at"], name="appeal_waiting")]

    def __str__(self):
        return f"{self.enrolment} · {self.lesson}: {self.get_state_display()}"

    @property
    def is_open(self):
        return self.state == self.State.OPEN

    @property
    def is_decided(self):
        return self.state in self.DECIDED
