"""What pages say about learning, and about the reader: a page itself stays the same for every visitor."""

from django import template
from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language

from courses import attestation, catalogue, coverage, search
from courses.forms import ROLES_OF_ORGANISERS
from courses.models import NoticePage, ProgrammePage
from courses.views import course as courses
from courses.views import learning_home, lesson
from courses.views import programme as programme_view
from lms import reports
from media import playback

register = template.Library()
SHOWN_NOTICES = 4
NOTICES_PER_PAGE = 20
MYRIAD = 10_000


@register.filter
def marked(text, query):
    """The text with what was searched for in <mark>."""
    return search.mark(text, query)


@register.filter
def holds_any(standard, query):
    """Whether a word of the query stands in what is known of the standard."""
    return bool(search.spans(f"{standard.number} {standard.title} {standard.adopts}", query))


@register.filter
def organiser_role(role):
    """What 主办 and the like are called in the reader's language."""
    return ROLES_OF_ORGANISERS.get(role, role)


@register.filter
def hours(value):
    """2 学时"""
    return coverage.hours_words(value)


@register.filter
def film_time(seconds):
    """68:20, as the links #t=68:20 have it."""
    return coverage.clock(int(seconds * 1000))


@register.simple_tag(takes_context=True)
def course_state(context, course):
    """The course for whoever reads the page: see views.course.course_state. A preview shows it as to a visitor."""
    return courses.course_state(_reader(context), course, context.get("request"))


@register.simple_tag(takes_context=True)
def programme_state(context, page):
    return programme_view.programme_state(_reader(context), page, context.get("request"))


@register.simple_tag(takes_context=True)
def lesson_state(context, page):
    return lesson.state(context["request"], page)


@register.simple_tag(takes_context=True)
def resume(context):
    """The lesson to go on with, or None."""
    reader = _reader(context)
    return learning_home.resume(reader, context.get("request")) if courses.signed_in(reader) else None


def _reader(context):
    request = context.get("request")
    return None if request is None or getattr(request, "is_preview", False) else getattr(request, "user", None)


@register.simple_tag
def tracks():
    """The tracks of the reader's language, each with its page and how much it holds."""
    return catalogue.tracks(language=get_language())


@register.simple_tag
def shelf_of(track_page):
    """The courses of a track as the catalogue lists them."""
    return [entry for entry in catalogue.shelf(language=get_language()) if entry.course.is_child_of(track_page)]


@register.simple_tag
def programmes():
    pages = ProgrammePage.objects.live().filter(locale__language_code=get_language(), alias_of=None)
    return list(pages.order_by("path"))


@register.simple_tag
def latest_notices():
    pages = NoticePage.objects.live().filter(locale__language_code=get_language(), date__lte=timezone.localdate())
    return list(pages.order_by("-date", "-pk")[:SHOWN_NOTICES])


@register.simple_tag
def public_figures():
    """Straight from the ledger, at most a minute old."""
    return reports.public_figures()


@register.simple_tag(takes_context=True)
def file_address(context, file):
    """A short-lived address of a handout for the reader; empty for a visitor."""
    user = courses.signed_in(_reader(context))
    return playback.file_url(file, viewer=user) if user else ""


@register.filter
def plain_hours(value):
    """5 or 5.5, where the unit stands elsewhere."""
    return f"{value.normalize():f}"


@register.simple_tag
def track_code(course):
    """The track a course or a page below it stands on."""
    paths = {track.page.path: track.page.code for track in catalogue.tracks(language=get_language())}
    return next((code for path, code in paths.items() if course.path.startswith(path)), "cqo")


@register.simple_tag
def trainers_of(course):
    return [taught.trainer for taught in course.trainers.select_related("trainer").order_by("sort_order")]


@register.inclusion_tag("includes/certificate.html")
def certificate_sample(programme, series):
    """What the certificate looks like, with nobody's name. Chinese, as on paper."""
    sheet = attestation.sample(series)
    return {
        "title": sheet.title,
        "number": sheet.number,
        "name": sheet.name,
        "text": f"参加{programme.canonical().title}，完成规定学时，考核合格，特发此证。",
        "issuer": "、".join(sheet.issuers),
        "issued_on": date_format(sheet.issued, "Y年n月j日"),
        "link": sheet.verify_text,
        "sample": True,
    }


@register.simple_tag
def total(rows, name):
    return f"{sum(getattr(row, name) for row in rows):,}"


@register.simple_tag
def figure(value):
    """{shown, scale, exact}: 14,832 is 1.5 万 in Chinese headlines, with the full number in a title."""
    if value >= MYRIAD and get_language() != "en":
        return {"shown": f"{value / MYRIAD:.1f}", "scale": "万", "exact": f"{value:,}"}
    return {"shown": f"{value:,}" if value else "0", "scale": "", "exact": ""}


@register.simple_tag(takes_context=True)
def notices_below(context, index):
    pages = NoticePage.objects.live().child_of(index).order_by("-date", "-pk")
    return Paginator(pages, NOTICES_PER_PAGE).get_page(context["request"].GET.get("page"))
