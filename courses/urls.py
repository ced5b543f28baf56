from django.urls import path, re_path, register_converter
from django.urls.converters import IntConverter

from .views import (
    archive,
    catalogue,
    certificates,
    classes,
    enterprise_desk,
    enterprise_roster,
    evaluation,
    evidence,
    exams,
    learning,
    learning_home,
    lesson,
    listings,
    notes,
    standards,
    verification,
)


class RowConverter(IntConverter):
    """The number of a row: what a database can hold."""

    regex = "[0-9]{1,18}"


register_converter(RowConverter, "row")

urlpatterns = [
    path("courses/", catalogue.courses, name="catalogue"),
    path("standards/<row:pk>/", standards.standard, name="standard"),
    path("me/", learning_home.home, name="my_learning"),
    path("me/records/", evidence.records, name="evidence_all"),
    path("me/records/<uuid:uuid>/", evidence.record, name="evidence"),
    path("me/records/<uuid:uuid>/<row:pk>/", evidence.lesson, name="evidence_lesson"),
    path("me/records/<uuid:uuid>/<row:pk>/appeal", evidence.appeal, name="appeal"),
    path("me/appeals/<uuid:uuid>/withdraw", evidence.withdraw_appeal, name="appeal_withdraw"),
    path("learn/lesson/<row:pk>/film", lesson.film, name="lesson_film"),
    path("learn/course/<row:pk>/join", learning.enrol, name="enrol"),
    path("learn/course/<row:pk>/again", learning.study_again, name="study_again"),
    path("learn/programme/<row:pk>/join", learning.join, name="join"),
    path("learn/programme/<row:pk>/again", learning.join_again, name="join_again"),
    path("learn/lesson/<row:pk>/read", learning.finish_reading, name="finish_reading"),
    path("learn/lesson/<row:pk>/notes/", notes.lesson_notes, name="lesson_notes"),
    path("learn/note/<uuid:uuid>/", notes.note, name="note"),
    path("me/notes/", notes.my_notes, name="my_notes"),
    path("exam/<uuid:uuid>/start/", exams.start, name="exam_start"),
    path("attempt/<uuid:uuid>/", exams.attempt, name="attempt"),
    path("attempt/<uuid:uuid>/answer", exams.answer, name="attempt_answer"),
    path("attempt/<uuid:uuid>/submit", exams.submit, name="attempt_submit"),
    path("attempt/<uuid:uuid>/result", exams.result, name="attempt_result"),
    path("me/certificates/<str:number>/", certificates.certificate, name="certificate"),
    path("me/certificates/<str:number>/pdf", certificates.certificate_pdf, name="certificate_pdf"),
    path("me/certificates/<str:number>/png", certificates.certificate_png, name="certificate_png"),
    path("me/certificates/<str:number>/name", certificates.certificate_name, name="certificate_name"),
    path("classes/", classes.index, name="classes"),
    path("classes/<uuid:uuid>/", classes.training_class, name="training_class"),
    path("classes/<uuid:uuid>/cancel", classes.cancel, name="class_cancel"),
    path("classes/<uuid:uuid>/<row:pk>/", classes.session, name="class_session"),
    path("classes/<uuid:uuid>/<row:pk>/roster", classes.roster, name="class_roster"),
    path("classes/<uuid:uuid>/<row:pk>/left.xlsx", classes.left, name="class_roster_left"),
    path("classes/<uuid:uuid>/<row:pk>/<row:sign_in>/back", classes.take_back, name="class_take_back"),
    path("class/door/<uuid:uuid>/<str:secret>/", classes.door, name="class_door"),
    path("bureau/coverage/", listings.coverage, name="coverage"),
    path("bureau/coverage/table.xlsx", listings.table, name="coverage_table"),
    path("bureau/coverage/lists/", listings.bring, name="lists"),
    path("bureau/coverage/lists/template.xlsx", listings.template, name="list_template"),
    path("bureau/coverage/lists/<uuid:uuid>/", listings.trial, name="list"),
    path("bureau/coverage/lists/<uuid:uuid>/left.xlsx", listings.left, name="list_left"),
    path("activities/<uuid:uuid>/archive/", archive.order, name="archive"),
    path("activities/archives/<uuid:key>/", archive.state, name="archive_state"),
    path("activities/archives/<uuid:key>/file/", archive.file, name="archive_file"),
    path("activities/<uuid:uuid>/evaluation/", evaluation.evaluate, name="evaluation"),
    path("activities/<uuid:uuid>/evaluation/results/", evaluation.results, name="evaluation_results"),
    path("enterprise/", enterprise_desk.mine, name="my_enterprise_desk"),
    path("enterprise/<str:code>/", enterprise_desk.desk, name="enterprise_desk"),
    path("enterprise/<str:code>/assign", enterprise_desk.assign, name="enterprise_assign"),
    path("enterprise/<str:code>/weekly", enterprise_desk.weekly_letter, name="enterprise_weekly"),
    path("enterprise/<str:code>/members/<row:pk>", enterprise_desk.member, name="enterprise_member"),
    path(
        "enterprise/<str:code>/invitations/<uuid:uuid>/withdraw",
        enterprise_desk.withdraw_invitation,
        name="enterprise_invitation_withdraw",
    ),
    path("enterprise/<str:code>/certificates.zip", enterprise_desk.certificates, name="enterprise_certificates"),
    path("enterprise/<str:code>/roster/", enterprise_roster.bring, name="enterprise_roster_bring"),
    path("enterprise/<str:code>/roster/template.xlsx", enterprise_roster.template, name="enterprise_roster_template"),
    path("enterprise/<str:code>/roster/<uuid:uuid>/", enterprise_roster.trial, name="enterprise_roster"),
    path("enterprise/<str:code>/roster/<uuid:uuid>/decide", enterprise_roster.decide, name="enterprise_roster_decide"),
    path("enterprise/<str:code>/roster/<uuid:uuid>/left.xlsx", enterprise_roster.left, name="enterprise_roster_left"),
    path("me/invitations/<uuid:uuid>", enterprise_desk.invitation, name="invitation"),
    path("verify/", verification.verify, name="verify"),
    # The address on paper has no slash at its end; who adds one is understood.
    re_path(r"^verify/(?P<token>[^/]+)/?$", verification.verify_token, name="verify_token"),
]
