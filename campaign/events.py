"""What happens while a batch runs, for whoever watches.

Work announces, doors draw. Nobody listening costs nothing; a listener is called in the announcing thread.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from campaign.money import Money
from campaign.report import WELL_ENDED, RowState


class Step(StrEnum):
    """The stations of a spot, in order."""

    EXPAND = "expanding copy"
    SCREEN = "screening"
    SPEAK = "speaking"
    SHOOT = "making takes"
    FINISH = "finishing"
    PUBLISH = "publishing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A stretch of work is known: so many spots of so many rows, and so many things to do for them."""

    spots: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """One thing was done or found done."""

    step: Step
    spot_id: str
    what: str
    """Spot, shot or rendition id."""
    reused: bool
    part: float = 1.0
    """How much of this spot's work at this step it was, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped:
    """A long take went on: so many steps of so many."""

    shot: str
    done: int
    total: int
    words: str = ""
    """What more its backend tells: stage, place in the wave, rate, time left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotDone:
    """A spot reached its end, good or bad."""

    spot_id: str
    row_id: str
    state: RowState
    reason: str = ""
    """Why it went no further; empty where it did."""

    @property
    def failed(self) -> bool:
        return self.state not in WELL_ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A chunk of spots has passed a stage of the line."""

    stage: str
    chunk: int
    spots: int
    """That came to it."""
    began: float
    """Seconds since 1970."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A paid attempt came to an end."""

    vendor: str
    model: str
    shot: str
    outcome: str
    """Of `campaign.attempt.AttemptState`."""
    cost: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CapReached:
    """A cap has stopped a paid attempt."""

    spot_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """Nothing goes on until somebody does something about it."""

    words: str


Event = Planned | Worked | Stepped | Staged | Settled | SpotDone | CapReached | Waited
Listener = Callable[[Event], None]

_listeners: list[Listener] = []


def announce(event: Event) -> None:
    """Tell all listeners."""
    for listener in tuple(_listeners):
        listener(event)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Call ``listener`` with every event until the block ends."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
