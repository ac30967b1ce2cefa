from itertools import pairwise

import numpy as np
import pytest

from media.cel import Cel
from media.draw import Box, noise
from media.planes import Planes, blank_planes, rgb_from_planes
from media.warp import Lens, Plate, Pose, Surface, lay_plate, plate_homography, seen_box

LENS = Lens(400.0, 160.0, 90.0)
WIDTH, HEIGHT = 320, 180


def textured(box: Box) -> Cel:
    cel = Cel(box, (0.1, 0.05, 0.0))
    clouds = noise(cel.width, cel.height, 10, np.random.default_rng(1), octaves=2)
    cel.paint((1.0, 1.0, 0.9), clouds)
    return cel


def backdrop(poses: list[Pose]) -> Plate:
    box = seen_box([plate_homography(pose, Surface(2.0), LENS) for pose in poses], Box(0, 0, WIDTH, HEIGHT))
    cel = textured(Box(box.left - 2, box.top - 2, box.right + 2, box.bottom + 2))
    return Plate.from_cel(cel, np.random.default_rng(2), hides_from=0)


def test_a_camera_at_rest_sees_plates_as_they_were_drawn() -> None:
    for surface in (Surface(1.0), Surface(7.5), Surface(0.2, level=True)):
        assert plate_homography(Pose(), surface, LENS) == pytest.approx(np.eye(3))


def test_moving_sideways_shifts_near_plates_more_than_far_ones() -> None:
    shifts = [plate_homography(Pose(x=0.1), Surface(depth), LENS)[0, 2] for depth in (1.0, 2.0, 4.0)]
    assert shifts == pytest.approx([-40.0, -20.0, -10.0])


def test_a_floor_meets_a_wall_from_wherever_it_is_seen() -> None:
    floor, wall = Surface(0.2, level=True), Surface(2.5)
    seam = np.array([[40.0, 230.0], [LENS.y + LENS.focal * 0.2 / 2.5] * 2, [1.0, 1.0]])
    for pose in (Pose(x=0.1), Pose(y=-0.05, pitch=2), Pose(z=0.2, yaw=3, roll=1)):
        seen = [plate_homography(pose, surface, LENS) @ seam for surface in (floor, wall)]
        assert seen[0][:2] / seen[0][2] == pytest.approx(seen[1][:2] / seen[1][2])


def test_a_plate_at_rest_is_its_cel() -> None:
    cel = textured(Box(0, 0, WIDTH, HEIGHT))
    planes = blank_planes(WIDTH, HEIGHT)
    lay_plate(planes, Plate.from_cel(cel, np.random.default_rng(0), hides_from=0), np.eye(3))
    rgb = rgb_from_planes(planes).astype(float)
    assert np.abs(rgb - cel.rgb * 255).mean() < 1.5


def test_alpha_and_opacity_blend_as_they_should() -> None:
    cel = Cel(Box(40, 40, 120, 120))
    cel.paint((1.0, 1.0, 1.0), cel.polygon([(50, 50), (110, 50), (110, 110), (50, 110)]) * np.float32(0.5))
    plate = Plate.from_cel(cel, np.random.default_rng(0))
    for opacity, wanted in ((1.0, 127.5), (0.5, 63.75)):
        planes = blank_planes(WIDTH, HEIGHT)
        lay_plate(planes, plate, np.eye(3), opacity)
        rgb = rgb_from_planes(planes)
        assert rgb[60:100, 60:100].mean() == pytest.approx(wanted, abs=2)
        assert rgb[:30].max() <= 1


def test_nothing_is_drawn_outside_the_clip() -> None:
    planes = blank_planes(WIDTH, HEIGHT)
    plate = Plate.from_cel(textured(Box(0, 0, WIDTH, HEIGHT)), np.random.default_rng(0))
    lay_plate(planes, plate, np.eye(3), 1.0, Box(100, 50, 140, 90))
    drawn = rgb_from_planes(planes).max(axis=2) > 8
    assert drawn[50:90, 100:140].all()
    assert drawn.sum() == 40 * 40


def test_colour_and_light_move_together() -> None:
    cel = Cel(Box(60, 60, 124, 124))
    cel.paint((0.9, 0.1, 0.1), cel.ellipse(90, 90, 20, 20))
    planes = blank_planes(WIDTH, HEIGHT, (128, 128, 128))
    shift = np.array([[1.0, 0.0, 13.5], [0.0, 1.0, -7.25], [0.0, 0.0, 1.0]])
    lay_plate(planes, Plate.from_cel(cel, np.random.default_rng(0)), shift)

    def middle(plane: np.ndarray, rest: int, scale: float, offset: float) -> tuple[float, float]:
        weight = np.abs(plane.astype(float) - rest)
        weight[weight < 12] = 0
        rows, columns = np.indices(plane.shape)
        return (
            (weight * columns).sum() / weight.sum() * scale + offset,
            (weight * rows).sum() / weight.sum() * scale + offset,
        )

    assert middle(planes.y, int(planes.y[0, 0]), 1, 0) == pytest.approx((103.5, 82.75), abs=0.15)
    assert middle(planes.v, 128, 2, 0.5) == pytest.approx((103.5, 82.75), abs=0.3)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (Pose(z=-0.05), Pose(z=0.10)),
        (Pose(x=-0.02), Pose(x=0.03)),
        (Pose(yaw=-1.0), Pose(yaw=1.0)),
    ],
    ids=["push in", "truck", "pan"],
)
def test_measured_motion_is_smooth_to_the_measuring_floor(first: Pose, last: Pose) -> None:
    poses = [Pose(*(a + (b - a) * i / 40 for a, b in zip(first, last, strict=True))) for i in range(41)]
    plate = backdrop(poses)
    frames = []
    for pose in poses:
        planes = blank_planes(WIDTH, HEIGHT)
        lay_plate(planes, plate, plate_homography(pose, Surface(2.0), LENS))
        frames.append(planes)
    assert jitter(frames) < 0.06
    whole_pixels = [frames[0]] * 2 + [frames[-1]] * 2
    assert jitter(whole_pixels) > 0.5


def jitter(frames: list[Planes]) -> float:
    """RMS of the change between successive shifts of four patches, in pixels (least squares on gradients)."""
    changes: list[float] = []
    for left, top in ((16, 16), (200, 16), (16, 76), (200, 76)):
        patches = [frame.y[top : top + 96, left : left + 96].astype(np.float64) for frame in frames]
        shifts = np.array([shift(before, after) for before, after in pairwise(patches)])
        changes += list(np.hypot(*np.diff(shifts, axis=0).T))
    return float(np.sqrt(np.mean(np.square(changes))))


def shift(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    down, across = (g.ravel() for g in np.gradient((before + after) / 2))
    gradients = np.stack([across, down], axis=1)
    return np.linalg.lstsq(gradients, (before - after).ravel(), rcond=None)[0]
