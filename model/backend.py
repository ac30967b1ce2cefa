"""The port that makes takes, and what it is asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from campaign.brand_kit import BrandKit
from campaign.brief import Language
from campaign.content_key import Json
from campaign.errors import ReelsheetError, RequestError
from campaign.frames import Aspect, FrameSpec
from campaign.kit_parts import SafeArea
from campaign.storyboard import Shot


class Progress(Protocol):
    """Is told how far a take is. It may raise `Leave`."""

    def __call__(self, shot: str, done: int, total: int, words: str = "", /) -> None:
        """``done`` of ``total`` steps; ``words`` are what more the backend knows: stage, rate, time left."""
        ...


class Leave(BaseException):
    """The process is to end soon. A backend keeps what it has of takes under way, and lets this pass.

    Not an `Exception`, so that no guard around a single take mistakes it for that take's failure.
    """


class RunsOn(StrEnum):
    """Where a wave of this backend is made."""

    CPU_POOL = "cpu pool"
    """One take per worker process."""
    HERE = "here"
    """The whole wave in one call, in this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An approved take that another one starts from."""

    key: str
    """Its content key: the same key, the same bytes."""
    path: Path | None
    """None while it is only planned."""
    strength: float
    """More than 0 and at most 1: the share of the work that is made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRequest:
    """One take that is wanted."""

    shot: Shot
    language: Language
    spec: FrameSpec
    seed: int
    kit: BrandKit
    """For backends that draw with the brand's own colours and fonts."""
    draft: Draft | None = None
    """Where it starts from; a backend that cannot refuses it in ``check``."""
    margins: SafeArea | None = None
    """What apps cover, for backends that set type; None where nothing is known to lie over the picture."""
    marks: tuple[tuple[float, float, float, float], ...] = ()
    """Likewise what the brand lays beside the captions: left, top, right, bottom, as shares of the frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOutcome:
    """What became of a request: a file, or the reason why there is none."""

    request: TakeRequest
    path: Path | None
    error: ReelsheetError | None = None
    beside: Mapping[str, Path] = field(default_factory=dict)
    """Further files to be kept with the take, by the names that they get there."""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """What the backend says of its making, to be kept with the take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a take is expected to cost, before it is made."""

    cpu_seconds: float = 0.0
    gpu_seconds: float = 0.0
    money: float = 0.0
    most: float = 0.0
    """Money, if every try that is allowed is made and paid."""
    currency: str = ""
    basis: str = ""
    """Where the figures come from, in words."""


class Backend(Protocol):
    """Makes takes.

    Same request, same bytes of frames. A request that cannot be met as asked is refused by ``frame_spec``
    or ``check`` before anything is spent, or is a `TakeOutcome` with an error; it never ends the wave.
    """

    name: str
    runs_on: RunsOn
    draws_every_aspect: bool
    """True: each aspect gets a take of its own. False: one take is made and the finisher reframes it."""

    def frame_spec(self, aspect: Aspect, short_side: int, duration: float) -> FrameSpec:
        """The smallest take of at least ``duration`` seconds.

        Raises:
            GenerationError: this backend cannot make it; says what it can.
        """
        ...

    def check(self, request: TakeRequest) -> None:
        """Let pass what it can make as asked.

        Raises:
            GenerationError: it cannot; says why and what to do.
        """
        ...

    def recipe(self, request: TakeRequest) -> dict[str, Json]:
        """Everything that decides the bytes of a take that passed ``check``, with this backend's version."""
        ...

    def estimate(self, request: TakeRequest) -> Estimate: ...

    def outlook(self) -> str:
        """How it would work here, in a line for a plan; empty where there is nothing to say.

        Raises:
            GenerationError: it would not; says why.
        """
        ...

    def make(self, wave: Sequence[TakeRequest], folder: Path, progress: Progress) -> Iterator[TakeOutcome]:
        """Make the wave; yield each outcome as it is done, files in ``folder``."""
        ...


def refuse_draft(name: str, request: TakeRequest) -> None:
    """For backends that cannot start from a draft.

    Raises:
        RequestError: the request asks for that.
    """
    if request.draft is not None:
        raise RequestError(
            f"{request.shot.id} is to be refined from its draft",
            f"{name} makes every take anew",
            "Take refine out, or make the final with wan or a hosted model that starts from videos.",
        )
