"""Parts of every page: icons, the reader's choices, fields, bars."""

import json
from functools import cache

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import translate_url
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language

from lms import navigation, school
from lms.tracks import TRACKS

register = template.Library()

# As browsers and speech programs want the language written.
HTML_LANGUAGES = {"zh-hans": "zh-CN", "en": "en"}


@register.simple_tag
def icon(name, css="icon"):
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', css, static("icons.svg"), name
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


@register.simple_tag
def account_links():
    return navigation.entries("", of=navigation.ACCOUNT)


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
def module_preloads(package):
    """Lets the browser fetch all modules of a vendored library at once instead of level by level."""
    links = ((static(name),) for name in _vendored(package))
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', links)
