import numpy as np
import pytest

from campaign.camera import CameraMove
from media.warp import Lens, Surface, plate_homography
from model.animatic.camera import TRAVELS, camera_path

LENS = Lens(1728.0, 360.0, 660.0)
"""Of a 720x1280 frame."""


def track(move: CameraMove, depth: float = 1.0) -> np.ndarray:
    """Where a point of the subject is seen in each of 97 frames, in pixels."""
    path = camera_path(move, 4.0, 5)
    points = []
    for index in range(97):
        seen = plate_homography(path(index / 96), Surface(depth), LENS) @ np.array([420.0, 800.0, 1.0])
        points.append(seen[:2] / seen[2])
    return np.array(points)


@pytest.mark.parametrize("move", CameraMove)
def test_every_move_is_smooth(move: CameraMove) -> None:
    velocity = np.diff(track(move), axis=0)
    most = 0.6 if move is CameraMove.HANDHELD else 0.25
    assert np.hypot(*np.diff(velocity, axis=0).T).max() < most


@pytest.mark.parametrize("move", sorted(set(CameraMove) - {CameraMove.STATIC}))
def test_every_move_but_static_travels(move: CameraMove) -> None:
    assert max(np.ptp(track(move, depth), axis=0).max() for depth in (1.0, 4.0)) > 15


def test_static_stays() -> None:
    assert np.ptp(track(CameraMove.STATIC), axis=0).max() == 0


def test_every_move_of_the_vocabulary_is_known() -> None:
    assert set(TRAVELS) | {CameraMove.ORBIT} == set(CameraMove)


@pytest.mark.parametrize(
    ("move", "axis", "sign"),
    [
        (CameraMove.PAN_RIGHT, 0, -1),
        (CameraMove.PAN_LEFT, 0, 1),
        (CameraMove.TRUCK_RIGHT, 0, -1),
        (CameraMove.TILT_UP, 1, 1),
        (CameraMove.TILT_DOWN, 1, -1),
    ],
)
def test_the_picture_moves_against_the_camera(move: CameraMove, axis: int, sign: int) -> None:
    points = track(move)
    assert np.sign(points[-1] - points[0])[axis] == sign


def test_pushing_in_enlarges_the_subject_more_than_the_background() -> None:
    pose = camera_path(CameraMove.PUSH_IN, 4.0, 0)(1.0)
    near, far = (plate_homography(pose, Surface(depth), LENS) for depth in (1.0, 5.0))
    assert near[0, 0] / near[2, 2] > far[0, 0] / far[2, 2] > 1


def test_an_orbit_keeps_its_subject_in_place_while_the_background_swings() -> None:
    path = camera_path(CameraMove.ORBIT, 4.0, 0)
    center = np.array([LENS.x, LENS.y, 1.0])
    seen = [
        [plate_homography(path(share), Surface(depth), LENS) @ center for share in (0.0, 1.0)]
        for depth in (1.0, 5.0)
    ]
    subject, background = ([p[0] / p[2] for p in pair] for pair in seen)
    assert subject == pytest.approx([LENS.x, LENS.x], abs=0.01)
    assert abs(background[1] - background[0]) > 100


def test_a_hand_shakes_the_same_for_the_same_seed_only() -> None:
    first, again, other = (camera_path(CameraMove.HANDHELD, 4.0, seed)(0.37) for seed in (1, 1, 2))
    assert first == again
    assert first != other
