"""The pages around the courses: home, tracks, notices and plain texts."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index

from .translation import Bilingual

TEXT_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "hr"]


class HomePage(Bilingual, Page):
    lead = models.CharField(_("lead"), max_length=200, blank=True)

    max_count_per_parent = 1
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["courses.TrackPage", "courses.ProgrammePage", "courses.NoticeIndexPage", "courses.ContentPage"]
    content_panels = [*Page.content_panels, FieldPanel("lead")]
    template = "courses/home.html"

    class Meta:
        verbose_name = _("home page")


class TrackPage(Bilingual, Page):
    section = "catalogue"

    class Track(models.TextChoices):
        CQO = "cqo", _("CQO appointment training")
        STD = "std", _("Standards classroom")
        TQM = "tqm", _("Total quality management")
        CHAIN = "chain", _("Industry chains")

    code = models.CharField(_("track"), max_length=8, choices=Track.choices)
    lead = models.CharField(_("lead"), max_length=200, blank=True)

    parent_page_types = ["courses.HomePage"]
    subpage_types = ["courses.CoursePage"]
    content_panels = [*Page.content_panels, FieldPanel("code"), FieldPanel("lead")]
    template = "courses/track.html"

    class Meta:
        verbose_name = _("track")


class NoticeIndexPage(Bilingual, Page):
    parent_page_types = ["courses.HomePage"]
    subpage_types = ["courses.NoticePage"]
    max_count_per_parent = 1
    template = "courses/notice_index.html"

    class Meta:
        verbose_name = _("notices")


class NoticePage(Bilingual, Page):
    date = models.DateField(_("date"))
    body = RichTextField(_("text"), features=TEXT_FEATURES)

    parent_page_types = ["courses.NoticeIndexPage"]
    subpage_types = []
    content_panels = [*Page.content_panels, FieldPanel("date"), FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("body")]
    template = "courses/notice.html"

    class Meta:
        verbose_name = _("notice")


class ContentPage(Bilingual, Page):
    """A plain text: about, counting rules, accessibility statement."""

    body = RichTextField(_("text"), features=TEXT_FEATURES)

    parent_page_types = ["courses.HomePage", "courses.ContentPage"]
    content_panels = [*Page.content_panels, FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("body")]
    template = "courses/content.html"

    class Meta:
        verbose_name = _("text page")
