import numpy as np
import pytest

from media.color import (
    color_luminance,
    color_name,
    contrast,
    hues_apart,
    lighter,
    luminance,
    mix,
    parse_color,
)


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast(color_luminance((0, 0, 0)), color_luminance((1, 1, 1))) == pytest.approx(21)


def test_contrast_is_that_of_the_wcag_example() -> None:
    # #777777 on white is the well-known 4.48, just short of 4.5.
    assert contrast(color_luminance(parse_color("#777777")), 1.0) == pytest.approx(4.48, abs=0.01)


def test_a_colour_survives_mixing_with_itself_and_naming() -> None:
    for name in ("#2A5740", "#BFD96A", "#FFFFFF", "#000000"):
        assert color_name(mix(parse_color(name), parse_color(name), 0.4)) == name


def test_lightening_goes_one_way_and_keeps_the_hue() -> None:
    green = parse_color("#2A5740")
    steps = [lighter(green, by) for by in (-0.2, -0.1, 0, 0.1, 0.2)]
    assert [color_luminance(step) for step in steps] == sorted(color_luminance(step) for step in steps)
    assert max(hues_apart(green, step) for step in steps) < 8


def test_opposite_hues_are_far_apart() -> None:
    assert hues_apart((1, 0.5, 0.2), (0.1, 0.3, 0.6)) > 120
    assert hues_apart((0.2, 0.5, 0.3), (0.7, 0.85, 0.4)) < 60


def test_luminance_of_pixels_is_that_of_their_colours() -> None:
    pixels = np.array([[[255, 106, 61], [42, 87, 64]]], np.uint8)
    wanted = [color_luminance(parse_color(name)) for name in ("#FF6A3D", "#2A5740")]
    assert luminance(pixels)[0] == pytest.approx(wanted, abs=1e-6)
