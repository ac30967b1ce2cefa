"""Words of a line whose voice does not tell their times, and text made ready for a service that reads."""

import re

from campaign.brief import Language
from campaign.errors import FinishError
from finishing.voice import SpokenWord
from finishing.voices.speakable import speakable

WORDS_VERSION = 1

_UNSPOKEN = re.compile(
    "[\u200d\ufe0e\ufe0f\u20e3\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\ue000-\uf8ff\U0001f000-\U0001faff\x00-\x1f\x7f]"
)
"""Emoji and what holds them together, arrows, boxes, private and control characters; ℃ and № are spoken."""
_HAN = "\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+(?:['’.,-][^\W_{_HAN}]+)*%?", re.UNICODE)
_PAUSES = {"，": 1.6, "、": 1.2, "；": 2.0, "：": 2.0, "。": 2.6, "！": 2.6, "？": 2.6, "…": 2.6, "—": 1.6}
_PAUSES |= {",": 1.6, ";": 2.0, ":": 2.0, ".": 2.6, "!": 2.6, "?": 2.6}
"""How long the rest after a mark is, in syllables."""
_LETTERS_OF_A_SYLLABLE = 3.0


def spoken_text(voice: str, text: str) -> str:
    """``text`` without emoji and line breaks: a service would read a picture's name aloud.

    Raises:
        FinishError: no word is left.
    """
    said = " ".join(_UNSPOKEN.sub(" ", text).split())
    if not any(c.isalnum() for c in said):
        raise FinishError(f"voice {voice!r}", f"has nothing to say for {text!r}. Are there words in it?")
    return said


def estimated_words(text: str, language: Language, duration: float) -> tuple[SpokenWord, ...]:
    """Words of ``text`` dealt out over ``duration`` seconds by how long each is said, with rests at marks."""
    found = list(_WORD.finditer(text))
    if not found:
        return ()
    weights, rests = [], []
    for number, match in enumerate(found):
        weights.append(_syllables(match[0], language))
        until = found[number + 1].start() if number + 1 < len(found) else match.end()
        rests.append(max((_PAUSES.get(mark, 0.0) for mark in text[match.end() : until]), default=0.0))
    second = duration / (sum(weights) + sum(rests))
    words, place = [], 0.0
    for match, weight, rest in zip(found, weights, rests, strict=True):
        end = place + weight * second
        words.append(SpokenWord(start=place, end=min(end, duration), text=match[0]))
        place = end + rest * second
    return tuple(words)


def _syllables(word: str, language: Language) -> float:
    said = speakable(word, language).text
    if language is Language.ZH and any(c > "\u3400" for c in said):
        return float(sum(c.isalnum() for c in said))
    figures = sum(c.isdigit() for c in said)
    return figures * 1.5 + max(
        sum(c.isalpha() for c in said) / _LETTERS_OF_A_SYLLABLE, 0.0 if figures else 1.0
    )
