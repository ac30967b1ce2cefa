"""What people buy and visit in town: a car, a shoe, a book, a shop, a cat."""

import numpy as np

from media.cel import Cel
from media.color import lighter, mix
from media.draw import Box, blurred, curve
from model.animatic.emblems.surface import porcelain, strong
from model.animatic.palette import Palette
from model.animatic.shapes import shaded

Point = tuple[float, float]


def _within(box: Box, *points: Point) -> list[Point]:
    """Points given as shares of the box, in pixels."""
    return [(box.left + x * box.width, box.top + y * box.height) for x, y in points]


def car(cel: Cel, box: Box, palette: Palette) -> None:
    """From the side, its lights to the right."""
    w, h = box.width, box.height
    color, glass, tyre = strong(palette), mix(palette.deep, palette.light, 0.18), lighter(palette.deep, -0.05)
    outline = curve(
        _within(
            box,
            (0.01, 0.72), (0.02, 0.50), (0.16, 0.42), (0.30, 0.08), (0.50, 0.02), (0.66, 0.09),
            (0.82, 0.42), (0.97, 0.50), (0.99, 0.66), (0.98, 0.80), (0.50, 0.84), (0.03, 0.82),
        ),
        closed=True,
    )  # fmt: skip
    body = cel.polygon(outline)
    shaded(cel, body, color, Box(box.left - w * 0.2, 0, box.right, 1), strength=0.8)
    under = cel.ramp((0, box.top + h * 0.60), (0, box.top + h * 0.86))
    cel.paint(lighter(color, -0.12), body * under * np.float32(0.8))
    windows = (
        ((0.24, 0.41), (0.35, 0.14), (0.485, 0.10), (0.485, 0.41)),
        ((0.52, 0.41), (0.52, 0.10), (0.64, 0.16), (0.755, 0.41)),
    )
    for window in windows:
        pane = cel.polygon(_within(box, *window))
        cel.paint(glass, pane)
        cel.paint(
            palette.light,
            pane * cel.falloff(box.left + w * 0.36, box.top, w * 0.26, h * 0.4) * np.float32(0.4),
        )
    cel.paint(lighter(color, -0.09), cel.stroke(_within(box, (0.503, 0.40), (0.503, 0.78)), w * 0.006))
    cel.paint(
        mix(palette.accent, palette.light, 0.35),
        cel.polygon(_within(box, (0.90, 0.50), (0.985, 0.55), (0.98, 0.61), (0.92, 0.58))),
    )
    cel.paint(
        lighter(palette.accent, -0.12),
        cel.polygon(_within(box, (0.018, 0.53), (0.06, 0.52), (0.055, 0.60), (0.014, 0.62))),
    )
    for x in (0.235, 0.765):
        cx, cy, radius = box.left + x * w, box.bottom - h * 0.185, h * 0.185
        cel.paint(lighter(color, -0.16), cel.ellipse(cx, cy - h * 0.02, radius * 1.16, radius * 1.16) * body)
        cel.paint(tyre, cel.ellipse(cx, cy, radius, radius))
        cel.paint(porcelain(palette), cel.ellipse(cx, cy, radius * 0.58, radius * 0.58))
        cel.paint(mix(tyre, palette.light, 0.35), cel.ellipse(cx, cy, radius * 0.20, radius * 0.20))


def shoe(cel: Cel, box: Box, palette: Palette) -> None:
    """A running shoe from the side, its toe to the right."""
    w, h = box.width, box.height
    color, sole = strong(palette), porcelain(palette)
    bottom = cel.polygon(
        curve(
            _within(
                box,
                (0.02, 0.78), (0.30, 0.80), (0.62, 0.80), (0.97, 0.72), (1.00, 0.84),
                (0.93, 0.97), (0.60, 1.00), (0.12, 1.00), (0.00, 0.93),
            ),
            closed=True,
        )
    )  # fmt: skip
    upper = cel.polygon(
        curve(
            _within(
                box,
                (0.03, 0.84), (0.01, 0.46), (0.04, 0.16), (0.12, 0.08), (0.20, 0.20), (0.31, 0.22),
                (0.42, 0.06), (0.50, 0.10), (0.66, 0.44), (0.90, 0.60), (0.97, 0.78), (0.60, 0.88),
                (0.25, 0.88),
            ),
            closed=True,
        )
    )  # fmt: skip
    shaded(cel, upper, color, Box(box.left, 0, box.right, 1), strength=0.9)
    toe = cel.ellipse(box.left + w * 0.96, box.top + h * 0.86, w * 0.20, h * 0.30)
    cel.paint(lighter(color, -0.10), upper * toe)
    heel = cel.ellipse(box.left + w * 0.00, box.top + h * 0.62, w * 0.13, h * 0.32)
    cel.paint(mix(palette.accent, palette.light, 0.12), upper * heel)
    stripe = curve(_within(box, (0.26, 0.82), (0.40, 0.62), (0.56, 0.56)))
    cel.paint(sole, cel.stroke(stripe, h * 0.075) * upper)
    for order in range(4):
        at = 0.455 + 0.055 * order
        top = 0.17 + 0.088 * order
        lace = _within(box, (at - 0.085, top + 0.11), (at + 0.01, top))
        cel.paint(sole, cel.stroke(lace, h * 0.036))
    cel.paint(sole, bottom)
    tread = cel.ramp((0, box.bottom - h * 0.10), (0, box.bottom))
    cel.paint(lighter(color, -0.06), bottom * tread * np.float32(0.55))


