"""What people write about the ladder: rungs, backends for each, how far a draft is kept.

``runway:veo3.1, bailian`` names one backend and its substitute for every rung;
``draft: bailian; final: wan, bailian`` names them rung by rung.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from campaign.ladder import STRAIGHT, Approval, Ladder, Rung, Step
from campaign.sheet.texts import Cell, as_text, as_word, listed
from campaign.sheet.values import CellError, choice, number, words

_RUNG_WORDS: dict[Rung, tuple[str, ...]] = {
    Rung.ANIMATIC: ("animatic", "动态分镜", "分镜"),
    Rung.DRAFT: ("draft", "草稿", "样片", "小样", "草样"),
    Rung.FINAL: ("final", "成片", "正片", "终版", "定稿"),
}
_RUNG_BY_WORD = {word: rung for rung, names in _RUNG_WORDS.items() for word in names}
_APPROVAL_BY_WORD = {
    **dict.fromkeys(("person", "people", "manual", "人工", "人", "人工审批", "人工确认"), Approval.PERSON),
    **dict.fromkeys(("policy", "auto", "automatic", "自动", "政策", "策略", "自动审批"), Approval.POLICY),
}
_OF_A_RUNG = re.compile(rf"({'|'.join(_RUNG_BY_WORD)})\s*[:：=]\s*(.*)", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\n,，、;；>/|]+")
_STRAIGHT = STRAIGHT[-1].backends


@dataclass(frozen=True, slots=True, kw_only=True)
class Backends:
    """What a backend cell says."""

    of: Mapping[Rung, tuple[str, ...]] = field(default_factory=dict)
    """Those named for a rung of their own."""
    others: tuple[str, ...] = ()
    """For every other rung."""


DRAWN = Backends(others=_STRAIGHT)


def rungs(cell: Cell) -> tuple[Rung, ...]:
    """Rungs from low to high, in whatever order they are written."""
    asked = set()
    for word in words(cell):
        folded = word.casefold()
        asked.add(_RUNG_BY_WORD.get(folded) or Rung(choice(folded, [rung.value for rung in Rung], "rung")))
    if asked and Rung.FINAL not in asked:
        raise CellError(
            f"The rungs end with {max(asked, key=list(Rung).index)}, which is never published.",
            "Add final: nothing of it is made before the rung below is approved.",
        )
    return tuple(rung for rung in Rung if rung in asked)


def backends(cell: Cell, known: Iterable[str]) -> Backends:
    """One backend, several in the order in which they stand in for one another, or those of each rung."""
    known = tuple(known)
    named: dict[Rung | None, list[str]] = {}
    group: Rung | None = None
    for part in _SEPARATORS.split(as_text(cell)):
        text = as_word(part)
        if begun := _OF_A_RUNG.fullmatch(text):
            group, text = _RUNG_BY_WORD[begun[1].casefold()], begun[2].strip()
            if group in named:
                raise CellError(f"{group} is written twice.", "Write all its backends behind one.")
            named[group] = []
        if text:
            _add(named.setdefault(group, []), choice(text, known, "backend"), group)
    for rung, names in named.items():
        if not names:
            raise CellError(f"No backend is named for {rung}.", f"Write {rung}: and a backend.")
        if rung is Rung.ANIMATIC and names != [Rung.ANIMATIC.value]:
            raise CellError(
                "The rung animatic is drawn by the backend animatic.", "Write what others make under draft."
            )
    others = tuple(named.pop(None, ()))
    if not named and not others:
        raise CellError("No backend is named.", f"Known: {listed(sorted(known))}.")
    return Backends(of={rung: tuple(names) for rung, names in named.items() if rung}, others=others)


def _add(names: list[str], name: str, rung: Rung | None) -> None:
    if name in names:
        where = f" for {rung}" if rung else ""
        raise CellError(f"{name} is named twice{where}.", "Name each once, the one that is wanted first.")
    names.append(name)


def refine(cell: Cell) -> float:
    """The share of the steps that is made again, from 0.6 or 60 %."""
    text = as_word(cell)
    percent = text.endswith(("%", "％"))
    found = number(text.rstrip("%％").strip())
    value = None if found is None else found / 100 if percent else found
    if value is None or not 0 < value <= 1:
        raise CellError(
            "How much of the draft is made again: more than 0 and at most 1 (or 100 %).",
            "Write 0.6, or leave it empty to make the final anew from the same words and seed.",
        )
    return value


def approval(cell: Cell) -> Approval:
    """Who approves between rungs."""
    word = as_word(cell).casefold()
    return _APPROVAL_BY_WORD.get(word) or Approval(choice(word, [one.value for one in Approval], "approver"))


def ladder(asked: tuple[Rung, ...], named: Backends, *, together: bool) -> Ladder:
    """The rungs with their backends.

    Without ``asked``, the rungs are those that backends are named for; ``together`` says that both were
    written in one place, where a rung that is not climbed is a slip.

    Raises:
        CellError: a rung has no backend, or one is named for a rung that is not climbed.
    """
    climbed = asked or tuple(rung for rung in Rung if rung in named.of or rung is Rung.FINAL)
    idle = [rung for rung in named.of if rung not in climbed]
    if idle and together:
        raise CellError(
            f"Backends are named for {listed(idle)}, but the rungs are {listed(climbed)}.",
            f"Add {listed(idle)} to the rungs, or take it out here.",
        )
    return tuple(Step(rung=rung, backends=_of(rung, named)) for rung in climbed)


def _of(rung: Rung, named: Backends) -> tuple[str, ...]:
    if rung in named.of:
        return named.of[rung]
    if rung is Rung.ANIMATIC:
        return _STRAIGHT
    if not named.others:
        raise CellError(f"No backend is named for {rung}.", f"Add {rung}: and a backend.")
    return named.others
