"""A spot on its way through the house: what is known of it so far, and why it went no further."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from campaign.brand_kit import BrandKit
from campaign.brief import Brief
from campaign.errors import ReelsheetError
from campaign.fleet_errors import LeftError
from campaign.frames import Aspect
from campaign.ledger import Release
from campaign.report import RowState
from campaign.store import Artefact
from campaign.storyboard import Storyboard
from campaign.timing import Timeline
from finishing.voice import SpokenLine
from moderation.finding import Stage, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Where a spot stopped, in words for the sheet and the report."""

    state: RowState
    reason: str
    lacks: str = ""
    """Kind of what another machine has to make before it can go on; empty where nothing is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A voice line in the store."""

    path: Path
    line: SpokenLine
    voice: str
    """Who spoke."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the policy said at one stage."""

    stage: Stage
    subject: str
    """Key under which a person decides about it; empty where nobody has to."""
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Each stage fills in its part and hands on a new `Spot`."""

    brief: Brief
    variant: int
    kit: BrandKit
    size: int
    """Short side of the renditions, pixels."""
    fps: int
    """Of the renditions."""
    storyboard: Storyboard | None = None
    judged: tuple[Judged, ...] = ()
    """Verdicts so far, in the order of the stages."""
    spoken: Mapping[str, Spoken] = field(default_factory=dict)
    """By shot id; a silent shot is not in it."""
    timeline: Timeline | None = None
    bpm: float | None = None
    """Tempo of the spot's track, as its kit states it or as it was found."""
    takes: Mapping[tuple[Aspect, str], Path] = field(default_factory=dict)
    """By aspect of the rendition and shot id."""
    renditions: Mapping[Aspect, Artefact] = field(default_factory=dict)
    delivered: Mapping[Aspect, Release] = field(default_factory=dict)
    """Releases, by aspect."""
    degraded: tuple[str, ...] = ()
    """What was done otherwise than the row asks, and why: a second voice, a cut beside the beat."""
    failure: Failure | None = None
    made: Mapping[str, int] = field(default_factory=dict)
    """How many artefacts of each kind were made in this run."""
    reused: Mapping[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.brief.id}-{self.variant}"

    def failed(self, reason: str, state: RowState = RowState.FAILED) -> Self:
        return replace(self, failure=Failure(state=state, reason=reason))

    def failed_by(self, error: ReelsheetError, where: str = "") -> Self:
        """Stopped by ``error``, which may be that its part is left to another machine."""
        lacks = error.kind if isinstance(error, LeftError) else ""
        reason = f"{where}: {error}" if where else str(error)
        return replace(self, failure=Failure(state=RowState.FAILED, reason=reason, lacks=lacks))

    def degrading(self, *reasons: str) -> Self:
        """With more that was done otherwise than asked."""
        return replace(self, degraded=tuple(dict.fromkeys((*self.degraded, *reasons))))

    def counting(self, artefact: Artefact) -> Self:
        """With one more artefact counted as made or reused."""
        if artefact.reused:
            return replace(self, reused=_one_more(self.reused, artefact.kind))
        return replace(self, made=_one_more(self.made, artefact.kind))


class Chunk:
    """Spots that one task works on. Not a dataclass: Prefect would walk through all that it holds."""

    __slots__ = ("number", "spots")

    def __init__(self, number: int, spots: tuple[Spot, ...]) -> None:
        self.number = number
        self.spots = spots

    def going(self) -> tuple[Spot, ...]:
        """Those that nothing has stopped."""
        return tuple(spot for spot in self.spots if spot.failure is None)

    def with_spots(self, changed: Iterable[Spot]) -> "Chunk":
        """The chunk with those spots in the place of the ones of the same id."""
        by_id = {spot.id: spot for spot in changed}
        return Chunk(self.number, tuple(by_id.get(spot.id, spot) for spot in self.spots))


def _one_more(counts: Mapping[str, int], kind: str) -> dict[str, int]:
    return {**counts, kind: counts.get(kind, 0) + 1}
