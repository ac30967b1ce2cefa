"""Voices of a speech service that speaks OpenAI's ``/audio/speech``: OpenAI's own, or one on your machines.

The call is synchronous and its answer is the sound, so nothing can be asked for again: a call whose answer
was lost is not repeated, since it may have been charged. What was refused before work began (429, 5xx, no
connection) is tried again a few times. Word times are not part of the answer; they are estimated.
"""

import time
from pathlib import Path

import httpx

from campaign.brief import Language
from campaign.content_key import Json
from campaign.errors import FinishError
from finishing.voice import SpeechOptions, SpokenLine
from finishing.voices.recording import RECORDING_VERSION, decoded, recorded
from finishing.voices.words import WORDS_VERSION, estimated_words, spoken_text
from media.sound import RATE, write_wav

RECIPE_VERSION = 1
LONGEST = 4096
"""Characters of one call (OpenAI API reference, ``POST /audio/speech``)."""
TRIES = 4
BUSY = frozenset({429, 500, 502, 503, 504})
LONGEST_WAIT = 60.0
"""Seconds; a service that asks for more is left for this run."""
LARGEST = 32 * 1024**2
"""Bytes of one line: five minutes of uncompressed sound."""
TIMEOUT = httpx.Timeout(60.0, connect=10.0)
"""Seconds without a byte."""
SLOWEST = 180.0
"""Seconds for a whole answer, however steadily it drips."""


class OpenAiVoice:
    """One voice of the service; the model is the machine's setting."""

    charged = True

    def __init__(self, which: str, options: SpeechOptions) -> None:
        self.name = f"openai:{which}"
        self._which = which
        self._options = options

    def missing(self) -> str:
        if not self._options.url:
            return (
                "needs a speech service: set speech_url in reelsheet.toml, or "
                "OPENAI_API_KEY for OpenAI's own."
            )
        if not self._options.model:
            return "needs a model's name: set speech_model in reelsheet.toml."
        return ""

    def recipe(self, text: str, language: Language) -> dict[str, Json]:
        return {
            "voice": self.name,
            "service": self._options.url,
            "model": self._options.model,
            "versions": [RECIPE_VERSION, RECORDING_VERSION, WORDS_VERSION],
            "text": text,
            "language": language.value,
        }

    def speak(self, text: str, language: Language, output: Path) -> SpokenLine:
        if missing := self.missing():
            raise FinishError(f"voice {self.name!r}", missing)
        said = spoken_text(self.name, text)
        if len(said) > LONGEST:
            raise self._failed(f"takes {LONGEST} characters, but the line has {len(said)}. Shorten it.")
        samples, _ = recorded(self.name, text, decoded(self.name, self._asked(said)), RATE)
        write_wav(output, samples)
        duration = len(samples) / RATE
        return SpokenLine(duration=duration, words=estimated_words(text, language, duration), estimated=True)

    def _asked(self, text: str) -> bytes:
        """The sound file that the service gives."""
        wait = self._options.patience
        for attempt in range(1, TRIES + 1):
            try:
                return self._answer(text)
            except _BusyError as busy:
                pause = wait if busy.after is None else busy.after
                if attempt == TRIES or pause > LONGEST_WAIT:
                    raise self._failed(
                        f"{busy.why} after {attempt} tries. Run the same command later."
                    ) from busy
                time.sleep(pause)
                wait *= 2
        raise AssertionError("the last try returns or raises")

    def _answer(self, text: str) -> bytes:
        options = self._options
        body = {
            "model": options.model,
            "voice": self._which,
            "input": text,
            # Uncompressed, so that nothing is lost twice.
            "response_format": "wav",
        }
        headers = {"Authorization": f"Bearer {options.key}"} if options.key else {}
        url = f"{options.url.rstrip('/')}/audio/speech"
        try:
            with httpx.stream("POST", url, json=body, headers=headers, timeout=TIMEOUT) as reply:
                data = self._read(reply)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _BusyError(f"cannot reach {url} ({error})", None) from error
        except httpx.TransportError as error:
            raise self._failed(
                f"lost the answer of {url} ({type(error).__name__}); it may have been charged, so it was not "
                "asked again. Run the same command again."
            ) from error
        except httpx.InvalidURL as error:
            raise self._failed(f"has no usable address ({url!r}: {error}). Correct speech_url.") from error
        return self._sound(reply, data, url)

    def _read(self, reply: httpx.Response) -> bytes:
        began, pieces, size = time.monotonic(), [], 0
        for piece in reply.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if size > LARGEST:
                raise self._failed(f"sends more than {LARGEST:,} bytes for one line.")
            if time.monotonic() - began > SLOWEST:
                raise self._failed(f"took more than {SLOWEST:g} s for one line. Run the same command later.")
        return b"".join(pieces)

    def _sound(self, reply: httpx.Response, data: bytes, url: str) -> bytes:
        status = reply.status_code
        if status in BUSY:
            raise _BusyError(f"was answered {status} {reply.reason_phrase}", _seconds(reply))
        if status in (401, 403):
            raise self._failed(f"was answered {status}: the key is not accepted. Correct speech_key.")
        kind = reply.headers.get("content-type", "").split(";")[0].strip().casefold()
        if status != httpx.codes.OK:
            raise self._failed(
                f"was answered {status}: {self._quoted(data)}. Correct the voice, speech_model or speech_url."
            )
        if not data:
            raise self._failed("was answered with no sound at all.")
        if kind.startswith("text/") or kind == "application/json":
            raise self._failed(
                f"was answered with {kind} instead of sound: {self._quoted(data)}. Correct speech_url "
                f"({url!r} was asked)."
            )
        return data

    def _quoted(self, data: bytes) -> str:
        """The service's words; some repeat the key that they refuse."""
        words = data[:2000].decode("utf-8", errors="replace")
        return repr((words.replace(self._options.key, "…") if self._options.key else words)[:200])

    def _failed(self, cause: str) -> FinishError:
        return FinishError(f"voice {self.name!r}", cause)


class _BusyError(Exception):
    """The service took no work; ``after`` is the seconds that it asks to wait."""

    def __init__(self, why: str, after: float | None) -> None:
        super().__init__(why, after)
        self.why = why
        self.after = after


def _seconds(reply: httpx.Response) -> float | None:
    """``Retry-After`` in seconds; a date or nonsense is left to our own patience."""
    try:
        return max(float(reply.headers.get("retry-after", "")), 0.0)
    except ValueError:
        return None
