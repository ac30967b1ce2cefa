from pathlib import Path

import cv2
import numpy as np
import pytest

from campaign.errors import FinishError
from media.encode import EncodeSettings, VideoEncoder
from media.planes import planes_from_rgb
from media.subject import find_subject
from tests.moderation.tiny_models import make_face_models


@pytest.fixture(scope="module")
def face_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_face_models(tmp_path_factory.mktemp("faces"))[0]


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
    found = find_subject(take(tmp_path / "t.mp4", x), 9, 16)
    assert found is not None
    assert not found.faces
    assert found.focus[0] == pytest.approx(x, abs=0.06)
    assert found.focus[1] == 0.5


def test_a_figure_that_the_lower_edge_cuts_off_is_kept_before_a_spot_in_the_sky(tmp_path: Path) -> None:
    picture = np.zeros((180, 320, 3), dtype=np.uint8)
    picture[...] = np.linspace((230, 232, 224), (214, 222, 206), 180)[:, None]
    picture[112:] = (110, 150, 96)
    for row in range(116, 180, 8):
        cv2.line(picture, (0, row), (320, row - 6), (62, 104, 66), 3, cv2.LINE_AA)
    cv2.circle(picture, (225, 50), 16, (200, 222, 110), -1, cv2.LINE_AA)
    for middle, axes, color in (
        ((96, 182), (56, 62), (34, 84, 60)),
        ((96, 84), (30, 30), (24, 56, 42)),
        ((96, 94), (20, 26), (236, 196, 168)),
    ):
        cv2.ellipse(picture, middle, axes, 0, 0, 360, color, -1, cv2.LINE_AA)
    with VideoEncoder(tmp_path / "t.mp4", 320, 180, 24, EncodeSettings(crf=12)) as encoder:
        for _ in range(6):
            encoder.write(planes_from_rgb(picture))
    found = find_subject(tmp_path / "t.mp4", 9, 16)
    assert found is not None
    # The window is 101 pixels wide; the figure's head is from 66 to 126.
    assert 126 - 50 <= found.focus[0] * 320 <= 66 + 50


def test_the_middle_is_not_left_without_need(tmp_path: Path) -> None:
    assert find_subject(take(tmp_path / "t.mp4", 0.5), 9, 16) is None


def test_an_even_picture_has_no_subject(tmp_path: Path) -> None:
    assert find_subject(take(tmp_path / "t.mp4", 0.5, drawn=False), 9, 16) is None


def person(path: Path, x: float, *, seen: int = 12) -> Path:
    """A disc at the right; in ``seen`` of 12 frames what the tiny model takes for a face, at ``x``."""
    with VideoEncoder(path, 640, 360, 3, EncodeSettings(crf=12)) as encoder:
        for number in range(12):
            ground = np.full((360, 640, 3), (70, 110, 90), dtype=np.uint8)
            cv2.circle(ground, (560, 200), 50, (230, 200, 60), -1)
            if number < seen:
                left = round(x * 640) - 48
                ground[120:216, left : left + 96] = (255, 0, 255)
            encoder.write(planes_from_rgb(ground))
    return path


def test_faces_decide_where_a_face_model_is_given(tmp_path: Path, face_model: Path) -> None:
    film = person(tmp_path / "t.mp4", 0.25)
    found = find_subject(film, 9, 16, face_model)
    assert found is not None
    assert found.faces
    assert found.focus[0] == pytest.approx(0.25, abs=0.08)
    without = find_subject(film, 9, 16)
    assert without is None or not without.faces


def test_a_face_that_is_seldom_seen_decides_nothing(tmp_path: Path, face_model: Path) -> None:
    found = find_subject(person(tmp_path / "t.mp4", 0.25, seen=2), 9, 16, face_model)
    assert found is not None
    assert not found.faces
    assert found.focus[0] > 0.6


def test_a_face_model_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    film = person(tmp_path / "t.mp4", 0.25)
    with pytest.raises(FinishError, match=r"model\.onnx: it cannot be loaded"):
        find_subject(film, 9, 16, tmp_path / "model.onnx")
    with pytest.raises(FinishError, match="it is not there"):
        find_subject(film, 9, 16, tmp_path / "absent.onnx")
