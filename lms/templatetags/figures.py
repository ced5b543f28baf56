"""How numbers of the bureau are written, and the addresses behind them."""

from decimal import Decimal

from django import template

from lms import masking

register = template.Library()
register.filter("masked_name", masking.masked)
register.filter("masked_code", masking.masked_code)


@register.filter
def figure(value):
    """14,862 and 21,392.0; a dash for what nobody was asked."""
    if value is None:
        return "—"
    return f"{value:,.1f}" if isinstance(value, Decimal) else f"{value:,}"


@register.filter
def attribute(thing, name):
    return getattr(thing, name)


@register.filter
def hours(minutes):
    return f"{minutes / 45:.1f}"


@register.filter
def first_word(name):
    """A name of a city for a tile: Garzê for the whole of its English name."""
    return name.split(" ")[0]
