"""A sprig, a flower, a person; and plain forms when nothing more is known."""

import numpy as np

from media.cel import Cel
from media.color import lighter, mix
from media.draw import Box, curve, rounded_points
from model.animatic.emblems.surface import porcelain, sphere, strong
from model.animatic.palette import Palette
from model.animatic.shapes import paint_leaf, shaded


def sprig(cel: Cel, box: Box, palette: Palette) -> None:
    x, w, h = box.center[0], box.width, box.height
    color = palette.leaf(0.42)
    stem = curve([(x - w * 0.06, box.bottom), (x + w * 0.03, box.bottom - h * 0.35), (x, box.top + h * 0.42)])
    cel.paint(lighter(color, -0.10), cel.stroke(stem, max(w * 0.022, 2)))
    low, mid, tip = tuple(stem[len(stem) // 3]), tuple(stem[2 * len(stem) // 3]), tuple(stem[-1])
    paint_leaf(cel, low, w * 0.46, 28, lighter(color, -0.04))
    paint_leaf(cel, mid, w * 0.50, 148, color)
    paint_leaf(cel, tip, h * 0.40, 58, lighter(color, 0.03))
    paint_leaf(cel, tip, h * 0.44, 118, lighter(color, -0.02))
    paint_leaf(cel, tip, h * 0.40, 88, mix(palette.accent, palette.light, 0.20))


def flower(cel: Cel, box: Box, palette: Palette) -> None:
    x, w, h = box.center[0], box.width, box.height
    green = palette.leaf(0.30)
    stem = curve([(x - w * 0.05, box.bottom), (x + w * 0.04, box.bottom - h * 0.3), (x, box.top + h * 0.38)])
    cel.paint(green, cel.stroke(stem, max(w * 0.024, 2)))
    paint_leaf(cel, tuple(stem[len(stem) // 4]), w * 0.40, 30, green)
    paint_leaf(cel, tuple(stem[len(stem) // 2]), w * 0.36, 152, lighter(green, 0.05))
    cx, cy, petal = x, box.top + h * 0.34, w * 0.40
    for ring, count in ((1.0, 8), (0.72, 7)):
        for order in range(count):
            angle = 360 / count * order + (20 if ring < 1 else 0)
            tone = mix(palette.light, palette.accent, 0.35 if ring < 1 else 0.62)
            paint_leaf(cel, (cx, cy), petal * ring, angle, lighter(tone, 0.02 * (order % 2)))
    sphere(cel, cx, cy, w * 0.085, mix(palette.accent, palette.primary, 0.35), palette)


_SKIN = (0.86, 0.60, 0.44)
"""The one colour that no brand gives."""


def figure(cel: Cel, box: Box, palette: Palette) -> None:
    """A person from the shoulders up, in three flat shapes."""
    x, w, h = box.center[0], box.width, box.height
    skin = mix(palette.paper, _SKIN, 0.5)
    hair = palette.deep
    coat = palette.leaf(0.18) if palette.dark else palette.primary
    head_y, head = box.top + h * 0.30, h * 0.185
    cel.paint(hair, cel.ellipse(x, head_y - h * 0.015, head * 1.08, head * 1.16))
    cel.paint(hair, cel.ellipse(x + head * 0.25, head_y - head * 1.12, head * 0.46, head * 0.42))
    shoulders = curve(
        [
            (box.left, box.bottom),
            (box.left + w * 0.06, box.bottom - h * 0.26),
            (x - w * 0.20, box.bottom - h * 0.40),
            (x, box.bottom - h * 0.41),
            (x + w * 0.20, box.bottom - h * 0.40),
            (box.right - w * 0.06, box.bottom - h * 0.26),
            (box.right, box.bottom),
        ]
    )
    neck = Box(x - head * 0.36, head_y + head * 0.4, x + head * 0.36, box.bottom - h * 0.33)
    cel.paint(lighter(skin, -0.06), cel.rounded(neck, head * 0.3))
    mask = cel.polygon(shoulders)
    shaded(cel, mask, coat, Box(box.left, 0, box.right, 1))
    collar = [
        (x - head * 0.52, box.bottom - h * 0.405),
        (x, box.bottom - h * 0.24),
        (x + head * 0.52, box.bottom - h * 0.405),
    ]
    cel.paint(lighter(skin, -0.03), cel.polygon(collar))
    cel.paint(porcelain(palette), cel.stroke([(collar[0]), (collar[1]), (collar[2])], h * 0.022))
    cel.paint(skin, cel.ellipse(x - head * 0.05, head_y + head * 0.10, head * 0.80, head * 0.94))
    cel.paint(hair, cel.ellipse(x + head * 0.10, head_y - head * 0.62, head * 0.95, head * 0.52, -8))


def forms(cel: Cel, box: Box, palette: Palette) -> None:
    """A still life of a sphere, a cylinder and an arch, when nothing more is known."""
    w, h = box.width, box.height
    arch = Box(box.left + w * 0.30, box.top, box.right - w * 0.08, box.bottom)
    outer = cel.polygon(
        rounded_points(Box(arch.left, arch.top, arch.right, arch.bottom + arch.width), arch.width / 2)
    )
    inner_box = Box(
        arch.left + arch.width * 0.27,
        arch.top + arch.width * 0.27,
        arch.right - arch.width * 0.27,
        arch.bottom + arch.width,
    )
    inner = cel.polygon(rounded_points(inner_box, inner_box.width / 2))
    below = 1 - cel.ramp((0, box.bottom - 1), (0, box.bottom))
    shaded(cel, np.clip(outer - inner, 0, 1) * below, strong(palette), Box(arch.left, 0, arch.right, 1))
    side = Box(box.right - w * 0.24, box.bottom - h * 0.40, box.right, box.bottom)
    shaded(
        cel, cel.rounded(side, 2), mix(palette.light, palette.primary, 0.12), Box(side.left, 0, side.right, 1)
    )
    cel.paint(
        lighter(palette.light, -0.01),
        cel.ellipse(side.center[0], side.top, side.width / 2, side.width * 0.10),
    )
    radius = h * 0.25
    sphere(cel, box.left + radius * 1.05, box.bottom - radius, radius, palette.accent, palette)
