"""Designed grounds: an editorial split, a poster, soft light, a garden of cut paper, a city of lights."""

import numpy as np

from media.color import Rgb, lighter, mix
from media.draw import Box, Cel, blurred, curve, noise
from model.animatic.shapes import bokeh, corner_leaves, paint_leaf, paint_sprig
from model.animatic.site import FLOOR, Piece, Site, Sway
from model.animatic.stages.stage import Stage


def editorial(site: Site) -> Stage:
    """A page: paper, and a field of the brand's colour that the subject stands on."""
    p, unit = site.palette, site.unit
    paper = site.backdrop(1.9, p.paper if not p.dark else lighter(p.primary, 0.03))
    grain = noise(paper.width, paper.height, max(unit * 0.004, 2), site.rng, octaves=2)
    paper.paint(lighter(p.ground, -0.05), grain * np.float32(0.22))
    x, y = site.product.center
    color = p.primary if not p.dark else mix(p.paper, p.accent, 0.16)
    field = _field(site, color)
    ring = Cel(Box(x - unit * 0.5, y - unit * 0.5, x + unit * 0.5, y + unit * 0.5))
    radius = max(site.product.width, site.product.height * 0.72) * 0.56
    circle = ring.ellipse(x, y + site.product.height * 0.06, radius, radius)
    ring.paint(mix(color, p.accent, 0.82), circle)
    ring.light(p.light, ring.falloff(x - radius * 0.4, y - radius * 0.4, radius, radius) * np.float32(0.20))
    return Stage(
        behind=(
            Piece(cel=paper, depth=1.9, fills=True),
            Piece(cel=field, depth=1.55),
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
    ring = mix(ground, p.accent, 0.32) if p.dark else mix(ground, p.primary, 0.18)
    for order, radius in enumerate((0.95, 0.74, 0.55, 0.38)):
        mask = back.ellipse(x, y, radius * unit, radius * unit)
        back.paint(mix(ground, ring, 0.30 + 0.22 * order), mask)
    sun = Cel(Box(x - unit * 0.4, y - unit * 0.4, x + unit * 0.4, y + unit * 0.4))
    radius = max(site.product.width, site.product.height) * 0.40
    sun.paint(mix(p.accent, p.paper, 0.10) if p.dark else p.primary, sun.ellipse(x, y, radius, radius))
    dots = _halftone(site, sun, x, y, radius)
    sun.paint(lighter(ground, 0.05), dots * np.float32(0.35))
    grain = noise(back.width, back.height, max(unit * 0.003, 2), site.rng, octaves=1)
    back.paint(lighter(ground, 0.06), grain * np.float32(0.16))
    return Stage(
        behind=(
            Piece(cel=back, depth=2.4, fills=True),
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
    orb = Cel(Box(x - unit * 0.55, y - unit * 0.55, x + unit * 0.55, y + unit * 0.55))
    radius = max(site.product.width, site.product.height) * 0.56
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
        Box(-unit * 0.1, site.height * 0.55, site.width + unit * 0.1, site.height * 1.05),
        (unit * 0.02, unit * 0.07),
        tints,
    )
    return Stage(
        behind=(
            Piece(cel=back, depth=3.4, fills=True),
            Piece(cel=orb, depth=1.6, sway=Sway(x=unit * 0.006, y=unit * 0.008, period=6.5)),
        ),
        before=(Piece(cel=low, depth=0.72, sway=Sway(x=unit * 0.015, y=unit * 0.01, period=8.0)),),
    )


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
            Piece(cel=back, depth=3.2, fills=True),
            Piece(cel=blob, depth=2.6, sway=Sway(y=unit * 0.006, period=6.5)),
            Piece(cel=far, depth=2.0, sway=Sway(angle=0.5, period=5.0), pivot=(x, site.product.bottom)),
            Piece(cel=hill, depth=FLOOR),
            Piece(
                cel=near,
                depth=1.35,
                sway=Sway(angle=0.7, period=4.2, phase=0.3),
                pivot=(x, site.product.bottom),
            ),
        ),
        before=(corner_leaves(site, -1, mix(p.deep, p.primary, 0.4)), corner_leaves(site, 1, p.leaf(0.30))),
    )


def skyline(site: Site) -> Stage:
    """A city at dusk: two rows of lit houses, and lights out of focus."""
    p, unit = site.palette, site.unit
    horizon = site.seam(6.0)
    dusk = lighter(mix(p.primary, p.ink, 0.5), -0.05)
    sky = site.backdrop(10.0, dusk)
    warm = p.leaf(0.60)
    sky.paint(mix(dusk, warm, 0.75), sky.ramp((0, site.height * 0.10), (0, horizon)))
    sky.light(p.accent, sky.falloff(site.width * 0.5, horizon, unit * 1.1, unit * 0.6) * np.float32(0.40))
    far = _houses(site, 6.0, unit * 0.26, mix(dusk, warm, 0.42), mix(p.accent, p.light, 0.4), 0.24)
    near = _houses(site, 3.4, unit * 0.20, mix(dusk, warm, 0.16), mix(p.accent, p.light, 0.5), 0.42)
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
            Piece(cel=sky, depth=10.0, fills=True),
            Piece(cel=far, depth=6.0),
            Piece(cel=near, depth=3.4),
            Piece(cel=street, depth=FLOOR),
            Piece(cel=lights, depth=2.4, sway=Sway(x=unit * 0.008, period=7.0)),
        )
    )


def _field(site: Site, color: Rgb) -> Cel:
    """The half of the page that the subject has: beside the type in wide frames, below it in tall ones."""
    unit, box = site.unit, site.product
    cover = site.cover(1.55)
    if site.width > site.height * 1.2:
        left_side = box.center[0] < site.width / 2
        edge = site.width * 0.47 if left_side else site.width * 0.53
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


def _halftone(site: Site, cel: Cel, x: float, y: float, radius: float) -> np.ndarray:
    pitch = site.unit * 0.022
    columns = (np.arange(cel.width, dtype=np.float32) + cel.left)[None]
    rows = (np.arange(cel.height, dtype=np.float32) + cel.top)[:, None]
    u, v = (columns + rows) * 0.7071 / pitch, (columns - rows) * 0.7071 / pitch
    wave = np.cos(2 * np.pi * u) * np.cos(2 * np.pi * v)
    level = np.clip((rows - y) / radius, -1, 1)
    dots = 1 / (1 + np.exp(-(wave + level * 1.1 - 0.75) * pitch * 1.6))
    return dots.astype(np.float32) * cel.ellipse(x, y, radius, radius)


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
        path = curve([(start, foot), (start + lean * 0.3, foot - tall * 0.55), (start + lean, foot - tall)])
        paint_sprig(cel, path, unit * 0.10, lighter(color, site.rng.uniform(-0.03, 0.04)), pairs=6)
    paint_leaf(cel, (x, foot), unit * 0.1, 90, color)
    if depth > 1.8 and site.soft:
        cel.blur(site.soft * 0.5)
    return cel


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
