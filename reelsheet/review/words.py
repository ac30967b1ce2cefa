"""The page's words in the language that a browser asks for."""

import re
from functools import cache
from pathlib import Path

import yaml

LANGUAGES = ("en", "zh")
"""In the order of the columns of ``words.yaml``; the first is for browsers that want neither."""
_WANTED = re.compile(r"([a-z]+)(?:-[a-z0-9-]+)?\s*(?:;\s*q=([0-9.]+))?$", re.IGNORECASE)


class Words:
    """Says things by their keys in ``words.yaml``."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._column = LANGUAGES.index(language)

    def __call__(self, key: str, **filled: object) -> str:
        words = _table()[key][self._column]
        return words.format(**filled) if filled else words

    @property
    def other(self) -> str:
        """The language that can be changed to."""
        return LANGUAGES[1 - self._column]

    def span(self, seconds: float) -> str:
        """A length of time, as a person says it."""
        units = ("s", "min", "h") if self.language == "en" else ("秒", "分钟", "小时")
        if seconds < 90:
            return f"{max(round(seconds), 1)} {units[0]}"
        if seconds < 5400:
            return f"{round(seconds / 60)} {units[1]}"
        return f"{seconds / 3600:.1f} {units[2]}"


def language_of(accepted: str) -> str:
    """The first of our languages in an ``Accept-Language``, by what it says it likes most."""
    liked: list[tuple[float, str]] = []
    for part in accepted[:1000].split(","):
        if found := _WANTED.match(part.strip()):
            liked.append((_weight(found[2]), found[1].lower()))
    liked.sort(key=lambda pair: -pair[0])
    return next((name for weight, name in liked if weight > 0 and name in LANGUAGES), LANGUAGES[0])


def _weight(text: str | None) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


@cache
def _table() -> dict[str, tuple[str, str]]:
    file = Path(__file__).with_name("words.yaml")
    # Every word is text, also what YAML would take for a yes or a no.
    table: dict[str, tuple[str, str]] = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)
    return table
