"""One attempt at a shot."""

from dataclasses import dataclass
from pathlib import Path

from campaign.frames import FrameSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Same shot, backend and seed: same take."""

    shot_id: str
    backend: str
    seed: int
    spec: FrameSpec
    path: Path
    """The untouched output of the backend, before finishing."""