def book(cel: Cel, box: Box, palette: Palette) -> None:
    """An open book, seen from a little above."""
    w, h = box.width, box.height
    paper, ink = porcelain(palette), mix(palette.light, palette.ink, 0.30)
    cover = _within(box, (0.00, 0.26), (0.50, 0.36), (1.00, 0.26), (1.00, 0.92), (0.50, 1.00), (0.00, 0.92))
    shaded(cel, cel.polygon(cover), strong(palette), Box(box.left, 0, box.right, 1), strength=0.7)
    for side in (-1, 1):
        leaf = curve(
            [
                (box.center[0] + side * w * x, box.top + h * y)
                for x, y in (
                    (0.0, 0.30),
                    (0.10, 0.12),
                    (0.26, 0.10),
                    (0.46, 0.20),
                    (0.46, 0.84),
                    (0.26, 0.76),
                    (0.10, 0.80),
                    (0.0, 0.94),
                )
            ],
            closed=True,
        )
        page = cel.polygon(leaf)
        cel.paint(mix(paper, palette.ink, 0.22), np.clip(cel.stroke(leaf, h * 0.02) + page, 0, 1))
        cel.paint(paper, page)
        gutter = cel.falloff(box.center[0], box.center[1], w * 0.16, h * 0.9)
        cel.paint(mix(paper, palette.ink, 0.42), page * gutter * np.float32(0.75))
        for line in range(5):
            y = 0.30 + 0.085 * line
            points = [
                (box.center[0] + side * w * x, box.top + h * (y + lift))
                for x, lift in ((0.10, 0.02), (0.24, -0.02), (0.34 if line == 4 else 0.40, 0.03))
            ]
            cel.paint(ink, cel.stroke(curve(points), h * 0.016) * page * np.float32(0.55))
    ribbon = curve(
        [
            (box.center[0], box.top + h * 0.32),
            (box.center[0] + w * 0.03, box.top + h * 0.70),
            (box.center[0] + w * 0.015, box.bottom + h * 0.05),
        ]
    )
    cel.paint(mix(palette.accent, palette.primary, 0.10), cel.stroke(ribbon, w * 0.022))


def shop(cel: Cel, box: Box, palette: Palette) -> None:
    """A shop front with its awning out and its lamps on."""
    w, h = box.width, box.height
    color = strong(palette)
    wall = Box(box.left + w * 0.04, box.top + h * 0.06, box.right - w * 0.04, box.bottom)
    shaded(cel, cel.rounded(wall, w * 0.02), mix(palette.light, palette.primary, 0.16), wall, strength=0.6)
    sign = Box(wall.left, wall.top, wall.right, wall.top + h * 0.15)
    cel.paint(lighter(color, -0.07), cel.rounded(sign, w * 0.02))
    plate = Box(
        box.center[0] - w * 0.20, sign.top + h * 0.045, box.center[0] + w * 0.20, sign.bottom - h * 0.045
    )
    cel.paint(mix(palette.accent, palette.light, 0.30), cel.rounded(plate, h * 0.03))
    warm = mix(palette.accent, palette.light, 0.45)
    window = Box(wall.left + w * 0.06, box.top + h * 0.44, box.left + w * 0.60, box.bottom - h * 0.16)
    door = Box(box.left + w * 0.67, box.top + h * 0.44, wall.right - w * 0.06, box.bottom - h * 0.02)
    for opening in (window, door):
        frame = Box(
            opening.left - w * 0.016,
            opening.top - w * 0.016,
            opening.right + w * 0.016,
            opening.bottom + w * 0.016,
        )
        cel.paint(lighter(color, -0.12), cel.rounded(frame, w * 0.012))
        pane = cel.rounded(opening, w * 0.006)
        cel.paint(mix(palette.deep, warm, 0.72), pane)
        glow = cel.falloff(
            opening.center[0], opening.top + opening.height * 0.30, opening.width * 0.75, opening.height * 0.8
        )
        cel.paint(mix(warm, palette.light, 0.45), pane * glow * np.float32(0.9))
    for order in range(3):
        x = window.left + window.width * (0.22 + 0.28 * order)
        goods = Box(
            x - w * 0.05, window.bottom - h * (0.10 + 0.04 * (order % 2)), x + w * 0.05, window.bottom
        )
        shaded(cel, cel.rounded(goods, w * 0.02), lighter(color, 0.03 * order), goods)
    cel.paint(
        lighter(color, -0.12),
        cel.ellipse(door.left + w * 0.03, door.center[1] + h * 0.06, w * 0.012, w * 0.012),
    )
    stripes, top, low = 8, sign.bottom, box.top + h * 0.37
    for order in range(stripes):
        u, v = order / stripes, (order + 1) / stripes
        tone = color if order % 2 == 0 else porcelain(palette)
        spread = [
            (wall.left + wall.width * u, top),
            (wall.left + wall.width * v, top),
            (box.left + w * v, low),
            (box.left + w * u, low),
        ]
        mask = cel.polygon(spread)
        hem = cel.ellipse(box.left + w * (u + v) / 2, low, w / stripes / 2, h * 0.035)
        cel.paint(tone, np.maximum(mask, hem))
    shade = blurred(cel.rounded(Box(wall.left, low + h * 0.035, wall.right, low + h * 0.09), 2), h * 0.02)
    cel.paint(palette.deep, shade * cel.rounded(wall, 2) * np.float32(0.28))


