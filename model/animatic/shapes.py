"""Shapes that several stages and emblems share."""

import numpy as np
from numpy.typing import NDArray

from media.cel import Cel
from media.color import Rgb, lighter, mix
from media.draw import Box, Mask, blurred, curve, ellipse_points, noise
from model.animatic.site import Piece, Site, Sway

Line = NDArray[np.float64]


def leaf_points(x: float, y: float, length: float, width: float, angle: float) -> Line:
    """A pointed leaf from its stalk at (x, y); ``angle`` in degrees, 0 to the right, 90 up."""
    t = np.linspace(0, 1, 22)
    half = width / 2 * np.sin(np.pi * t**0.85) ** 0.9
    bend = 0.10 * length * np.sin(np.pi * t)
    along = np.concatenate([t * length, (t * length)[::-1]])
    across = np.concatenate([half + bend, (bend - half)[::-1]])
    return turned(along, across, x, y, angle)


def turned(along: Line, across: Line, x: float, y: float, angle: float) -> Line:
    """Points given along and across a direction, as frame pixels."""
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return np.stack([x + along * c + across * s, y - along * s + across * c], axis=1)


def paint_leaf(cel: Cel, root: tuple[float, float], length: float, angle: float, color: Rgb) -> None:
    """One leaf with a lighter half and a midrib."""
    width = length * 0.36
    cel.fill(color, leaf_points(*root, length, width, angle))
    t = np.linspace(0, 1, 18)
    bend = 0.10 * length * np.sin(np.pi * t)
    half = width / 2 * np.sin(np.pi * t**0.85) ** 0.9
    along = np.concatenate([t * length, (t * length)[::-1]])
    cel.fill(lighter(color, 0.06), turned(along, np.concatenate([bend - half, bend[::-1]]), *root, angle))
    rib = turned(t * length * 0.94, bend * 0.98, *root, angle)
    cel.line(lighter(color, 0.14), rib, max(length * 0.012, 1), 0.7)


def paint_sprig(cel: Cel, points: Line, leaf: float, color: Rgb, *, pairs: int = 6) -> None:
    """A stem along ``points`` with leaves to both sides, smaller towards its tip."""
    cel.line(lighter(color, -0.08), points, max(leaf * 0.035, 1.2))
    picks = np.linspace(len(points) * 0.18, len(points) - 2, pairs).astype(int)
    for order, index in enumerate(picks):
        ahead = points[min(index + 1, len(points) - 1)] - points[index - 1]
        heading = np.degrees(np.arctan2(-ahead[1], ahead[0]))
        size = leaf * (1 - 0.45 * order / pairs)
        shade = lighter(color, 0.05 * (order % 3 - 1))
        for side in (-1, 1):
            paint_leaf(cel, tuple(points[index]), size, heading + side * (58 - 4 * order), shade)
    ahead = points[-1] - points[-3]
    paint_leaf(
        cel, tuple(points[-1]), leaf * 0.62, np.degrees(np.arctan2(-ahead[1], ahead[0])), lighter(color, 0.08)
    )


def corner_leaves(site: Site, side: int, color: Rgb, depth: float = 0.62) -> Piece:
    """A branch close to the lens, out of focus, reaching in from a lower corner; ``side`` -1 is left.

    The upper corners are kept for the logo and the AI label.
    """
    unit = site.unit
    x = -0.05 * unit if side < 0 else site.width + 0.05 * unit
    y, reach = site.height * 1.03, unit * 0.36
    path = curve(
        [(x, y), (x - side * reach * 0.36, y - reach * 0.30), (x - side * reach * 0.52, y - reach * 0.66)]
    )
    low, high = path.min(axis=0) - unit * 0.22, path.max(axis=0) + unit * 0.22
    cel = Cel(Box(float(low[0]), float(low[1]), float(high[0]), float(high[1])))
    paint_sprig(cel, path, unit * 0.17, color, pairs=4)
    cel.blur(unit * 0.011)
    sway = Sway(x=unit * 0.004, angle=1.1, period=5.2, phase=float(site.rng.random()))
    return Piece(cel=cel, depth=depth, sway=sway, pivot=(x, y))


