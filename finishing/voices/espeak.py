"""The offline voice: espeak-ng through the library that espeakng-loader ships.

A formant synthesiser: always there, never mistaken for a person. Its words come with their real times.
"""

import ctypes
from ctypes import POINTER, c_char_p, c_int, c_short, c_uint, c_void_p
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import av
import espeakng_loader
import numpy as np
from numpy.typing import NDArray

from campaign.brief import Language
from campaign.content_key import Json
from campaign.errors import FinishError
from finishing.voice import SpokenLine, SpokenWord
from finishing.voices.polish import POLISH_VERSION, polish
from finishing.voices.speakable import SPEAKABLE_VERSION, Speakable, speakable
from media.sound import RATE, write_wav

RECIPE_VERSION = 2

_VARIANT = "+Annie"
"""The variant whose Mandarin tones span the widest range, 135 to 227 Hz, without echo or breath."""


class _Accent(NamedTuple):
    identifier: str
    """espeak's own name of the voice."""
    language: Language
    rate: int
    """Words a minute as espeak counts them, for an unhurried commercial read."""


ACCENTS = {
    "cmn": _Accent("sit/cmn", Language.ZH, 215),
    "en-gb": _Accent("gmw/en", Language.EN, 168),
    "en-us": _Accent("gmw/en-US", Language.EN, 168),
}

_SYNCHRONOUS = 2
_UTF8, _END_PAUSE = 1, 0x1000
_RATE, _PITCH, _RANGE, _WORD_GAP = 1, 3, 4, 7
_WORD, _CLAUSE_END = 1, 5
_QUIET = 10 ** (-46 / 20)
"""Of the line's peak; what is softer at its ends is cut off."""
_EDGE = 0.02
"""Seconds kept around the sound."""

# espeak keeps its state in globals.
_lock = Lock()


class EspeakVoice:
    """One of espeak-ng's voices, softened."""

    def __init__(self, accent: str) -> None:
        if accent not in ACCENTS:
            known = ", ".join(f"espeak:{name}" for name in ACCENTS)
            raise FinishError(f"voice 'espeak:{accent}'", f"is not known. Known: {known}.")
        self.name = f"espeak:{accent}"
        self._accent = ACCENTS[accent]

    def recipe(self, text: str, language: Language, speed: float) -> dict[str, Json]:
        return {
            "voice": self.name,
            "variant": _VARIANT,
            "rate": self._accent.rate,
            "versions": [RECIPE_VERSION, SPEAKABLE_VERSION, POLISH_VERSION],
            "text": text,
            "language": language.value,
            "speed": speed,
        }

    def speak(self, text: str, language: Language, speed: float, output: Path) -> SpokenLine:
        if language is not self._accent.language:
            raise FinishError(
                f"voice {self.name!r}", f"does not speak {language.value}. Name one that does for {text!r}."
            )
        spoken = speakable(text, language)
        with _lock:
            raw, events, rate = _synthesise(spoken.text, self._accent, speed)
        if not raw.size or not np.abs(raw).max():
            raise FinishError(f"voice {self.name!r}", f"said nothing for {text!r}. Are there words in it?")
        samples = _resampled(raw, rate)
        first, last = _sounding(samples)
        samples = polish(samples[first:last])
        write_wav(output, samples)
        words = _words(spoken, events, first / RATE, len(samples) / RATE)
        return SpokenLine(duration=len(samples) / RATE, words=words)


class _Id(ctypes.Union):
    _fields_ = (("number", c_int), ("name", c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """``espeak_EVENT`` of speak_lib.h, API revision 12."""

    _fields_ = (
        ("type", c_int),
        ("unique_identifier", c_uint),
        ("text_position", c_int),
        ("length", c_int),
        ("audio_position", c_int),
        ("sample", c_int),
        ("user_data", c_void_p),
        ("id", _Id),
    )


class _Mark(NamedTuple):
    kind: int
    position: int
    """Characters into the text, from 0."""
    seconds: float


_Callback = ctypes.CFUNCTYPE(c_int, POINTER(c_short), c_int, POINTER(_Event))


@lru_cache(maxsize=1)
def _library() -> tuple[Any, int]:
    """The library, ready, and its sample rate."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
    if rate <= 0:
        raise FinishError("espeak-ng", f"did not start (code {rate}). Is its data folder whole?")
    return library, rate


def _synthesise(text: str, accent: _Accent, speed: float) -> tuple[NDArray[np.int16], list[_Mark], int]:
    library, rate = _library()
    pieces: list[NDArray[np.int16]] = []
    marks: list[_Mark] = []

    def take(samples: Any, count: int, events: Any) -> int:
        if count > 0:
            pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type:
            event = events[index]
            marks.append(_Mark(event.type, event.text_position - 1, event.audio_position / 1000))
            index += 1
        return 0

    callback = _Callback(take)
    library.espeak_SetSynthCallback(callback)
    # The same noise for the same line.
    library.espeak_ng_SetRandSeed(1)
    if library.espeak_SetVoiceByName(f"{accent.identifier}{_VARIANT}".encode()):
        raise FinishError("espeak-ng", f"has no voice {accent.identifier}{_VARIANT}.")
    for parameter, value in ((_RATE, round(accent.rate * speed)), (_PITCH, 46), (_RANGE, 55), (_WORD_GAP, 0)):
        library.espeak_SetParameter(parameter, value, 0)
    data = text.encode() + b"\0"
    if library.espeak_Synth(data, len(data), 0, 1, 0, _UTF8 | _END_PAUSE, None, None):
        raise FinishError("espeak-ng", f"refused {text!r}.")
    sound = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int16)
    return sound, marks, rate


def _resampled(raw: NDArray[np.int16], rate: int) -> NDArray[np.float32]:
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    frame = av.AudioFrame.from_ndarray(raw[None, :], format="s16", layout="mono")
    frame.sample_rate = rate
    pieces = [out.to_ndarray() for part in (frame, None) for out in resampler.resample(part)]
    return np.asarray(np.concatenate(pieces, axis=1)[0], dtype=np.float32)


def _sounding(samples: NDArray[np.float32]) -> tuple[int, int]:
    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max() * _QUIET)
    margin = round(_EDGE * RATE)
    return max(int(loud[0]) - margin, 0), min(int(loud[-1]) + margin, len(samples))


def _words(spoken: Speakable, marks: list[_Mark], trimmed: float, duration: float) -> tuple[SpokenWord, ...]:
    """Words of the line as written, from marks in the text as spoken; words of one span become one."""
    words: list[SpokenWord] = []
    heard = [mark for mark in marks if mark.kind in (_WORD, _CLAUSE_END)]
    spans: list[tuple[int, int]] = []
    for mark, following in pairwise((*heard, _Mark(_CLAUSE_END, len(spoken.text), trimmed + duration))):
        until = following.position if following.position > mark.position else mark.position + 1
        span = spoken.written_word(mark.position, until) if mark.kind == _WORD else None
        if span is None:
            continue
        start = min(max(mark.seconds - trimmed, 0.0), duration)
        end = min(max(following.seconds - trimmed, start), duration)
        if spans and span[0] < spans[-1][1]:
            words[-1] = SpokenWord(start=words[-1].start, end=end, text=words[-1].text)
            continue
        spans.append(span)
        words.append(SpokenWord(start=start, end=end, text=spoken.written[slice(*span)]))
    return tuple(words)
