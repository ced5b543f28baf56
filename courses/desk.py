"""The editors' office: who may do what in the tree of pages and with what stands beside it.

Trainers build and change lessons of their own, editors any of them, and both hand in; moderators approve and publish.
Wagtail brings the workflow, which asks a moderator; it holds for the whole tree.
"""

from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import transaction
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Task,
    Workflow,
    WorkflowPage,
)

from courses.models import CoursePage, Enrolment, LessonPage, LessonProgress, Note, ProgrammeEnrolment, ProgrammePage

# Wagtail's own migrations name these in English alone; an installation has one name for both languages of its office.
REVIEW = "Moderators approval", "审核后发布 / Released by a moderator"
NAMES = dict([REVIEW, ("Root", "全部 / All")])

PAGES = {
    "Trainers": ["add"],
    "Editors": ["add", "change"],
    "Moderators": ["add", "change", "publish", "lock", "unlock"],
}
LOOK = ("view",)
EDIT = ("add", "change", "view")
ALL = ("add", "change", "delete", "view")
BESIDE = {
    "Trainers": {
        "courses.standard": LOOK,
        "courses.trainer": LOOK,
        "courses.question": EDIT,
        "courses.assessment": EDIT,
        "media.video": EDIT,
        "filer.file": EDIT,
        "filer.folder": EDIT,
    },
    "Editors": {
        "courses.standard": EDIT,
        "courses.trainer": EDIT,
        "courses.question": EDIT,
        "courses.assessment": EDIT,
        "media.video": EDIT,
        "filer.file": EDIT,
        "filer.folder": EDIT,
        "wagtailcore.locale": LOOK,
    },
    "Moderators": {
        "courses.standard": ALL,
        "courses.trainer": ALL,
        "courses.question": ALL,
        "courses.assessment": ALL,
        "courses.certificateseries": EDIT,
        "media.video": ALL,
        "filer.file": ALL,
        "filer.folder": ALL,
        "lms.schoolsettings": ("change",),
    },
}


@transaction.atomic
def prepare() -> None:
    """Give the three groups what they need and put the whole tree under the workflow. May run any number of times;
    what an administrator has granted beyond this stays."""
    root = Page.objects.get(depth=1)
    for name, actions in PAGES.items():
        group, _ = Group.objects.get_or_create(name=name)
        _let_in(group)
        _grant(group, BESIDE[name])
        for action in actions:
            permission = _permission("wagtailcore.page", action)
            GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
        _pictures(group)
    _put_under_review(root)
    _name()


def _put_under_review(root):
    workflow = Workflow.objects.filter(name__in=REVIEW).first()
    if workflow and not WorkflowPage.objects.filter(page=root).exists():
        WorkflowPage.objects.create(page=root, workflow=workflow)


def _name():
    """Whatever an administrator has named otherwise stays."""
    for old, new in NAMES.items():
        for things in (Workflow.objects, Task.objects, Collection.objects):
            things.filter(name=old).update(name=new)
        Page.objects.filter(depth=1, title=old).update(title=new, draft_title=new)


def _permission(label, action):
    app, model = label.split(".")
    return Permission.objects.get(content_type__app_label=app, content_type__model=model, codename=f"{action}_{model}")


def _let_in(group):
    group.permissions.add(Permission.objects.get(codename="access_admin", content_type__app_label="wagtailadmin"))


def _grant(group, models):
    group.permissions.add(*(_permission(label, action) for label, actions in models.items() for action in actions))


def _pictures(group):
    """Pictures for pages: each may add and choose them in the one collection."""
    collection = Collection.get_first_root_node()
    for action in ("add", "choose"):
        GroupCollectionPermission.objects.get_or_create(
            group=group, collection=collection, permission=_permission("wagtailimages.image", action)
        )


def publish_due() -> None:
    """Publish what is scheduled for now, and take down what has expired. A periodic duty."""
    call_command("publish_scheduled", verbosity=0)


def holds_records(page: Page) -> bool:
    """Whether somebody has learnt from this page or one below it. Such a page may be unpublished, never deleted."""
    below = {"path__startswith": page.path}
    courses = CoursePage.objects.filter(**below)
    lessons = LessonPage.objects.filter(**below)
    programmes = ProgrammePage.objects.filter(**below)
    return (
        Enrolment.objects.filter(course__in=courses).exists()
        or LessonProgress.objects.filter(lesson__in=lessons).exists()
        or Note.objects.filter(lesson__in=lessons).exists()
        or ProgrammeEnrolment.objects.filter(programme__in=programmes).exists()
    )


def programmes_with(page: Page) -> list[ProgrammePage]:
    """The programmes that need a course on this page or below it."""
    courses = CoursePage.objects.filter(path__startswith=page.path)
    elsewhere = ProgrammePage.objects.exclude(path__startswith=page.path)
    return list(elsewhere.filter(courses__course__in=courses).distinct())
