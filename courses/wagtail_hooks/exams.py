"""The question bank and the papers drawn from it."""

import django_filters
from django import forms
from django.shortcuts import redirect
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList, Panel
from wagtail.admin.ui.tables import Column
from wagtail.models import ReferenceIndex
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from courses.models import Assessment, CoursePage, Question
from courses.models.assessment import FIRST_LANGUAGE

from .exam_forms import AssessmentForm, QuestionForm, TopicsWidget


def _courses(_request):
    return CoursePage.objects.filter(**FIRST_LANGUAGE).order_by("title")


def _words(question):
    return Truncator(question.current.stem).chars(60) if question.current else ""


def _retired(question):
    return gettext("retired") if question.retired else ""


class QuestionFilterSet(WagtailFilterSet):
    course = django_filters.ModelChoiceFilter(label=_("course"), queryset=_courses)
    kind = django_filters.MultipleChoiceFilter(
        label=_("type"), choices=Question.Kind.choices, widget=forms.CheckboxSelectMultiple
    )
    topic = django_filters.AllValuesFilter(label=_("topic"))
    retired = django_filters.BooleanFilter(label=_("retired"))

    class Meta:
        model = Question
        fields = ["course", "kind", "topic", "difficulty", "standards", "retired"]


class VersionsPanel(Panel):
    """All that the question has said, newest first."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "courses/admin/question_versions.html"

        def is_shown(self):
            return bool(self.instance.pk)

        def get_context_data(self, parent_context=None):
            context = super().get_context_data(parent_context)
            context["versions"] = self.instance.versions.select_related("author").order_by("-number")
            return context


QUESTION_PANELS = ObjectList(
    [
        FieldRowPanel([FieldPanel("code"), FieldPanel("kind")]),
        FieldPanel("stem"),
        FieldPanel("choices"),
        FieldPanel("explanation"),
        MultiFieldPanel(
            [
                FieldPanel("course", widget=forms.Select),
                FieldRowPanel([FieldPanel("topic"), FieldPanel("difficulty")]),
                FieldPanel("standards"),
                FieldPanel("retired"),
            ],
            heading=_("Where it belongs"),
        ),
        VersionsPanel(heading=_("Versions")),
    ],
    base_form_class=QuestionForm,
)

BLUEPRINT_PANELS = [
    FieldRowPanel([FieldPanel("kind"), FieldPanel("course", widget=forms.Select)]),
    FieldPanel("topics", widget=TopicsWidget, help_text=_("Topics with 、 between them. Empty takes any.")),
    FieldRowPanel([FieldPanel("count"), FieldPanel("score_each")]),
]

ASSESSMENT_PANELS = ObjectList(
    [
        FieldRowPanel([FieldPanel("title"), FieldPanel("title_en")]),
        FieldPanel("kind"),
        InlinePanel("rules", panels=BLUEPRINT_PANELS, label=_("Drawing rule"), heading=_("What is drawn"), min_num=1),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("pass_percent"), FieldPanel("time_limit")]),
                FieldRowPanel([FieldPanel("attempts"), FieldPanel("cooling_minutes")]),
            ],
            heading=_("Passing, attempts and time"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("shuffle_questions"),
                FieldPanel("shuffle_options"),
                FieldPanel("partial_credit"),
                FieldPanel("show_explanations"),
            ],
            heading=_("Order and answers"),
        ),
    ],
    base_form_class=AssessmentForm,
)


class QuestionViewSet(SnippetViewSet):
    model = Question
    icon = "help"
    menu_label = _("Questions")
    edit_handler = QUESTION_PANELS
    filterset_class = QuestionFilterSet
    list_display = [
        "code",
        Column("words", label=_("stem"), accessor=_words),
        Column("kind", label=_("type"), accessor="get_kind_display", sort_key="kind"),
        "course",
        "topic",
        "difficulty",
        Column("version", label=_("version"), accessor="current.number"),
        Column("retired", label=_("retired"), accessor=_retired, sort_key="retired"),
    ]
    list_per_page = 50
    search_fields = ["code", "topic", "current__stem"]
    copy_view_enabled = False

    def get_queryset(self, request):
        return Question.objects.select_related("current", "course").order_by("code")


class AssessmentViewSet(SnippetViewSet):
    model = Assessment
    icon = "form"
    menu_label = _("Quizzes and exams")
    edit_handler = ASSESSMENT_PANELS
    list_display = [
        "title",
        Column("kind", label=_("kind"), accessor="get_kind_display", sort_key="kind"),
        "pass_percent",
        "time_limit",
        "attempts",
    ]
    list_filter = ["kind"]
    list_per_page = 50
    search_fields = ["title", "title_en"]
    copy_view_enabled = False


class ExaminingGroup(SnippetViewSetGroup):
    items = (QuestionViewSet, AssessmentViewSet)
    menu_label = _("Questions and exams")
    menu_icon = "help"
    menu_order = 260
    add_to_admin_menu = True


register_snippet(ExaminingGroup)


@hooks.register("before_delete_snippet")
def keep_what_was_asked(request, instances):
    """Papers of learners point to questions and assessments: what was used stays."""
    kept = [each for each in instances if _is_used(each)]
    for each in kept:
        messages.error(request, gettext("“%(name)s” is in use and cannot be deleted.") % {"name": each})
    if not kept:
        return None
    return redirect(type(kept[0]).snippet_viewset.get_url_name("list"))


def _is_used(instance):
    if isinstance(instance, Question):
        return Question.objects.asked().filter(pk=instance.pk).exists()
    if isinstance(instance, Assessment):
        return instance.attempts_made.exists() or ReferenceIndex.get_references_to(instance).exists()
    return False
