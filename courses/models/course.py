"""Course, chapters and lessons: the tree that editors build."""

import re
from decimal import Decimal

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page
from wagtail.search import index

from courses.blocks import LessonBody
from media import captions

from .film_chapter import LessonForm
from .translation import Bilingual, Canonical

CREDIT_HOUR_MINUTES = 45
STEP = Decimal("0.5")


class Trainer(index.Indexed, models.Model):
    """A speaker as the public sees them; an account is needed only to teach on this site."""

    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=60, blank=True)
    title = models.CharField(_("title"), max_length=60, blank=True)
    title_en = models.CharField(_("English job title"), max_length=80, blank=True)
    bio = models.TextField(_("about"), blank=True)
    bio_en = models.TextField(_("about, in English"), blank=True)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="trainer"
    )
    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("name_en")]),
        FieldRowPanel([FieldPanel("title", heading=_("Job title")), FieldPanel("title_en")]),
        FieldPanel("bio"),
        FieldPanel("bio_en"),
        FieldPanel("account", heading=_("Account")),
    ]
    search_fields = [
        index.SearchField("name"),
        index.SearchField("name_en"),
        index.AutocompleteField("name"),
        index.AutocompleteField("name_en"),
    ]

    class Meta:
        verbose_name = _("trainer")
        verbose_name_plural = _("trainers")

    def __str__(self):
        return self.name

    @property
    def shown_name(self):
        return self._in_language("name")

    @property
    def shown_title(self):
        return self._in_language("title")

    @property
    def shown_bio(self):
        return self._in_language("bio")

    def _in_language(self, field):
        english = getattr(self, f"{field}_en") if get_language() == "en" else ""
        return english or getattr(self, field)


