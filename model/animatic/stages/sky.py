"""The sky of every landscape: light, a sun that keeps clear of the type, and far hills."""

import numpy as np

from media.cel import Cel
from media.color import lighter, mix
from model.animatic.shapes import disc, paint_ridge, ridge_line, wash
from model.animatic.site import Site


def paint_sky(site: Site, depth: float, horizon: float, *, sun_drop: float = 0.30) -> Cel:
    p, unit = site.palette, site.unit
    sky = site.backdrop(depth, p.sky)
    high = mix(p.primary, p.sky, 0.35) if p.dark else mix(p.sky, p.primary, 0.16)
    sky.paint(high, 1 - sky.ramp((0, -site.height * 0.05), (0, horizon * 0.9)))
    wash(sky, lighter(high, -0.03), unit * 0.9, 0.30, site.rng)
    sky.light(mix(p.light, p.accent, 0.3), sky.ramp((0, horizon * 0.35), (0, horizon)) * np.float32(0.35))
    disc(sky, *_sun_place(site, horizon, unit * 0.085, unit * sun_drop), unit * 0.085, p.glow(0.85), 0.35)
    return sky


def _sun_place(site: Site, horizon: float, radius: float, drop: float) -> tuple[float, float]:
    """Beside the subject and clear of the type, else just below the type."""
    row, words, gap = max(horizon - drop, site.height * 0.24), site.type_box, radius * 1.5
    columns = (
        (0.70, 0.84, 0.30, 0.16) if site.product.center[0] < site.width * 0.55 else (0.30, 0.16, 0.70, 0.84)
    )
    for share in columns:
        x = share * site.width
        if not (words.left - gap < x < words.right + gap and words.top - gap < row < words.bottom + gap):
            return x, row
    return columns[0] * site.width, words.bottom + radius * 1.3


def paint_hill(site: Site, depth: float, base: float, height: float, weight: float) -> Cel:
    p = site.palette
    cel = site.wall(depth, base - height * 1.05, base + site.unit * 0.12)
    left, right = cel.left, cel.left + cel.width
    line = ridge_line(left, right, base, height, site.rng)
    paint_ridge(cel, line, mix(p.sky, p.deep, weight), mix(p.sky, p.deep, weight * 0.16), height * 1.05)
    wash(cel, mix(p.sky, p.deep, min(weight + 0.15, 1)), height * 0.5, 0.16, site.rng)
    return cel
