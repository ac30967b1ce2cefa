"""A spot on its way through the house: what is known of it so far, and why it went no further."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from campaign.brand_kit import BrandKit
from campaign.brief import Brief
from campaign.frames import Aspect
from campaign.report import RowState
from campaign.store import Artefact
from campaign.storyboard import Storyboard
from campaign.timing import Timeline
from finishing.voice import SpokenLine
from moderation.finding import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Where a spot stopped, in words for the sheet and the report."""

    state: RowState
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A voice line in the store."""

    path: Path
    line: SpokenLine
    voice: str
    """Who spoke."""


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
    verdict: Verdict | None = None
    verdict_key: str = ""
    spoken: Mapping[str, Spoken] = field(default_factory=dict)
    """By shot id; a silent shot is not in it."""
    timeline: Timeline | None = None
    takes: Mapping[tuple[Aspect, str], Path] = field(default_factory=dict)
    """By aspect of the rendition and shot id."""
    renditions: Mapping[Aspect, Artefact] = field(default_factory=dict)
    delivered: Mapping[Aspect, Mapping[str, Any]] = field(default_factory=dict)
    """What was delivered and read back, by aspect."""
    failure: Failure | None = None
    made: Mapping[str, int] = field(default_factory=dict)
    """How many artefacts of each kind were made in this run."""
    reused: Mapping[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.brief.id}-{self.variant}"

    def failed(self, reason: str, state: RowState = RowState.FAILED) -> Self:
        return replace(self, failure=Failure(state=state, reason=reason))

    def counting(self, artefact: Artefact) -> Self:
        """With one more artefact counted as made or reused."""
        name = "reused" if artefact.reused else "made"
        counts = dict(getattr(self, name))
        counts[artefact.kind] = counts.get(artefact.kind, 0) + 1
        return replace(self, **{name: counts})


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Spots that one task works on, opaque to Prefect so that it does not walk through their data."""

    number: int
    spots: tuple[Spot, ...]

    def going(self) -> tuple[Spot, ...]:
        """Those that nothing has stopped."""
        return tuple(spot for spot in self.spots if spot.failure is None)
