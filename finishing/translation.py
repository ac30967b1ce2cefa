"""A translated copy shared out among the lines that it translates: by sentences where they pair up."""

import re
from collections.abc import Sequence
from dataclasses import replace

from campaign.storyboard import Storyboard
from media.kinsoku import units

_SENTENCE = re.compile(r".+?(?:[。！？!?…]+[”’」』）)\"]*|\.(?=\s|$)[”’)\"]*|\n|$)", re.DOTALL)
_SHIFT = 4.0
"""What moving a cut by the whole length weighs against tearing a clause, which costs a half to four."""


def with_translation(board: Storyboard, translation: str) -> Storyboard:
    """``board`` with each shot's share of ``translation``, for a second line of captions."""
    if not translation:
        return board
    parts = align([shot.line for shot in board.shots], translation)
    shots = (replace(shot, translation=part) for shot, part in zip(board.shots, parts, strict=True))
    return replace(board, shots=tuple(shots))


def align(lines: Sequence[str], translation: str) -> tuple[str, ...]:
    """``translation`` in as many parts as ``lines``, each for its line; together they are all of it.

    Where both have as many sentences, each sentence goes to the lines that hold it; else the whole is shared
    out by length. Silent lines get nothing.
    """
    original, translated = _sentences_over(lines), _sentences(translation)
    if not original:
        return ("",) * len(lines)
    if len(original) == len(translated):
        pairs = list(zip(original, translated, strict=True))
    else:
        whole = {index: _letters(line) for index, line in enumerate(lines) if _letters(line)}
        pairs = [(whole, " ".join(translated))]
    parts: list[list[str]] = [[] for _ in lines]
    for places, sentence in pairs:
        for index, part in zip(places, _shared(sentence, list(places.values())), strict=True):
            parts[index].append(part)
    return tuple(" ".join(part for part in of_line if part) for of_line in parts)


def _sentences(text: str) -> list[str]:
    return [" ".join(found.split()) for found in _SENTENCE.findall(text) if _letters(found)]


def _sentences_over(lines: Sequence[str]) -> list[dict[int, int]]:
    """For each sentence of the copy its letters by line."""
    found: list[dict[int, int]] = []
    ended = True
    for index, line in enumerate(lines):
        for piece in _SENTENCE.findall(line):
            if not _letters(piece):
                continue
            if ended:
                found.append({})
            found[-1][index] = found[-1].get(index, 0) + _letters(piece)
            ended = piece.rstrip('”’」』）)" ')[-1:] in tuple("。！？!?….\n")
    return found


def _shared(sentence: str, shares: Sequence[int]) -> list[str]:
    """``sentence`` in as many parts as ``shares``, cut near those shares where it hurts least."""
    words = units(sentence)
    if not words:
        return [""] * len(shares)
    ends = [0.0]
    for unit in words:
        ends.append(ends[-1] + len(unit.text + unit.space))
    parts, first = [], 0
    for number in range(1, len(shares)):
        wanted = sum(shares[:number]) / sum(shares)
        last = max(len(words) - (len(shares) - number), first)
        cut = min(
            range(min(first + 1, last), last + 1),
            key=lambda place: (
                abs(ends[place] / ends[-1] - wanted) * _SHIFT + (words[place - 1].cost if place else 0)
            ),
        )
        parts.append("".join(unit.text + unit.space for unit in words[first:cut]).strip())
        first = cut
    return [*parts, "".join(unit.text + unit.space for unit in words[first:]).strip()]


def _letters(text: str) -> int:
    return sum(character.isalnum() for character in text)
