"""Whether type can be read where it stands: its colour, its contrast, and the shade it may need behind it."""

from collections.abc import Sequence

import numpy as np

from media.cel import Cel
from media.color import Rgb, color_luminance, contrast, luminance, mix
from media.draw import Box
from media.planes import Planes, rgb_from_planes
from media.warp import Plate
from model.animatic.palette import Palette

READABLE = 4.5
"""Least contrast of type over its ground (WCAG 2.2, 1.4.3)."""


def readable(
    box: Box, palette: Palette, grounds: Sequence[Planes], unit: float
) -> tuple[Rgb, Rgb, float, float]:
    """Type colour, scrim colour, scrim opacity (0 for none) and the contrast reached."""
    dark, bright = _extremes(box, grounds, unit)
    choices = [(palette.light, palette.deep), (palette.ink, mix(palette.paper, palette.light, 0.5))]
    if not palette.dark:
        choices.reverse()
    for color, scrim in choices:
        ratio = _worst(color, dark, bright)
        if ratio >= READABLE:
            return color, scrim, 0.0, ratio
    color, scrim = max(choices, key=lambda choice: _worst(choice[0], dark, bright))
    for opacity in (0.25, 0.40, 0.55, 0.70, 0.85, 0.95):
        # Luminance of a blend in sRGB is at most this far from its ends' blend in linear light.
        behind = [_through(level, scrim, opacity) for level in (dark, bright)]
        ratio = _worst(color, *behind)
        if ratio >= READABLE:
            return color, scrim, opacity, ratio
    return color, scrim, 0.95, ratio


def _extremes(box: Box, grounds: Sequence[Planes], unit: float) -> tuple[float, float]:
    """Nearly the darkest and brightest luminance under the type."""
    pad = unit * 0.015
    levels = []
    for planes in grounds:
        left, top = (max(int(v - pad) // 2 * 2, 0) for v in (box.left, box.top))
        right, bottom = (int(v + pad) // 2 * 2 for v in (box.right, box.bottom))
        part = Planes(
            planes.y[top:bottom, left:right],
            *(c[top // 2 : bottom // 2, left // 2 : right // 2] for c in (planes.u, planes.v)),
        )
        levels.append(luminance(rgb_from_planes(part))[::3, ::3].ravel())
    low, high = np.percentile(np.concatenate(levels), (2, 98))
    return float(low), float(high)


def _through(level: float, scrim: Rgb, opacity: float) -> float:
    grey = _encoded(level)
    blended = [grey * (1 - opacity) + part * opacity for part in scrim]
    return color_luminance((blended[0], blended[1], blended[2]))


def _encoded(level: float) -> float:
    return level * 12.92 if level <= 0.0031308 else 1.055 * level ** (1 / 2.4) - 0.055


def _worst(color: Rgb, dark: float, bright: float) -> float:
    own = color_luminance(color)
    return min(contrast(own, dark), contrast(own, bright))


def stands_out(color: Rgb, box: Box, grounds: Sequence[Planes]) -> bool:
    dark, bright = _extremes(box, grounds, min(grounds[0].width, grounds[0].height))
    return _worst(color, dark, bright) >= 1.8


def paint_scrim(
    box: Box, color: Rgb, opacity: float, frame: tuple[int, int], rng: np.random.Generator
) -> Plate:
    """Shade from the frame's nearest edge to just past the type; a patch of it would look like a patch."""
    width, height = frame
    soft, pad = min(frame) * 0.20, min(frame) * 0.02
    reaches = {"top": box.bottom / height, "left": box.right / width, "right": 1 - box.left / width}
    side = min(reaches, key=lambda name: reaches[name])
    if side == "top":
        area, start, end = (
            Box(0, 0, width, box.bottom + pad + soft),
            (0.0, box.bottom + pad),
            (0.0, box.bottom + pad + soft),
        )
    elif side == "left":
        area, start, end = (
            Box(0, 0, box.right + pad + soft, height),
            (box.right + pad, 0.0),
            (box.right + pad + soft, 0.0),
        )
    else:
        area, start, end = (
            Box(box.left - pad - soft, 0, width, height),
            (box.left - pad, 0.0),
            (box.left - pad - soft, 0.0),
        )
    cel = Cel(area)
    mask = (1 - cel.ramp(start, end)) * np.float32(opacity)
    cel.paint(color, np.ascontiguousarray(np.broadcast_to(mask, cel.alpha.shape)))
    return Plate.from_cel(cel, rng)
