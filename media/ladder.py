"""Which renditions a film gets. Pure arithmetic; nothing is ever larger than the film itself."""

from dataclasses import dataclass
from fractions import Fraction

STANDARD = (360, 720, 1080)
SHAPE = Fraction(16, 9)
NATIVE = Fraction(6, 5)  # a film this much larger than its best standard rung gets one of its own size
BIT_RATES = {360: 700_000, 720: 2_200_000, 1080: 4_500_000}  # bits a second at most, for 25 to 30 frames
LEAST_RATE = 200_000
SOUND_RATE = 96_000
LONE_SOUND_RATE = 48_000  # one channel, for a network that carries no picture


@dataclass(frozen=True)
class Rung:
    name: str
    width: int
    height: int
    bits: int  # a second, of the picture, at most


def rungs(width: int, height: int) -> list[Rung]:
    """Lowest first. A rung N fits into a box of N x 16N/9, upright or lying as the film is."""
    size = measure(width, height)
    steps = [step for step in STANDARD if step <= size]
    if not steps or (size >= NATIVE * steps[-1] and steps[-1] != STANDARD[-1]):
        steps.append(size)
    return [_rung(step, size, width, height) for step in steps]


def measure(width: int, height: int) -> int:
    """The N of the smallest box that holds the film: 1080 for 1920x1080, 1920x800 and 1080x1920."""
    short, long = sorted((width, height))
    return max(short, round(long / SHAPE), 2)


def _rung(step, size, width, height):
    return Rung(f"{step}p", _even(width * step, size), _even(height * step, size), _bits(step))


def _even(pixels, size):
    """Encoders want even sides; rounding goes down so that nothing grows."""
    return max(2, pixels // size // 2 * 2)


def _bits(step):
    """Between and below the standard rungs by the area of the picture."""
    if step in BIT_RATES:
        return BIT_RATES[step]
    upper = next((rung for rung in STANDARD if rung > step), STANDARD[-1])
    return max(LEAST_RATE, BIT_RATES[upper] * step * step // (upper * upper))


def most_bytes(rungs: list[Rung], *, seconds: float, sound: bool) -> int:
    """What a ladder takes on disk at most."""
    bits = sum(rung.bits + (SOUND_RATE if sound else 0) for rung in rungs) + (LONE_SOUND_RATE if sound else 0)
    return int(bits * seconds / 8)
