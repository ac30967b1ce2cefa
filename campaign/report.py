"""What became of a batch, row by row: the data behind the report page, the terminal and the sheet."""

import json
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from campaign.by_rows import write_by_rows

REPORT = "report.json"
"""Its file, in the campaign's output folder."""


class RowState(StrEnum):
    """The end of a row, worst of its spots."""

    DONE = "done"
    REVIEW = "needs review"
    """A person has to decide before it goes on."""
    WAITING = "waiting for approval"
    """A rung of the ladder is made, and a person has to approve it."""
    SCHEDULED = "scheduled"
    """Finished; it goes out when its moment has come."""
    REFUSED = "refused"
    """The policy refused it."""
    FAILED = "failed"
    """Something could not be made."""
    PROBLEM = "problem"
    """The row itself could not be read."""


WORST_FIRST = (
    RowState.FAILED,
    RowState.REFUSED,
    RowState.REVIEW,
    RowState.WAITING,
    RowState.PROBLEM,
    RowState.SCHEDULED,
    RowState.DONE,
)
WELL_ENDED = (RowState.DONE, RowState.SCHEDULED, RowState.WAITING)
"""States of a row in which nothing went wrong."""
TO_DECIDE = (RowState.REVIEW, RowState.WAITING)
"""States that `reelsheet decide` ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionResult:
    """One delivered file."""

    aspect: str
    file: str
    """Path of the video relative to the campaign's output folder, with forward slashes."""
    cover: str
    captions: str
    frames: str
    """A strip of frames as a JPEG, relative too."""
    width: int
    height: int
    duration: float
    """Seconds."""
    size: int
    """Bytes."""
    loudness: float | None
    """Integrated, LUFS, of the finished file."""
    true_peak: float | None
    """dBTP, of the finished file."""
    project: str = ""
    """The OpenTimelineIO file beside it, relative too; empty where none was asked for."""
    framing: list[str] = field(default_factory=list)
    """What each reframed take keeps, and why."""
    labels: dict[str, str]
    """Each AI-content label and what was read back: ``visible``, ``metadata``."""
    reused: bool
    key: str


@dataclass(frozen=True, kw_only=True)
class FindingResult:
    """One finding of the screening, in words."""

    rule: str
    category: str
    decision: str
    where: str
    text: str
    """The words found, from the original."""
    why: str
    suggestion: str
    time: float | None = None
    """Seconds into the video; None for words and single pictures."""
    frame: int | None = None
    """Number from 0, likewise."""
    picture: str = ""
    """What was seen, saved; relative to the campaign's output folder. Empty where nothing is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotResult:
    """One spot and all that was made for it."""

    spot_id: str
    variant: int
    state: RowState
    reason: str
    backend: str
    seed: int
    shots: int
    duration: float
    """Seconds."""
    decision: str
    """Of the policy."""
    verdict: str
    """Content key of the verdict, which a person's decision refers to."""
    voice: str
    made: dict[str, int]
    """How many of each kind were made in this run."""
    reused: dict[str, int]
    """How many of each kind were there already."""
    storyboard: list[dict[str, str]]
    """Each shot's prompt and line, for people."""
    renditions: list[RenditionResult]
    """Delivered ones, or those that wait for approval or for their moment."""
    findings: list[FindingResult]
    degraded: list[str] = field(default_factory=list)
    """What was done otherwise than the row asks, and why."""
    rung: str = "final"
    """On which rung of the ladder it stands."""
    gaps: list[str] = field(default_factory=list)
    """Checks that the policy requires and that did not run, with the reason."""
    approval: str = ""
    """Key under which a person approves the rung; empty where nobody has to."""
    approved: list[str] = field(default_factory=list)
    """Each rung below with who approved it and why, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """One row of the sheet."""

    row: int
    id: str
    copy: str
    state: RowState
    reason: str
    problems: list[str]
    spots: list[SpotResult]
    cost: str = ""
    """What hosted backends charged for it, in all batches of the campaign; empty for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """A whole batch."""

    campaign: str
    sheet: str
    digest: str
    """SHA-256 of the sheet as it was read."""
    started_at: str
    """ISO 8601 with zone."""
    seconds: float
    policy: str
    notes: list[str]
    """Things a person must know about the whole batch, loudest first."""
    problems: list[str]
    """Of the sheet as a whole."""
    rows: list[RowResult]
    cost: str = "0"
    """What hosted backends charged for this batch, by currency."""
    counts: dict[str, int] = field(default_factory=dict)
    """How many rows ended in each state."""

    def write(self, path: Path) -> None:
        """Write as JSON, whole or not at all."""
        part = path.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            write_by_rows(self, file)
        part.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote."""
        data = json.loads(path.read_text(encoding="utf-8"))
        data["rows"] = [_row(row) for row in data["rows"]]
        return cls(**data)


def _row(data: dict[str, Any]) -> RowResult:
    spots = [_spot(spot) for spot in data["spots"]]
    return RowResult(**{**_only(RowResult, data), "state": RowState(data["state"]), "spots": spots})


def _spot(data: dict[str, Any]) -> SpotResult:
    return SpotResult(
        **{
            **_only(SpotResult, data),
            "state": RowState(data["state"]),
            "renditions": [RenditionResult(**r) for r in data["renditions"]],
            "findings": [FindingResult(**f) for f in data["findings"]],
        }
    )


def _only(cls: type, data: dict[str, Any]) -> dict[str, Any]:
    """What ``cls`` knows of ``data``; an older report lacks what came later."""
    return {f.name: data[f.name] for f in fields(cls) if f.name in data}
