"""Training on site: a class with its roster, its sessions, and who came."""

import secrets
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def door_secret() -> str:
    return secrets.token_urlsafe(16)


class TrainingClass(models.Model):
    """A class on site, or one that meets online as well. What the bureau counts of it stands on its activity."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    activity = models.OneToOneField("lms.Activity", models.PROTECT, related_name="training_class")
    programme = models.ForeignKey(
        "courses.ProgrammePage", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("programme")
    )

    class Meta:
        verbose_name = _("training class")
        verbose_name_plural = _("training classes")

    def __str__(self):
        return self.activity.title


class ClassSession(models.Model):
    """One meeting of a class. With a lesson it gives the hours of that lesson, else hours of its own."""

    OPENS, CLOSES = timedelta(minutes=60), timedelta(minutes=30)  # the door: before the begin, after the end

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    training_class = models.ForeignKey(TrainingClass, models.CASCADE, related_name="sessions")
    title = models.CharField(_("title"), max_length=120)
    starts_at = models.DateTimeField(_("begins"))
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    lesson = models.ForeignKey(
        "courses.LessonPage", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lesson")
    )
    door_secret = models.CharField(max_length=32, default=door_secret, editable=False)

    class Meta:
        verbose_name = _("meeting of a class")
        verbose_name_plural = _("meetings of classes")
        ordering = ["starts_at", "pk"]
        constraints = [models.CheckConstraint(condition=models.Q(minutes__gt=0), name="class_session_minutes")]

    def __str__(self):
        return self.title

    @property
    def ends_at(self):
        return self.starts_at + timedelta(minutes=self.minutes)


class ClassMember(models.Model):
    """A place in a class, by mobile number. Whoever proves that number later is the person."""

    training_class = models.ForeignKey(TrainingClass, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(_("full name"), max_length=40)
    mobile = models.CharField(_("mobile number"), max_length=20, blank=True, db_index=True)
    entered_at = models.DateTimeField()

    class Meta:
        verbose_name = _("place in a class")
        verbose_name_plural = _("places in classes")
        constraints = [
            models.UniqueConstraint(
                fields=["training_class", "mobile"], condition=~models.Q(mobile=""), name="class_member_mobile"
            ),
            models.UniqueConstraint(fields=["training_class", "user"], name="class_member_user"),
        ]

    def __str__(self):
        return self.name


class SignInQuerySet(models.QuerySet):
    def standing(self):
        return self.filter(taken_back_at=None)

    def uncounted(self):
        """Of people who are known by now, and not in the book yet."""
        return self.standing().filter(counted_at=None).exclude(member__user=None)


class ClassSignIn(models.Model):
    """Somebody came to a meeting. Taken back it stays, with who and why."""

    class How(models.TextChoices):
        DOOR = "door", _("At the door")
        ROSTER = "roster", _("By roster")

    session = models.ForeignKey(ClassSession, models.CASCADE, related_name="sign_ins")
    member = models.ForeignKey(ClassMember, models.CASCADE, related_name="sign_ins")
    how = models.CharField(max_length=6, choices=How.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    counted_at = models.DateTimeField(null=True, blank=True)  # in the book of record
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in of a class")
        verbose_name_plural = _("sign-ins of classes")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "member"], condition=models.Q(taken_back_at=None), name="class_sign_in_once"
            )
        ]

    def __str__(self):
        return f"{self.member} · {self.session}"