class CoursePage(Canonical, Page):
    class Level(models.TextChoices):
        BASIC = "basic", _("Basic")
        ADVANCED = "advanced", _("Advanced")
        SPECIAL = "special", _("Special topic")

    cover_words = models.CharField(
        _("words on the cover"),
        max_length=24,
        blank=True,
        help_text=_("A standard number or a few words, such as GB/T 19001. Empty takes the title."),
    )
    level = models.CharField(_("level"), max_length=8, choices=Level.choices, default=Level.BASIC)
    audience = models.CharField(_("for whom"), max_length=200, blank=True)
    summary = models.TextField(_("summary"), max_length=400, blank=True)
    goals = models.TextField(_("goals, one a line"), blank=True)
    chains = ParentalManyToManyField("lms.IndustryChain", blank=True, verbose_name=_("industry chains"))
    assessment = models.ForeignKey(
        "courses.Assessment", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("course test")
    )

    # How watching counts in this course.
    sequential = models.BooleanField(_("lessons in order"), default=False)
    threshold = models.PositiveSmallIntegerField(
        _("per cent to watch"), default=90, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    max_rate = models.DecimalField(
        _("fastest speed"),
        max_digits=3,
        decimal_places=2,
        default=Decimal("1.5"),
        validators=[MinValueValidator(1), MaxValueValidator(2)],
    )
    pause_when_hidden = models.BooleanField(_("no credit while the page is hidden"), default=False)
    # A courtesy of the player. What counts never depends on it.
    no_skip = models.BooleanField(_("no seeking ahead of what was watched"), default=False)
    attention = models.BooleanField(
        _("ask now and then whether somebody is there"),
        default=False,
        help_text=_("At moments nobody can foresee. Without an answer watching counts no more until there is one."),
    )
    attention_minutes = models.PositiveSmallIntegerField(
        _("minutes between two questions, on average"),
        default=15,
        validators=[MinValueValidator(5), MaxValueValidator(60)],
    )
    attention_seconds = models.PositiveSmallIntegerField(
        _("seconds to answer"),
        default=90,
        validators=[MinValueValidator(60), MaxValueValidator(600)],
        help_text=_("At least 60: somebody may be using a screen reader, or writing something down."),
    )

    parent_page_types = ["courses.TrackPage"]
    subpage_types = ["courses.ChapterPage", "courses.LessonPage"]
    content_panels = [
        *Page.content_panels,
        FieldRowPanel([FieldPanel("level"), FieldPanel("cover_words")]),
        FieldPanel("audience"),
        FieldPanel("summary"),
        FieldPanel("goals"),
        FieldPanel("chains"),
        InlinePanel("trainers", label=_("Trainer")),
        MultiFieldPanel(
            [
                FieldPanel("assessment"),
                FieldPanel("sequential"),
                FieldPanel("threshold"),
                FieldPanel("max_rate"),
                FieldPanel("pause_when_hidden"),
                FieldPanel("no_skip"),
                FieldPanel("attention"),
                FieldRowPanel([FieldPanel("attention_minutes"), FieldPanel("attention_seconds")]),
            ],
            heading=_("How learning counts"),
        ),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.SearchField("goals"),
        index.SearchField("audience"),
        index.SearchField("cover_words"),
        index.RelatedFields(
            "trainers",
            [index.RelatedFields("trainer", [index.SearchField("name"), index.SearchField("name_en")])],
        ),
        index.FilterField("level"),
        index.FilterField("locale_id"),
    ]
    template = "courses/course.html"

    class Meta:
        verbose_name = _("course")

    @property
    def on_cover(self):
        """Few words: what an editor chose, or the title up to its colon."""
        return self.cover_words or re.split("[：:]", self.title)[0]

    def lessons(self):
        """Live lessons in the order of the outline, through chapters."""
        return LessonPage.objects.live().descendant_of(self).order_by("path")


class CourseTrainer(Orderable):
    course = ParentalKey(CoursePage, on_delete=models.CASCADE, related_name="trainers")
    trainer = models.ForeignKey(Trainer, models.PROTECT, related_name="courses", verbose_name=_("trainer"))


class ChapterPage(Bilingual, Page):
    section = "catalogue"

    parent_page_types = ["courses.CoursePage"]
    subpage_types = ["courses.LessonPage"]
    template = "courses/chapter.html"

    class Meta:
        verbose_name = _("chapter")


class LessonPage(Canonical, Page):
    class Kind(models.TextChoices):
        VIDEO = "video", _("Video")
        LIVE = "live", _("Live and replay")
        READING = "reading", _("Reading")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.VIDEO)
    summary = models.TextField(_("summary"), max_length=400, blank=True)
    credit_hours = models.DecimalField(
        _("credit hours"), max_digits=4, decimal_places=1, default=1, validators=[MinValueValidator(0)]
    )
    minutes = models.PositiveSmallIntegerField(
        _("planned minutes"), default=CREDIT_HOUR_MINUTES, validators=[MinValueValidator(1)]
    )
    must_watch = models.BooleanField(_("the video must be watched"), default=True)
    body = StreamField(LessonBody(), verbose_name=_("content"), blank=True)
    standards = ParentalManyToManyField("courses.Standard", blank=True, verbose_name=_("standards cited"))

    parent_page_types = ["courses.CoursePage", "courses.ChapterPage"]
    subpage_types = []
    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldRowPanel([FieldPanel("kind"), FieldPanel("credit_hours"), FieldPanel("minutes")]),
        FieldPanel("must_watch"),
        FieldPanel("body"),
        InlinePanel(
            "film_chapters",
            heading=_("Chapters of the film"),
            label=_("Chapter of the film"),
            help_text=_("Learners jump to them, and the pages of the standards lead to them."),
        ),
        FieldPanel("standards", widget=forms.CheckboxSelectMultiple),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.SearchField("body"),
        index.RelatedFields(
            "standards",
            [
                index.SearchField("number"),
                index.SearchField("title"),
                index.SearchField("title_en"),
                index.SearchField("adopts"),
            ],
        ),
        index.RelatedFields(
            "film_chapters",
            [index.SearchField("title"), index.RelatedFields("standard", [index.SearchField("number")])],
        ),
        index.SearchField("spoken"),
        index.FilterField("locale_id"),
    ]
    base_form_class = LessonForm
    template = "courses/lesson.html"

    class Meta:
        verbose_name = _("lesson")

    @property
    def video(self):
        """The film of this lesson, or None."""
        return next((block.value for block in self.body if block.block_type == "video"), None)

    @property
    def spoken(self):
        """What is said in the film, for the search."""
        return captions.spoken(self.video, self.locale.language_code) if self.video else ""

    def quizzes(self):
        return [block.value for block in self.body if block.block_type == "quiz" and block.value]

    @property
    def course(self):
        """The course above, whether or not a chapter lies between. One or two queries: keep the result."""
        parent = self.get_parent()
        return (parent if parent.specific_class is CoursePage else parent.get_parent()).specific

    def clean(self):
        super().clean()
        kinds = {block.block_type for block in self.body}
        if self.must_watch and "embed" in kinds and "video" not in kinds:
            raise ValidationError(
                {
                    "must_watch": _(
                        "Watching an external video cannot be verified. Upload the video here, or switch this rule off."
                    )
                }
            )
        if self.credit_hours is not None and self.credit_hours % STEP:
            raise ValidationError({"credit_hours": _("Credit hours go in steps of 0.5.")})
