import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from media.planes import (
    blank_planes,
    frame_of,
    new_frame,
    planes_from_rgb,
    planes_of_frame,
    rgb_from_planes,
    rgb_of_frame,
)


@pytest.mark.parametrize(
    ("rgb", "yuv"),
    [
        ((0, 0, 0), (16, 128, 128)),
        ((255, 255, 255), (235, 128, 128)),
        ((255, 0, 0), (63, 102, 240)),
        ((0, 0, 255), (32, 240, 118)),
    ],
)
def test_bt709_limited_is_what_the_standard_says(
    rgb: tuple[int, int, int], yuv: tuple[int, int, int]
) -> None:
    planes = blank_planes(4, 4, rgb)
    assert (planes.y[0, 0], planes.u[0, 0], planes.v[0, 0]) == yuv


def test_colours_come_back_within_rounding(rng: np.random.Generator) -> None:
    blocks = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8).repeat(2, axis=0).repeat(2, axis=1)
    back = rgb_from_planes(planes_from_rgb(blocks))
    assert np.abs(back.astype(int) - blocks).max() <= 3


def test_a_brand_orange_reads_back_as_itself_through_swscale() -> None:
    frame = new_frame(16, 16)
    for target, source in zip(planes_of_frame(frame), blank_planes(16, 16, (255, 106, 61)), strict=True):
        target[...] = source
    assert np.abs(rgb_of_frame(frame)[8, 8].astype(int) - (255, 106, 61)).max() <= 2


def test_planes_of_a_frame_are_its_own_memory() -> None:
    frame = new_frame(34, 18)
    planes_of_frame(frame).y[...] = 77
    assert planes_of_frame(frame).y.shape == (18, 34)
    assert (planes_of_frame(frame).y == 77).all()


@pytest.mark.parametrize(("width", "height"), [(64, 48), (62, 50), (1280, 720)])
def test_swscale_gives_rgb_of_planes_the_values_that_packed_rgb_has(width: int, height: int) -> None:
    rng = np.random.default_rng(3)
    frame = frame_of(planes_from_rgb(rng.integers(0, 256, (height, width, 3), dtype=np.uint8)))
    packed = frame.reformat(
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT,
    )
    assert np.array_equal(rgb_of_frame(frame), packed.to_ndarray())
