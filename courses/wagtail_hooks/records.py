"""Learning records in the editors' office: found, read with their evidence, and decided upon by those who may."""

from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.permissions import register_permission_policy

from courses.models import Enrolment, ProgrammeEnrolment
from courses.views import record_desk

from .certificates import KeeperPolicy

register_permission_policy(Enrolment, KeeperPolicy(Enrolment, "view"))
register_permission_policy(ProgrammeEnrolment, KeeperPolicy(ProgrammeEnrolment, "view"))


def _day(moment):
    return timezone.localdate(moment).isoformat() if moment else ""


def _completed(row):
    return _day(row.completed_at)


def _columns(subject, label, inspect):
    return [
        TitleColumn(
            "user",
            label=_("Learner"),
            accessor=lambda row: row.user.name,
            get_url=lambda row: reverse(inspect, args=[row.pk]),
        ),
        Column(subject, label=label, accessor=lambda row: getattr(row, subject).title),
        Column("period", label=_("Period"), accessor="period"),
        Column("started_at", label=_("Since"), sort_key="started_at", accessor=lambda row: _day(row.started_at)),
        Column("completed_at", label=_("Completed on"), sort_key="completed_at", accessor=_completed),
    ]


class RecordViewSet(ModelViewSet):
    icon = "history"
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    form_fields = []  # required by the view set, though nobody may add or change
    list_per_page = 50
    search_backend_name = None
    ordering = ["-started_at"]


class EnrolmentViewSet(RecordViewSet):
    model = Enrolment
    menu_label = _("Courses")
    index_view_class = record_desk.EnrolmentIndexView
    inspect_view_class = record_desk.EnrolmentInspectView
    list_display = _columns("course", _("Course"), record_desk.COURSE)
    search_fields = ["user__name", "user__mobile", "user__email", "course__title"]


class ProgrammeEnrolmentViewSet(RecordViewSet):
    model = ProgrammeEnrolment
    menu_label = _("Programmes")
    index_view_class = record_desk.ProgrammeIndexView
    inspect_view_class = record_desk.ProgrammeInspectView
    list_display = _columns("programme", _("Programme"), record_desk.PROGRAMME)
    search_fields = ["user__name", "user__mobile", "user__email", "programme__title"]


class RecordGroup(ModelViewSetGroup):
    menu_label = _("Learning records")
    menu_icon = "history"
    menu_order = 265
    items = (EnrolmentViewSet, ProgrammeEnrolmentViewSet)


@hooks.register("register_admin_viewset")
def record_viewsets():
    return RecordGroup()


@hooks.register("register_admin_urls")
def record_urls():
    return [
        path("records/course/<row:pk>/decide/", record_desk.decide_course, name="record_decide"),
        path("records/course/<row:pk>/decide/<row:lesson>/", record_desk.decide_lesson, name="record_decide_lesson"),
        path("records/programme/<row:pk>/decide/", record_desk.decide_programme, name="record_decide_programme"),
    ]