def cat(cel: Cel, box: Box, palette: Palette) -> None:
    """A cat that sits and looks at us."""
    x, w, h = box.center[0], box.width, box.height
    coat = mix(palette.accent, palette.light, 0.22)
    dark, pale = lighter(coat, -0.14), mix(coat, palette.light, 0.72)
    tail = curve(
        [
            (x + w * 0.22, box.bottom - h * 0.06),
            (x + w * 0.48, box.bottom - h * 0.10),
            (x + w * 0.46, box.bottom - h * 0.34),
            (x + w * 0.36, box.bottom - h * 0.42),
        ]
    )
    cel.paint(dark, cel.stroke(tail, w * 0.095))
    body = cel.polygon(
        curve(
            [(x + side * w * u, box.top + h * v) for side, u, v in (
                (-1, 0.17, 0.40), (-1, 0.28, 0.62), (-1, 0.36, 0.86), (-1, 0.28, 1.0),
                (1, 0.28, 1.0), (1, 0.36, 0.86), (1, 0.28, 0.62), (1, 0.17, 0.40),
            )],
            closed=True,
        )
    )  # fmt: skip
    shaded(cel, body, coat, Box(x - w * 0.36, 0, x + w * 0.36, 1))
    cel.paint(pale, cel.ellipse(x, box.top + h * 0.66, w * 0.15, h * 0.20) * body)
    for side in (-1, 1):
        cel.paint(pale, cel.ellipse(x + side * w * 0.12, box.bottom - h * 0.035, w * 0.105, h * 0.045))
    for side in (-1, 1):
        ear = [
            (x + side * w * 0.29, box.top + h * 0.22),
            (x + side * w * 0.27, box.top),
            (x + side * w * 0.07, box.top + h * 0.10),
        ]
        cel.paint(coat if side < 0 else lighter(coat, -0.05), cel.polygon(ear))
        inner = [
            (x + side * w * 0.25, box.top + h * 0.17),
            (x + side * w * 0.245, box.top + h * 0.055),
            (x + side * w * 0.13, box.top + h * 0.11),
        ]
        cel.paint(mix(palette.primary, palette.light, 0.55), cel.polygon(inner))
    head = cel.ellipse(x, box.top + h * 0.265, w * 0.315, h * 0.195)
    shaded(cel, head, coat, Box(x - w * 0.32, 0, x + w * 0.32, 1))
    cel.paint(pale, cel.ellipse(x, box.top + h * 0.345, w * 0.14, h * 0.085) * head)
    for side in (-1, 1):
        cel.paint(palette.deep, cel.ellipse(x + side * w * 0.135, box.top + h * 0.245, w * 0.036, h * 0.034))
        cel.paint(
            palette.light,
            cel.ellipse(x + side * w * 0.135 - w * 0.012, box.top + h * 0.234, w * 0.011, w * 0.011),
        )
    nose = [
        (x - w * 0.03, box.top + h * 0.305),
        (x + w * 0.03, box.top + h * 0.305),
        (x, box.top + h * 0.328),
    ]
    cel.paint(mix(palette.primary, palette.deep, 0.3), cel.polygon(nose))
    collar = curve(
        [(x - w * 0.19, box.top + h * 0.43), (x, box.top + h * 0.475), (x + w * 0.19, box.top + h * 0.43)]
    )
    cel.paint(strong(palette), cel.stroke(collar, h * 0.032))
    cel.paint(
        mix(palette.accent, palette.light, 0.5), cel.ellipse(x, box.top + h * 0.50, w * 0.035, w * 0.035)
    )
