from datetime import datetime
from uuid import uuid4

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Activity(models.Model):
    """One thing the bureau counts: a course run, a programme, a broadcast, an offline class."""

    class Kind(models.TextChoices):
        COURSE = "course", _("Course")
        PROGRAMME = "programme", _("Programme")
        BROADCAST = "broadcast", _("Broadcast")
        CLASSROOM = "classroom", _("Classroom")

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Held")
        CANCELLED = "cancelled", _("Cancelled")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    key = models.CharField(_("key"), max_length=80, unique=True)  # whose row this is, e.g. course:<uuid>
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=255)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("to"), null=True, blank=True)
    organisers = models.JSONField(_("organisers"), default=list, blank=True)  # [{"role": "主办", "name": …}]
    region_code = models.CharField(_("organiser's region"), max_length=8, blank=True)
    campaigns = models.JSONField(_("campaigns"), default=list, blank=True)
    track = models.CharField(_("track"), max_length=8, blank=True, db_default="")
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.HELD, db_default=Status.HELD
    )
    place = models.CharField(_("place"), max_length=200, blank=True, db_default="")
    quota = models.PositiveIntegerField(_("quota"), null=True, blank=True)
    planned_sessions = models.PositiveSmallIntegerField(_("planned sessions"), default=1, db_default=1)
    description = models.TextField(_("description"), blank=True, db_default="")
    created_by = models.ForeignKey("lms.User", models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    # What figures group, narrow and name activities by. Each change of these is a row of ActivityFacts.
    FACTS = (
        "key", "kind", "title", "track", "campaigns", "starts_on", "ends_on", "organisers", "region_code", "place",
    )  # fmt: skip

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")

    def __str__(self):
        return self.title


class WrittenOnce(models.QuerySet):
    """Rows of the book of record are added, never changed. The database refuses it too, see migration 0002."""

    def update(self, **values):
        raise TypeError("the ledger is append-only: write a reversal")

    def delete(self):
        raise TypeError("the ledger is append-only: write a reversal")


class LedgerBatch(models.Model):
    """Rows sealed together. `hash` covers the rows and `previous`, so a changed row breaks the chain."""

    number = models.PositiveIntegerField(unique=True)
    rows = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    # How it is hashed: those of the first format know neither activities nor pieces and stay as they were sealed.
    format = models.PositiveSmallIntegerField(default=2, db_default=1, editable=False)
    activities = models.PositiveIntegerField(default=0, db_default=0)  # facts of activities sealed with the rows
    pieces = models.TextField(default="", db_default="", editable=False)  # digests of few rows each: where it broke

    objects = WrittenOnce.as_manager()

    class Meta:
        verbose_name = _("ledger batch")
        verbose_name_plural = _("ledger batches")
        ordering = ["number"]

    def __str__(self):
        return f"#{self.number}"


class Sealable(WrittenOnce):
    def unsealed(self):
        return self.filter(batch=None)

    def seal(self, batch: LedgerBatch) -> int:
        """The one change a row sees: it takes its place in the chain."""
        return models.QuerySet.update(self.unsealed(), batch=batch)


class ActivityFactsQuerySet(Sealable):
    def known(self, as_of: datetime | None = None):
        """Of each activity what was known of it at that moment, or else the first that was ever written down."""
        by_then = models.Q() if as_of is None else models.Q(recorded_at__lte=as_of)
        latest = Coalesce(models.Max("pk", filter=by_then), models.Min("pk"))
        rows = ActivityFacts.objects.order_by().values("activity").annotate(latest=latest)
        return self.filter(pk__in=rows.values("latest"))


class ActivityFacts(models.Model):
    """What an activity is in the book: written when it is opened and at each change, sealed with the participations.

    The activity itself is the copy that its owners work with; the audit compares it with the last of these rows.
    """

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="facts")
    key = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Activity.Kind.choices)
    title = models.CharField(max_length=255)
    track = models.CharField(max_length=8, blank=True)
    campaigns = models.JSONField(default=list, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    organisers = models.JSONField(default=list, blank=True)
    region_code = models.CharField(max_length=8, blank=True)
    place = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    author = models.UUIDField(null=True, blank=True)  # User.ledger_key; nobody when the school itself did it
    batch = models.ForeignKey(LedgerBatch, models.PROTECT, null=True, blank=True, related_name="facts")

    objects = ActivityFactsQuerySet.as_manager()

    class Meta:
        verbose_name = _("facts of an activity")
        verbose_name_plural = _("facts of activities")
        indexes = [models.Index(fields=["id"], condition=models.Q(batch=None), name="activity_facts_unsealed")]

    def __str__(self):
        return f"{self.key}: {self.title}"


class ParticipationQuerySet(Sealable):
    def with_person(self):
        """These have their `person` themselves; rows that other apps keep have to ask for theirs."""
        return self

    def standing(self, as_of: datetime | None = None):
        """Facts that no reversal took back, as the book read at that moment."""
        facts = self.exclude(kind=Participation.Kind.REVERSAL)
        if as_of is None:
            return facts.filter(reversed_by=None)
        later = models.Q(reversed_by=None) | models.Q(reversed_by__recorded_at__gt=as_of)
        return facts.filter(later, recorded_at__lte=as_of)

    def graduating(self):
        return self.filter(kind=Participation.Kind.PROGRAMME)

    def taking_part(self):
        """What 人次 and 学时 count. Finishing a programme is no further participation: its courses were counted."""
        return self.exclude(kind=Participation.Kind.PROGRAMME)


class Stood(models.Model):
    """How things stood with a person at that moment; later moves and renamings do not reach here."""

    enterprise_uscc = models.CharField(max_length=18, blank=True)
    enterprise_name = models.CharField(max_length=200, blank=True)
    enterprise_subject = models.CharField(max_length=24, blank=True)
    enterprise_size = models.CharField(max_length=1, blank=True)
    chains = models.JSONField(default=list)
    city_code = models.CharField(max_length=8)
    city_name = models.CharField(max_length=40)
    province_code = models.CharField(max_length=8)
    county_code = models.CharField(max_length=8, blank=True, default="", db_default="")
    county_name = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        abstract = True


class Participation(Stood):
    """A fact of the book of record: a person took part in an activity. Written once, corrected by a reversal."""

    class Channel(models.TextChoices):
        LIVE = "live", pgettext_lazy("channel", "Live")
        REPLAY = "replay", _("Replay")
        ON_DEMAND = "on_demand", _("On demand")
        CLASSROOM = "classroom", _("Classroom")

    class Kind(models.TextChoices):
        LESSON = "lesson", _("Lesson completed")
        PROGRAMME = "programme", _("Programme completed")
        REVERSAL = "reversal", _("Reversal")

    key = models.CharField(max_length=120, unique=True)  # writing the same fact twice is one row
    kind = models.CharField(max_length=10, choices=Kind.choices)
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="participations")
    person = models.UUIDField(db_index=True)  # User.ledger_key, and no other way to the person
    channel = models.CharField(max_length=10, choices=Channel.choices)
    # Credited; 45 are one 学时, so half a 学时 is 22.5. Negative in a reversal.
    minutes = models.DecimalField(max_digits=7, decimal_places=1)
    occurred_at = models.DateTimeField(db_index=True)
    recorded_at = models.DateTimeField()
    evidence = models.CharField(max_length=120, blank=True)
    unit = models.CharField(max_length=80)  # the lesson or programme, by its key: what 学时 are credited for once
    unit_title = models.CharField(max_length=255, blank=True)

    # What of a row is hashed. Rows of the first format know no county: they stay as they were sealed.
    format = models.PositiveSmallIntegerField(default=2, db_default=1, editable=False)

    # A correction points at what it reverses and says who and why.
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    reason = models.CharField(max_length=200, blank=True)
    author = models.UUIDField(null=True, blank=True)

    batch = models.ForeignKey(LedgerBatch, models.PROTECT, null=True, blank=True, related_name="participations")

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        indexes = [
            models.Index(fields=["occurred_at", "city_code"], name="participation_when_city"),
            models.Index(fields=["activity", "person"], name="participation_activity_person"),
            models.Index(fields=["enterprise_uscc", "occurred_at"], name="participation_firm_when"),
            models.Index(fields=["id"], condition=models.Q(batch=None), name="participation_unsealed"),
            models.Index(
                fields=["recorded_at", "id"], condition=models.Q(reverses__isnull=False), name="participation_reversals"
            ),
        ]
        constraints = [models.CheckConstraint(condition=~models.Q(unit=""), name="participation_unit")]

    def __str__(self):
        return f"{self.kind} {self.minutes}' {self.person}"
