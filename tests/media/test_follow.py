from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from media.encode import EncodeSettings, VideoEncoder
from media.follow import ACCELERATION, SPEED, Following, follow_subject
from media.planes import planes_from_rgb
from media.subject import find_subject
from tests.moderation.tiny_models import make_face_models

WIDTH, HEIGHT, FRAMES, FPS = 320, 180, 96, 24
WINDOW = HEIGHT * 9 / 16 / WIDTH
"""Width of a 9:16 window, of the take's."""
Where = Callable[[float], float]


@pytest.fixture(scope="module")
def face_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_face_models(tmp_path_factory.mktemp("faces"))[0]


def wall() -> np.ndarray:
    """Soft spots of all greys, wider than the take."""
    noise = np.random.default_rng(1).integers(60, 200, (HEIGHT, 2 * WIDTH, 3)).astype(np.uint8)
    soft = cv2.GaussianBlur(noise, (0, 0), 3)
    return np.asarray(cv2.normalize(soft, None, 60, 180, cv2.NORM_MINMAX), dtype=np.uint8)  # type: ignore[call-overload]


def take(path: Path, where: Where, pan: float = 0.0) -> Path:
    """A marked ball with its middle at ``where`` of its second; the wall goes ``pan`` pixels a second."""
    ground = wall()
    with VideoEncoder(path, WIDTH, HEIGHT, FPS, EncodeSettings(crf=14)) as encoder:
        for number in range(FRAMES):
            second = number / FPS
            step = np.array([[1, 0, -40 - pan * second], [0, 1, 0]])
            picture = cv2.warpAffine(ground, step, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
            x = where(second) * WIDTH
            for dx, radius, color in ((0, 20, (235, 190, 40)), (-6, 6, (30, 30, 30))):
                middle = (round((x + dx) * 16), 100 * 16)
                cv2.circle(picture, middle, radius * 16, color, -1, cv2.LINE_AA, 4)
            encoder.write(planes_from_rgb(picture))
    return path


def followed(path: Path, face_model: Path | None = None) -> Following:
    return follow_subject(path, 9, 16, FPS, FRAMES, face_model)


def checked(found: Following) -> np.ndarray:
    """Its places across, which keep to what an operator does and do not tremble."""
    places = np.array([across for across, _ in found.middles])
    assert len(places) == FRAMES
    assert {down for _, down in found.middles} == {0.5}
    steps = np.diff(places)
    assert np.abs(steps).max() * FPS <= SPEED * WINDOW + 1e-9
    assert np.abs(np.diff(steps)).max() * FPS**2 <= ACCELERATION * WINDOW + 1e-9
    turns = np.diff(np.sign(steps[np.abs(steps) > 1e-4]))
    assert np.count_nonzero(turns) <= 1
    return places


@pytest.mark.parametrize("pan", [0.0, 15.0])
def test_the_window_goes_with_what_moves_whether_or_not_the_camera_does(pan: float, tmp_path: Path) -> None:
    def where(second: float) -> float:
        return 0.18 + 0.64 * second / 4

    places = checked(followed(take(tmp_path / "t.mp4", where, pan)))
    missed = np.abs(places - [where(number / FPS) for number in range(FRAMES)]) / WINDOW
    # With its radius, a fifth of a window, the ball stays inside it.
    assert missed.max() < 0.3
    assert places[-1] - places[0] > 0.5


def test_the_window_stays_until_the_subject_goes(tmp_path: Path) -> None:
    def where(second: float) -> float:
        return 0.2 if second < 1.6 else min(0.2 + 0.4 * (second - 1.6), 0.8)

    places = checked(followed(take(tmp_path / "t.mp4", where)))
    assert np.ptp(places[:24]) < 0.02
    assert places[-1] == pytest.approx(0.8, abs=0.06)


def test_a_subject_that_jumps_is_not_jumped_after(tmp_path: Path) -> None:
    found = followed(take(tmp_path / "t.mp4", lambda second: 0.2 if second < 2 else 0.8))
    assert found.moves
    checked(found)


@pytest.mark.parametrize("x", [0.25, 0.5, 0.8])
def test_a_subject_that_stays_is_cropped_as_a_still_window_does(x: float, tmp_path: Path) -> None:
    film = take(tmp_path / "t.mp4", lambda _: x)
    found, still = followed(film), find_subject(film, 9, 16)
    assert found.found
    assert found.middles == ((still.focus if still else (0.5, 0.5)),)


def test_an_even_picture_has_nothing_to_follow(tmp_path: Path) -> None:
    with VideoEncoder(tmp_path / "t.mp4", WIDTH, HEIGHT, FPS, EncodeSettings()) as encoder:
        for _ in range(12):
            encoder.write(planes_from_rgb(np.full((HEIGHT, WIDTH, 3), 90, dtype=np.uint8)))
    found = followed(tmp_path / "t.mp4")
    assert (found.found, found.middles) == (False, ((0.5, 0.5),))


def test_faces_are_followed_before_anything_else(tmp_path: Path, face_model: Path) -> None:
    with VideoEncoder(tmp_path / "t.mp4", 640, 360, FPS, EncodeSettings(crf=12)) as encoder:
        for number in range(FRAMES):
            picture = np.full((360, 640, 3), (70, 110, 90), dtype=np.uint8)
            ball = round((0.85 - 0.7 * number / FRAMES) * 640)
            cv2.circle(picture, (ball, 280), 40, (230, 200, 60), -1)
            left = round((0.2 + 0.6 * number / FRAMES) * 640) - 48
            picture[60:156, left : left + 96] = (255, 0, 255)
            encoder.write(planes_from_rgb(picture))
    found = followed(tmp_path / "t.mp4", face_model)
    assert found.faces
    places = checked(found)
    assert places[0] < 0.35
    assert places[-1] > 0.65
