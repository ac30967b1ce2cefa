"""Outdoors, as ink wash and cut paper: mountains, tea terraces, sea, a grove."""

import numpy as np

from media.color import Rgb, lighter, mix
from media.draw import Box, Cel, blurred, curve, ellipse_points, noise
from model.animatic.shapes import corner_leaves, disc, paint_ridge, ridge_line, soft_shadow, wash
from model.animatic.site import FLOOR, Piece, Site, Sway
from model.animatic.stages.stage import Stage


def ridges(site: Site) -> Stage:
    """Ink-wash mountains in mist over still water, with a sun."""
    p, unit = site.palette, site.unit
    horizon = site.seam(9.0)
    sky = _sky(site, 12.0, horizon)
    hills = (
        _ridge(site, 8.0, horizon + unit * 0.02, unit * 0.34, 0.24),
        _ridge(site, 5.0, horizon + unit * 0.04, unit * 0.25, 0.48),
        _ridge(site, 3.2, horizon + unit * 0.05, unit * 0.15, 0.80),
    )
    water = _water(site, mix(p.sky, p.tint(0.5), 0.30))
    mist = _mist(site, horizon, 4.0)
    return Stage(
        behind=(
            Piece(cel=sky, depth=12.0),
            Piece(cel=hills[0], depth=8.0),
            Piece(cel=hills[1], depth=5.0),
            mist,
            Piece(cel=hills[2], depth=3.2),
            Piece(cel=water, depth=FLOOR),
        ),
        before=(),
    )


def terraces(site: Site) -> Stage:
    """Rows of tea bushes that curve over hills in the morning."""
    p, unit = site.palette, site.unit
    horizon = site.seam(7.0)
    sky = _sky(site, 12.0, horizon)
    green = mix(p.primary, p.accent, 0.22)
    far = _ridge(site, 6.5, horizon + unit * 0.02, unit * 0.20, 0.34)
    middle = _tea_hill(site, 3.6, unit * 0.13, mix(green, p.sky, 0.34))
    field = _tea_rows(site, green)
    leaves = corner_leaves(site, 1 if site.product.center[0] < site.width / 2 else -1, top=True, color=p.deep)
    return Stage(
        behind=(
            Piece(cel=sky, depth=12.0),
            Piece(cel=far, depth=6.5),
            Piece(cel=middle, depth=3.6),
            Piece(cel=field, depth=FLOOR),
        ),
        before=(leaves,),
    )


def sea(site: Site) -> Stage:
    """A sun over open water, with light that glitters towards the viewer."""
    p, unit = site.palette, site.unit
    horizon = site.seam(30.0)
    sky = _sky(site, 30.0, horizon, sun_drop=0.16)
    deep = mix(p.primary, p.sky, 0.20)
    water = site.ground(30.0, mix(p.sky, p.primary, 0.42))
    water.paint(deep, water.ramp((0, horizon), (0, site.height * 0.95)))
    x = site.width * 0.5
    water.light(p.accent, water.falloff(x, horizon, unit * 0.42, site.height * 0.55) * np.float32(0.22))
    glitter = _glitter(site, horizon)
    return Stage(
        behind=(
            Piece(cel=sky, depth=30.0),
            Piece(cel=water, depth=FLOOR),
            Piece(cel=glitter, depth=FLOOR, sway=Sway(x=unit * 0.012, y=unit * 0.003, period=3.1)),
        ),
        before=(),
    )


def grove(site: Site) -> Stage:
    """Bamboo in three distances, with light falling through it."""
    p, unit = site.palette, site.unit
    air = mix(p.sky, p.primary, 0.14)
    back = site.backdrop(7.0, air)
    back.light(
        p.light,
        back.falloff(site.width * 0.62, site.height * 0.22, unit * 1.0, unit * 0.9) * np.float32(0.55),
    )
    x = site.product.center[0]
    far = _stems(site, 4.2, 9, unit * 0.020, mix(p.primary, air, 0.66), x, 0.0)
    near = _stems(site, 2.2, 6, unit * 0.040, mix(p.primary, air, 0.26), x, unit * 0.30)
    floor = site.ground(4.2, mix(p.primary, air, 0.30))
    floor.paint(air, 1 - floor.ramp((0, site.seam(4.2)), (0, site.seam(4.2) + unit * 0.14)))
    floor.light(p.accent, floor.falloff(x, site.product.bottom, unit * 0.7, unit * 0.2) * np.float32(0.25))
    soft_shadow(
        floor, x, site.product.bottom + unit * 0.01, site.product.width * 0.6, unit * 0.02, p.shadow, 0.4
    )
    rays = _rays(site)
    return Stage(
        behind=(
            Piece(cel=back, depth=7.0),
            Piece(cel=far, depth=4.2),
            Piece(cel=floor, depth=FLOOR),
            Piece(cel=near, depth=2.2),
            rays,
        ),
        before=(corner_leaves(site, -1, top=True, color=mix(p.primary, p.accent, 0.25)),),
    )


