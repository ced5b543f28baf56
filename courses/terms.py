"""How watching counts in a course, in plain words for the people who watch."""

from django.utils.translation import gettext as _

from .models import CoursePage


def of(course: CoursePage) -> list[str]:
    """One sentence a rule. `course` is the one that enrolments hang on."""
    said = [
        _("Watch %(percent)d%% of each film, in any order. What you saw before is never asked for again.")
        % {"percent": course.threshold},
        _("Up to %(rate)s times the speed counts in full.") % {"rate": f"{course.max_rate.normalize():f}"},
        _("One player at a time: the one that you opened last counts."),
    ]
    if course.sequential:
        said.append(_("Lessons go in order: finish one to open the next."))
    if course.no_skip:
        said.append(_("The player goes no further ahead than you have watched, until the lesson is finished."))
    if course.pause_when_hidden:
        said.append(_("The film stops while this page is in the background; time there does not count."))
    else:
        said.append(_("A page in the background counts, too."))
    if course.attention:
        said.append(
            _(
                "About every %(minutes)d minutes the player asks whether you are there, and you have %(seconds)d "
                "seconds to answer. Without an answer watching counts no more until you give one."
            )
            % {"minutes": course.attention_minutes, "seconds": course.attention_seconds}
        )
    return said
