"""What pages say about learning, and about the reader: a page itself stays the same for every visitor."""

from django import template

from courses import coverage, search

register = template.Library()


@register.filter
def marked(text, query):
    """The text with what was searched for in <mark>."""
    return search.mark(text, query)


@register.filter
def holds_any(standard, query):
    """Whether a word of the query stands in what is known of the standard."""
    return bool(search.spans(f"{standard.number} {standard.title} {standard.adopts}", query))


@register.filter
def hours(value):
    """2 学时"""
    return coverage.hours_words(value)
