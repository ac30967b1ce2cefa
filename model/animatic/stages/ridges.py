"""Mountains over still water, as ink wash."""

import numpy as np

from media.cel import Cel
from media.color import Rgb, lighter, mix
from media.draw import Box, blurred, curve, ellipse_points, noise
from model.animatic.shapes import slab
from model.animatic.site import EDGE, FLOOR, Piece, Site, Sway
from model.animatic.stages.sky import paint_hill, paint_sky
from model.animatic.stages.stage import Stage


def ridges(site: Site) -> Stage:
    """Ink-wash mountains in mist over still water, with a sun."""
    p, unit = site.palette, site.unit
    horizon = site.seam(9.0)
    sky = paint_sky(site, 12.0, horizon)
    hills = (
        paint_hill(site, 8.0, horizon + unit * 0.02, unit * 0.34, 0.24),
        paint_hill(site, 5.0, horizon + unit * 0.04, unit * 0.25, 0.48),
        paint_hill(site, 3.2, horizon + unit * 0.05, unit * 0.15, 0.80),
    )
    water = _water(site, mix(p.sky, p.tint(0.5), 0.30))
    mist = _mist(site, horizon, 4.0)
    x = site.width * (0.18 if site.grounded else 0.72)
    life = (_boat(site, x, site.height * 0.69),) if not site.grounded else ()
    return Stage(
        behind=(
            Piece(cel=sky, depth=12.0, hides_from=0),
            _birds(
                site,
                10.0,
                site.width * (0.5 if site.grounded else 0.26),
                max(horizon - unit * 0.40, site.height * 0.15),
            ),
            Piece(cel=hills[0], depth=8.0),
            Piece(cel=hills[1], depth=5.0),
            mist,
            Piece(cel=hills[2], depth=3.2),
            Piece(cel=water, depth=FLOOR, hides_from=EDGE),
            *slab(site, mix(p.sky, p.deep, 0.62)),
            *life,
        ),
    )


def _mist(site: Site, horizon: float, depth: float) -> Piece:
    unit = site.unit
    cel = site.wall(depth, horizon - unit * 0.12, horizon + unit * 0.10, margin=unit * 0.12)
    clouds = noise(cel.width, cel.height, unit * 0.30, site.rng)
    band = cel.ramp((0, horizon - unit * 0.12), (0, horizon)) * (
        1 - cel.ramp((0, horizon), (0, horizon + unit * 0.10))
    )
    cel.paint(site.palette.sky, band * clouds * np.float32(0.85))
    return Piece(cel=cel, depth=depth, sway=Sway(drift=(unit * 0.008, 0.0)))


def _water(site: Site, color: Rgb) -> Cel:
    p, unit = site.palette, site.unit
    seam = site.seam(3.2)
    water = site.ground(3.2, color)
    water.paint(mix(p.sky, p.deep, 0.34), 1 - water.ramp((0, seam), (0, seam + unit * 0.16)))
    water.paint(mix(color, p.deep, 0.30), water.ramp((0, site.height * 0.72), (0, site.height * 1.1)))
    for _ in range(26):
        y = seam + (site.height - seam) * site.rng.random() ** 1.6
        near = (y - seam) / (site.height - seam)
        length = unit * (0.06 + 0.34 * near) * site.rng.uniform(0.5, 1.2)
        x = site.rng.uniform(water.left, water.left + water.width)
        line = curve([(x - length, y), (x, y + unit * 0.003), (x + length, y)])
        water.line(p.light, line, 1 + 2.0 * near, 0.20 + 0.18 * near)
    return water


def _birds(site: Site, depth: float, x: float, y: float) -> Piece:
    """A few birds far away."""
    unit = site.unit
    cel = Cel(Box(x - unit * 0.12, y - unit * 0.08, x + unit * 0.12, y + unit * 0.08))
    for order in range(5):
        bx, by = (
            x + (order - 2) * unit * 0.034,
            y + unit * 0.016 * abs(order - 1.5) + site.rng.uniform(-1, 1) * unit * 0.008,
        )
        span = unit * (0.013 - 0.0012 * order)
        wing = curve([(bx - span, by - span * 0.35), (bx - span * 0.35, by - span * 0.45), (bx, by)], steps=8)
        for side in (wing, np.stack([2 * bx - wing[:, 0], wing[:, 1]], axis=1)):
            cel.line(site.palette.deep, side, max(unit * 0.0022, 1.2), 0.75)
    return Piece(
        cel=cel, depth=depth, sway=Sway(drift=(unit * 0.012, -unit * 0.004), y=unit * 0.003, period=2.6)
    )


def _boat(site: Site, x: float, y: float) -> Piece:
    """A covered boat with its boatman, and its reflection."""
    p, unit = site.palette, site.unit
    size = unit * 0.085
    cel = Cel(Box(x - size * 1.6, y - size * 1.1, x + size * 1.6, y + size * 0.7))
    ink = mix(p.sky, p.deep, 0.88)
    hull = curve(
        [
            (x - size * 1.3, y - size * 0.16),
            (x - size * 0.6, y + size * 0.10),
            (x + size * 0.6, y + size * 0.10),
            (x + size * 1.35, y - size * 0.20),
        ]
    )
    deck = curve(
        [
            (x + size * 1.35, y - size * 0.20),
            (x + size * 0.5, y - size * 0.02),
            (x - size * 0.5, y - size * 0.02),
            (x - size * 1.3, y - size * 0.16),
        ]
    )
    roof = ellipse_points(x - size * 0.05, y - size * 0.02, size * 0.46, size * 0.36)
    man = [
        (x + size * 0.78, y - size * 0.08),
        (x + size * 0.74, y - size * 0.50),
        (x + size * 0.90, y - size * 0.50),
        (x + size * 0.94, y - size * 0.08),
    ]
    hat = [
        (x + size * 0.66, y - size * 0.54),
        (x + size * 0.82, y - size * 0.72),
        (x + size * 0.98, y - size * 0.54),
    ]
    for shape, tone in (
        (roof[roof[:, 1] < y], lighter(ink, 0.10)),
        (man, ink),
        (hat, lighter(ink, 0.05)),
        (np.concatenate([hull, deck]), ink),
    ):
        cel.fill(tone, shape)
    cel.line(
        ink, [(x + size * 0.98, y - size * 0.85), (x + size * 1.25, y + size * 0.25)], max(unit * 0.002, 1.2)
    )
    below = cel.alpha[::-1] * np.float32(0.28)
    reflected = np.zeros_like(cel.alpha)
    water = round(y + size * 0.10) - cel.top
    rows = min(cel.height - water, water)
    reflected[water : water + rows] = below[cel.height - water : cel.height - water + rows]
    cel.paint(ink, blurred(reflected, size * 0.03) * (1 - cel.alpha))
    return Piece(
        cel=cel,
        depth=1.6,
        sway=Sway(x=unit * 0.006, y=unit * 0.0025, angle=0.5, period=4.4, drift=(-unit * 0.006, 0.0)),
    )
