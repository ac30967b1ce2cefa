import numpy as np
import pytest

from media.blend import Layer, blend, laid_over
from media.planes import Planes, blank_planes, planes_from_rgb, rgb_from_planes


def card(color: tuple[int, int, int, int], width: int = 8, height: int = 8) -> np.ndarray:
    return np.full((height, width, 4), color, dtype=np.uint8)


def test_half_white_over_black_is_the_middle_of_the_limited_range() -> None:
    picture = blank_planes(16, 16)
    blend(picture, Layer.from_rgba(card((255, 255, 255, 128)), 4, 4))
    assert picture.y[5, 5] == 126
    assert picture.y[3, 3] == 16


@pytest.mark.parametrize("alpha", [1, 60, 128, 200, 255])
@pytest.mark.parametrize("opacity", [0.25, 0.5, 1.0])
def test_a_layer_of_the_pictures_own_colour_changes_nothing(alpha: int, opacity: float) -> None:
    picture = blank_planes(16, 16, (30, 140, 200))
    before = picture.copy()
    blend(picture, Layer.from_rgba(card((30, 140, 200, alpha)), 2, 2), opacity)
    for plane, old in zip(picture, before, strict=True):
        assert np.abs(plane.astype(int) - old).max() <= 1


def test_blending_matches_compositing_in_rgb(rng: np.random.Generator) -> None:
    ground = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8).repeat(4, axis=0).repeat(4, axis=1)
    drawing = rng.integers(0, 256, (4, 4, 4), dtype=np.uint8).repeat(4, axis=0).repeat(4, axis=1)
    picture = planes_from_rgb(ground)
    blend(picture, Layer.from_rgba(drawing, 8, 8))
    alpha = drawing[..., 3:].astype(float) / 255
    expected = ground.astype(float)
    expected[8:24, 8:24] = drawing[..., :3] * alpha + expected[8:24, 8:24] * (1 - alpha)
    assert np.abs(rgb_from_planes(picture).astype(float) - expected).max() <= 5


def test_transparent_margins_are_cut_away() -> None:
    drawing = np.zeros((40, 60, 4), dtype=np.uint8)
    drawing[11:15, 21:30] = 255
    layer = Layer.from_rgba(drawing, 0, 0)
    assert (layer.left, layer.top, layer.width, layer.height) == (20, 10, 10, 6)


def test_an_empty_drawing_is_a_layer_that_shows_nothing() -> None:
    picture = blank_planes(8, 8)
    blend(picture, Layer.from_rgba(np.zeros((5, 5, 4), dtype=np.uint8)))
    assert (picture.y == 16).all()


@pytest.mark.parametrize(("left", "top"), [(-6, -6), (12, 12), (-100, 3), (5, 400)])
def test_what_lies_outside_the_picture_is_left_out(left: int, top: int) -> None:
    picture = blank_planes(16, 16)
    blend(picture, Layer.from_rgba(card((255, 255, 255, 255)), left, top))
    inside = picture.y == 235
    rows, columns = np.indices((16, 16))
    covered = (rows >= top) & (rows < top + 8) & (columns >= left) & (columns < left + 8)
    assert (inside == covered).all()


def test_layers_move_by_even_pixels_only() -> None:
    layer = Layer.from_rgba(card((255, 0, 0, 255)), 2, 2)
    assert (layer.moved(4, -2).left, layer.moved(4, -2).top) == (6, 0)
    with pytest.raises(ValueError, match="even"):
        layer.moved(1, 0)


def test_what_was_laid_over_is_taken_off_again_even_after_an_error(rng: np.random.Generator) -> None:
    picture = Planes(*(rng.integers(16, 235, size, dtype=np.uint8) for size in ((16, 16), (8, 8), (8, 8))))
    before = picture.copy()
    layers = [
        (Layer.from_rgba(card((255, 0, 0, 200)), 1, 1), 1.0),
        (Layer.from_rgba(card((0, 0, 255, 90)), 5, 5), 0.4),
        (Layer.from_rgba(card((0, 255, 0, 255)), 12, -3), 1.0),
    ]
    with pytest.raises(RuntimeError), laid_over(picture, layers):
        assert not np.array_equal(picture.y, before.y)
        raise RuntimeError
    for plane, old in zip(picture, before, strict=True):
        assert np.array_equal(plane, old)
