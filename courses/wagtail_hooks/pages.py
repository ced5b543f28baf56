"""Editing and serving pages: notices to editors, the guard of records, the gate before a lesson."""

from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.models import Page

from courses import desk, standards
from courses.models import CoursePage, LessonPage
from courses.views import lesson


@hooks.register("before_edit_page")
def tell_of_outdated_standards(request, page):
    """A course or lesson that cites a superseded or withdrawn edition says so at the top of its editor."""
    page = page.specific
    if request.method != "GET" or not isinstance(page, CoursePage | LessonPage):
        return
    lessons = page.lessons() if isinstance(page, CoursePage) else [page]
    cited = standards.cited_by(lessons)
    found = {standard.pk: standard for each in cited.values() for standard in each if standard.is_outdated}
    for standard in sorted(found.values(), key=lambda each: each.number):
        messages.warning(request, _outdated(standard))


def _outdated(standard):
    words = {"number": standard.number, "status": standard.get_status_display()}
    if standard.successor:
        words["successor"] = standard.successor.number
        return _("To review: this cites %(number)s (%(status)s), replaced by %(successor)s.") % words
    return _("To review: this cites %(number)s (%(status)s).") % words


@hooks.register("after_publish_page")
def tell_of_a_missing_film(request, page):
    """Learners are told that the film is being prepared; only the editor knows that there is none."""
    if isinstance(page, LessonPage) and page.kind == LessonPage.Kind.VIDEO and page.must_watch and not page.video:
        messages.warning(
            request,
            _("“%(title)s” has no film; learners read that it is being prepared. Add it, or do not ask for watching.")
            % {"title": page.title},
        )


def _refusal(page):
    if desk.holds_records(page):
        return _(
            "“%(title)s” cannot be deleted: learners have records on it, and their record stays. Unpublish it instead."
        ) % {"title": page.title}
    programmes = desk.programmes_with(page)
    if programmes:
        return _("“%(title)s” cannot be deleted: the programme “%(programme)s” needs it.") % {
            "title": page.title,
            "programme": programmes[0].title,
        }
    return ""


@hooks.register("before_delete_page")
def keep_what_learners_did(request, page):
    refusal = _refusal(page)
    if refusal:
        messages.error(request, refusal)
        return redirect("wagtailadmin_pages:edit", page.pk)
    return None


@hooks.register("before_bulk_action")
def keep_what_learners_did_in_bulk(request, action_type, objects, action):
    if action_type != "delete" or not issubclass(action.model, Page):
        return None
    refusals = list(filter(None, map(_refusal, objects)))
    for refusal in refusals:
        messages.error(request, refusal)
    return redirect(action.next_url) if refusals else None


@hooks.register("before_serve_page", order=10)
def keep_the_order_of_lessons(page, request, args, kwargs):
    """A lesson that is not open yet answers 403 and names what comes first."""
    return lesson.gate(request, page) if isinstance(page, LessonPage) else None
