"""The port that speaks lines, and the voices by name."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from campaign.brief import Language
from campaign.content_key import Json
from campaign.errors import FinishError

LEVEL = -16.0
"""LUFS of every voice line, whoever speaks it, so that lines of one spot are equally loud."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenWord:
    """One word as it is heard; in Chinese one character, or what is said in one breath ("50%")."""

    start: float
    """Seconds from the start of the line's sound."""
    end: float
    text: str
    """As it stands in the line, without the punctuation around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenLine:
    """What was spoken, and when."""

    duration: float
    """Seconds of sound, silence at both ends cut off."""
    words: tuple[SpokenWord, ...]
    """In order; empty where the voice does not tell."""


class Voice(Protocol):
    """Speaks one line at a time into a file.

    Must be usable in worker processes, in any number of them at once. A line in a language that the voice
    does not speak is refused, never mispronounced.
    """

    name: str
    """As sheets and kits write it, like ``espeak:cmn``."""

    def recipe(self, text: str, language: Language, speed: float) -> dict[str, Json]:
        """Everything that decides the sound, with the recipe's version."""
        ...

    def speak(self, text: str, language: Language, speed: float, output: Path) -> SpokenLine:
        """Write ``text`` to ``output`` as 48 kHz mono WAV at `LEVEL`; ``speed`` 1.0 is the voice's own pace.

        Raises:
            FinishError: the voice cannot speak this, or said nothing.
        """
        ...


VOICES = {
    "espeak": "finishing.voices.espeak:EspeakVoice",
}
"""The part of a voice's name before the colon to "module:class"; the class is called with what follows it."""

NAMES = ("espeak:cmn", "espeak:en-gb", "espeak:en-us")
"""Voices that every installation has."""


def voice_names() -> tuple[str, ...]:
    return NAMES


def load_voice(name: str) -> Voice:
    """The voice of that name.

    Raises:
        FinishError: no such voice.
    """
    scheme, _, which = name.partition(":")
    if scheme not in VOICES:
        raise FinishError(f"voice {name!r}", f"is not known. Known: {', '.join(voice_names())}.")
    module, _, cls = VOICES[scheme].partition(":")
    return cast(Voice, getattr(import_module(module), cls)(which))
