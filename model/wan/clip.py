"""What the engine is asked to make, as data, and what it gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from campaign.content_key import Json
from campaign.errors import ReelsheetError
from model.wan.variants import Sampling


class Stage(StrEnum):
    ENCODE = "encode"
    HIGH = "high-noise expert"
    LOW = "low-noise expert"
    DECODE = "decode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """An approved draft to begin from."""

    video: Path | None
    """Its pictures, of any size and rate; None while it is only planned."""
    latents: Path | None
    """The same as `model.wan.park.save_latents` wrote them, where Wan made the draft: nothing was lost to an
    encoder."""
    strength: float
    """0 to 1: share of the steps that is made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One clip to be made."""

    key: str
    """Content key of all that decides its latents; names its files between the stages."""
    name: str
    """Shot id, for logs and progress."""
    prompt: str
    negative_prompt: str
    width: int
    height: int
    num_frames: int
    fps: int
    seed: int
    sampling: Sampling
    image: Path | None = None
    """First picture."""
    last_image: Path | None = None
    """Last picture; only with a first."""
    start: Start | None = None
    follows: bool = False
    """``image`` is the last picture of the segment before: it is not shown twice, and colours are matched to
    it."""
    keep_last: bool = False
    """Keep the last picture for a segment that follows."""
    keep_as: Path | None = None
    """Where to keep the latents for a refinement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipResult:
    """A file with facts about its making, or the reason why there is none."""

    clip: Clip
    path: Path | None = None
    last_image: Path | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
    error: ReelsheetError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Where a wave is."""

    stage: Stage
    key: str
    """Of the clip in hand."""
    clip: str
    """Its name."""
    number: int
    """Of that clip in the wave, from 1."""
    clips: int
    done: int
    """Steps of the clip done in this stage; latent frames while decoding."""
    total: int
    rate: float
    """Steps a second in this stage so far; 0 before the first."""
    seconds_left: float | None
    """Of the wave's experts, or of its decoding once that is under way; None before the first step."""


Watch = Callable[[Tick], None]
