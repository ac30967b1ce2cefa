from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from media.decode import decode
from media.encode import VideoEncoder
from media.planes import planes_from_rgb, planes_of_frame, rgb_from_planes
from media.probe import probe
from model.wan.chain import join_files
from model.wan.join import drift, join_to
from model.wan.options import TAKE_ENCODING


def scene() -> np.ndarray:
    rows, columns = np.mgrid[0:48, 0:64]
    waves = [np.sin(rows / 5), np.cos(columns / 6), np.sin((rows + columns) / 7)]
    return np.clip(np.stack(waves, axis=-1) * 50 + (90, 110, 130), 0, 255).astype(np.uint8)


def test_a_segment_that_drifted_is_brought_back_to_the_colours_before(tmp_path: Path) -> None:
    before = scene()
    Image.fromarray(before).save(tmp_path / "last.png")
    drifted = np.clip(before * 0.85 + (20, 5, 0), 0, 255).astype(np.uint8)
    join = join_to(tmp_path / "last.png", drifted)
    assert join.drift.colour > 5
    assert join.drift.contrast == pytest.approx(0.85, abs=0.02)
    corrected = join.applied(drifted[np.newaxis])[0]
    assert np.abs(corrected.astype(int) - before).max() <= 2


def test_a_picture_of_something_else_is_not_forced(tmp_path: Path) -> None:
    Image.fromarray(scene()).save(tmp_path / "last.png")
    flat = np.full((48, 64, 3), 128, dtype=np.uint8)
    assert max(join_to(tmp_path / "last.png", flat).gain) <= 1.25


def test_drift_of_a_picture_from_itself_is_none_and_blur_is_seen() -> None:
    same = drift(scene(), scene())
    assert (same.colour, same.contrast, same.sharpness) == (0.0, 1.0, 1.0)
    assert drift(scene(), cv2.blur(scene(), (5, 5))).sharpness < 0.8


def test_joined_segments_show_every_picture_once_in_order(tmp_path: Path) -> None:
    shades = [[30, 60, 90, 120, 150], [170, 190, 210], [230, 10]]
    files = []
    for number, segment in enumerate(shades):
        files.append(tmp_path / f"{number}.mp4")
        with VideoEncoder(files[-1], 64, 48, 16, TAKE_ENCODING) as encoder:
            for shade in segment:
                encoder.write(planes_from_rgb(np.full((48, 64, 3), shade, dtype=np.uint8)))
    join_files(files, tmp_path / "joined.mp4", 16)
    shown = [rgb_from_planes(planes_of_frame(frame)).mean() for frame in decode(tmp_path / "joined.mp4")]
    assert shown == pytest.approx([shade for segment in shades for shade in segment], abs=3)
    video = probe(tmp_path / "joined.mp4").video
    assert video
    assert (video.num_frames, video.fps, video.duration) == (10, 16, pytest.approx(10 / 16, abs=0.01))
