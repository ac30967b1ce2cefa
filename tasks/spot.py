"""A spot on its way through the house: what is known of it so far, and why it went no further."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import update_wrapper
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypedDict, Unpack

from campaign.brand_kit import BrandKit
from campaign.brief import Brief
from campaign.errors import ReelsheetError
from campaign.finish import DeliveryForm
from campaign.fleet_errors import LeftError
from campaign.frames import Aspect
from campaign.ladder import SHORT_SIDES, Approval, Rung, Step
from campaign.ledger import PersonDecision, Release
from campaign.log_lines import bound
from campaign.report import RowState
from campaign.store import Artefact
from campaign.storyboard import Storyboard
from campaign.timing import Timeline
from finishing.voice import SpokenLine
from model.backend import Draft
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
class Approved:
    """A rung that the spot has left behind."""

    rung: Rung
    decision: PersonDecision


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Each stage fills in its part and hands on a new `Spot`."""

    brief: Brief
    variant: int
    kit: BrandKit
    size: int
    """Short side of the final's renditions, pixels."""
    fps: int
    """Of the renditions."""
    delivery: DeliveryForm = field(default_factory=DeliveryForm)
    approval: Approval = Approval.PERSON
    """Who lets it go on to the next rung."""
    rung: Rung = Rung.FINAL
    """On which it stands; takes and renditions are that rung's."""
    approved: tuple[Approved, ...] = ()
    """The rungs below, lowest first."""
    waits_for: str = ""
    """Key under which a person approves this rung; empty while nobody has to."""
    storyboard: Storyboard | None = None
    judged: tuple[Judged, ...] = ()
    """Verdicts so far, in the order of the stages."""
    spoken: Mapping[str, Spoken] = field(default_factory=dict)
    """By shot id; a silent shot is not in it."""
    timeline: Timeline | None = None
    bpm: float | None = None
    """Tempo of the spot's track, as its kit states it or as it was found."""
    drafts: Mapping[str, Draft] = field(default_factory=dict)
    """Takes of the rung below that this one is refined from, by shot id."""
    takes: Mapping[tuple[Aspect, str], Path] = field(default_factory=dict)
    """By aspect of the rendition and shot id."""
    used: Mapping[str, str] = field(default_factory=dict)
    """Which backend made the shot, by shot id."""
    stood_in: Mapping[str, str] = field(default_factory=dict)
    """Why a substitute made the shot, by shot id; those that the wanted backend made are not in it."""
    renditions: Mapping[Aspect, Artefact] = field(default_factory=dict)
    handed: Mapping[Aspect, Mapping[str, Path]] = field(default_factory=dict)
    """What an editor gets beside a rendition, by aspect and the ending of the file's name."""
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

    @property
    def step(self) -> Step:
        """The rung with its backends."""
        return next(step for step in self.brief.ladder if step.rung is self.rung)

    @property
    def short_side(self) -> int:
        """Of this rung's renditions, pixels."""
        return min(self.size, SHORT_SIDES.get(self.rung, self.size))

    @property
    def is_shown(self) -> bool:
        """Whether anybody looks at this rung's renditions."""
        return self.rung is Rung.FINAL or self.approval is Approval.PERSON

    @property
    def aspects(self) -> tuple[Aspect, ...]:
        """Of this rung's renditions: the row's, or its first where it is only looked at."""
        return self.brief.aspects if self.rung is Rung.FINAL else self.brief.aspects[:1]

    def having(self, **parts: Unpack["Parts"]) -> Self:
        """With these parts in place of its own."""
        # `dataclasses.replace` hands all parts over anew, which takes ten times as long, many times a spot.
        made = object.__new__(type(self))
        vars(made).update(vars(self), **parts)
        assert vars(made).keys() == vars(self).keys(), parts
        return made

    def on(self, rung: Rung) -> Self:
        """At the foot of another rung."""
        return self.having(rung=rung, drafts={}, takes={}, used={}, stood_in={}, renditions={})

    def failed(self, reason: str, state: RowState = RowState.FAILED) -> Self:
        return self.having(failure=Failure(state=state, reason=reason))

    def failed_by(self, error: ReelsheetError, where: str = "") -> Self:
        """Stopped by ``error``, which may be that its part is left to another machine."""
        lacks = error.kind if isinstance(error, LeftError) else ""
        reason = f"{where}: {error}" if where else str(error)
        return self.having(failure=Failure(state=RowState.FAILED, reason=reason, lacks=lacks))

    def degrading(self, *reasons: str) -> Self:
        """With more that was done otherwise than asked."""
        if not reasons:
            return self
        return self.having(degraded=tuple(dict.fromkeys((*self.degraded, *reasons))))

    def counting(self, artefact: Artefact) -> Self:
        """With one more artefact counted as made or reused."""
        if artefact.reused:
            return self.having(reused=_one_more(self.reused, artefact.kind))
        return self.having(made=_one_more(self.made, artefact.kind))


class Parts(TypedDict, total=False):
    """Of a `Spot`: what stages fill in."""

    rung: Rung
    approved: tuple[Approved, ...]
    waits_for: str
    storyboard: Storyboard
    judged: tuple[Judged, ...]
    spoken: Mapping[str, Spoken]
    timeline: Timeline
    bpm: float | None
    drafts: Mapping[str, Draft]
    takes: Mapping[tuple[Aspect, str], Path]
    used: Mapping[str, str]
    stood_in: Mapping[str, str]
    renditions: Mapping[Aspect, Artefact]
    handed: Mapping[Aspect, Mapping[str, Path]]
    delivered: Mapping[Aspect, Release]
    degraded: tuple[str, ...]
    failure: Failure | None
    made: Mapping[str, int]
    reused: Mapping[str, int]


P = ParamSpec("P")


def about(work: Callable[Concatenate[Spot, P], Spot]) -> Callable[Concatenate[Spot, P], Spot]:
    """Let every log line that is written in ``work`` carry the id of its spot."""

    def bound_work(spot: Spot, /, *args: P.args, **kwargs: P.kwargs) -> Spot:
        with bound(spot=spot.id):
            return work(spot, *args, **kwargs)

    return update_wrapper(bound_work, work)


class Chunk:
    """Spots that one task works on. Not a dataclass: Prefect would walk through all that it holds."""

    __slots__ = ("number", "spots")

    def __init__(self, number: int, spots: tuple[Spot, ...]) -> None:
        self.number = number
        self.spots = spots

    def going(self) -> tuple[Spot, ...]:
        """Those that nothing has stopped."""
        return tuple(spot for spot in self.spots if spot.failure is None)

    def on(self, rung: Rung) -> "Chunk":
        """Those of them that stand on that rung."""
        return Chunk(self.number, tuple(spot for spot in self.going() if spot.rung is rung))

    def with_spots(self, changed: Iterable[Spot]) -> "Chunk":
        """The chunk with those spots in the place of the ones of the same id."""
        by_id = {spot.id: spot for spot in changed}
        return Chunk(self.number, tuple(by_id.get(spot.id, spot) for spot in self.spots))


def _one_more(counts: Mapping[str, int], kind: str) -> dict[str, int]:
    return {**counts, kind: counts.get(kind, 0) + 1}
