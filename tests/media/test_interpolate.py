import av
import cv2
import numpy as np

from media.decode import mix_frames
from media.interpolate import Between
from media.planes import new_frame, planes_from_rgb, planes_of_frame


def texture_at(shift: float) -> av.VideoFrame:
    rng = np.random.default_rng(1)
    ground = cv2.GaussianBlur(rng.integers(0, 256, (240, 400, 3), dtype=np.uint8), (0, 0), 3)
    ground = cv2.normalize(ground, None, 20, 235, cv2.NORM_MINMAX)
    move = np.array([[1, 0, -40 - shift], [0, 1, -30]], dtype=np.float32)
    frame = new_frame(256, 144)
    for target, source in zip(
        planes_of_frame(frame), planes_from_rgb(cv2.warpAffine(ground, move, (256, 144))), strict=True
    ):
        target[...] = source
    return frame


def error(one: av.VideoFrame, other: av.VideoFrame) -> float:
    inside = (slice(16, -16), slice(16, -16))
    return float(
        np.square(planes_of_frame(one).y[inside].astype(float) - planes_of_frame(other).y[inside]).mean()
    )


def test_a_moving_picture_is_carried_not_doubled() -> None:
    first, middle, second = texture_at(0), texture_at(3), texture_at(6)
    carried = Between(first, second).at(0.5)
    assert error(carried, middle) < 0.1 * error(mix_frames(first, second, 0.5), middle)


def test_a_cut_inside_a_take_stays_a_cut() -> None:
    first, second = texture_at(0), new_frame(256, 144)
    for plane, value in zip(planes_of_frame(second), (235, 128, 128), strict=True):
        plane[...] = value
    between = Between(first, second)
    assert between.at(1 / 3) is first
    assert between.at(2 / 3) is second
