"""What a batch would make, before anything is made or spent.

A large plan has tens of thousands of spots, which come from other processes and go into a file. These classes
have no slots: without them they are packed and unpacked four times as fast.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from campaign.by_rows import write_by_rows
from campaign.ladder import Rung
from campaign.report import FindingResult, RowState

APPROVED, TO_MAKE, WAITS, LATER = "approved", "to make", "waits for approval", "after approval"
"""States of a planned rung."""


@dataclass(frozen=True, kw_only=True)
class PlannedRung:
    """One rung of a spot, foreseen."""

    rung: str
    state: str
    """One of the four that this file begins with."""
    backends: list[str]
    """In the order in which they are wanted."""
    takes: int
    """That would be made."""
    cpu_seconds: float
    gpu_seconds: float
    money: dict[str, float]
    """By currency, if every take comes out at the first try."""
    most: dict[str, float]
    """By currency, if every try that is allowed is made and paid, by substitutes too."""


@dataclass(frozen=True, kw_only=True)
class PlannedSpot:
    """One spot, foreseen."""

    spot_id: str
    state: RowState
    """``done`` here means: nothing stands in its way."""
    reason: str
    shots: int
    seconds: float
    """Of the finished spot; planned from reading and speaking rates until its voice lines are made."""
    backend: str
    aspects: list[str]
    decision: str
    """Of the policy."""
    verdict: str
    """Content key of the verdict, to decide on."""
    findings: list[FindingResult]
    advice: list[str]
    """What the linter would write otherwise in prompts that a person wrote."""
    degraded: list[str]
    """What would be done otherwise than the row asks, and why."""
    new: dict[str, int]
    """How many artefacts of each kind would be made."""
    reused: dict[str, int]
    """How many are in the store already."""
    cpu_seconds: float
    gpu_seconds: float
    money: dict[str, float]
    """By currency, over all rungs that are still to be climbed."""
    most: dict[str, float]
    """Likewise, in the worst case."""
    rungs: list[PlannedRung]
    """Those that were foreseen, lowest first."""


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """One spot on its way into the plan."""

    row_id: str
    spot: PlannedSpot
    basis: tuple[str, ...]
    """Where its estimates come from."""


@dataclass(frozen=True, kw_only=True)
class PlannedRow:
    """One row of the sheet, foreseen."""

    row: int
    id: str
    state: RowState
    reason: str
    problems: list[str]
    sources: dict[str, str]
    """Field to where its value comes from: a cell, the campaign's settings, the kit or a default."""
    taken: dict[str, str]
    """Field to value and source, for what the row does not say itself: ``animatic (default)``."""
    spots: list[PlannedSpot]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A whole batch, foreseen."""

    campaign: str
    sheet: str
    policy: str
    settings: dict[str, str]
    """What holds for every row, each with its value and source."""
    workers: int
    basis: list[str]
    """Where the estimates come from."""
    outlook: list[str]
    """How each backend that is named would work on this machine."""
    notes: list[str]
    problems: list[str]
    rows: list[PlannedRow]

    @property
    def spots(self) -> list[PlannedSpot]:
        return [spot for row in self.rows for spot in row.spots]

    @property
    def totals(self) -> dict[str, Any]:
        """Sums over the spots that nothing stands in the way of."""
        going = [spot for spot in self.spots if spot.state is RowState.DONE]
        new: dict[str, int] = {}
        reused: dict[str, int] = {}
        for spot in going:
            for kind, count in spot.new.items():
                new[kind] = new.get(kind, 0) + count
            for kind, count in spot.reused.items():
                reused[kind] = reused.get(kind, 0) + count
        cpu = sum(spot.cpu_seconds for spot in going)
        return {
            "rows": len(self.rows),
            "rows_going": sum(row.state is RowState.DONE for row in self.rows),
            "spots": len(going),
            "shots": sum(spot.shots for spot in going),
            "seconds": round(sum(spot.seconds for spot in going), 2),
            "renditions": sum(len(spot.aspects) for spot in going),
            "new": new,
            "reused": reused,
            "cpu_seconds": round(cpu, 1),
            "gpu_seconds": round(sum(spot.gpu_seconds for spot in going), 1),
            "wall_seconds": round(cpu / self.workers, 1),
            "money": added_up(spot.money for spot in going),
            "most": added_up(spot.most for spot in going),
            "rungs": self._rungs(going),
        }

    def _rungs(self, going: list[PlannedSpot]) -> dict[str, Any]:
        """The same for each rung, lowest first."""
        by_rung: dict[str, list[PlannedRung]] = {rung.value: [] for rung in Rung}
        for spot in going:
            for rung in spot.rungs:
                by_rung[rung.rung].append(rung)
        return {
            name: {
                "spots": len(rungs),
                "approved": sum(rung.state == APPROVED for rung in rungs),
                "takes": sum(rung.takes for rung in rungs),
                "gpu_seconds": round(sum(rung.gpu_seconds for rung in rungs), 1),
                "money": added_up(rung.money for rung in rungs),
                "most": added_up(rung.most for rung in rungs),
            }
            for name, rungs in by_rung.items()
            if rungs
        }

    def write_json(self, file: TextIO) -> None:
        """All of it with the totals: a large plan is written as it is read."""
        write_by_rows(self, file, totals=self.totals)


def added_up(amounts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Sums by currency; what is nothing is left out."""
    sums: dict[str, float] = {}
    for amount in amounts:
        for currency, value in amount.items():
            if value:
                sums[currency] = sums.get(currency, 0.0) + value
    return sums
