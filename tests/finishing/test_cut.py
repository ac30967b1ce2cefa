from pathlib import Path

import pytest

from finishing.cut import Clip, cut_frames
from media.decode import Retiming
from media.encode import EncodeSettings, VideoEncoder
from media.fit import Fitting
from media.planes import blank_planes, planes_of_frame


def flat_take(path: Path, luma: int, frames: int) -> Path:
    picture = blank_planes(32, 32)
    with VideoEncoder(path, 32, 32, 24, EncodeSettings(crf=4)) as encoder:
        for number in range(frames):
            picture.y[...] = luma + number
            encoder.write(picture)
    return path


def lumas(clips: list[Clip]) -> list[float]:
    frames = cut_frames(clips, 32, 32, 24, Fitting.CROP, Retiming.DUPLICATE)
    return [float(planes_of_frame(frame).y.mean()) for frame in frames]


@pytest.fixture
def takes(tmp_path: Path) -> tuple[Path, Path]:
    return flat_take(tmp_path / "a.mp4", 50, 10), flat_take(tmp_path / "b.mp4", 150, 10)


def test_a_hard_cut_puts_one_after_the_other(takes: tuple[Path, Path]) -> None:
    clips = [Clip(path=takes[0], num_frames=4), Clip(path=takes[1], num_frames=3)]
    assert lumas(clips) == pytest.approx([50, 51, 52, 53, 150, 151, 152], abs=1)


def test_a_crossfade_mixes_the_takes_as_both_go_on(takes: tuple[Path, Path]) -> None:
    clips = [Clip(path=takes[0], num_frames=4), Clip(path=takes[1], num_frames=5, fade_in=3)]
    mixed = [54 * 0.75 + 150 * 0.25, 55 * 0.5 + 151 * 0.5, 56 * 0.25 + 152 * 0.75]
    assert lumas(clips) == pytest.approx([50, 51, 52, 53, *mixed, 153, 154], abs=1.2)


def test_a_take_that_is_used_up_holds_its_last_picture(takes: tuple[Path, Path]) -> None:
    clips = [Clip(path=takes[0], num_frames=9), Clip(path=takes[1], num_frames=5, fade_in=3)]
    mixed = [59 * 0.75 + 150 * 0.25, 59 * 0.5 + 151 * 0.5, 59 * 0.25 + 152 * 0.75]
    assert lumas(clips)[9:12] == pytest.approx(mixed, abs=1.2)
