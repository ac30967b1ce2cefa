from pathlib import Path

import cv2
import numpy as np
import pytest

from media.encode import EncodeSettings, VideoEncoder
from media.planes import planes_from_rgb
from media.subject import find_window


def take(path: Path, x: float, *, drawn: bool = True) -> Path:
    ground = np.full((180, 320, 3), (70, 110, 90), dtype=np.uint8)
    ground += (np.arange(320) / 16).astype(np.uint8)[None, :, None]
    if drawn:
        cv2.circle(ground, (round(x * 320), 100), 26, (230, 200, 60), -1)
        cv2.putText(ground, "TEA", (round(x * 320) - 20, 106), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 2)
    with VideoEncoder(path, 320, 180, 24, EncodeSettings(crf=12)) as encoder:
        for _ in range(12):
            encoder.write(planes_from_rgb(ground))
    return path


@pytest.mark.parametrize("x", [0.2, 0.75])
def test_a_tall_crop_of_a_wide_take_keeps_what_stands_out(x: float, tmp_path: Path) -> None:
    found = find_window(take(tmp_path / "t.mp4", x), 9, 16)
    assert found is not None
    assert found[0] == pytest.approx(x, abs=0.06)
    assert found[1] == 0.5


def test_the_middle_is_not_left_without_need(tmp_path: Path) -> None:
    assert find_window(take(tmp_path / "t.mp4", 0.5), 9, 16) is None


def test_an_even_picture_has_no_subject(tmp_path: Path) -> None:
    assert find_window(take(tmp_path / "t.mp4", 0.5, drawn=False), 9, 16) is None