def slab(site: Site, color: Rgb) -> tuple[Piece, ...]:
    """A flat stone under the subject, which need not stand on water or plants; none for an empty place."""
    if not site.grounded:
        return ()
    unit, (x, base) = site.unit, (site.product.center[0], site.product.bottom)
    rx = min(max(site.product.width * 0.66, unit * 0.18), unit * 0.44)
    ry, thick = rx * 0.15, unit * 0.034
    y = base - ry * 0.30
    cel = Cel(Box(x - rx * 1.2, y - ry * 1.6, x + rx * 1.2, y + thick + ry * 2.2))
    turns = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    rough = site.rng.uniform(0.93, 1.06, 14)
    top = curve(
        np.stack([x + rx * rough * np.cos(turns), y + ry * rough * np.sin(turns)], axis=1), closed=True
    )
    below = top + np.array([0.0, thick])
    cel.paint(
        site.palette.shadow,
        blurred(cel.polygon(below + np.array([unit * 0.012, unit * 0.012])), unit * 0.012) * np.float32(0.5),
    )
    body = np.maximum(cel.polygon(below), cel.polygon(top))
    body = np.maximum(
        body, cel.polygon(np.concatenate([top[: len(top) // 2], below[: len(below) // 2][::-1]]))
    )
    shaded(cel, body, lighter(color, -0.10), Box(x - rx, 0, x + rx, 1))
    cel.paint(lighter(color, 0.05), cel.polygon(top))
    grain = noise(cel.width, cel.height, unit * 0.03, site.rng)
    cel.paint(lighter(color, -0.05), grain * cel.polygon(top) * np.float32(0.4))
    return (Piece(cel=cel, depth=1.0),)


def shaded(cel: Cel, mask: Mask, color: Rgb, box: Box, *, strength: float = 1.0) -> None:
    """A round body: lit from the left front, darker to the right, with a soft edge light."""
    x = np.clip((np.arange(cel.width, dtype=np.float32) + cel.left - box.left) / max(box.width, 1), 0, 1)
    light = (
        0.10 * np.exp(-(((x - 0.30) / 0.20) ** 2)) - 0.17 * x**2 + 0.05 * np.exp(-(((x - 0.97) / 0.05) ** 2))
    )
    light = light - 0.07 * np.exp(-((x / 0.07) ** 2))
    ramp = np.stack([np.array(lighter(color, float(v) * strength), np.float32) for v in light])
    cel.paint(np.broadcast_to(ramp[None], (*mask.shape, 3)), mask)


def soft_shadow(cel: Cel, x: float, y: float, rx: float, ry: float, color: Rgb, opacity: float) -> None:
    """A shadow pool on the floor."""
    cel.paint(color, blurred(cel.ellipse(x, y, rx, ry), max(ry * 0.55, 1)) * np.float32(opacity))


def ridge_line(
    left: float, right: float, base: float, height: float, rng: np.random.Generator, *, rough: float = 0.55
) -> Line:
    """A mountain's outline from ``left`` to ``right``, its peaks up to ``height`` over ``base``."""
    count = 257
    line = np.zeros(count)
    for octave in range(6):
        knots = rng.random(3 + 2 ** (octave + 1))
        x = np.linspace(0, len(knots) - 1, count)
        i = np.minimum(x.astype(int), len(knots) - 2)
        f = x - i
        f = f * f * (3 - 2 * f)
        line += (knots[i] * (1 - f) + knots[i + 1] * f) * rough**octave
    line = (line - line.min()) / (line.max() - line.min())
    return np.stack([np.linspace(left, right, count), base - height * line**1.25], axis=1)


def paint_ridge(cel: Cel, line: Line, color: Rgb, mist: Rgb, depth: float) -> None:
    """A hill below ``line`` that fades into ``mist`` over ``depth`` pixels."""
    bottom = cel.top + cel.height + 4
    mask = cel.polygon(np.concatenate([line, [(line[-1, 0], bottom), (line[0, 0], bottom)]]))
    columns = np.arange(cel.width) + cel.left
    crest = np.interp(columns, line[:, 0], line[:, 1]).astype(np.float32)
    rows = np.arange(cel.height, dtype=np.float32)[:, None] + cel.top
    below = np.clip((rows - crest[None]) / depth, 0, 1)
    fade = below * below * (3 - 2 * below)
    tone = np.asarray(color, np.float32) + (np.asarray(mist, np.float32) - np.asarray(color, np.float32)) * (
        fade[..., None] * np.float32(0.92)
    )
    cel.paint(tone, mask)


def wash(cel: Cel, color: Rgb, cell: float, opacity: float, rng: np.random.Generator) -> None:
    """Uneven pigment over what is painted, as on paper."""
    clouds = noise(cel.width, cel.height, cell, rng)
    cel.paint(color, clouds * cel.alpha * np.float32(opacity))


def disc(cel: Cel, x: float, y: float, radius: float, color: Rgb, halo: float) -> None:
    """A sun or moon with light around it."""
    cel.light(
        mix(color, (1.0, 1.0, 1.0), 0.3), cel.falloff(x, y, radius * 3.4, radius * 3.4) * np.float32(halo)
    )
    cel.paint(color, blurred(cel.ellipse(x, y, radius, radius), radius * 0.012))


def bokeh(site: Site, count: int, area: Box, sizes: tuple[float, float], colors: tuple[Rgb, ...]) -> Cel:
    """Out-of-focus points of light scattered over ``area``."""
    cel = Cel(area)
    for _ in range(count):
        radius = site.rng.uniform(*sizes)
        x = site.rng.uniform(area.left + radius * 1.2, area.right - radius * 1.2)
        y = site.rng.uniform(area.top + radius * 1.2, area.bottom - radius * 1.2)
        color = colors[int(site.rng.integers(len(colors)))]
        small = Cel(Box(x - radius * 1.4, y - radius * 1.4, x + radius * 1.4, y + radius * 1.4))
        whole = small.polygon(ellipse_points(x, y, radius, radius))
        rim = whole - small.polygon(ellipse_points(x, y, radius * 0.86, radius * 0.86)) * np.float32(0.35)
        mask = blurred(rim, radius * 0.06) * np.float32(site.rng.uniform(0.18, 0.5))
        cel.stamp(color, mask, small.left, small.top)
    return cel
