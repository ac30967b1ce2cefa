"""Drawn subjects, for shots without a picture: a cup, a bottle, a box … as a set designer would model them.

Each stands in a box, its foot on the box's bottom, and is lit from the left like the stages.
"""

import numpy as np

from media.color import Rgb, lighter, mix
from media.draw import Box, Cel, blurred, curve, ellipse_points, rounded_points
from model.animatic.palette import Palette
from model.animatic.shapes import paint_leaf, paint_sprig, shaded

PROPORTIONS = {
    "cup": 1.30,
    "bowl": 1.45,
    "sprig": 0.95,
    "bottle": 0.42,
    "box": 0.86,
    "fruit": 1.05,
    "device": 0.52,
    "bag": 0.82,
    "flower": 0.86,
    "figure": 0.80,
    "forms": 1.15,
}
"""Width over height of each emblem."""


def paint_emblem(name: str, box: Box, palette: Palette, rng: np.random.Generator) -> Cel:
    """The emblem of that name as a clear cel around ``box``."""
    margin = 0.12 * max(box.width, box.height)
    cel = Cel(Box(box.left - margin, box.top - margin, box.right + margin, box.bottom + margin))
    _PAINTERS[name](cel, box, palette, rng)
    return cel


def _body(palette: Palette) -> Rgb:
    return mix(palette.light, palette.primary, 0.06)


def _strong(palette: Palette) -> Rgb:
    return palette.leaf(0.30) if palette.dark else palette.primary


def _cup(cel: Cel, box: Box, palette: Palette, rng: np.random.Generator) -> None:
    x, w, h = box.center[0], box.width, box.height
    body, glaze = _body(palette), mix(palette.light, palette.primary, 0.20)
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
    cel.paint(_strong(palette), band * np.float32(0.75))
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


def _bowl(cel: Cel, box: Box, palette: Palette, rng: np.random.Generator) -> None:
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
    color = _strong(palette)
    span = Box(x - rx, 0, x + rx, 1)
    shaded(cel, cel.polygon(ring), lighter(color, -0.08), span)
    shaded(cel, cel.polygon(wall), color, span, strength=1.3)
    cel.paint(lighter(color, -0.10), cel.ellipse(x, rim_y, rx, h * 0.11))
    cel.paint(
        mix(palette.light, palette.accent, 0.25), cel.ellipse(x, rim_y + h * 0.012, rx * 0.95, h * 0.092)
    )
    for _ in range(9):
        px, py = x + rng.uniform(-0.6, 0.6) * rx, rim_y + rng.uniform(-0.05, 0.05) * h
        size = w * rng.uniform(0.05, 0.09)
        tone = mix(palette.accent, palette.light, float(rng.uniform(0.0, 0.7)))
        shaded(cel, cel.ellipse(px, py, size, size * 0.62), tone, Box(px - size, 0, px + size, 1))
    for angle in (50, 110, 150):
        paint_leaf(cel, (x - w * 0.02, rim_y - h * 0.02), w * 0.17, angle, palette.leaf(0.5))


def _sprig(cel: Cel, box: Box, palette: Palette, rng: np.random.Generator) -> None:
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


def _bottle(cel: Cel, box: Box, palette: Palette, rng: np.random.Generator) -> None:
    x, w, h = box.center[0], box.width, box.height
    color = _strong(palette)
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
    shaded(cel, cel.rounded(label, 1) * body, _body(palette), span, strength=1.0)
    paint_leaf(cel, (x - w * 0.02, label.bottom - h * 0.06), w * 0.30, 68, _strong(palette))
    paint_leaf(cel, (x - w * 0.02, label.bottom - h * 0.06), w * 0.24, 128, palette.leaf(0.5))
    streak = cel.rounded(
        Box(x - w * 0.36, shoulder + h * 0.08, x - w * 0.29, box.bottom - h * 0.06), w * 0.04
    )
    cel.paint(palette.light, blurred(streak, w * 0.02) * body * np.float32(0.38))


def _box(cel: Cel, box: Box, palette: Palette, rng: np.random.Generator) -> None:
    w, h = box.width, box.height
    color, lid = _strong(palette), h * 0.13
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
    cel.paint(_body(palette), cel.polygon(label))
    root = on_front(0.48, 0.64)
    for angle in (60, 95, 128):
        paint_leaf(cel, root, w * 0.15, angle, _strong(palette))
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


