from datetime import datetime
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from lms.models import Participation
from lms.models.tally import Stood, WrittenOnce


class IssuanceQuerySet(WrittenOnce):
    def with_person(self):
        """`person`, by whom a row can be named, is asked of the account that holds a version: of none once closed."""
        versions = self.model.versions.rel.related_model.objects.filter(issuance=models.OuterRef("pk"))
        held = versions.exclude(user=None).order_by("-version").values("user__ledger_key")
        return self.annotate(person=models.Subquery(held[:1]))

    def standing(self, as_of: datetime | None = None):
        """Those that were not revoked, in whatever version, as it was known at that moment."""
        revoked = self.model.versions.rel.related_model.objects.filter(issuance=models.OuterRef("pk"))
        if as_of is None:
            return self.filter(~models.Exists(revoked.exclude(revoked_at=None)))
        return self.filter(~models.Exists(revoked.filter(revoked_at__lte=as_of)), occurred_at__lte=as_of)


class Issuance(Stood):
    """That a certificate was issued, and where its holder stood then: what the bureau counts. Written once; it stays
    when the account is closed, and its versions say whether it was revoked. Named like a row of the book of record.

    `holder` is drawn with the first certificate of a person and programme and joins nothing but their certificates of
    that programme: with the person's key of the book, the printed name would lead to all that the person learned.
    """

    holder = models.UUIDField(db_index=True)
    activity = models.ForeignKey("lms.Activity", models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.CharField(max_length=80)  # the programme, by its key
    number = models.CharField(_("number"), max_length=40)  # of the first version
    occurred_at = models.DateTimeField(_("issued at"))

    objects = IssuanceQuerySet.as_manager()

    # What a page of rows asks of a fact. Nobody is credited hours for a certificate.
    channel = Participation.Channel.ON_DEMAND
    minutes = Decimal(0)

    class Meta:
        verbose_name = _("issuance of a certificate")
        verbose_name_plural = _("issuances of certificates")
        indexes = [models.Index(fields=["occurred_at", "city_code"], name="issuance_when_city")]

    def __str__(self):
        return self.number

    @property
    def unit_title(self):
        return self.number

    def get_channel_display(self):
        return self.channel.label
