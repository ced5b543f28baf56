"""How what is kept about learning is told."""

from django import template

from courses import coverage, intervals

register = template.Library()


@register.filter
def present(row):
    """How much of a live session somebody was present at: 42 min 10 s."""
    return coverage.spoken(intervals.length(row.intervals))


@register.filter
def stretch(appeal):
    """12:30–14:00, where a request names a part of the film."""
    return f"{coverage.clock(appeal.from_ms)}–{coverage.clock(appeal.to_ms)}" if appeal.to_ms else ""
