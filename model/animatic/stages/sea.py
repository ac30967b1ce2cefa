"""A shore before open water."""

import numpy as np
from numpy.typing import NDArray

from media.cel import Cel
from media.color import lighter, mix
from media.draw import Box, blurred, noise
from model.animatic.site import EDGE, FLOOR, Piece, Site, Sway
from model.animatic.stages.sky import paint_sky
from model.animatic.stages.stage import Stage


def sea(site: Site) -> Stage:
    """A sun over open water, with light that glitters towards the viewer."""
    p, unit = site.palette, site.unit
    horizon = site.seam(30.0)
    sky = paint_sky(site, 30.0, horizon, sun_drop=0.16)
    deep = mix(p.primary, p.sky, 0.20)
    water = site.ground(30.0, mix(p.sky, p.primary, 0.42))
    water.paint(deep, water.ramp((0, horizon), (0, site.height * 0.95)))
    x = site.width * 0.5
    water.light(p.accent, water.falloff(x, horizon, unit * 0.42, site.height * 0.55) * np.float32(0.22))
    shore, opaque_from = _shore(site)
    glitter = _glitter(site, horizon, shore.top + unit * 0.06)
    return Stage(
        behind=(
            Piece(cel=sky, depth=30.0, hides_from=0),
            Piece(cel=water, depth=FLOOR, hides_from=EDGE),
            Piece(cel=glitter, depth=FLOOR, sway=Sway(x=unit * 0.012, y=unit * 0.003, period=3.1)),
            Piece(cel=shore, depth=FLOOR, hides_from=opaque_from),
        ),
    )


def _glitter(site: Site, horizon: float, bottom: float) -> Cel:
    p, unit = site.palette, site.unit
    box = site.ground(30.0, p.sky)
    cel = Cel(Box(box.left, horizon + 2, box.left + box.width, bottom))
    for _ in range(220):
        near = site.rng.random() ** 1.4
        y = horizon + 4 + (bottom - horizon) * near
        spread = unit * (0.05 + 0.42 * near)
        x = site.width * 0.5 + site.rng.normal() * spread * 0.6
        length = unit * (0.008 + 0.045 * near) * site.rng.uniform(0.4, 1.2)
        tall = unit * (0.0012 + 0.0022 * near)
        small = Cel(Box(x - length * 1.2, y - tall * 4, x + length * 1.2, y + tall * 4))
        mask = blurred(small.ellipse(x, y, length, tall), max(tall * 0.4, 0.5))
        color = p.light if site.rng.random() < 0.5 else mix(p.accent, p.light, 0.3)
        cel.stamp(color, mask * np.float32(site.rng.uniform(0.15, 0.6)), small.left, small.top)
    return cel


def _shore(site: Site) -> tuple[Cel, int]:
    """Sand under the subject, with the foam of the last wave; and its first opaque row."""
    p, unit = site.palette, site.unit
    rows = (site.product.bottom - site.lens.y) * 0.86 + site.lens.y
    ground = site.ground(1.9, p.paper)
    left, right = float(ground.left), float(ground.left + ground.width)
    bottom = float(ground.top + ground.height)
    x = np.linspace(left, right, 60)
    wave = unit * 0.014 * np.sin(x / unit * 5.2 + site.rng.uniform(0, 6)) + unit * 0.007 * np.sin(
        x / unit * 13
    )
    edge = np.stack([x, rows + wave], axis=1)
    cel = Cel(Box(left, float(edge[:, 1].min()) - unit * 0.04, right, bottom))
    sand = mix(p.primary, p.paper, 0.42) if p.dark else mix(p.paper, p.accent, 0.16)

    def beach(down: float) -> NDArray[np.float32]:
        return cel.polygon(np.concatenate([edge + np.array([0.0, down]), [(right, bottom), (left, bottom)]]))

    cel.paint(p.light, blurred(beach(-unit * 0.020), unit * 0.004) * np.float32(0.55))
    cel.paint(mix(sand, p.primary, 0.30), blurred(beach(-unit * 0.008), unit * 0.003))
    cel.paint(sand, blurred(beach(unit * 0.030), unit * 0.012))
    cel.paint(
        lighter(sand, -0.05),
        noise(cel.width, cel.height, unit * 0.01, site.rng, octaves=2) * cel.alpha * np.float32(0.35),
    )
    cel.shade(cel.ramp((0, site.height * 0.80), (0, site.height * 1.15)) * np.float32(0.30), p.shadow)
    return cel, int(edge[:, 1].max() - cel.top + unit * 0.03)
