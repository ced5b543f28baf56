"""Parts of every page: icons, the reader's choices, fields, bars."""

import json
from functools import cache

import segno
from django import forms, template
from django.conf import settings
from django.templatetags.static import static
from django.urls import translate_url
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language, gettext, pgettext

from lms import navigation, school
from lms.tracks import TRACKS

register = template.Library()

DJANGO_ROWS = "10"  # what a Textarea has that nobody thought about

# As browsers and speech programs want the language written.
HTML_LANGUAGES = {"zh-hans": "zh-CN", "en": "en"}


@register.simple_tag
def icon(name, css="icon"):
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', css, static("icons.svg"), name
    )


@register.simple_tag
def motif(key, css):
    """The figure of a track, drawn into whatever box its class gives it."""
    return format_html(
        '<svg class="{}" preserveAspectRatio="xMaxYMid slice" aria-hidden="true"><use href="{}#{}"></use></svg>',
        css,
        static("icons.svg"),
        TRACKS[key].motif,
    )


@register.simple_tag
def html_lang(code=None):
    return HTML_LANGUAGES.get(code or get_language(), "zh-CN")


@register.simple_tag(name="school")
def school_facts():
    return school.facts()


@register.simple_tag(takes_context=True)
def scale(context):
    """`large` for a reader who chose 大字版, on this device or on the account."""
    request = context.get("request")
    if request is None:
        return context.get("scale", "")
    chosen = request.COOKIES.get("scale")
    if chosen is None and getattr(request, "user", None) and request.user.is_authenticated:
        return "large" if request.user.large_type else ""
    return "large" if chosen == "large" else ""


@register.simple_tag(takes_context=True)
def navigation_entries(context):
    request = context.get("request")
    return navigation.entries(request.path if request else "", section=context.get("section", ""))


@register.simple_tag
def footer_links():
    return navigation.entries("", of=navigation.FOOTER)


@register.simple_tag(takes_context=True)
def account_links(context):
    session = getattr(context["request"], "session", {})  # a page of an error may be made before there is one
    firm = navigation.FIRM_ENTRY if session.get(navigation.FIRM) else ()
    films = navigation.FILMS_ENTRY if session.get(navigation.FILMS) else ()
    figures = navigation.FIGURES_ENTRY if session.get(navigation.FIGURES) else ()
    desk = navigation.DESK_ENTRY if session.get(navigation.DESK) else ()
    return navigation.entries("", of=[*navigation.ACCOUNT, *firm, *figures, *films, *desk])


@register.simple_tag
def address(name):
    """The address of a page by its URL name; empty where the school has no such page."""
    return navigation.address(name)


@register.simple_tag(takes_context=True)
def other_language(context):
    """`{code, lang, name, url}` of the same page in the other language.

    A page that knows its translation puts its address into the context as `other_language_url`.
    """
    code = "zh-hans" if (get_language() or "").startswith("en") else "en"
    request = context.get("request")
    here = request.get_full_path() if request else navigation.home_url()
    return {
        "code": code,
        "lang": HTML_LANGUAGES[code],
        "name": {"zh-hans": "中文", "en": "English"}[code],
        "url": context.get("other_language_url") or translate_url(here, code),
    }


@register.simple_tag
def track(key):
    """The track of that key, with its colours and figure; `cqo` for a key nobody knows."""
    return TRACKS.get(key, TRACKS["cqo"])


@cache
def _vendored(package):
    manifest = json.loads((settings.BASE_DIR / "lms/static/vendor/manifest.json").read_text(encoding="utf-8"))
    return [f"vendor/{name}" for name in manifest[package]["files"] if name.endswith(("js", "mjs"))]


@register.simple_tag
@cache
def module_preloads(package):
    """Lets the browser fetch all modules of a vendored library at once instead of level by level."""
    links = ((static(name),) for name in _vendored(package))
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', links)


@register.simple_tag
def elided_pages(page_obj):
    """Page numbers around the present one; None where some are left out."""
    numbers = page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else None for number in numbers]


