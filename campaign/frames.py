"""Sizes and counts of frames."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Aspect(StrEnum):
    """Width to height, as people write it."""

    WIDE = "16:9"
    TALL = "9:16"
    SQUARE = "1:1"
    PORTRAIT = "4:5"
    CLASSIC = "3:4"

    @property
    def ratio(self) -> tuple[int, int]:
        """Width and height in whole parts."""
        width, height = self.value.split(":")
        return int(width), int(height)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSpec:
    """What a backend is asked to draw."""

    width: int
    """Pixels."""
    height: int
    """Pixels."""
    num_frames: int
    fps: int

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.num_frames / self.fps

    @property
    def short_side(self) -> int:
        return min(self.width, self.height)


@lru_cache(maxsize=64)
def frame_size(aspect: Aspect, short_side: int) -> tuple[int, int]:
    """Width and height in pixels of ``aspect`` with the given short side, both even."""
    across, down = aspect.ratio
    scale = short_side / min(across, down)
    return round(across * scale / 2) * 2, round(down * scale / 2) * 2