def _fruit(cel: Cel, box: Box, palette: Palette, rng: np.random.Generator) -> None:
    w, h = box.width, box.height
    for cx, radius, tone in ((0.70, 0.27, -0.05), (0.36, 0.34, 0.0)):
        x, y = box.left + w * cx, box.bottom - radius * h
        _sphere(cel, x, y, radius * h, lighter(mix(palette.accent, palette.primary, 0.08), tone), palette)
        cel.paint(
            lighter(palette.primary, -0.08),
            cel.stroke(curve([(x, y - radius * h * 0.92), (x + w * 0.02, y - radius * h * 1.2)]), w * 0.016),
        )
        paint_leaf(cel, (x + w * 0.012, y - radius * h * 1.1), w * 0.24, 24, _strong(palette))


def _device(cel: Cel, box: Box, palette: Palette, rng: np.random.Generator) -> None:
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


def _bag(cel: Cel, box: Box, palette: Palette, rng: np.random.Generator) -> None:
    x, w, h = box.center[0], box.width, box.height
    color = _strong(palette)
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


def _flower(cel: Cel, box: Box, palette: Palette, rng: np.random.Generator) -> None:
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
    _sphere(cel, cx, cy, w * 0.085, mix(palette.accent, palette.primary, 0.35), palette)


def _figure(cel: Cel, box: Box, palette: Palette, rng: np.random.Generator) -> None:
    """A person from the shoulders up, in three flat shapes."""
    x, w, h = box.center[0], box.width, box.height
    skin = mix(palette.accent, palette.light, 0.62)
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
    cel.paint(_body(palette), cel.stroke([(collar[0]), (collar[1]), (collar[2])], h * 0.022))
    cel.paint(skin, cel.ellipse(x - head * 0.05, head_y + head * 0.10, head * 0.80, head * 0.94))
    cel.paint(hair, cel.ellipse(x + head * 0.10, head_y - head * 0.62, head * 0.95, head * 0.52, -8))


def _forms(cel: Cel, box: Box, palette: Palette, rng: np.random.Generator) -> None:
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
    shaded(cel, np.clip(outer - inner, 0, 1) * below, _strong(palette), Box(arch.left, 0, arch.right, 1))
    side = Box(box.right - w * 0.24, box.bottom - h * 0.40, box.right, box.bottom)
    shaded(
        cel, cel.rounded(side, 2), mix(palette.light, palette.primary, 0.12), Box(side.left, 0, side.right, 1)
    )
    cel.paint(
        lighter(palette.light, -0.01),
        cel.ellipse(side.center[0], side.top, side.width / 2, side.width * 0.10),
    )
    radius = h * 0.25
    _sphere(cel, box.left + radius * 1.05, box.bottom - radius, radius, palette.accent, palette)


def _sphere(cel: Cel, x: float, y: float, radius: float, color: Rgb, palette: Palette) -> None:
    ball = cel.ellipse(x, y, radius, radius)
    cel.paint(color, ball)
    far = np.sqrt(
        np.clip(
            1 - cel.falloff(x - radius * 0.35, y - radius * 0.40, radius * 1.75, radius * 1.75, 1.0), 0, 1
        )
    )
    cel.paint(lighter(color, -0.16), ball * far * np.float32(0.85))
    shine = cel.falloff(x - radius * 0.36, y - radius * 0.42, radius * 0.62, radius * 0.62)
    cel.paint(mix(color, palette.light, 0.75), ball * shine * np.float32(0.55))
    bounce = cel.falloff(x + radius * 0.45, y + radius * 0.75, radius * 0.6, radius * 0.4)
    cel.paint(lighter(color, 0.02), ball * bounce * np.float32(0.5))


_PAINTERS = {
    "cup": _cup,
    "bowl": _bowl,
    "sprig": _sprig,
    "bottle": _bottle,
    "box": _box,
    "fruit": _fruit,
    "device": _device,
    "bag": _bag,
    "flower": _flower,
    "figure": _figure,
    "forms": _forms,
}