@register.simple_tag
def qr_code(text, css=""):
    """The code as one path, a run of dark modules at a time."""
    code = segno.make(text, error="m", micro=False)
    runs = []
    for y, row in enumerate(code.matrix):
        x = 0
        while x < len(row):
            length = next((i for i in range(x, len(row)) if row[i] != row[x]), len(row)) - x
            if row[x]:
                runs.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    size = len(code.matrix)
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" shape-rendering="crispEdges" aria-hidden="true">'
        '<path fill="currentColor" d="{}"/></svg>',
        css,
        size,
        size,
        "".join(runs),
    )


@register.inclusion_tag("includes/field.html", takes_context=True)
def field(context, bound, addon="", css=""):
    """One field of a form. `addon` names a template that stands beside the control, as a button that sends a code."""
    widget = bound.field.widget
    hint_id, error_id = f"{bound.auto_id}-hint", f"{bound.auto_id}-error"
    described_by = " ".join(([hint_id] if bound.help_text else []) + ([error_id] if bound.errors else []))
    attrs = {"aria-describedby": described_by} if described_by else {}
    kind = _kind(bound)
    if kind == "control":
        classes = [widget.attrs.get("class", ""), "input", css, "" if addon else "field__control"]
        attrs["class"] = " ".join(part for part in classes if part)
    if isinstance(widget, forms.Textarea) and widget.attrs.get("rows") == DJANGO_ROWS:
        attrs["rows"] = "4"
    return {
        "field": bound,
        "kind": kind,
        "control": bound.as_widget(attrs=attrs),
        "errors": bound.errors,
        "hint_id": hint_id,
        "error_id": error_id,
        "described_by": described_by,
        "optional": not bound.field.required,
        "addon": addon,
        "request": context.get("request"),
    }


def _kind(bound):
    widget = bound.field.widget
    if bound.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    return "control"


@register.inclusion_tag("includes/form_fields.html", takes_context=True)
def form_fields(context, form):
    return {"form": form, "request": context.get("request")}


@register.inclusion_tag("includes/coverage_bar.html")
def coverage_bar(intervals, duration, **options):
    """`intervals`: watched [start, end] in seconds; `duration` in seconds.

    Options: verdict and note (words), small, legend, now (seconds), ticks (seconds at which chapters begin).
    """
    seen, gaps = parts(intervals, duration)
    return {
        **options,
        "seen": [_box(start, end, duration) for start, end in seen],
        "gaps": [_box(start, end, duration) for start, end in gaps],
        "words": coverage_words(seen, gaps, duration),
        "ticks": "".join(_stroke(at, duration) for at in options.get("ticks", ())),
        "now": _stroke(options["now"], duration) if options.get("now") else "",
        "scale_marks": [clock(0), clock(duration / 2), clock(duration)],
    }


def parts(intervals, duration):
    """What was seen, in order and without overlaps, and what was left out before the furthest point seen."""
    seen, gaps, reached = [], [], 0
    for start, end in sorted((max(0, start), min(end, duration)) for start, end in intervals):
        if end <= max(start, reached):
            continue
        if start > reached:
            gaps.append((reached, start))
            seen.append((start, end))
        elif seen:
            seen[-1] = (seen[-1][0], end)
        else:
            seen.append((start, end))
        reached = end
    return seen, gaps


def coverage_words(seen, gaps, duration):
    percent = int(100 * sum(end - start for start, end in seen) / duration) if duration else 0
    words = [gettext("%(percent)d%% watched.") % {"percent": percent}]
    if gaps:
        spans = [gettext("%(start)s to %(end)s") % {"start": clock(start), "end": clock(end)} for start, end in gaps]
        words.append(gettext("Left out: %(parts)s.") % {"parts": pgettext("list", ", ").join(spans)})
    if seen and seen[-1][1] < duration:
        words.append(gettext("Nothing yet after %(time)s.") % {"time": clock(seen[-1][1])})
    return " ".join(words)


@register.filter
def clock(seconds):
    """Minutes and seconds as a player shows them: 68:20."""
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def _box(start, end, duration):
    return {"x": f"{1000 * start / duration:g}", "width": f"{1000 * (end - start) / duration:g}"}


def _stroke(at, duration):
    return f"M{1000 * at / duration:g} 0v10"
