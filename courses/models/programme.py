from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, PageChooserPanel
from wagtail.models import Orderable, Page
from wagtail.search import index

from .translation import Canonical


class ProgrammePage(Canonical, Page):
    """A training programme: courses, hours, a final exam, and the certificate that they earn."""

    summary = models.TextField(_("summary"), max_length=400, blank=True)
    elective_min = models.PositiveSmallIntegerField(_("electives needed"), default=0)
    min_hours = models.DecimalField(_("credit hours needed"), max_digits=5, decimal_places=1, default=0)
    exam = models.ForeignKey(
        "courses.Assessment", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("final exam")
    )
    exam_needs_courses = models.BooleanField(_("exam only after the courses"), default=True)
    series = models.ForeignKey(
        "courses.CertificateSeries",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="programmes",
        verbose_name=_("certificate series"),
    )
    organisers = models.CharField(_("organisers"), max_length=200, blank=True)

    parent_page_types = ["courses.HomePage"]
    subpage_types = []
    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        InlinePanel("courses", label=_("Course")),
        MultiFieldPanel(
            [
                FieldPanel("elective_min"),
                FieldPanel("min_hours"),
                FieldPanel("exam"),
                FieldPanel("exam_needs_courses"),
                FieldPanel("series"),
            ],
            heading=_("Rule for completion and certificate"),
        ),
        FieldPanel("organisers"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.FilterField("locale_id")]
    template = "courses/programme.html"

    class Meta:
        verbose_name = _("programme")


class ProgrammeCourse(Orderable):
    programme = ParentalKey(ProgrammePage, on_delete=models.CASCADE, related_name="courses")
    course = models.ForeignKey("courses.CoursePage", models.PROTECT, related_name="+", verbose_name=_("course"))
    required = models.BooleanField(pgettext_lazy("course", "required"), default=True)

    panels = [PageChooserPanel("course", "courses.CoursePage"), FieldPanel("required")]

    class Meta(Orderable.Meta):
        constraints = [models.UniqueConstraint(fields=["programme", "course"], name="programme_course_once")]

    def clean(self):
        super().clean()
        if self.course_id and self.course.canonical().pk != self.course_id:
            raise ValidationError({"course": _("Choose the course in the school's first language.")})
