"""A bamboo grove."""

import numpy as np

from media.cel import Cel
from media.color import Rgb, lighter, mix
from media.draw import blurred, ellipse_points
from model.animatic.shapes import corner_leaves, paint_leaf
from model.animatic.site import EDGE, FLOOR, Piece, Site
from model.animatic.stages.stage import Stage

_FAR_STEMS, _NEAR_STEMS = 4.6, 2.2
"""Distances of a grove's two rows."""


def grove(site: Site) -> Stage:
    """Bamboo near and far, with light falling through it."""
    p, unit, x = site.palette, site.unit, site.product.center[0]
    air = mix(p.sky, p.primary, 0.14)
    back = site.backdrop(_FAR_STEMS, air)
    back.light(
        p.light,
        back.falloff(site.width * 0.62, site.height * 0.22, unit * 1.0, unit * 0.9) * np.float32(0.55),
    )
    _stems(site, back, _FAR_STEMS, round(11 * site.width / unit), mix(p.leaf(0.1), air, 0.72), 0.0)
    back.blur(site.soft * 0.7 + unit * 0.002)
    _rays(site, back)
    near = site.wall(_NEAR_STEMS, site.cover(_NEAR_STEMS).top, site.seam(_NEAR_STEMS) + unit * 0.02)
    _stems(site, near, _NEAR_STEMS, round(7 * site.width / unit), mix(p.leaf(0.2), air, 0.34), unit * 0.24)
    near.blur(site.soft * 0.4)
    floor = site.ground(_FAR_STEMS, mix(p.leaf(0.1), air, 0.50))
    floor.paint(air, 1 - floor.ramp((0, site.seam(4.2)), (0, site.seam(4.2) + unit * 0.14)))
    floor.light(p.accent, floor.falloff(x, site.product.bottom, unit * 0.7, unit * 0.2) * np.float32(0.25))
    return Stage(
        behind=(
            Piece(cel=back, depth=_FAR_STEMS, hides_from=0),
            Piece(cel=floor, depth=FLOOR, hides_from=EDGE),
            Piece(cel=near, depth=_NEAR_STEMS),
        ),
        before=(corner_leaves(site, 1 if x < site.width / 2 else -1, p.leaf(0.25)),),
    )


def _stems(site: Site, cel: Cel, depth: float, count: int, color: Rgb, clear: float) -> None:
    """Jointed bamboo from the ground to above the frame; none within ``clear`` of the subject."""
    cover, width = site.cover(depth), site.unit * 0.092 / depth
    foot = site.seam(depth) + site.unit * 0.02
    for order in range(count):
        left = cover.left + cover.width * (order + site.rng.uniform(0.1, 0.9)) / count
        thick, lean = width * site.rng.uniform(0.65, 1.15), site.rng.uniform(-0.05, 0.05) * (foot - cover.top)
        tone = lighter(color, site.rng.uniform(-0.025, 0.025))
        if abs(left - site.product.center[0]) < clear:
            continue
        for share, edge, shade in ((0.0, 1.0, 0.0), (0.68, 1.0, -0.05), (0.14, 0.38, 0.06)):
            a, b = (share - 0.5) * thick, (edge - 0.5) * thick
            low, high = left, left + lean
            cel.fill(
                lighter(tone, shade),
                [(low + a, foot), (low + b, foot), (high + b, cover.top), (high + a, cover.top)],
            )
        y = foot - thick * site.rng.uniform(1.0, 5.0)
        while y > cover.top:
            x = left + lean * (foot - y) / (foot - cover.top)
            cel.fill(lighter(tone, -0.07), ellipse_points(x, y, thick * 0.56, max(thick * 0.10, 1.2)))
            lit = y + thick * 0.15
            cel.line(lighter(tone, 0.08), [(x - thick * 0.5, lit), (x + thick * 0.5, lit)], 1.5, 0.6)
            if site.rng.random() < 0.16:
                _bamboo_leaves(site, cel, (x, y), thick * 4.2, lighter(tone, -0.02))
            y -= thick * site.rng.uniform(5.5, 7.5)


def _bamboo_leaves(site: Site, cel: Cel, root: tuple[float, float], length: float, color: Rgb) -> None:
    side = 1 if site.rng.random() < 0.5 else -1
    for angle in (-12, -38, -62):
        heading = angle if side > 0 else 180 - angle
        paint_leaf(cel, root, length * site.rng.uniform(0.7, 1.1), heading + site.rng.uniform(-8, 8), color)


def _rays(site: Site, cel: Cel) -> None:
    """Sunlight from above on the right, through the stems."""
    unit = site.unit
    mask, source = np.zeros_like(cel.alpha), (site.width * 0.72, -unit * 0.35)
    for turn in (18, 27, 33, 45):
        spread, reach = site.rng.uniform(1.6, 3.6), unit * 2.4
        ends = [
            (source[0] - reach * np.sin(np.radians(a)), source[1] + reach * np.cos(np.radians(a)))
            for a in (turn - spread, turn + spread)
        ]
        mask += cel.polygon([source, *ends]) * np.float32(site.rng.uniform(0.5, 1.0))
    fade = 1 - cel.ramp((0, site.height * 0.05), (0, site.height * 0.70))
    cel.paint(site.palette.light, blurred(np.minimum(mask, 1), unit * 0.014) * fade * np.float32(0.34))
