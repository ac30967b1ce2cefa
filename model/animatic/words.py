"""Which words of a prompt call for which stage and which emblem, in both languages (words.yaml)."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Table = Mapping[str, tuple[str, ...]]
"""Name to the words that call for it."""


@cache
def stage_words() -> Table:
    """By stage."""
    return _table("stages")


@cache
def emblem_words() -> Table:
    """By emblem."""
    return _table("emblems")


@cache
def _others() -> tuple[str, ...]:
    """Words that hold one of a table's and mean something else, the longest first."""
    words = _read()["others"]
    return tuple(sorted((*words["zh"], *words["en"]), key=len, reverse=True))


def _table(part: str) -> Table:
    return {name: (*words["zh"], *words["en"]) for name, words in _read()[part].items()}


@cache
def _read() -> dict[str, Any]:
    data = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def called_for(texts: Iterable[str], table: Table) -> list[str]:
    """Keys of ``table`` that the texts call for, strongest first; an earlier text weighs more."""
    found = strength(texts, table)
    return sorted(found, key=lambda key: -found[key])


def strength(texts: Iterable[str], table: Table) -> dict[str, float]:
    """How strongly the texts call for each key of ``table``; keys that they do not name are left out."""
    scores: dict[str, float] = {}
    own = {word for words in table.values() for word in words}
    others = [word for word in _others() if word not in own]
    for order, text in enumerate(texts):
        lowered = text.casefold()
        for word in others:
            lowered = lowered.replace(word, " ")
        for key, words in table.items():
            found = [word for word in words if _holds(lowered, word)]
            score = sum(len(word) if word.isascii() else 4 * len(word) for word in found) / (1 + 2 * order)
            if score:
                scores[key] = scores.get(key, 0.0) + score
    return scores


def _holds(text: str, word: str) -> bool:
    if not word.isascii():
        return word in text
    at = text.find(word)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(word) :]
        # A plural is the same word; "steam" is not "tea".
        if not _latin(before) and not _latin(after.removeprefix("s")[:1]):
            return True
        at = text.find(word, at + 1)
    return False


def _latin(character: str) -> bool:
    return character.isascii() and character.isalpha()
