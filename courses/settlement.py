"""When a course or programme asks for less than before, those who have done enough are finished without doing more.

Editing is seldom and learners are many, so the work is queued in pieces; any piece may be done again.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django_tasks import task
from wagtail.models import Page

from . import completion
from .models import CoursePage, Enrolment, ProgrammeEnrolment, ProgrammePage

log = structlog.get_logger(__name__)
PIECE = 100  # enrolments settled by one task


def page_changed(page: Page) -> None:
    """The page, or one below it, was published, taken down or moved: look again at whom it keeps from finishing."""
    course = CoursePage.objects.ancestor_of(page, inclusive=True).first()
    if course and _open_studies(course.pk).exists():
        transaction.on_commit(partial(settle_studies.enqueue, course.pk))
    if isinstance(page.specific_deferred, ProgrammePage) and _open_programmes(page.pk).exists():
        transaction.on_commit(partial(settle_programmes.enqueue, page.pk))


def on_change(instance: Page, **kwargs: object) -> None:
    """Wagtail tells of every publishing and taking down, by hand, by workflow or by schedule."""
    page_changed(instance)


def on_move(parent_page_before: Page, parent_page_after: Page, **kwargs: object) -> None:
    for parent in (parent_page_before, parent_page_after):
        page_changed(parent)


@task
def settle_studies(course: int, beyond: int = 0) -> int:
    """Of the open periods of a course the next piece. Says how many were finished by it."""
    rows = list(_open_studies(course).filter(pk__gt=beyond).order_by("pk")[:PIECE])
    if len(rows) == PIECE:
        settle_studies.enqueue(course, rows[-1].pk)
    _each(completion.settle, rows)
    return _done("studies", course, Enrolment.objects.completed().filter(pk__in=[row.pk for row in rows]).count())


@task
def settle_programmes(programme: int, beyond: int = 0) -> int:
    rows = list(_open_programmes(programme).filter(pk__gt=beyond).order_by("pk")[:PIECE])
    if len(rows) == PIECE:
        settle_programmes.enqueue(programme, rows[-1].pk)
    _each(completion.settle_programme, rows)
    finished = ProgrammeEnrolment.objects.filter(pk__in=[row.pk for row in rows]).exclude(completed_at=None)
    return _done("programmes", programme, finished.count())


def _each(settle: Callable[[Any], None], rows: Iterable[Enrolment | ProgrammeEnrolment]) -> None:
    """One that fails keeps nobody else waiting; the task has failed nevertheless. Raises ExceptionGroup."""
    failed = []
    for row in rows:
        try:
            settle(row)
        except Exception as error:  # whatever it is, it concerns this row
            log.exception("settling_failed", what=row._meta.model_name, row=row.pk)
            failed.append(error)
    if failed:
        raise ExceptionGroup("some could not be settled", failed)


def _done(what: str, page: int, finished: int) -> int:
    log.info("settled_after_change", what=what, page=page, finished=finished)
    return finished


def _open_studies(course: int) -> QuerySet[Enrolment]:
    return Enrolment.objects.current().filter(course=course, completed_at=None)


def _open_programmes(programme: int) -> QuerySet[ProgrammeEnrolment]:
    return ProgrammeEnrolment.objects.current().filter(programme=programme, completed_at=None)
