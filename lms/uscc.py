"""The unified social credit code (GB 32100): 18 characters with an outer and an inner check digit."""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import regions
from .models import Enterprise

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
OUTER_WEIGHTS = [pow(3, place, 31) for place in range(17)]
INNER_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2]
SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−_.·]+")

Subject = Enterprise.Subject
SUBJECTS = {
    "91": Subject.ENTERPRISE,
    "92": Subject.INDIVIDUAL,
    "93": Subject.COOPERATIVE,
    "12": Subject.PUBLIC,
    "11": Subject.GOVERNMENT,
    "51": Subject.SOCIAL,
    "52": Subject.PRIVATE,
}


@dataclass(frozen=True)
class Problem:
    """`kind` is one of length, charset, region, check_digit, inner_check, region_unknown."""

    kind: str
    message: str | Promise


@dataclass(frozen=True)
class Checked:
    """`code` is normalised; `subject` is empty unless the code may be used."""

    code: str
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    subject: str = ""

    @property
    def usable(self) -> bool:
        return not self.errors


def normalise(text: str) -> str:
    """Full width to half width, lower case to upper case, no spaces or hyphens."""
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def outer_digit(body: str) -> str:
    """The 18th character for the first 17."""
    total = sum(ALPHABET.index(char) * weight for char, weight in zip(body, OUTER_WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def inner_digit(body: str) -> str:
    """The ninth character of the organisation code (GB 11714) for its first eight."""
    total = sum(int(char, 36) * weight for char, weight in zip(body, INNER_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def check(text: str) -> Checked:
    """A wrong outer digit is an error; a wrong inner digit or an unknown place is a warning, for registries err."""
    code = normalise(text)
    error = _length(code) or _charset(code) or _region(code) or _outer(code)
    if error:
        return Checked(code, errors=(error,))
    warnings = tuple(problem for problem in (_inner(code), _place(code)) if problem)
    return Checked(code, warnings=warnings, subject=SUBJECTS.get(code[:2], Subject.OTHER))


def _length(code: str) -> Problem | None:
    if len(code) == LENGTH:
        return None
    if not code:
        message = _("Enter the 18-character code from the top right of the business licence.")
    elif re.fullmatch(r"\d{15}", code):
        message = _(
            "This is an old 15-digit licence number. It was replaced by an 18-character code: "
            "look at the top right of the present licence."
        )
    else:
        words = _("The code has 18 characters; %(count)d were entered.")
        return Problem("length", words % {"count": len(code)})
    return Problem("length", message)


def _charset(code: str) -> Problem | None:
    for place, char in enumerate(code, start=1):
        if char not in ALPHABET:
            return Problem(
                "charset",
                _(
                    "Character %(place)d is “%(char)s”, which the code never uses "
                    "(it has no I, O, Z, S or V). Is it a digit?"
                )
                % {"place": place, "char": char},
            )
    return None


def _region(code: str) -> Problem | None:
    if code[2:8].isdigit():
        return None
    return Problem("region", _("Characters 3 to 8 are the place of registration and must be digits."))


def _outer(code: str) -> Problem | None:
    if outer_digit(code[:17]) == code[17]:
        return None
    return Problem(
        "check_digit",
        _("The last character does not fit the other 17: at least one character is mistyped. Compare it once more."),
    )


def _inner(code: str) -> Problem | None:
    if inner_digit(code[8:16]) == code[16]:
        return None
    return Problem(
        "inner_check",
        _("The code can be used, but characters 9 to 17 look unusual. Please compare them with the licence."),
    )


def _place(code: str) -> Problem | None:
    if regions.known(code[2:8]):
        return None
    return Problem(
        "region_unknown",
        _("The code can be used, but %(place)s is not in our list of regions. Please compare it with the licence.")
        % {"place": code[2:8]},
    )
