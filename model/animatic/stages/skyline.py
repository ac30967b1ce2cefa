"""A city at dusk."""

import numpy as np

from media.cel import Cel
from media.color import Rgb, lighter, mix
from media.draw import Box
from model.animatic.shapes import bokeh
from model.animatic.site import EDGE, FLOOR, Piece, Site, Sway
from model.animatic.stages.stage import Stage


def skyline(site: Site) -> Stage:
    """A city at dusk: two rows of lit houses, and lights out of focus."""
    p, unit = site.palette, site.unit
    horizon = site.seam(6.0)
    dusk = lighter(mix(p.primary, p.ink, 0.5), -0.05)
    sky = site.backdrop(10.0, dusk)
    warm = p.leaf(0.60)
    sky.paint(mix(dusk, warm, 0.75), sky.ramp((0, site.height * 0.10), (0, horizon)))
    sky.light(p.accent, sky.falloff(site.width * 0.5, horizon, unit * 1.1, unit * 0.6) * np.float32(0.40))
    far = _houses(
        site, 6.0, min(unit * 0.26, horizon * 0.30), mix(dusk, warm, 0.42), mix(p.accent, p.light, 0.4), 0.24
    )
    near = _houses(
        site, 3.4, min(unit * 0.20, horizon * 0.24), mix(dusk, warm, 0.16), mix(p.accent, p.light, 0.5), 0.42
    )
    street = site.ground(3.4, lighter(dusk, -0.01))
    street.light(
        p.accent, street.falloff(site.width * 0.5, site.seam(3.4), unit * 1.1, unit * 0.26) * np.float32(0.26)
    )
    x = site.product.center[0]
    street.light(p.light, street.falloff(x, site.product.bottom, unit * 0.6, unit * 0.15) * np.float32(0.22))
    lights = bokeh(
        site,
        12,
        Box(-unit * 0.1, horizon - unit * 0.18, site.width + unit * 0.1, horizon + unit * 0.12),
        (unit * 0.012, unit * 0.042),
        (p.accent, p.light, warm),
    )
    return Stage(
        behind=(
            Piece(cel=sky, depth=10.0, hides_from=0),
            Piece(cel=far, depth=6.0),
            Piece(cel=near, depth=3.4),
            Piece(cel=street, depth=FLOOR, hides_from=EDGE),
            Piece(cel=lights, depth=2.4, sway=Sway(x=unit * 0.008, period=7.0)),
        )
    )


def _houses(site: Site, depth: float, height: float, color: Rgb, lamp: Rgb, lit: float) -> Cel:
    unit = site.unit
    foot = site.seam(depth) + 2
    cel = site.wall(depth, foot - height * 1.7, foot)
    x = float(cel.left)
    while x < cel.left + cel.width:
        wide = unit * site.rng.uniform(0.05, 0.13) * (1.4 if depth < 4 else 1.0)
        tall = height * site.rng.uniform(0.45, 1.55)
        shade = lighter(color, site.rng.uniform(-0.025, 0.025))
        cel.fill(
            shade, [(x, foot - tall), (x + wide - 1, foot - tall), (x + wide - 1, foot + 4), (x, foot + 4)]
        )
        pitch = unit * (0.016 if depth < 4 else 0.012)
        _windows(
            site,
            cel,
            Box(x + pitch * 0.6, foot - tall + pitch, x + wide - pitch * 0.6, foot),
            pitch,
            lamp,
            lit,
        )
        x += wide + unit * 0.004
    fade = cel.ramp((0, foot - height * 0.7), (0, foot))
    cel.paint(color, fade * cel.alpha * np.float32(0.55))
    if site.soft:
        cel.blur(site.soft * 0.6)
    return cel


def _windows(site: Site, cel: Cel, box: Box, pitch: float, lamp: Rgb, lit: float) -> None:
    for y in np.arange(box.top, box.bottom - pitch, pitch * 1.35):
        for x in np.arange(box.left, box.right - pitch * 0.6, pitch):
            if site.rng.random() < lit:
                share = np.float32(site.rng.uniform(0.25, 0.95))
                mask = np.full((max(round(pitch * 0.7), 1), max(round(pitch * 0.5), 1)), share, np.float32)
                cel.stamp(lamp, mask, round(x), round(y))
