import numpy as np
import pytest

from media.cel import Cel
from media.draw import Box, blurred, ink_box, noise

BOX = Box(-10, -20, 110, 100)


def test_a_cel_covers_its_box_in_whole_even_pixels() -> None:
    cel = Cel(Box(-3.5, 1.2, 10.1, 7.9))
    assert (cel.left, cel.top, cel.width % 2, cel.height % 2) == (-4, 0, 0, 0)
    assert cel.left + cel.width >= 10.1
    assert cel.top + cel.height >= 7.9


def test_an_ellipse_has_its_area_and_its_place() -> None:
    cel = Cel(BOX)
    mask = cel.ellipse(40.3, 30.7, 25, 14, 30)
    rows, columns = np.indices(mask.shape)
    assert mask.sum() == pytest.approx(np.pi * 25 * 14, rel=0.01)
    assert (mask * columns).sum() / mask.sum() + cel.left == pytest.approx(40.3, abs=0.05)
    assert (mask * rows).sum() / mask.sum() + cel.top == pytest.approx(30.7, abs=0.05)


def test_a_circle_has_an_even_edge() -> None:
    cel = Cel(Box(0, 0, 400, 400))
    mask = cel.ellipse(200, 200, 150, 150)
    rows, columns = np.indices(mask.shape)
    away = np.hypot(rows - 200, columns - 200)
    assert mask[away < 149].min() == 1
    assert mask[away > 151].max() == 0


def test_half_paint_over_full_paint_is_their_middle() -> None:
    cel = Cel(BOX, (1.0, 0.0, 0.0))
    cel.paint((0.0, 0.0, 1.0), np.full_like(cel.alpha, 0.5))
    assert cel.rgb[5, 5] == pytest.approx((0.5, 0.0, 0.5))
    assert cel.alpha[5, 5] == pytest.approx(1.0)


def test_a_stamp_outside_the_cel_is_left_out() -> None:
    cel = Cel(BOX)
    cel.stamp((1.0, 1.0, 1.0), np.ones((10, 10), np.float32), 105, 95)
    assert cel.alpha.sum() == pytest.approx(25)
    cel.stamp((1.0, 1.0, 1.0), np.ones((10, 10), np.float32), 500, 500)
    assert cel.alpha.sum() == pytest.approx(25)


def test_fill_touches_the_same_pixels_as_paint() -> None:
    points = [(12.2, 5.1), (80.7, 20.4), (44.0, 90.9)]
    one, other = Cel(BOX, (0.2, 0.3, 0.4)), Cel(BOX, (0.2, 0.3, 0.4))
    one.paint((0.9, 0.1, 0.5), one.polygon(points))
    other.fill((0.9, 0.1, 0.5), points)
    assert np.abs(one.rgb - other.rgb).max() < 0.02


def test_trimming_keeps_every_drawn_pixel_in_its_place() -> None:
    cel = Cel(BOX)
    cel.paint((0.5, 0.5, 0.5), cel.ellipse(61, 33, 9, 12))
    small, whole = cel.trimmed(), Cel(BOX)
    whole.lay(small)
    assert small.width * small.height < cel.width * cel.height / 10
    assert np.abs(whole.alpha - cel.alpha).max() < 0.004


def test_a_layer_becomes_a_cel_and_lies_where_it_should() -> None:
    layer = np.zeros((9, 11, 4), np.uint8)
    layer[4, 5] = (255, 128, 0, 255)
    cel = Cel.from_rgba(layer, 7, 3)
    assert cel.rgb[3 + 4 - cel.top, 7 + 5 - cel.left] == pytest.approx((1.0, 128 / 255, 0.0), abs=1e-3)


def test_the_ink_box_holds_what_is_drawn_and_no_more() -> None:
    layer = np.zeros((20, 30, 4), np.uint8)
    layer[3:7, 10:22, 3] = 255
    assert ink_box(layer) == (10, 3, 22, 7)
    assert ink_box(np.zeros((5, 5, 4), np.uint8)) == (0, 0, 0, 0)


@pytest.mark.parametrize("sigma", [1.0, 5.0, 30.0])
def test_blurring_neither_adds_nor_loses_light(sigma: float) -> None:
    spot = np.zeros((300, 300), np.float32)
    spot[140:160, 140:160] = 1
    soft = blurred(spot, sigma)
    assert soft.sum() == pytest.approx(spot.sum(), rel=0.03)
    assert soft.max() <= spot.max() + 1e-6
    assert soft[150, 139] > 0


def test_noise_is_the_same_for_the_same_seed() -> None:
    first, second = (noise(64, 40, 16, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first, second)
    assert (first.min(), first.max()) == (0, 1)
