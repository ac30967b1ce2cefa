"""Goods: a bottle, a box, a device, a bag."""

import numpy as np

from media.cel import Cel
from media.color import lighter, mix
from media.draw import Box, blurred, curve, ellipse_points
from model.animatic.emblems.surface import porcelain, strong
from model.animatic.palette import Palette
from model.animatic.shapes import paint_leaf, paint_sprig, shaded


def bottle(cel: Cel, box: Box, palette: Palette) -> None:
    x, w, h = box.center[0], box.width, box.height
    color = strong(palette)
    span = Box(box.left, 0, box.right, 1)
    shoulder = box.top + h * 0.30
    neck = Box(x - w * 0.19, box.top + h * 0.17, x + w * 0.19, shoulder + h * 0.06)
    shaded(cel, cel.rounded(neck, w * 0.05), lighter(color, -0.03), Box(neck.left, 0, neck.right, 1))
    body = np.maximum(
        cel.rounded(Box(box.left, shoulder, box.right, box.bottom), w * 0.26),
        cel.rounded(Box(box.left, shoulder + h * 0.3, box.right, box.bottom), w * 0.10),
    )
    shaded(cel, body, color, span, strength=1.4)
    cap = Box(x - w * 0.24, box.top, x + w * 0.24, box.top + h * 0.19)
    shaded(
        cel,
        cel.rounded(cap, w * 0.06),
        mix(palette.accent, palette.light, 0.15),
        Box(cap.left, 0, cap.right, 1),
    )
    label = Box(box.left, shoulder + h * 0.20, box.right, shoulder + h * 0.52)
    shaded(cel, cel.rounded(label, 1) * body, porcelain(palette), span, strength=1.0)
    paint_leaf(cel, (x - w * 0.02, label.bottom - h * 0.06), w * 0.30, 68, strong(palette))
    paint_leaf(cel, (x - w * 0.02, label.bottom - h * 0.06), w * 0.24, 128, palette.leaf(0.5))
    streak = cel.rounded(
        Box(x - w * 0.36, shoulder + h * 0.08, x - w * 0.29, box.bottom - h * 0.06), w * 0.04
    )
    cel.paint(palette.light, blurred(streak, w * 0.02) * body * np.float32(0.38))


def box(cel: Cel, box: Box, palette: Palette) -> None:
    w, h = box.width, box.height
    color, lid = strong(palette), h * 0.13
    split = box.left + w * 0.70
    top = box.top + h * 0.10
    front = [
        (box.left, top + lid),
        (split, top + lid * 1.5),
        (split, box.bottom),
        (box.left, box.bottom - h * 0.05),
    ]
    side = [
        (split, top + lid * 1.5),
        (box.right, top + lid * 0.6),
        (box.right, box.bottom - h * 0.09),
        (split, box.bottom),
    ]
    roof = [
        (box.left, top + lid),
        (split, top + lid * 1.5),
        (box.right, top + lid * 0.6),
        (box.left + w * 0.32, top),
    ]
    cel.paint(color, cel.polygon(front))
    cel.paint(
        lighter(color, 0.04),
        cel.polygon(front) * (1 - cel.ramp((box.left, top), (split, box.bottom))) * np.float32(0.8),
    )
    cel.paint(lighter(color, -0.10), cel.polygon(side))
    cel.paint(lighter(color, 0.10), cel.polygon(roof))
    ribbon = mix(palette.accent, palette.light, 0.10)

    def on_front(u: float, v: float) -> tuple[float, float]:
        upper, lower = top + lid * (1 + 0.5 * u), box.bottom - h * 0.05 * (1 - u)
        return box.left + (split - box.left) * u, upper + (lower - upper) * v

    band = [on_front(0.40, 0), on_front(0.56, 0), on_front(0.56, 1), on_front(0.40, 1)]
    cel.paint(ribbon, cel.polygon(band))
    label = [on_front(0.16, 0.34), on_front(0.80, 0.34), on_front(0.80, 0.70), on_front(0.16, 0.70)]
    cel.paint(porcelain(palette), cel.polygon(label))
    root = on_front(0.48, 0.64)
    for angle in (60, 95, 128):
        paint_leaf(cel, root, w * 0.15, angle, strong(palette))
    cel.paint(
        ribbon,
        cel.polygon(
            [
                (box.left + (split - box.left) * 0.40, top + lid * 1.2),
                (box.left + (split - box.left) * 0.56, top + lid * 1.28),
                (box.left + w * 0.62, top + lid * 0.28),
                (box.left + w * 0.52, top + lid * 0.18),
            ]
        )
        * np.float32(0.95),
    )


def device(cel: Cel, box: Box, palette: Palette) -> None:
    w, h = box.width, box.height
    frame = lighter(palette.deep, -0.04)
    shaded(cel, cel.rounded(box, w * 0.13), frame, Box(box.left, 0, box.right, 1), strength=0.7)
    screen = Box(box.left + w * 0.045, box.top + w * 0.045, box.right - w * 0.045, box.bottom - w * 0.045)
    mask = cel.rounded(screen, w * 0.10)
    cel.paint(palette.leaf(0.25), mask)
    cel.paint(
        palette.accent, mask * cel.falloff(box.right, box.top + h * 0.2, w * 1.1, h * 0.7) * np.float32(0.85)
    )
    cel.paint(palette.light, mask * cel.falloff(box.left, box.bottom, w * 1.1, h * 0.6) * np.float32(0.55))
    glass = [
        (screen.left, screen.top),
        (screen.left + w * 0.62, screen.top),
        (screen.left, screen.top + h * 0.52),
    ]
    cel.paint(palette.light, cel.polygon(glass) * mask * np.float32(0.13))
    island = Box(
        box.center[0] - w * 0.14, screen.top + h * 0.018, box.center[0] + w * 0.14, screen.top + h * 0.045
    )
    cel.paint(frame, cel.rounded(island, h))


def bag(cel: Cel, box: Box, palette: Palette) -> None:
    x, w, h = box.center[0], box.width, box.height
    color = strong(palette)
    top = box.top + h * 0.30
    handle = ellipse_points(x, top + h * 0.02, w * 0.22, h * 0.27)
    cel.paint(lighter(color, -0.08), cel.stroke(np.concatenate([handle, handle[:1]]), w * 0.045))
    body = [
        (box.left + w * 0.06, top),
        (box.right - w * 0.06, top),
        (box.right, box.bottom),
        (box.left, box.bottom),
    ]
    shaded(cel, cel.polygon(body), color, Box(box.left, 0, box.right, 1))
    cel.paint(
        lighter(color, -0.07),
        cel.polygon([(box.right - w * 0.24, top), (box.right - w * 0.06, top), (box.right, box.bottom)])
        * np.float32(0.6),
    )
    stem = curve(
        [(x - w * 0.02, box.bottom - h * 0.14), (x + w * 0.02, box.bottom - h * 0.32), (x, top + h * 0.18)]
    )
    paint_sprig(cel, stem, w * 0.19, mix(palette.accent, palette.light, 0.2), pairs=4)
