from itertools import pairwise

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.finish import Fitting
from media.fit import Fitter, crop_window
from media.planes import new_frame, planes_from_rgb, planes_of_frame, rgb_of_frame

SIDES = st.integers(min_value=16, max_value=4096).map(lambda n: n * 2)


@given(SIDES, SIDES, st.sampled_from([(16, 9), (9, 16), (1, 1), (4, 5), (3, 4)]))
def test_the_window_is_inside_even_central_and_of_the_asked_shape(
    width: int, height: int, aspect: tuple[int, int]
) -> None:
    window = crop_window(width, height, *aspect)
    values = (window.left, window.top, window.width, window.height)
    assert all(value % 2 == 0 and value >= 0 for value in values)
    assert window.left + window.width <= width
    assert window.top + window.height <= height
    assert window.width == width or window.height == height
    assert abs(width - window.width - 2 * window.left) <= 2
    assert abs(window.width / window.height / (aspect[0] / aspect[1]) - 1) <= 2 / min(
        window.width, window.height
    )


def frame_of(rgb: np.ndarray) -> av.VideoFrame:
    frame = new_frame(rgb.shape[1], rgb.shape[0])
    for target, source in zip(planes_of_frame(frame), planes_from_rgb(rgb), strict=True):
        target[...] = source
    frame.colorspace, frame.color_range = 1, 1
    return frame


@pytest.fixture
def halves() -> np.ndarray:
    """Red on the left, blue on the right, a green column in the middle."""
    picture = np.zeros((96, 192, 3), dtype=np.uint8)
    picture[:, :96] = (200, 20, 20)
    picture[:, 96:] = (20, 20, 200)
    picture[:, 84:108] = (20, 200, 20)
    return picture


def test_cropping_keeps_the_middle(halves: np.ndarray) -> None:
    fitted = rgb_of_frame(Fitter(54, 96)(frame_of(halves)))
    assert fitted.shape == (96, 54, 3)
    assert fitted[48, 27, 1] > 150
    assert fitted[48, 2, 0] > 150
    assert fitted[48, 51, 2] > 150


def test_padding_keeps_the_whole_picture_over_a_blurred_surround(halves: np.ndarray) -> None:
    fitted = rgb_of_frame(Fitter(90, 160, Fitting.PAD)(frame_of(halves)))
    assert fitted.shape == (160, 90, 3)
    middle = fitted[80]
    assert middle[3, 0] > 150
    assert middle[86, 2] > 150
    assert fitted[10].astype(int).max(axis=1).min() > 20


def test_a_picture_that_fits_is_passed_on_as_it_is(halves: np.ndarray) -> None:
    frame = frame_of(halves)
    assert Fitter(192, 96)(frame) is frame


@pytest.mark.parametrize(("colorspace", "lines"), [(5, 720), (2, 480)])
def test_bt601_pictures_are_brought_to_bt709(colorspace: int, lines: int) -> None:
    red = np.full((lines, 64, 3), (200, 30, 30), dtype=np.uint8)
    source = av.VideoFrame.from_ndarray(red, format="rgb24").reformat(format="yuv420p", dst_colorspace=5)
    source.colorspace = colorspace
    source.color_range = 1
    fitted = Fitter(64, lines)(source)
    assert np.abs(rgb_of_frame(fitted)[lines // 2, 32].astype(int) - (200, 30, 30)).max() <= 4


def test_ten_bit_and_odd_pictures_become_even_yuv420p() -> None:
    grey = np.full((91, 161, 3), 128, dtype=np.uint8)
    source = av.VideoFrame.from_ndarray(grey, format="rgb24").reformat(format="yuv444p10le", dst_colorspace=1)
    fitted = Fitter(80, 46)(source)
    assert (fitted.width, fitted.height, fitted.format.name) == (80, 46, "yuv420p")
    assert np.abs(rgb_of_frame(fitted)[20, 40].astype(int) - 128).max() <= 3


def test_a_crop_lies_about_its_focus_and_stays_inside(halves: np.ndarray) -> None:
    fitted = rgb_of_frame(Fitter(54, 96, focus=(0.1, 0.5))(frame_of(halves)))
    assert fitted[48, 50, 0] > 150
    assert crop_window(192, 96, 9, 16, (0.0, 0.5)).left == 0
    assert crop_window(192, 96, 9, 16, (1.0, 0.5)).left == 192 - 54


def shift(one: np.ndarray, two: np.ndarray) -> float:
    """Pixels by which the second went right: least squares over the slopes of both (Lucas and Kanade)."""
    slope = np.gradient((one + two) / 2, axis=1)
    return float(-(slope * (two - one)).sum() / np.square(slope).sum())


@pytest.mark.parametrize("size", [(270, 480), (202, 360), (152, 270)])
def test_a_following_crop_moves_by_fractions_of_a_pixel_and_stays_as_sharp(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(2).integers(0, 255, (360, 640, 3)).astype(np.uint8)
    soft = cv2.GaussianBlur(noise, (0, 0), 2)
    frame = frame_of(np.asarray(cv2.normalize(soft, None, 20, 235, cv2.NORM_MINMAX)))  # type: ignore[call-overload]
    fitter, step, lumas = Fitter(*size, Fitting.FOLLOW), 0.3, []
    for number in range(24):
        fitter.focus = (0.4 + number * step / 640, 0.5)
        lumas.append(planes_of_frame(fitter(frame)).y.astype(np.float32))
    moved = np.array([shift(one, two) for one, two in pairwise(lumas)])
    # Slopes between pixels are steeper than those that are measured, the more the finer the picture is.
    assert moved.mean() == pytest.approx(-step * size[1] / 360, rel=0.15)
    assert np.abs(moved - moved.mean()).max() < 0.07
    fine = [float(cv2.Laplacian(luma, cv2.CV_32F).std()) for luma in lumas]
    assert max(fine) / min(fine) < 1.05


@pytest.mark.parametrize("focus", [0.0, 1.0])
def test_a_following_crop_ends_at_the_pictures_edges(focus: float, halves: np.ndarray) -> None:
    fitter = Fitter(54, 96, Fitting.FOLLOW, (focus, 0.5))
    moved = rgb_of_frame(fitter(frame_of(halves))).astype(int)
    still = rgb_of_frame(Fitter(54, 96, focus=(focus, 0.5))(frame_of(halves))).astype(int)
    assert np.abs(moved - still).mean() < 2


@given(SIDES.filter(lambda n: n < 700), SIDES.filter(lambda n: n < 700), st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None, max_examples=30)
def test_a_following_crop_fills_the_delivery_from_any_size(
    width: int, height: int, x: float, y: float
) -> None:
    fitter = Fitter(90, 160, Fitting.FOLLOW, (x, y))
    fitted = rgb_of_frame(fitter(frame_of(np.full((height, width, 3), 140, dtype=np.uint8))))
    assert fitted.shape == (160, 90, 3)
    assert np.abs(fitted.astype(int) - 140).max() <= 4
