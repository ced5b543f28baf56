from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.search import index
from wagtail.search.queryset import SearchableQuerySetMixin


class StandardQuerySet(SearchableQuerySetMixin, models.QuerySet):
    def outdated(self):
        """A course that cites one of these needs another look."""
        return self.filter(status__in=Standard.OUTDATED)


class Standard(index.Indexed, models.Model):
    """One edition of a standard, keyed by number and year. Metadata only: the text belongs to its publisher."""

    class Status(models.TextChoices):
        CURRENT = "current", _("In force")
        COMING = "coming", _("Published, not yet in force")
        SUPERSEDED = "superseded", _("Replaced by a newer edition")
        WITHDRAWN = "withdrawn", _("No longer in force")
        UNCHECKED = "unchecked", _("To be checked")

    OUTDATED = (Status.SUPERSEDED, Status.WITHDRAWN)

    number = models.CharField(_("number and year"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=200, blank=True)  # of an old edition it may be unknown
    title_en = models.CharField(_("English title"), max_length=300, blank=True)
    group = models.CharField(pgettext_lazy("standards", "group"), max_length=40, blank=True)
    adopts = models.CharField(_("adopted standard"), max_length=60, blank=True)
    degree = models.CharField(_("degree of adoption"), max_length=10, blank=True)
    issued = models.DateField(_("issued"), null=True, blank=True)
    effective = models.DateField(_("in force from"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.CURRENT)
    status_checked = models.BooleanField(_("status checked in the official catalogue"), default=False)
    replaces = models.CharField(_("replaces"), max_length=200, blank=True)
    successor = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="predecessors", verbose_name=_("replaced by")
    )
    note = models.TextField(_("note"), blank=True)
    link = models.URLField(_("official page"), blank=True)

    objects = StandardQuerySet.as_manager()

    panels = [
        FieldRowPanel([FieldPanel("number"), FieldPanel("group")]),
        FieldPanel("title"),
        FieldPanel("title_en"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("status"), FieldPanel("status_checked")]),
                FieldRowPanel([FieldPanel("issued"), FieldPanel("effective")]),
                FieldPanel("replaces"),
                FieldPanel("successor"),
            ],
            heading=_("Edition"),
        ),
        FieldRowPanel([FieldPanel("adopts"), FieldPanel("degree")]),
        FieldPanel("link"),
        FieldPanel("note"),
    ]
    search_fields = [
        index.SearchField("number", boost=4),
        index.SearchField("title", boost=2),
        index.SearchField("title_en"),
        index.SearchField("adopts"),
        index.AutocompleteField("number"),
        index.AutocompleteField("title"),
        index.FilterField("status"),
        index.FilterField("group"),
    ]

    class Meta:
        verbose_name = _("standard")
        verbose_name_plural = _("standards")
        ordering = ["number"]

    def __str__(self):
        return f"{self.number} {self.title}".strip()

    @property
    def is_outdated(self):
        return self.status in self.OUTDATED

    @property
    def shown_title(self):
        """In the language of the page; Chinese where there is no English title."""
        return self.title_en if self.shown_in == "en" else self.title

    @property
    def shown_in(self):
        """The language of that title, for those who listen to the page."""
        return "en" if get_language() == "en" and self.title_en else "zh-CN"
