"""The port that speaks lines, and the voices by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """In order."""
    estimated: bool = False
    """Whether the words' times were worked out from the line's length: the voice does not tell them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechOptions:
    """What the machine's settings say of voices that need more than their name."""

    url: str = ""
    """Of an OpenAI-compatible speech service, up to and with the version: ``http://host:8880/v1``."""
    model: str = ""
    key: str = field(default="", repr=False)
    """Sent as a bearer token; part of no recipe, log or message."""
    folders: Mapping[str, Path] = field(default_factory=dict)
    """Models of local voices by the voice's name."""
    patience: float = 1.0
    """Seconds before the second try of a service that is busy; each further wait is twice as long."""


class Voice(Protocol):
    """Speaks one line at a time into a file.

    Must be usable in worker processes, in any number of them at once. A line in a language that the voice
    does not speak is refused, never mispronounced.
    """

    name: str
    """As sheets and kits write it, like ``espeak:cmn``."""
    charged: bool
    """Whether whoever runs its service may charge for a line."""

    def missing(self) -> str:
        """Why it cannot speak on this machine and what to do, as in "needs a key: …"; empty if it can.

        Looks, but neither loads nor asks anything.
        """
        ...

    def recipe(self, text: str, language: Language) -> dict[str, Json]:
        """Everything that decides the sound, with the recipe's version."""
        ...

    def speak(self, text: str, language: Language, output: Path) -> SpokenLine:
        """Write ``text`` to ``output`` as 48 kHz mono WAV at `LEVEL`, at the voice's own pace.

        Raises:
            FinishError: the voice cannot speak this, or said nothing.
        """
        ...


VOICES = {
    "espeak": "finishing.voices.espeak:EspeakVoice",
    "openai": "finishing.voices.openai_speech:OpenAiVoice",
    "edge": "finishing.voices.edge:EdgeVoice",
    "local": "finishing.voices.local:LocalVoice",
}
"""A voice's name before the colon to "module:class", which is called with what follows and the options."""

NAMES = ("espeak", "espeak:cmn", "espeak:en-gb", "espeak:en-us")
"""Voices that every installation has."""
SILENCE = "none"
"""Instead of a voice."""
KINDS = ("openai:", "edge:", "local:")
"""Beginnings of names that are completed by a service, or by the machine's settings."""


def voice_names() -> tuple[str, ...]:
    """What a sheet may write; one that ends with a colon is completed."""
    return NAMES + KINDS


def listed_voices(names: str) -> tuple[str, ...]:
    """The voices of a list like ``openai:alloy, espeak``, in the order of trying."""
    return tuple(name.strip() for name in names.split(",") if name.strip())


def able_voices(names: str, options: SpeechOptions) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of a list of voices those that can speak on this machine, and of the others why they cannot.

    Raises:
        FinishError: a voice is not known, or none of them can speak.
    """
    if names == SILENCE:
        return (), ()
    able, unable = [], []
    for name in listed_voices(names):
        if why := load_voice(name, options).missing():
            unable.append(f"{name} {why}")
        else:
            able.append(name)
    if not able:
        raise FinishError("voice", " ".join(unable) or "none is named.")
    return tuple(able), tuple(unable)


def load_voice(name: str, options: SpeechOptions) -> Voice:
    """The voice of that name.

    Raises:
        FinishError: no such voice.
    """
    scheme, colon, which = name.partition(":")
    if scheme not in VOICES or (f"{scheme}:" in KINDS and not which) or (colon and not which):
        known = ", ".join([*NAMES, *(f"{kind}NAME" for kind in KINDS)])
        raise FinishError(f"voice {name!r}", f"is not known. Known: {known}.")
    module, _, cls = VOICES[scheme].partition(":")
    return cast(Voice, getattr(import_module(module), cls)(which, options))
