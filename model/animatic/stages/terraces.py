"""A tea garden in the hills."""

from dataclasses import dataclass

import numpy as np

from media.cel import Cel
from media.color import Rgb, lighter, mix
from media.draw import blurred, noise
from model.animatic.shapes import corner_leaves, paint_ridge, ridge_line, slab
from model.animatic.site import EDGE, FLOOR, Piece, Site
from model.animatic.stages.sky import paint_hill, paint_sky
from model.animatic.stages.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Lie:
    """How the land lies: heights in units of the frame's short side."""

    far: float
    hills: tuple[tuple[float, float, float, float], ...]
    """Depth, height, haze and lean of each hill of tea, from the farthest on."""
    rows: float
    """How many rows of bushes a unit holds where the subject stands."""
    swing: float
    """How far the rows swing to the sides."""


LIES = (
    Lie(far=0.20, hills=((3.6, 0.13, 0.34, 0.0),), rows=5.2, swing=0.34),
    Lie(far=0.26, hills=((4.6, 0.20, 0.52, -0.7), (3.6, 0.30, 0.24, 0.8)), rows=3.3, swing=0.95),
    Lie(
        far=0.13,
        hills=((5.0, 0.24, 0.56, 0.6), (4.2, 0.26, 0.40, -0.8), (3.6, 0.16, 0.22, 0.9)),
        rows=7.4,
        swing=0.10,
    ),
)
"""An open plain, a slope that rises to one side, a valley between slopes."""
_STEP = 0.022
"""Height of a step on a hill, in units."""


def terraces(site: Site) -> Stage:
    """Rows of tea bushes that curve over hills in the morning."""
    p, unit = site.palette, site.unit
    horizon = site.seam(7.0)
    sky = paint_sky(site, 12.0, horizon)
    green = p.leaf(0.22)
    lie = LIES[site.seed % len(LIES)]
    far = paint_hill(site, 6.5, horizon + unit * 0.02, unit * lie.far, 0.34)
    middle = [
        Piece(cel=_tea_hill(site, depth, unit * height, mix(green, p.sky, haze), lean), depth=depth)
        for depth, height, haze, lean in lie.hills
    ]
    field = _tea_rows(site, green, lie)
    side = 1 if site.product.center[0] < site.width / 2 else -1
    return Stage(
        behind=(
            Piece(cel=sky, depth=12.0, hides_from=0),
            Piece(cel=far, depth=6.5),
            *middle,
            Piece(cel=field, depth=FLOOR, hides_from=EDGE),
            *slab(site, mix(p.paper, p.deep, 0.55 if p.dark else 0.40)),
        ),
        before=(corner_leaves(site, side, p.deep),),
    )


def _tea_hill(site: Site, depth: float, height: float, color: Rgb, lean: float) -> Cel:
    """A hill in steps of bushes; ``lean``, -1 to 1, lets it fall from the left (below 0) or to the left."""
    unit = site.unit
    base = site.seam(depth) + unit * 0.05
    cel = site.wall(depth, base - height * (1.3 + abs(lean)), base + unit * 0.03)
    left, right = cel.left, cel.left + cel.width
    line = ridge_line(left, right, base - unit * 0.02, height, site.rng, rough=0.30)
    across = (line[:, 0] - left) / (right - left)
    away = across if lean < 0 else 1 - across
    line[:, 1] += height * abs(lean) * (2.2 * away**0.8 - 1.0)
    paint_ridge(cel, line, color, lighter(color, -0.03), height * 2)
    steps = max(round(height / (unit * _STEP)), 8)
    for step in range(1, steps + 1):
        drop = height * (1.28 + abs(lean)) * step / steps
        # Steps follow the ridge near it and lie level at the foot.
        level = step / steps
        row = np.stack([line[:, 0], line[:, 1] * (1 - level) + (base + unit * 0.03) * level], axis=1)
        row = row if lean else line + np.array([0.0, drop])
        shade = cel.stroke(row, max(unit * 0.006, 1)) * cel.alpha
        cel.paint(lighter(color, -0.08), blurred(shade, 0.7) * np.float32(0.55))
    return cel


def _tea_rows(site: Site, color: Rgb, lie: Lie) -> Cel:
    """Bush rows on the floor, drawn to the vanishing point, with round tops that catch the light."""
    p, unit = site.palette, site.unit
    seam = site.seam(3.6)
    field = site.ground(3.6, lighter(color, -0.10))
    rows = np.arange(field.height, dtype=np.float32)[:, None] + field.top
    columns = np.arange(field.width, dtype=np.float32)[None, :] + field.left
    distance = (site.product.bottom - site.lens.y) / np.maximum(rows - site.lens.y, 1.0)
    world = (columns - site.width * 0.5) * distance / unit
    bend = lie.swing * np.sin(distance * 2.1 + site.rng.uniform(0, 6)) + 0.22 * distance
    wave = (world + bend) * lie.rows
    top = np.cos(2 * np.pi * wave)
    fine = noise(field.width, field.height, unit * 0.016, site.rng, octaves=2)
    lit = np.clip(0.5 + 0.62 * np.sin(2 * np.pi * wave + 0.9) + 0.5 * (fine - 0.5), 0, 1).astype(np.float32)
    bush = (1 / (1 + np.exp(-(top + 0.35) * 5.5))).astype(np.float32)
    near = np.clip((rows - seam) / (site.height - seam), 0, 1).astype(np.float32)
    field.paint(lighter(color, 0.015), bush)
    field.paint(mix(lighter(color, 0.16), p.accent, 0.30), bush * lit * np.float32(0.75))
    field.paint(mix(color, p.sky, 0.62), np.broadcast_to((1 - near) ** 2.2 * 0.85, bush.shape))
    field.shade(field.ramp((0, site.height * 0.80), (0, site.height * 1.12)) * np.float32(0.45), p.shadow)
    return field