def _sky(site: Site, depth: float, horizon: float, *, sun_drop: float = 0.30) -> Cel:
    p, unit = site.palette, site.unit
    sky = site.backdrop(depth, p.sky)
    high = mix(p.primary, p.sky, 0.35) if p.dark else mix(p.sky, p.primary, 0.16)
    sky.paint(high, 1 - sky.ramp((0, -site.height * 0.05), (0, horizon * 0.9)))
    wash(sky, lighter(high, -0.03), unit * 0.9, 0.30, site.rng)
    sky.light(mix(p.light, p.accent, 0.3), sky.ramp((0, horizon * 0.35), (0, horizon)) * np.float32(0.35))
    beside = site.width * (0.70 if site.product.center[0] < site.width * 0.55 else 0.30)
    disc(sky, beside, max(horizon - unit * sun_drop, site.height * 0.24), unit * 0.085, p.glow(0.85), 0.35)
    return sky


def _ridge(site: Site, depth: float, base: float, height: float, weight: float) -> Cel:
    p = site.palette
    cel = site.wall(depth, base - height * 1.05, base + site.unit * 0.12)
    left, right = cel.left, cel.left + cel.width
    line = ridge_line(left, right, base, height, site.rng)
    paint_ridge(cel, line, mix(p.sky, p.deep, weight), mix(p.sky, p.deep, weight * 0.16), height * 1.05)
    wash(cel, mix(p.sky, p.deep, min(weight + 0.15, 1)), height * 0.5, 0.16, site.rng)
    return cel


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
        water.paint(
            p.light, blurred(water.stroke(line, 1 + 2.0 * near), 0.8) * np.float32(0.20 + 0.18 * near)
        )
    x, base = site.product.center[0], site.product.bottom
    soft_shadow(water, x, base + unit * 0.016, site.product.width * 0.66, unit * 0.022, p.shadow, 0.34)
    return water


def _tea_hill(site: Site, depth: float, height: float, color: Rgb) -> Cel:
    unit = site.unit
    base = site.seam(depth) + unit * 0.05
    cel = site.wall(depth, base - height * 1.3, base + unit * 0.03)
    left, right = cel.left, cel.left + cel.width
    line = ridge_line(left, right, base - unit * 0.02, height, site.rng, rough=0.30)
    paint_ridge(cel, line, color, lighter(color, -0.03), height * 2)
    for step in range(1, 9):
        drop = height * 0.16 * step
        row = line + np.array([0.0, drop])
        shade = cel.stroke(row, max(unit * 0.006, 1)) * cel.alpha
        cel.paint(lighter(color, -0.08), blurred(shade, 0.7) * np.float32(0.55))
    return cel


def _tea_rows(site: Site, color: Rgb) -> Cel:
    """Bush rows on the floor, drawn to the vanishing point, with round tops that catch the light."""
    p, unit = site.palette, site.unit
    seam = site.seam(3.6)
    field = site.ground(3.6, lighter(color, -0.10))
    rows = np.arange(field.height, dtype=np.float32)[:, None] + field.top
    columns = np.arange(field.width, dtype=np.float32)[None, :] + field.left
    distance = (site.product.bottom - site.lens.y) / np.maximum(rows - site.lens.y, 1.0)
    world = (columns - site.width * 0.5) * distance / unit
    bend = 0.34 * np.sin(distance * 2.1 + site.rng.uniform(0, 6)) + 0.22 * distance
    wave = (world + bend) * 5.2
    top = np.cos(2 * np.pi * wave)
    fine = noise(field.width, field.height, unit * 0.016, site.rng, octaves=2)
    lit = np.clip(0.5 + 0.62 * np.sin(2 * np.pi * wave + 0.9) + 0.5 * (fine - 0.5), 0, 1).astype(np.float32)
    bush = (1 / (1 + np.exp(-(top + 0.35) * 5.5))).astype(np.float32)
    near = np.clip((rows - seam) / (site.height - seam), 0, 1).astype(np.float32)
    field.paint(lighter(color, 0.015), bush)
    field.paint(mix(lighter(color, 0.16), p.accent, 0.30), bush * lit * np.float32(0.75))
    field.paint(mix(color, p.sky, 0.62), np.broadcast_to((1 - near) ** 2.2 * 0.85, bush.shape))
    field.shade(field.ramp((0, site.height * 0.80), (0, site.height * 1.12)) * np.float32(0.45), p.shadow)
    x, base = site.product.center[0], site.product.bottom
    soft_shadow(field, x, base + unit * 0.012, site.product.width * 0.62, unit * 0.024, p.shadow, 0.5)
    return field


