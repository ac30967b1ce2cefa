"""The offline voice: espeak-ng through the library that espeakng-loader ships.

A synthesiser by rules: always there, never mistaken for a person. Its words come with their real times.
"""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

from campaign.brief import Language
from campaign.content_key import Json
from campaign.errors import CommandError, FinishError
from finishing.voice import SpeechOptions, SpokenLine, SpokenWord
from finishing.voices.polish import POLISH_VERSION, polish
from finishing.voices.recording import at_rate, sounding
from finishing.voices.speakable import SPEAKABLE_VERSION, Speakable, speakable
from media.sound import RATE, write_wav

RECIPE_VERSION = 3

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

USUAL = {Language.ZH: "cmn", Language.EN: "en-gb"}
"""The accent of the voice that is called just espeak."""

_ONCE = Path(__file__).with_name("espeak_once.py")
_PITCH, _RANGE = 46, 55
"""espeak's own scale, 0 to 99."""
_WORD, _CLAUSE_END = 1, 5
"""Kinds of espeak's events."""


class EspeakVoice:
    """One of espeak-ng's voices, softened."""

    charged = False

    def __init__(self, accent: str, _options: SpeechOptions) -> None:
        if accent and accent not in ACCENTS:
            known = ", ".join(f"espeak:{name}" for name in ACCENTS)
            raise FinishError(f"voice 'espeak:{accent}'", f"is not known. Known: {known}.")
        self.name = f"espeak:{accent}" if accent else "espeak"
        self._named = accent

    def missing(self) -> str:
        return ""

    def recipe(self, text: str, language: Language) -> dict[str, Json]:
        accent = self._named or USUAL[language]
        return {
            "voice": f"espeak:{accent}",
            "variant": _VARIANT,
            "rate": ACCENTS[accent].rate,
            "versions": [RECIPE_VERSION, SPEAKABLE_VERSION, POLISH_VERSION],
            "text": text,
            "language": language.value,
            # Once a voice's own pace could be asked for; lines made then keep their key.
            "speed": 1.0,
        }

    def speak(self, text: str, language: Language, output: Path) -> SpokenLine:
        accent = ACCENTS[self._named or USUAL[language]]
        if language is not accent.language:
            raise FinishError(
                f"voice {self.name!r}", f"does not speak {language.value}. Name one that does for {text!r}."
            )
        spoken = speakable(text, language)
        raw, events, rate = _synthesise(spoken.text, accent)
        if not raw.size or not np.abs(raw).max():
            raise FinishError(f"voice {self.name!r}", f"said nothing for {text!r}. Are there words in it?")
        samples = at_rate(raw[None, :].astype(np.float32) / np.float32(32768), rate)
        first, last = sounding(samples)
        samples = polish(samples[first:last])
        write_wav(output, samples)
        words = _words(spoken, events, first / RATE, len(samples) / RATE)
        return SpokenLine(duration=len(samples) / RATE, words=words)


class _Mark(NamedTuple):
    kind: int
    position: int
    """Characters into the text, from 0."""
    seconds: float


def _synthesise(text: str, accent: _Accent) -> tuple[NDArray[np.int16], list[_Mark], int]:
    """Samples, marks and sample rate, the same for the same arguments."""
    command = (
        *(sys.executable, "-I", "-S", str(_ONCE)),
        *(espeakng_loader.get_library_path(), espeakng_loader.get_data_path()),
        *(f"{accent.identifier}{_VARIANT}", str(accent.rate), str(_PITCH), str(_RANGE)),
    )
    result = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if result.returncode != 0:
        raise CommandError(
            command, result.stderr.decode(errors="replace") or f"exit code {result.returncode}"
        )
    head, _, samples = result.stdout.partition(b"\n")
    said = json.loads(head)
    marks = [_Mark(kind, position, milliseconds / 1000) for kind, position, milliseconds in said["marks"]]
    return np.frombuffer(samples, dtype=np.int16), marks, said["rate"]


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
