from django.db import models
from django.utils.translation import gettext_lazy as _

from .tally import WrittenOnce


class KeptFigures(models.Model):
    """Figures that a page shows all the time, as they were last counted. The book itself is the truth."""

    name = models.CharField(max_length=20, unique=True)
    figures = models.JSONField()
    upto = models.PositiveBigIntegerField()  # the newest row of the book that was counted
    counted_at = models.DateTimeField()
    seconds = models.FloatField()  # that counting took

    class Meta:
        verbose_name = _("kept figures")
        verbose_name_plural = _("kept figures")

    def __str__(self):
        return self.name


class Figures(models.Model):
    """The seven figures that a cell of a table is made of."""

    sessions = models.IntegerField(default=0)
    attendances = models.IntegerField(default=0)
    persons = models.IntegerField(default=0)
    enterprise_attendances = models.IntegerField(default=0)
    enterprises = models.IntegerField(default=0)
    minutes = models.DecimalField(max_digits=14, decimal_places=1, default=0)
    graduates = models.IntegerField(default=0)

    class Meta:
        abstract = True


class KeptTally(Figures):
    """The figures of one standard period, of all or of one city. The book itself is the truth, see lms.tallies."""

    period = models.CharField(max_length=7)  # 2026, 2026H1, 2026Q1, 2026-01
    city = models.CharField(max_length=8, blank=True)  # empty: all of them

    class Meta:
        verbose_name = _("kept tally")
        verbose_name_plural = _("kept tallies")
        constraints = [models.UniqueConstraint(fields=["period", "city"], name="kept_tally_cell")]

    def __str__(self):
        return f"{self.period} {self.city}"


class KeptSession(models.Model):
    """How many attended an activity in a standard period: while it is more than nobody, it is a session there."""

    period = models.CharField(max_length=7)
    city = models.CharField(max_length=8, blank=True)
    activity = models.ForeignKey("lms.Activity", models.PROTECT, related_name="+")
    attendances = models.IntegerField()

    class Meta:
        verbose_name = _("kept session")
        verbose_name_plural = _("kept sessions")
        constraints = [models.UniqueConstraint(fields=["period", "activity", "city"], name="kept_session_cell")]

    def __str__(self):
        return f"{self.period} {self.city} {self.activity_id}"


class UncountedFact(models.Model):
    """A row of the book that the kept tallies do not know yet. Written and committed with the row itself."""

    participation = models.BigIntegerField(primary_key=True)

    class Meta:
        verbose_name = _("uncounted fact")
        verbose_name_plural = _("uncounted facts")

    def __str__(self):
        return str(self.participation)


class PeriodLock(models.Model):
    """A period was locked or unlocked: a row each, the last one holds."""

    period = models.CharField(_("period"), max_length=7)
    locked = models.BooleanField(_("locked"))
    reason = models.CharField(_("reason"), max_length=200)
    author = models.UUIDField()  # User.ledger_key
    at = models.DateTimeField(_("at"))

    objects = WrittenOnce.as_manager()

    class Meta:
        verbose_name = _("lock of a period")
        verbose_name_plural = _("locks of periods")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.period} {'+' if self.locked else '-'}"


class OpeningBalance(Figures):
    """What was counted before the school began, as another book says it. Shown apart, never added to the ledger's."""

    key = models.CharField(max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=200)
    since = models.DateField(_("from"))
    until = models.DateField(_("to"))
    city_code = models.CharField(_("city"), max_length=8, blank=True)
    source = models.CharField(_("source"), max_length=200)
    approver = models.CharField(_("approved by"), max_length=80)
    author = models.UUIDField()
    signed_at = models.DateTimeField(_("signed at"))
    withdraws = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="withdrawn_by")
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = WrittenOnce.as_manager()

    class Meta:
        verbose_name = _("opening balance")
        verbose_name_plural = _("opening balances")
        ordering = ["since", "pk"]

    def __str__(self):
        return self.title

    @property
    def hours(self):
        return round(self.minutes / 45, 1)
