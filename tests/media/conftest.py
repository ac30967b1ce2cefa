"""Tiny real media that the tests of this folder share."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from media.encode import EncodeSettings, VideoEncoder
from media.planes import Planes, blank_planes

MakeTake = Callable[..., Path]


@pytest.fixture
def make_take(tmp_path: Path) -> MakeTake:
    """Writes a take whose frame number can be read from its luma: 16 plus 4 for each frame."""

    def make(
        name: str = "take.mp4", *, width: int = 64, height: int = 48, fps: int = 24, frames: int = 12
    ) -> Path:
        path = tmp_path / name
        with VideoEncoder(path, width, height, fps, EncodeSettings(crf=4)) as encoder:
            for number in range(frames):
                encoder.write(flat(width, height, 16 + 4 * number))
        return path

    return make


def flat(width: int, height: int, luma: int) -> Planes:
    picture = blank_planes(width, height)
    picture.y[...] = luma
    return picture


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)