def _glitter(site: Site, horizon: float) -> Cel:
    p, unit = site.palette, site.unit
    box = site.ground(30.0, p.sky)
    cel = Cel(Box(box.left, horizon + 2, box.left + box.width, box.top + box.height))
    for _ in range(150):
        near = site.rng.random() ** 1.4
        y = horizon + 4 + (site.height * 1.05 - horizon) * near
        spread = unit * (0.06 + 0.75 * near)
        x = site.width * 0.5 + site.rng.normal() * spread * 0.6
        length = unit * (0.010 + 0.10 * near) * site.rng.uniform(0.4, 1.2)
        tall = unit * (0.0012 + 0.006 * near)
        small = Cel(Box(x - length * 1.2, y - tall * 4, x + length * 1.2, y + tall * 4))
        mask = blurred(small.ellipse(x, y, length, tall), max(tall * 0.4, 0.5))
        color = p.light if site.rng.random() < 0.5 else mix(p.accent, p.light, 0.3)
        cel.stamp(color, mask * np.float32(site.rng.uniform(0.15, 0.6)), small.left, small.top)
    return cel


def _stems(site: Site, depth: float, count: int, width: float, color: Rgb, x: float, clear: float) -> Cel:
    cover = site.cover(depth)
    foot = site.seam(depth) + site.unit * 0.02
    cel = site.wall(depth, cover.top, foot)
    for order in range(count):
        left = cover.left + cover.width * (order + site.rng.uniform(0.15, 0.85)) / count
        if abs(left - x) < clear:
            continue
        thick = width * site.rng.uniform(0.7, 1.2)
        lean = site.rng.uniform(-0.04, 0.04) * cel.height
        y = foot
        while y > cel.top - 4:
            joint = thick * site.rng.uniform(5.5, 7.5)
            share = [(foot - v) / cel.height for v in (y, y - joint)]
            a, b = left + lean * share[0], left + lean * share[1]
            upper, lower = y - joint + 1, y
            tone = lighter(color, site.rng.uniform(-0.02, 0.02))
            cel.fill(
                tone,
                [
                    (a - thick / 2, lower),
                    (a + thick / 2, lower),
                    (b + thick / 2, upper),
                    (b - thick / 2, upper),
                ],
            )
            for share, width in ((0.35, 0.42), (0.5, 0.22)):
                edge = [(a - thick * 0.46, lower), (a - thick * (0.46 - width), lower)]
                edge += [(b - thick * (0.46 - width), upper), (b - thick * 0.46, upper)]
                cel.fill(lighter(color, 0.07), edge, share)
            cel.fill(lighter(color, -0.06), ellipse_points(b, y - joint, thick * 0.56, max(thick * 0.09, 1)))
            y -= joint
    if site.soft:
        cel.blur(site.soft * min(depth / 4, 1))
    return cel


def _rays(site: Site) -> Piece:
    p, unit = site.palette, site.unit
    cel = Cel(Box(-unit * 0.1, -unit * 0.1, site.width + unit * 0.1, site.height * 0.72))
    mask = np.zeros_like(cel.alpha)
    source = (site.width * 0.72, -unit * 0.35)
    for turn in (18, 27, 33, 45):
        spread = site.rng.uniform(1.6, 3.6)
        reach = unit * 2.4
        ends = [
            (source[0] - reach * np.sin(np.radians(a)), source[1] + reach * np.cos(np.radians(a)))
            for a in (turn - spread, turn + spread)
        ]
        mask += cel.polygon([source, *ends]) * np.float32(site.rng.uniform(0.5, 1.0))
    fade = 1 - cel.ramp((0, site.height * 0.05), (0, site.height * 0.70))
    cel.paint(p.light, blurred(np.minimum(mask, 1), unit * 0.014) * fade * np.float32(0.30))
    return Piece(cel=cel, depth=2.0, sway=Sway(angle=0.8, period=7.0), pivot=source)
