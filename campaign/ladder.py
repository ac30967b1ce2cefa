"""The ladder from a cheap look to the finished film: its rungs, and who makes the takes on each."""

from dataclasses import dataclass
from enum import StrEnum


class Rung(StrEnum):
    """A step of the ladder, the lowest first; a person or the policy approves before the next."""

    ANIMATIC = "animatic"
    DRAFT = "draft"
    FINAL = "final"


class Approval(StrEnum):
    """Who lets a spot go on to the next rung."""

    PERSON = "person"
    POLICY = "policy"
    """Nobody is waited for: what the policy lets pass goes on."""


SHORT_SIDES = {Rung.ANIMATIC: 480, Rung.DRAFT: 480}
"""Pixels of what is only looked at; a final has the campaign's size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung, as a row climbs it."""

    rung: Rung
    backends: tuple[str, ...]
    """In the order in which they are wanted, at least one: the later ones stand in for the earlier."""


Ladder = tuple[Step, ...]
"""Lowest rung first; the last one is always the final."""

STRAIGHT: Ladder = (Step(rung=Rung.FINAL, backends=("animatic",)),)
"""What a row climbs that says nothing about it."""
