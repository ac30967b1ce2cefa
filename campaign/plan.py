"""What a batch would make, before anything is made or spent."""

import json
from dataclasses import dataclass, fields
from typing import Any, TextIO

from campaign.report import FindingResult, RowState


@dataclass(frozen=True, slots=True, kw_only=True)
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
    money: float
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """One spot on its way into the plan."""

    row_id: str
    spot: PlannedSpot
    basis: tuple[str, ...]
    """Where its estimates come from."""


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
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
        money: dict[str, float] = {}
        for spot in going:
            if spot.money:
                money[spot.currency] = money.get(spot.currency, 0.0) + spot.money
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
            "money": money,
        }

    def write_json(self, file: TextIO) -> None:
        """All of it with the totals, one line for each row: a large plan is written as it is read."""
        for item in fields(self):
            if item.name != "rows":
                lead = "{" if item.name == "campaign" else " "
                file.write(f"{lead}{_dumped(item.name)}: {_dumped(getattr(self, item.name))},\n")
        file.write(f' "totals": {_dumped(self.totals)},\n "rows": [')
        for number, row in enumerate(self.rows):
            file.write(f"{',' if number else ''}\n  {_dumped(row)}")
        file.write("\n ]}\n")


def _dumped(value: object) -> str:
    # Without an indent the encoder runs in C, and asks back for what is no plain data.
    return json.dumps(value, ensure_ascii=False, default=_fields)


def _fields(part: Any) -> dict[str, Any]:  # A row, a spot or a finding.
    return {item.name: getattr(part, item.name) for item in fields(part)}
