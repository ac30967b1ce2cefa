"""Voices of Microsoft Edge's "read aloud" through the package edge-tts: free, many, with real word times.

The service is the browser's own. Microsoft offers no terms for other programs, so whether a company may use
it is that company's question; see docs/licences.md.
"""

import asyncio
from importlib.util import find_spec
from pathlib import Path

from campaign.brief import Language
from campaign.content_key import Json
from campaign.errors import FinishError
from finishing.voice import SpeechOptions, SpokenLine, SpokenWord
from finishing.voices.recording import RECORDING_VERSION, decoded, recorded
from finishing.voices.words import WORDS_VERSION, estimated_words, spoken_text
from media.sound import RATE, write_wav

RECIPE_VERSION = 1
TRIES = 3
"""The service drops connections now and then, and charges nothing."""
_TICK = 1e-7
"""Seconds of the service's unit of time."""


class EdgeVoice:
    """One of the service's voices, like ``edge:zh-CN-XiaoxiaoNeural``."""

    charged = False

    def __init__(self, which: str, options: SpeechOptions) -> None:
        self.name = f"edge:{which}"
        self._which = which
        self._patience = options.patience

    def missing(self) -> str:
        if find_spec("edge_tts") is None:
            return "needs the package edge-tts: .venv/bin/pip install -c constraints.txt '.[voices]'."
        return ""

    def recipe(self, text: str, language: Language) -> dict[str, Json]:
        return {
            "voice": self.name,
            "versions": [RECIPE_VERSION, RECORDING_VERSION, WORDS_VERSION],
            "text": text,
            "language": language.value,
        }

    def speak(self, text: str, language: Language, output: Path) -> SpokenLine:
        if missing := self.missing():
            raise FinishError(f"voice {self.name!r}", missing)
        spoken = self._which.partition("-")[0].casefold()
        if "Multilingual" not in self._which and spoken != language.value:
            raise FinishError(
                f"voice {self.name!r}", f"does not speak {language.value}. Name one that does for {text!r}."
            )
        said = spoken_text(self.name, text)
        sound, heard = asyncio.run(self._patiently(said))
        samples, before = recorded(self.name, text, decoded(self.name, sound), RATE)
        write_wav(output, samples)
        duration = len(samples) / RATE
        words = tuple(
            SpokenWord(
                start=min(max(word.start - before, 0.0), duration),
                end=min(max(word.end - before, 0.0), duration),
                text=word.text,
            )
            for word in heard
        )
        if words:
            return SpokenLine(duration=duration, words=words)
        return SpokenLine(duration=duration, words=estimated_words(text, language, duration), estimated=True)

    async def _patiently(self, text: str) -> tuple[bytes, list[SpokenWord]]:
        from aiohttp import ClientError  # noqa: PLC0415  # Of the extra.
        from edge_tts.exceptions import EdgeTTSException  # noqa: PLC0415

        wait = self._patience
        for attempt in range(1, TRIES + 1):
            try:
                return await self._heard(text)
            except ValueError as error:
                raise FinishError(f"voice {self.name!r}", f"is refused by edge-tts: {error}.") from error
            except (EdgeTTSException, ClientError, OSError, TimeoutError) as error:
                if attempt == TRIES:
                    words = str(getattr(error, "os_error", error)) or type(error).__name__
                    raise FinishError(
                        f"voice {self.name!r}",
                        f"was not answered after {TRIES} tries ({words}). Correct the voice's name, or run "
                        "the same command later.",
                    ) from error
                await asyncio.sleep(wait)
                wait *= 2
        raise AssertionError("the last try returns or raises")

    async def _heard(self, text: str) -> tuple[bytes, list[SpokenWord]]:
        from edge_tts import Communicate  # noqa: PLC0415

        sound, words = [], []
        async for part in Communicate(text, self._which, boundary="WordBoundary").stream():
            if part["type"] == "audio":
                sound.append(part["data"])
            else:
                start, length = part["offset"] * _TICK, part["duration"] * _TICK
                words.append(SpokenWord(start=start, end=start + length, text=part["text"]))
        return b"".join(sound), words
