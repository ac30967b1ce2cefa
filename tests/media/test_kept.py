from pathlib import Path

import av
import numpy as np
import pytest

from media.kept import KeptFrames
from media.planes import new_frame, planes_of_frame


@pytest.fixture
def frames(rng: np.random.Generator) -> list[av.VideoFrame]:
    """Noise, in a size whose rows are not where a frame's memory has them side by side."""
    made = [new_frame(66, 50) for _ in range(3)]
    for frame in made:
        for plane in planes_of_frame(frame):
            plane[...] = rng.integers(0, 256, plane.shape, dtype=np.uint8)
    return made


def test_frames_come_back_as_they_were_as_often_as_asked(frames: list[av.VideoFrame], tmp_path: Path) -> None:
    kept = KeptFrames(tmp_path)
    written = [planes_of_frame(frame).copy() for frame in frames]
    for frame in frames:
        kept.add(frame)
        planes_of_frame(frame).y[...] = 0
    for _ in range(2):
        for frame, planes in zip(kept, written, strict=True):
            assert (frame.colorspace, frame.color_range) == (1, 1)
            for read, before in zip(planes_of_frame(frame), planes, strict=True):
                assert np.array_equal(read, before)
    kept.close()


def test_a_frame_that_comes_twice_running_is_kept_once(frames: list[av.VideoFrame], tmp_path: Path) -> None:
    kept = KeptFrames(tmp_path)
    one, other = frames[:2]
    for frame in (one, one, other):
        kept.add(frame)
    read = list(kept)
    assert read[0] is read[1]
    assert read[1] is not read[2]
    kept.close()


def test_no_name_is_left_on_the_disk(frames: list[av.VideoFrame], tmp_path: Path) -> None:
    kept = KeptFrames(tmp_path)
    kept.add(frames[0])
    assert not list(tmp_path.iterdir())
    kept.close()


def test_more_than_the_disk_has_is_not_kept(frames: list[av.VideoFrame], tmp_path: Path) -> None:
    assert KeptFrames.has_room(frames[0], 10, tmp_path)
    assert not KeptFrames.has_room(frames[0], 10**12, tmp_path)
