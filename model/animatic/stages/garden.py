"""Leaves of cut paper around a clearing."""

import numpy as np

from media.cel import Cel
from media.color import Rgb, lighter, mix
from media.draw import Box, blurred, curve
from model.animatic.shapes import corner_leaves, paint_leaf, paint_sprig
from model.animatic.site import EDGE, FLOOR, Piece, Site, Sway
from model.animatic.stages.stage import Stage


def garden(site: Site) -> Stage:
    """Leaves of cut paper in layers around a clearing."""
    p, unit = site.palette, site.unit
    x, y = site.product.center
    ground = p.tint(0.08)
    back = site.backdrop(3.2, ground)
    back.light(p.light, back.falloff(x, y, unit * 0.95, unit * 0.95) * np.float32(0.35))
    hill = site.ground(3.2, mix(ground, p.leaf(0.5), 0.34))
    hill.light(p.light, hill.falloff(x, site.product.bottom, unit * 0.8, unit * 0.2) * np.float32(0.25))
    hill.shade(hill.ramp((0, site.height * 0.80), (0, site.height * 1.12)) * np.float32(0.25), p.shadow)
    blob = _blob(site, x, y, mix(ground, p.accent, 0.55))
    far = _fan(site, 2.0, x, mix(p.primary, ground, 0.45), unit * 0.30)
    near = _fan(site, 1.35, x, p.leaf(0.16), unit * 0.22)
    return Stage(
        behind=(
            Piece(cel=back, depth=3.2, hides_from=0),
            Piece(cel=blob, depth=2.6, sway=Sway(y=unit * 0.006, period=6.5)),
            Piece(cel=far, depth=2.0, sway=Sway(angle=0.5, period=5.0), pivot=(x, site.product.bottom)),
            Piece(cel=hill, depth=FLOOR, hides_from=EDGE),
            Piece(
                cel=near,
                depth=1.35,
                sway=Sway(angle=0.7, period=4.2, phase=0.3),
                pivot=(x, site.product.bottom),
            ),
        ),
        before=(corner_leaves(site, -1, mix(p.deep, p.primary, 0.4)), corner_leaves(site, 1, p.leaf(0.30))),
    )


def _blob(site: Site, x: float, y: float, color: Rgb) -> Cel:
    unit = site.unit
    radius = max(site.product.width, site.product.height) * 0.62
    cel = Cel(Box(x - radius * 1.5, y - radius * 1.5, x + radius * 1.5, y + radius * 1.5))
    turns = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    lengths = radius * site.rng.uniform(0.82, 1.18, 8)
    points = np.stack([x + lengths * np.cos(turns), y + lengths * np.sin(turns)], axis=1)
    mask = cel.polygon(curve(points, closed=True))
    cel.paint(color, mask)
    cel.light(
        site.palette.light, cel.falloff(x - radius * 0.3, y - radius * 0.4, radius, radius) * np.float32(0.25)
    )
    soft = blurred(mask, unit * 0.003)
    cel.cut(np.maximum(soft, mask))
    return cel


def _fan(site: Site, depth: float, x: float, color: Rgb, reach: float) -> Cel:
    """Sprigs that rise behind the subject to both sides."""
    unit = site.unit
    foot = site.seam(depth) + unit * 0.02
    cel = Cel(Box(x - unit * 0.75, foot - reach * 2.4, x + unit * 0.75, foot + unit * 0.05))
    for order in range(6):
        side = -1 if order % 2 else 1
        start = x + side * (site.product.width * 0.30 + unit * 0.085 * (order // 2))
        lean = side * (0.25 + 0.22 * (order // 2)) * reach
        tall = reach * site.rng.uniform(1.0, 1.6) * (1 - 0.16 * (order // 2))
        words, tip = site.type_box, start + lean
        if (
            words.left - unit * 0.1 < tip < words.right + unit * 0.1
            and foot - tall < words.bottom + unit * 0.08
        ):
            continue
        path = curve([(start, foot), (start + lean * 0.3, foot - tall * 0.55), (start + lean, foot - tall)])
        paint_sprig(cel, path, unit * 0.10, lighter(color, site.rng.uniform(-0.03, 0.04)), pairs=6)
    paint_leaf(cel, (x, foot), unit * 0.1, 90, color)
    if depth > 1.8 and site.soft:
        cel.blur(site.soft * 0.5)
    return cel
