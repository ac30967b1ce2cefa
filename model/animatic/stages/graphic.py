"""Designed grounds: an editorial page, a poster in two inks, soft light."""

import numpy as np

from media.cel import Cel
from media.color import Rgb, lighter, mix
from media.draw import Box, Mask, blurred, noise
from model.animatic.shapes import bokeh
from model.animatic.site import EDGE, Piece, Site, Sway
from model.animatic.stages.stage import Stage


def editorial(site: Site) -> Stage:
    """A page: paper, and a field of the brand's colour that the subject stands on."""
    p, unit = site.palette, site.unit
    paper = site.backdrop(1.9, p.paper if not p.dark else lighter(p.primary, 0.03))
    grain = noise(paper.width, paper.height, max(unit * 0.004, 2), site.rng, octaves=2)
    paper.paint(lighter(p.ground, -0.05), grain * np.float32(0.22))
    x, y = site.product.center
    color = p.primary if not p.dark else mix(p.paper, p.accent, 0.16)
    beside = site.width > site.height * 1.2 and site.type_box.width > 0
    field = _field(site, color, beside=beside)
    radius, low = max(site.product.width, site.product.height * 0.72) * 0.56, y + site.product.height * 0.06
    ring = Cel(Box(x - radius - 2, low - radius - 2, x + radius + 2, low + radius + 2))
    circle = ring.ellipse(x, low, radius, radius)
    ring.paint(mix(color, p.accent, 0.82), circle)
    ring.light(p.light, ring.falloff(x - radius * 0.4, y - radius * 0.4, radius, radius) * np.float32(0.20))
    return Stage(
        behind=(
            Piece(cel=paper, depth=1.9, hides_from=0),
            Piece(cel=field, depth=1.55, hides_from=None if beside else EDGE),
            Piece(cel=ring, depth=1.28, sway=Sway(y=unit * 0.004, period=5.5)),
        )
    )


def poster(site: Site) -> Stage:
    """Concentric circles behind the subject, as printed in two inks."""
    p, unit = site.palette, site.unit
    ground = p.primary if p.dark else mix(p.paper, p.accent, 0.20)
    back = site.backdrop(2.4, ground)
    x, y = site.product.center
    back.paint(lighter(ground, -0.06), back.ramp((0, site.height * 0.3), (0, site.height * 1.1)))
    ring = p.leaf(0.34) if p.dark else mix(ground, p.primary, 0.18)
    for order, radius in enumerate((0.95, 0.74, 0.55, 0.38)):
        mask = back.ellipse(x, y, radius * unit, radius * unit)
        back.paint(mix(ground, ring, 0.30 + 0.22 * order), mask)
    radius = max(site.product.width, site.product.height) * 0.40
    sun = Cel(Box(x - radius - 2, y - radius - 2, x + radius + 2, y + radius + 2))
    sun.paint(mix(p.accent, p.paper, 0.10) if p.dark else p.primary, sun.ellipse(x, y, radius, radius))
    dots = _halftone(site, sun, x, y, radius)
    sun.paint(lighter(ground, 0.05), dots * np.float32(0.35))
    grain = noise(back.width, back.height, max(unit * 0.003, 2), site.rng, octaves=1)
    back.paint(lighter(ground, 0.06), grain * np.float32(0.16))
    return Stage(
        behind=(
            Piece(cel=back, depth=2.4, hides_from=0),
            Piece(cel=sun, depth=1.45, sway=Sway(y=unit * 0.005, period=6.0)),
        )
    )


def glow(site: Site) -> Stage:
    """Large soft lights in the brand's colours around the subject."""
    p, unit = site.palette, site.unit
    x, y = site.product.center
    back = site.backdrop(3.4, p.deep if p.dark else mix(p.paper, p.primary, 0.08))
    spots = (
        (x, y, 1.05, p.leaf(0.30) if p.dark else p.light, 0.95),
        (site.width - x, site.height * 0.15, 0.95, p.tint(0.30), 0.70),
        (x + unit * 0.35, site.height * 0.95, 0.85, p.leaf(0.55), 0.42),
        (x - unit * 0.45, y - unit * 0.35, 0.60, p.accent, 0.34),
    )
    for px, py, radius, color, share in spots:
        back.paint(color, back.falloff(px, py, radius * unit, radius * unit) * np.float32(share))
    radius = max(site.product.width, site.product.height) * 0.56
    orb = Cel(Box(x - radius - 2, y - radius - 2, x + radius + 2, y + radius + 2))
    rim = orb.ellipse(x, y, radius, radius)
    inner = blurred(
        orb.ellipse(x + radius * 0.06, y + radius * 0.06, radius * 0.96, radius * 0.96), radius * 0.10
    )
    orb.paint(p.light, rim * (1 - inner) * np.float32(0.60))
    orb.paint(p.light, rim * np.float32(0.07))
    tints = (p.light, p.accent, mix(p.accent, p.light, 0.5))
    low = bokeh(
        site,
        9,
        Box(-unit * 0.1, site.height * 0.70, site.width + unit * 0.1, site.height * 1.05),
        (unit * 0.02, unit * 0.07),
        tints,
    )
    return Stage(
        behind=(
            Piece(cel=back, depth=3.4, hides_from=0),
            Piece(cel=orb, depth=1.6, sway=Sway(x=unit * 0.006, y=unit * 0.008, period=6.5)),
        ),
        before=(Piece(cel=low, depth=0.72, sway=Sway(x=unit * 0.015, y=unit * 0.01, period=8.0)),),
    )


def _field(site: Site, color: Rgb, *, beside: bool) -> Cel:
    """The half of the page that the subject has: beside the type in wide frames, below it in tall ones."""
    unit, box = site.unit, site.product
    cover = site.cover(1.55)
    if beside:
        left_side = box.center[0] < site.width / 2
        edge = site.width * 0.445 if left_side else site.width * 0.555
        area = (
            Box(cover.left, cover.top, edge, cover.bottom)
            if left_side
            else Box(edge, cover.top, cover.right, cover.bottom)
        )
    else:
        area = Box(cover.left, box.top + box.height * 0.30, cover.right, cover.bottom)
    cel = Cel(area, color)
    cel.paint(lighter(color, -0.05), cel.ramp((0, area.top), (0, site.height)))
    x, y = box.center
    cel.light(site.palette.light, cel.falloff(x, y, unit * 0.8, unit * 0.8) * np.float32(0.12))
    return cel


def _halftone(site: Site, cel: Cel, x: float, y: float, radius: float) -> Mask:
    pitch = site.unit * 0.022
    columns = (np.arange(cel.width, dtype=np.float32) + cel.left)[None]
    rows = (np.arange(cel.height, dtype=np.float32) + cel.top)[:, None]
    u, v = (columns + rows) * 0.7071 / pitch, (columns - rows) * 0.7071 / pitch
    wave = np.cos(2 * np.pi * u) * np.cos(2 * np.pi * v)
    level = np.clip((rows - y) / radius, -1, 1)
    dots = 1 / (1 + np.exp(-(wave + level * 1.1 - 0.75) * pitch * 1.6))
    shape: Mask = dots.astype(np.float32) * cel.ellipse(x, y, radius, radius)
    return shape
