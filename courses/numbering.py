"""Numbers of certificates: CQO 2026 510000 00001 7 = series, year, region, serial, check character.

The check character is the one of the unified social credit code (GB 32100): weights 3⁰, 3¹, … modulo the
prime 31, so that every single wrong character and every exchange of two characters is found. Its alphabet
has no I, O, S, V, Z; where a number contains one of them it counts as the character it is mistaken for, and
two numbers that differ only so are the same number.
"""

import unicodedata

from lms.uscc import ALPHABET

from .models import CertificateSeries, SerialCounter

LOOK_ALIKES = str.maketrans("IOSVZ", "105U2")
VALUES = {character: value for value, character in enumerate(ALPHABET)}
SERIAL_DIGITS = 5


def fold(text: str) -> str:
    """What a person typed or read out, as the key that numbers are found by; signs and spaces do not count."""
    plain = unicodedata.normalize("NFKC", text).upper()
    kept = "".join(character for character in plain if character.isascii() and character.isalnum())
    return kept.translate(LOOK_ALIKES)


def check_character(body: str) -> str:
    """For a number without its last character."""
    total = sum(VALUES[character] * pow(3, place, 31) for place, character in enumerate(fold(body)))
    return ALPHABET[-total % 31]


def is_sound(number: str) -> bool:
    """Whether the last character fits the others: finds a slip of the pen without asking the database."""
    key = fold(number)
    return len(key) > 1 and check_character(key[:-1]) == key[-1]


def number(*, code: str, year: int, region: str, serial: int) -> str:
    """The serial takes five digits, and more when a year needs them."""
    body = f"{code}{year}{region}{serial:0{SERIAL_DIGITS}}"
    return body + check_character(body)


def take(series: CertificateSeries, *, year: int, count: int) -> range:
    """The next serials, in the caller's transaction. The counter's row stays locked until that ends: no serial
    is given twice, and one that was rolled back goes to the next."""
    SerialCounter.objects.get_or_create(series=series, year=year)
    counter = SerialCounter.objects.select_for_update().get(series=series, year=year)
    first = counter.last + 1
    counter.last += count
    counter.save(update_fields=["last"])
    return range(first, first + count)
