"""How loud a film is, and by how much that is changed: all lessons sound alike, quiet rooms and loud ones.

Samples from the whole film are measured as EBU R 128 says. One factor then holds for the whole film: no breathing
in pauses, nothing to be known about the end before the beginning can be played, and the same sound after a restart.
"""

import re
from pathlib import Path

import ffmpeg as graph
import structlog

from media import encoding, ffmpeg
from media.probing import Film, closed

logger = structlog.get_logger(__name__)
WANTED = -18.0  # LUFS: speech for ears at home, as AES TD1008 has it
SILENCE = -60.0  # LUFS: nothing that could be made louder
MOST = 20.0  # dB up or down
LEAST = 0.5  # dB: less cannot be heard
WHOLE = 60.0  # seconds: a film up to here is measured whole
SAMPLES, SAMPLE = 12, 5.0  # else so many pieces of so many seconds
LIMIT = 30.0  # seconds this may take
MEASURED = re.compile(r"^\s+I:\s+(-?[\d.]+|-inf|nan) LUFS", re.M)


def gain(source: Path, film: Film) -> float:
    """dB by which the sound is made louder; 0 when there is none or it could not be measured."""
    if not film.has_audio:
        return 0.0
    try:
        told = ffmpeg.run(_command(source, film), limit=LIMIT, on_tick=lambda done: None)
    except (ffmpeg.Failed, ffmpeg.TimedOut):
        logger.warning("loudness_unknown", source=source.name, exc_info=True)
        return 0.0
    measured = MEASURED.findall(told)
    loud = float(measured[-1]) if measured else float("-inf")
    if not loud >= SILENCE:
        return 0.0
    change = max(-MOST, min(MOST, WANTED - loud))
    return round(change, 2) if abs(change) >= LEAST else 0.0


def _command(source, film):
    options = {"format": film.demuxer, **closed(film.demuxer)}
    windows: list[dict[str, str | float]] = [{}]
    if film.duration > WHOLE:
        step = (film.duration - SAMPLE) / SAMPLES
        windows = [{"ss": f"{step * (number + 0.5):.3f}", "t": SAMPLE} for number in range(SAMPLES)]
    sounds = [
        graph.input(str(source), **window, **options)[f"a:{film.sound}"]
        .filter("aformat", channel_layouts="stereo")
        .filter("aresample", encoding.HERTZ)
        for window in windows
    ]
    joined = graph.concat(*sounds, v=0, a=1) if len(sounds) > 1 else sounds[0]
    measured = graph.output(joined.filter("ebur128", framelog="verbose"), "-", format="null")
    return encoding.compiled(measured, loudly=True)
