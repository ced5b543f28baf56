"""Who an enterprise counts as its people: decisions about memberships, invitations, and rosters on trial."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _


class MemberDecision(models.Model):
    """The enterprise, or the bureau in its place, says whether somebody is one of its people. Written once."""

    membership = models.ForeignKey("lms.Membership", models.CASCADE, related_name="decisions")
    by = models.ForeignKey("lms.User", models.SET_NULL, null=True, related_name="+")
    confirmed = models.BooleanField(_("one of ours"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("decision about a member")
        verbose_name_plural = _("decisions about members")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.membership} · {self.confirmed}"


class InvitationQuerySet(models.QuerySet):
    def open(self, at: datetime):
        return self.filter(answered_at=None, withdrawn_at=None, made_at__gt=at - Invitation.VALID)


class Invitation(models.Model):
    """An enterprise counts the holder of this number among its people; it holds when that person says so."""

    VALID = timedelta(days=60)

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey("lms.Enterprise", models.CASCADE, related_name="invitations")
    name = models.CharField(_("full name"), max_length=40)
    mobile = models.CharField(_("mobile number"), max_length=20, db_index=True)
    post = models.CharField(_("post"), max_length=40, blank=True)
    made_by = models.ForeignKey("lms.User", models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)  # when the text message left
    answered_at = models.DateTimeField(null=True, blank=True)
    accepted = models.BooleanField(null=True)
    answered_by = models.ForeignKey("lms.User", models.SET_NULL, null=True, blank=True, related_name="invitations")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "mobile"],
                condition=models.Q(answered_at=None, withdrawn_at=None),
                name="invitation_one_open",
            )
        ]

    def __str__(self):
        return f"{self.enterprise} · {self.name}"


class Roster(models.Model):
    """A table on trial: nothing of it is written until somebody says so. `lines` are as lms.rosters judged them."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey("lms.Enterprise", models.CASCADE, related_name="rosters")
    file_name = models.CharField(max_length=200)
    headings = models.JSONField(default=list)
    lines = models.JSONField(default=list)
    seconds = models.FloatField(default=0)  # that the trial took
    made_by = models.ForeignKey("lms.User", models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(db_index=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(default=dict)  # how many lines of each verdict were written

    class Meta:
        verbose_name = _("roster")
        verbose_name_plural = _("rosters")

    def __str__(self):
        return self.file_name
