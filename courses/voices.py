"""Two ways for a demo film to sound. A voice makes a sentence into samples at RATE, mono, from -1 to 1.

espeak  Mandarin from the eSpeak NG library inside the espeakng-loader wheel; plain, but every tone is there
tones   soft notes as long as the sentence would take to say, for machines on which that library does not load
"""

import ctypes
from collections.abc import Callable
from functools import cache

import espeakng_loader
import numpy as np
import structlog

log = structlog.get_logger(__name__)

RATE = 22050  # what eSpeak speaks at
WORDS_PER_MINUTE = 170
SYNCHRONOUS, SPEED, UTF8 = 2, 1, 1  # names of the library's header for its numbers

Samples = np.ndarray
Voice = Callable[[str], Samples]


def named(name: str) -> Voice:
    """The voice of that name. Where eSpeak cannot be loaded, tones take its place and the log says so."""
    if name == "tones":
        return tones
    if name != "espeak":
        raise ValueError(f"there is no voice called {name}")
    try:
        return _espeak()
    except OSError as error:
        log.warning("speech is not available, the film gets tones", error=str(error))
        return tones


def tones(sentence: str) -> Samples:
    seconds = np.arange(int((0.6 + 0.23 * len(sentence)) * RATE)) / RATE
    root = 220 * 2 ** ((0, 3, 5, 7)[sum(map(ord, sentence)) % 4] / 12)
    chord = sum(np.sin(2 * np.pi * root * ratio * seconds) / (k + 1) for k, ratio in enumerate((1, 1.5, 2)))
    swell = np.minimum(1, seconds / 0.4) * np.minimum(1, (seconds[-1] - seconds) / 0.6)
    return (0.06 * swell * chord).astype(np.float32)


@cache
def _espeak() -> Voice:
    """One voice per process, since the library keeps its state in itself. Raises OSError."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    if library.espeak_Initialize(SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0) != RATE:
        raise OSError("eSpeak did not start at the expected rate")
    chunks: list[bytes] = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
    def collect(wave: int | None, count: int, _events: int | None) -> int:
        if wave and count > 0:
            chunks.append(ctypes.string_at(wave, count * 2))
        return 0

    library.espeak_SetSynthCallback(collect)
    if library.espeak_SetVoiceByName(b"cmn+f2"):
        raise OSError("eSpeak has no Mandarin here")
    library.espeak_SetParameter(SPEED, WORDS_PER_MINUTE, 0)
    library.espeak_Synth.argtypes = [
        *(ctypes.c_char_p, ctypes.c_size_t),
        *(ctypes.c_uint, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint),
        *(ctypes.c_void_p, ctypes.c_void_p),
    ]

    def speak(sentence: str, _kept: object = collect) -> Samples:  # the library keeps no reference of its own
        chunks.clear()
        text = sentence.encode()
        library.espeak_Synth(text, len(text) + 1, 0, 1, 0, UTF8, None, None)
        library.espeak_Synchronize()
        return np.frombuffer(b"".join(chunks), "<i2").astype(np.float32) / 32768

    return speak
