"""Things on a table: a cup, a bowl, fruit."""

import numpy as np

from media.cel import Cel
from media.color import lighter, mix
from media.draw import Box, blurred, curve
from model.animatic.emblems.surface import porcelain, sphere, strong
from model.animatic.palette import Palette
from model.animatic.shapes import paint_leaf, shaded

_MORSELS = (
    (-0.62, -0.02, 0.060, 0.55),
    (0.58, -0.03, 0.064, 0.10),
    (-0.34, -0.04, 0.075, 0.25),
    (0.30, -0.045, 0.070, 0.60),
    (-0.50, 0.025, 0.070, 0.05),
    (0.48, 0.030, 0.075, 0.35),
    (-0.14, 0.035, 0.085, 0.45),
    (0.18, 0.040, 0.080, 0.15),
)
"""What lies in the bowl: places across and down from its middle, sizes, and how pale."""


def cup(cel: Cel, box: Box, palette: Palette) -> None:
    x, w, h = box.center[0], box.width, box.height
    body, glaze = porcelain(palette), mix(palette.light, palette.primary, 0.20)
    saucer_y = box.bottom - h * 0.07
    shaded(cel, cel.ellipse(x, saucer_y, w * 0.46, h * 0.075), glaze, Box(x - w * 0.46, 0, x + w * 0.46, 1))
    cel.paint(lighter(glaze, -0.07), cel.ellipse(x, saucer_y - h * 0.018, w * 0.36, h * 0.045))
    rim_y, rx = box.top + h * 0.30, w * 0.36
    t = np.linspace(0, 1, 30)
    side = rx * (1 - 0.60 * t**2.6)
    wall = np.concatenate(
        [
            np.stack([x - side, rim_y + (saucer_y - h * 0.02 - rim_y) * t], axis=1),
            np.stack([x + side, rim_y + (saucer_y - h * 0.02 - rim_y) * t], axis=1)[::-1],
        ]
    )
    span = Box(x - rx, 0, x + rx, 1)
    mask = cel.polygon(wall)
    shaded(cel, mask, body, span, strength=1.1)
    band = cel.polygon(wall) * (cel.ramp((0, rim_y + h * 0.17), (0, rim_y + h * 0.175)))
    band = band * (1 - cel.ramp((0, rim_y + h * 0.22), (0, rim_y + h * 0.225)))
    cel.paint(strong(palette), band * np.float32(0.75))
    cel.paint(lighter(body, -0.12), cel.ellipse(x, rim_y, rx, h * 0.085))
    cel.paint(
        mix(palette.accent, palette.primary, 0.22), cel.ellipse(x, rim_y + h * 0.018, rx * 0.93, h * 0.066)
    )
    shine = blurred(cel.ellipse(x - rx * 0.35, rim_y + h * 0.006, rx * 0.36, h * 0.022), h * 0.012)
    cel.paint(
        palette.light, shine * cel.ellipse(x, rim_y + h * 0.018, rx * 0.93, h * 0.066) * np.float32(0.45)
    )
    lip = cel.ellipse(x, rim_y, rx, h * 0.085) - cel.ellipse(x, rim_y + h * 0.008, rx * 0.955, h * 0.074)
    cel.paint(lighter(body, 0.05), np.clip(lip, 0, 1))
    green = palette.leaf(0.40)
    for angle, reach in ((62, 0.20), (128, 0.16)):
        paint_leaf(cel, (x + w * 0.06, rim_y + h * 0.02), w * reach, angle, green)


def bowl(cel: Cel, box: Box, palette: Palette) -> None:
    x, w, h = box.center[0], box.width, box.height
    rim_y, rx, foot = box.top + h * 0.34, w * 0.47, box.bottom
    t = np.linspace(0, 1, 40)
    side = rx * np.sqrt(np.clip(1 - 0.86 * t**2, 0, 1))
    left = np.stack([x - side, rim_y + (foot - h * 0.07 - rim_y) * t], axis=1)
    wall = np.concatenate([left, (left * (-1, 1) + (2 * x, 0))[::-1]])
    ring = [
        (x - rx * 0.40, foot - h * 0.10),
        (x + rx * 0.40, foot - h * 0.10),
        (x + rx * 0.36, foot),
        (x - rx * 0.36, foot),
    ]
    color = strong(palette)
    span = Box(x - rx, 0, x + rx, 1)
    shaded(cel, cel.polygon(ring), lighter(color, -0.08), span)
    shaded(cel, cel.polygon(wall), color, span, strength=1.3)
    cel.paint(lighter(color, -0.10), cel.ellipse(x, rim_y, rx, h * 0.11))
    cel.paint(
        mix(palette.light, palette.accent, 0.25), cel.ellipse(x, rim_y + h * 0.012, rx * 0.95, h * 0.092)
    )
    for across, down, size, share in _MORSELS:
        px, py, size = x + across * rx, rim_y + down * h, w * size
        tone = mix(palette.accent, palette.light, share)
        shaded(cel, cel.ellipse(px, py, size, size * 0.62), tone, Box(px - size, 0, px + size, 1))
    for angle in (50, 110, 150):
        paint_leaf(cel, (x - w * 0.02, rim_y - h * 0.02), w * 0.17, angle, palette.leaf(0.5))


def fruit(cel: Cel, box: Box, palette: Palette) -> None:
    w, h = box.width, box.height
    for cx, radius, tone in ((0.70, 0.27, -0.05), (0.36, 0.34, 0.0)):
        x, y = box.left + w * cx, box.bottom - radius * h
        sphere(cel, x, y, radius * h, lighter(mix(palette.accent, palette.primary, 0.08), tone), palette)
        cel.paint(
            lighter(palette.primary, -0.08),
            cel.stroke(curve([(x, y - radius * h * 0.92), (x + w * 0.02, y - radius * h * 1.2)]), w * 0.016),
        )
        paint_leaf(cel, (x + w * 0.012, y - radius * h * 1.1), w * 0.24, 24, strong(palette))
