"""Photograph the example's products: every picture is made here, none is anybody else's.

    python examples/spring_tea/make_images.py [picture …]

writes ``images/*.png`` (cut-outs with alpha) and ``images/*.jpg`` (whole pictures). Needs the kit's fonts.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from solids import (  # noqa: E402  # The studio lies one folder up and is no package.
    Color,
    Distance,
    box,
    cut,
    grained,
    moved,
    pixels_of,
    placing,
    plain,
    sampled,
    spline,
    tube,
    turned,
    union,
    wrapped,
)
from studio import Camera, F, Points, Solid, Studio, develop, linear, photograph, smoothstep  # noqa: E402

FONTS = HERE.parents[1] / "brand_kits" / "qinghe_tea" / "fonts"
PAPER, INK, GREEN, LEAF, GOLD, SEAL = "#F4EEDD", "#1E3B2C", "#2A5740", "#A9C65A", "#C9A95C", "#B23A2A"
CELADON = "#BFD6C2"


def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"{name}.otf", size)


def leaf_mark(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, fill: str, bud: str) -> None:
    """One bud and two leaves, centred on ``x``, standing on ``y``."""
    t = np.linspace(0, np.pi, 40)

    def blade(length: float, width: float, lean: float) -> list[tuple[float, float]]:
        along = np.concatenate([t / np.pi, t[::-1] / np.pi]) * length
        across = np.concatenate([np.sin(t) ** 0.8, -np.sin(t[::-1]) ** 0.8]) * width
        c, s = np.cos(lean), np.sin(lean)
        return [(x + c * a + s * b, y - c * b + s * a) for a, b in zip(across, along, strict=True)]

    for lean in (-0.75, 0.75):
        draw.polygon(blade(size * 0.85, size * 0.2, lean), fill=fill)
    draw.polygon(blade(size, size * 0.15, 0), fill=bud)


def column(draw: ImageDraw.ImageDraw, text: str, face: ImageFont.FreeTypeFont, x: float, y: float, pitch: float, fill: str) -> None:
    """Words set from top to bottom, centred on ``x``."""
    for number, character in enumerate(text):
        draw.text((x, y + number * pitch), character, font=face, fill=fill, anchor="mm")


def tin_label() -> Image.Image:
    image = Image.new("RGBA", (1300, 1000), PAPER)
    draw = ImageDraw.Draw(image)
    for inset, width in ((26, 6), (42, 2)):
        draw.rectangle((inset, inset, 1300 - inset, 1000 - inset), outline=GOLD, width=width)
    column(draw, "春茶", font("display", 250), 650, 290, 270, INK)
    leaf_mark(draw, 650, 850, 130, GREEN, LEAF)
    column(draw, "清和茶事", font("text", 62), 905, 215, 84, GREEN)
    draw.rounded_rectangle((868, 560, 942, 700), 14, fill=SEAL)
    column(draw, "明前", font("display", 54), 905, 600, 60, PAPER)
    column(draw, "一芽二叶", font("text", 62), 395, 215, 84, GREEN)
    draw.text((650, 918), "QINGHE · SPRING TEA · 100 g", font=font("text", 44), fill=INK, anchor="mm")
    return image


def bottle_label() -> Image.Image:
    image = Image.new("RGBA", (900, 1000), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((30, 30, 870, 970), 60, fill="#F7F3E6")
    draw.rounded_rectangle((56, 56, 844, 944), 44, outline=GREEN, width=5)
    leaf_mark(draw, 450, 300, 190, GREEN, LEAF)
    draw.text((450, 450), "冷泡春茶", font=font("display", 164), fill=INK, anchor="mm")
    draw.text((450, 610), "COLD BREW", font=font("text", 92), fill=GREEN, anchor="mm")
    draw.line((250, 700, 650, 700), fill=GOLD, width=5)
    draw.text((450, 770), "无糖 · 350 ml", font=font("text", 68), fill=INK, anchor="mm")
    draw.text((450, 868), "清和茶事", font=font("display", 70), fill=GREEN, anchor="mm")
    return image


def pouch_print() -> Image.Image:
    image = Image.new("RGBA", (1000, 1360), "#E3EBCF")
    draw = ImageDraw.Draw(image)
    for hill, color in ((0, "#C9DAA8"), (1, "#A7C384"), (2, "#7FA568"), (3, "#4F7F55")):
        x = np.linspace(0, 1000, 200)
        y = 900 + hill * 105 + 70 * np.sin(x / (230 - 25 * hill) + 1.7 * hill) + 26 * np.sin(x / 71 + hill)
        draw.polygon([*zip(x, y, strict=True), (1000, 1360), (0, 1360)], fill=color)
        for row in range(1, 6):
            draw.line([*zip(x, y + row * 26 + 6 * np.sin(x / 90), strict=True)], fill="#FFFFFF30", width=3)
    draw.ellipse((640, 640, 800, 800), fill="#F3D58A")
    leaf_mark(draw, 500, 330, 130, GREEN, LEAF)
    draw.text((500, 450), "清和茶事", font=font("display", 150), fill=INK, anchor="mm")
    draw.text((500, 570), "原叶茶包 · 15 袋", font=font("text", 62), fill=GREEN, anchor="mm")
    draw.text((500, 1270), "WHOLE-LEAF TEA BAGS", font=font("text", 56), fill="#FFFDF3", anchor="mm")
    return image


def gift_top() -> Image.Image:
    image = Image.new("RGBA", (1300, 950), GREEN)
    draw = ImageDraw.Draw(image)
    for ring in range(60, 1700, 44):
        draw.ellipse((1000 - ring, 950 - ring, 1000 + ring, 950 + ring), outline="#37694E", width=5)
    draw.rectangle((40, 40, 1260, 910), outline=GOLD, width=6)
    draw.rectangle((470, 130, 830, 820), fill=PAPER, outline=GOLD, width=8)
    column(draw, "清和", font("display", 190), 650, 270, 200, INK)
    leaf_mark(draw, 650, 690, 120, GREEN, LEAF)
    draw.text((650, 760), "SPRING GIFT", font=font("text", 46), fill=INK, anchor="mm")
    return image


def tin(at: tuple[float, float, float] = (0, 0, 0), turn: float = 0.0) -> list[Solid]:
    side = turned([(0, 0), (0.74, 0), (0.8, 0.05), (0.8, 1.97), (0.775, 1.985), (0.775, 2.03), (0.815, 2.045), (0.815, 2.6), (0.77, 2.68), (0, 2.7)])
    body, label = grained("#214A36", 0.06, 3, 4), tin_label()

    def lacquer(p: Points, n: Points) -> Points:
        rim = ((np.abs(p[1] - 2.13) < 0.014) | (np.abs(p[1] - 0.13) < 0.014)) & (np.hypot(n[0], n[2]) > 0.5)
        return pixels_of(body(p, n), np.broadcast_to(linear(GOLD), p.shape), rim.astype(F) * F(0.9))

    return standing(side, wrapped(lacquer, label, 0.3, 1.8, 2.0), at, turn, height=2.7, roughness=0.2, mirror=0.05)


def standing(
    shape: Distance, color: Color, at: tuple[float, float, float], turn: float, *, height: float, roughness: float,
    mirror: float, wide: float = 0.0, glow: float = 0.0,
) -> list[Solid]:
    """One solid put on the table with its colour."""
    own = placing(at, turn)
    back = placing((0, 0, 0), -turn)
    return [
        Solid(
            distance=lambda p: shape(own(p)),
            color=lambda p, n: color(own(p), placing((0, 0, 0), turn)(n)),
            center=(at[0], at[1] + height / 2, at[2]),
            radius=max(height * 0.62, wide),
            roughness=roughness,
            mirror=mirror,
            glow=glow,
        )
    ] if back is not None else []


BOWL = spline(
    [(0, 0.02), (0.4, 0.02), (0.4, 0.02), (0.43, 0.14), (0.43, 0.14), (0.52, 0.2), (0.82, 0.48), (1.0, 0.95), (1.14, 1.3), (1.17, 1.34),
     (1.13, 1.35), (1.06, 1.22), (0.93, 0.92), (0.74, 0.5), (0.4, 0.28), (0, 0.24)]
)
SAUCER = spline([(0, -0.1), (0.5, -0.1), (0.5, -0.1), (1.15, 0.06), (1.38, 0.2), (1.41, 0.24), (1.36, 0.25), (1.1, 0.13), (0.5, 0.0), (0, 0.0)])
LID = spline(
    [(0, 0.0), (0.6, -0.06), (0.98, -0.2), (1.0, -0.24), (1.03, -0.2), (0.95, -0.06), (0.6, 0.14), (0.3, 0.22), (0.2, 0.26), (0.2, 0.26), (0.2, 0.36),
     (0.27, 0.42), (0.25, 0.44), (0.0, 0.42)]
)


def gaiwan(at: tuple[float, float, float] = (0, 0, 0), *, lid: bool = True) -> list[Solid]:
    glaze = grained(CELADON, 0.07, 2.2, 7)
    rim = linear("#E9E4CF")

    def celadon(p: Points, n: Points) -> Points:
        # Celadon runs thin and pale over edges.
        edge = smoothstep(1.29, 1.345, p[1]) * F(0.8)
        return pixels_of(glaze(p, n), np.broadcast_to(rim, p.shape), edge)

    solids = standing(turned(BOWL), celadon, (at[0], at[1] + 0.1, at[2]), 0, height=1.4, wide=1.5, roughness=0.05, mirror=0.055)
    solids += standing(turned(SAUCER), glaze, (at[0], at[1] + 0.1, at[2]), 0, height=0.3, wide=1.5, roughness=0.06, mirror=0.05)
    solids += standing(turned([(0, 0.9), (0.975, 0.9), (1.0, 1.06), (0, 1.06)], 0), plain("#B8A531"), (at[0], at[1] + 0.1, at[2]), 0, height=1.1, wide=1.4, roughness=0.03, mirror=0.04, glow=0.18)
    if lid:
        shape = moved(turned(LID), (at[0] + 1.5, at[1] + 0.98, at[2] + 0.28), 0.1, -1.05)
        solids.append(Solid(distance=shape, color=glaze, center=(at[0] + 1.5, at[1] + 0.98, at[2] + 0.28), radius=1.15, roughness=0.05, mirror=0.055))
    for number, (x, z, turn) in enumerate(((-0.35, 0.2, 0.4), (0.3, 0.35, 2.0), (0.1, -0.3, 1.1), (-0.45, -0.25, 2.7))):
        solids.append(tea_leaf((at[0] + x, at[1] + 1.16, at[2] + z), turn, 0.3, number))
    return solids


def tea_leaf(at: tuple[float, float, float], turn: float, size: float, kind: int, tilt: float = 0.0) -> Solid:
    """A steeped leaf, curled along its length."""
    along = np.linspace(-1, 1, 9)
    path = [(size * t, size * 0.2 * np.sin(2.2 * t + kind), size * 0.5 * np.cos(1.7 * t + kind)) for t in along]
    girth = size * 0.25 * np.cos(along * 1.35) ** 0.8 + 0.006
    shape = moved(tube(path, girth.tolist(), flat=0.32), at, turn, tilt)
    color = ("#6E8C2C", "#7F9B3A", "#5F7F2A", "#88A447")[kind % 4]
    return Solid(distance=shape, color=grained(color, 0.3, 9, kind), center=at, radius=size * 1.4, roughness=0.5, mirror=0.03, glow=0.12)


def teapot(at: tuple[float, float, float] = (0, 0, 0), turn: float = 0.0, clay: str = "#7A3F2C") -> list[Solid]:
    body = turned(spline([(0, 0.02), (0.62, 0.02), (0.62, 0.02), (0.66, 0.1), (1.0, 0.38), (1.2, 0.82), (1.08, 1.28), (0.7, 1.56), (0.6, 1.6), (0.6, 1.6), (0.58, 1.66), (0, 1.66)]))
    lid = turned(spline([(0, 1.6), (0.64, 1.66), (0.66, 1.7), (0.5, 1.8), (0.2, 1.9), (0.1, 1.95), (0.1, 1.95), (0.2, 2.05), (0.2, 2.17), (0.1, 2.24), (0, 2.25)]))
    spout = tube([(0.95, 0.6, 0), (1.35, 0.75, 0), (1.62, 1.1, 0), (1.86, 1.5, 0)], [0.3, 0.22, 0.16, 0.11])
    loop = spline([(-0.8, 1.4), (-1.2, 1.56), (-1.68, 1.46), (-1.86, 1.05), (-1.66, 0.62), (-1.05, 0.46)], fine=7)
    handle = tube([(x, y, 0) for x, y in loop], np.linspace(0.13, 0.1, len(loop)).tolist())
    whole = union(union(body, spout, handle, smooth=0.16), lid)
    return standing(whole, grained(clay, 0.12, 5, 12), at, turn, height=2.3, wide=2.1, roughness=0.32, mirror=0.045)


def gift_box(at: tuple[float, float, float] = (0, 0, 0), turn: float = 0.5) -> list[Solid]:
    base = box((1.66, 0.35, 1.21), (0, 0.36, 0), 0.02)
    cover = box((1.72, 0.26, 1.27), (0, 0.82, 0), 0.025)
    top = gift_top()

    def printed(p: Points, n: Points) -> Points:
        rgb, alpha = sampled(top, (p[0] / 3.44 + 0.5).astype(F), (p[2] / 2.54 + 0.5).astype(F))
        color = np.broadcast_to(linear(GREEN), p.shape).astype(F)
        lower = (p[1] < 0.555).astype(F)
        color = pixels_of(color, np.broadcast_to(linear("#E9DFC4"), p.shape), lower)
        color = pixels_of(color, np.broadcast_to(linear(GOLD), p.shape), ((np.abs(p[1] - 0.62) < 0.014) & (n[1] < 0.5)).astype(F))
        return pixels_of(color, rgb, alpha * (n[1] > 0.7))

    shape = union(base, cover)
    solids = standing(shape, printed, at, turn, height=1.1, wide=2.25, roughness=0.4, mirror=0.035)
    band = box((0.16, 0.545, 1.285), (1.1, 0.548, 0), 0.012)
    wax = turned(spline([(0, 1.06), (0.3, 1.06), (0.3, 1.06), (0.34, 1.11), (0.3, 1.15), (0.24, 1.13), (0.22, 1.13), (0, 1.14)]))
    solids += standing(band, plain("#C9AC68"), at, turn, height=1.3, wide=2.25, roughness=0.35, mirror=0.12)
    solids += standing(moved(wax, (1.1, 0, 0.35)), plain("#A8382A"), at, turn, height=1.3, wide=2.25, roughness=0.3, mirror=0.05)
    return solids


def pouch(at: tuple[float, float, float] = (0, 0, 0), turn: float = 0.0) -> list[Solid]:
    art = pouch_print()

    def shape(p: Points) -> Points:
        x, y = p[0], p[1]
        upward = np.clip(y / 2.9, 0, 1)
        belly = 0.46 * np.sqrt(1 - upward) * (1.25 - 0.25 * upward) * smoothstep(2.58, 2.2, y)
        across = np.clip(1 - (np.abs(x) / 1.06) ** 3.2, 0, 1)
        creases = 0.012 * np.sin(17 * x + 6 * y) * np.exp(-((y - 2.1) ** 2) / 0.1) * across
        ribs = 0.004 * np.sin(y * 110) * (y > 2.55)
        thick = 0.02 + belly * across**0.75 + creases + ribs
        edge = np.maximum(np.abs(x) - 1.06, np.maximum(-y, y - 2.9))
        return np.asarray(np.maximum((np.abs(p[2]) - thick) * F(0.55), edge), F)

    def printed(p: Points, n: Points) -> Points:
        rgb, alpha = sampled(art, (p[0] / 2.12 + 0.5).astype(F), (1 - p[1] / 2.9).astype(F))
        seal = (p[1] > 2.56).astype(F) * F(0.35)
        color = pixels_of(np.broadcast_to(linear("#DCE6C4"), p.shape).astype(F), rgb, alpha * (p[2] > -0.05))
        return pixels_of(color, np.broadcast_to(linear("#FFFFFF"), p.shape), seal)

    return standing(shape, printed, at, turn, height=2.9, wide=1.9, roughness=0.3, mirror=0.05)


TUMBLER = [(0, 0.0), (0.68, 0.0), (0.74, 0.05), (0.86, 2.5), (0.865, 2.53), (0.84, 2.54), (0.83, 2.5), (0.715, 0.2), (0, 0.18)]


def glass(outline: list[tuple[float, float]], height: float) -> Solid:
    return Solid(distance=turned(outline), color=plain("#DCE8E0"), center=(0, height / 2, 0), radius=height * 0.65, roughness=0.02, mirror=0.05)


def liquid(radius_low: float, radius_high: float, low: float, high: float, deep: str, clear: str) -> Solid:
    """Tea in a glass, brighter where the light comes through its middle."""
    dark, bright = linear(deep), linear(clear)

    def color(p: Points, n: Points) -> Points:
        through = smoothstep(0.1, 0.98, n[2]) * (0.55 + 0.45 * smoothstep(low, high, p[1]))
        return np.asarray(dark + (bright - dark) * through, F)

    shape = turned([(0, low), (radius_low, low), (radius_high, high), (0, high)], 0.0)
    return Solid(distance=shape, color=color, center=(0, (low + high) / 2, 0), radius=high * 0.75, roughness=0.05, mirror=0.02, glow=0.3)


def over(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Premultiplied light ``above`` over ``below``."""
    return np.asarray(above + below * (1 - above[..., 3:]), F)


def through(shell: np.ndarray, body: float, edge: float) -> np.ndarray:
    """A glass's photograph as a pane: what it mirrors stays, its body lets the rest through."""
    light, alpha = shell[..., :3], shell[..., 3:]
    gray = np.asarray(Image.fromarray((np.clip(light.mean(axis=2), 0, 1) * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(9)), F) / 255
    bright = np.clip((light.mean(axis=2) - 0.62) / 0.6, 0, 1)
    cover = np.clip(body + bright * 0.75 + edge * (gray < 0.3), 0, 1)[..., None] * alpha
    return np.concatenate([light * cover, cover], axis=2).astype(F)


def with_steam(picture: Image.Image, center: tuple[float, float], width: float, height: float, seed: int) -> Image.Image:
    """Wisps rising from ``center``, in fractions of the picture."""
    w, h = picture.size
    layer = np.zeros((h, w), F)
    rng = np.random.default_rng(seed)
    t = np.linspace(0, 1, 700)
    for _ in range(7):
        sway = sum(rng.normal(0, 0.3 / k) * np.sin(k * 3.1 * t + rng.uniform(0, 6)) for k in (1, 2, 3))
        x = (center[0] + width * (rng.uniform(-0.5, 0.5) + sway * (0.15 + t) * 0.6)) * w
        y = (center[1] - height * t) * h
        strength = np.sin(np.pi * t) ** 1.5 * rng.uniform(0.4, 1)
        inside = (x > 2) & (x < w - 2) & (y > 2)
        np.add.at(layer, (y[inside].astype(int), x[inside].astype(int)), strength[inside])
    soft = sum(cv2.GaussianBlur(layer, (0, 0), r * w) * r for r in (0.006, 0.012, 0.024))
    soft = soft / soft.max() * 0.42
    steam = Image.new("RGBA", picture.size, "#FFFFFF")
    steam.putalpha(Image.fromarray((soft * 255).astype(np.uint8)))
    result = picture.copy()
    result.alpha_composite(steam)
    return result


def front(lens: float, height: float, at: float, far: float = 12.0, x: float = 0.0) -> Camera:
    return Camera(eye=(x, height, far), at=(0, at, 0), lens=lens)


def tea_tin(size: float, fine: int) -> Image.Image:
    shot = photograph(Studio(solids=tin(turn=-0.22)), front(0.17, 3.6, 1.3), px(1000, 1500, size), fine=fine)
    return develop(shot)


def gaiwan_set(size: float, fine: int) -> Image.Image:
    shot = photograph(Studio(solids=gaiwan()), Camera(eye=(-0.6, 5.6, 10), at=(0.25, 1.0, 0), lens=0.37), px(1400, 1250, size), fine=fine)
    return with_steam(develop(shot), (0.41, 0.42), 0.22, 0.40, 5)


def clay_teapot(size: float, fine: int) -> Image.Image:
    shot = photograph(Studio(solids=teapot(turn=0.35)), Camera(eye=(0, 4.0, 11), at=(0.05, 1.05, 0), lens=0.37), px(1400, 950, size), fine=fine)
    return develop(shot)


def spring_gift(size: float, fine: int) -> Image.Image:
    shot = photograph(Studio(solids=gift_box(turn=0.42)), Camera(eye=(0, 7.5, 10), at=(0, 0.5, 0.05), lens=0.40), px(1400, 1000, size), fine=fine)
    return develop(shot)


def tea_bags(size: float, fine: int) -> Image.Image:
    shot = photograph(Studio(solids=pouch(turn=-0.3)), front(0.215, 3.2, 1.42), px(1050, 1400, size), fine=fine)
    return develop(shot)


def glass_cup(size: float, fine: int) -> Image.Image:
    camera, area = front(0.17, 4.0, 1.25), px(1000, 1450, size)
    tea = liquid(0.715, 0.835, 0.16, 2.2, "#59690F", "#C3C763")
    rng = np.random.default_rng(8)
    leaves = []
    for number in range(26):
        sunk = number < 15
        y = rng.uniform(0.3, 0.85) if sunk else rng.uniform(1.75, 2.12)
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.56)
        tilt = np.pi / 2 + rng.normal(0, 0.28)
        leaves.append(tea_leaf((reach * np.cos(angle), y, reach * np.sin(angle)), rng.uniform(0, 3), rng.uniform(0.2, 0.3), number, tilt))
    tea_shot = photograph(Studio(solids=[tea]), camera, area, fine=fine, bounces=0)
    leaf_shot = photograph(Studio(solids=leaves), camera, area, fine=fine, bounces=0)
    shell = through(photograph(Studio(solids=[glass(TUMBLER, 2.54)]), camera, area, fine=fine), 0.06, 0.0)
    picture = over(over(over(tea_shot * F(0.94), leaf_shot), tea_shot * F(0.3)), shell)
    return with_steam(develop(picture), (0.5, 0.20), 0.2, 0.2, 3)


def cold_brew(size: float, fine: int) -> Image.Image:
    camera, area = front(0.2, 3.2, 1.85), px(900, 1600, size)
    outline = spline([(0, 0), (0.66, 0), (0.74, 0.08), (0.74, 0.08), (0.74, 1.0), (0.74, 1.9), (0.7, 2.2), (0.5, 2.58), (0.34, 2.82), (0.32, 2.95), (0.32, 2.95), (0.32, 3.2), (0, 3.2)])
    tea_line = spline([(0, 0.06), (0.66, 0.06), (0.72, 0.12), (0.72, 0.12), (0.72, 1.0), (0.72, 1.9), (0.68, 2.2), (0.5, 2.55), (0.48, 2.58), (0.48, 2.58), (0, 2.58)])
    tea = liquid(0.6, 0.6, 0.1, 2.6, "#6E4A04", "#D8A82C")
    tea = Solid(distance=turned(tea_line, 0), color=tea.color, center=(0, 1.3, 0), radius=1.6, roughness=0.05, mirror=0.02, glow=0.28)
    cap = Solid(distance=turned([(0, 3.02), (0.36, 3.02), (0.38, 3.05), (0.38, 3.42), (0.35, 3.46), (0, 3.46)]), color=grained("#C49A62", 0.2, 7, 2), center=(0, 3.25, 0), radius=0.6, roughness=0.5, mirror=0.03)
    label = Solid(
        distance=turned([(0, 0.42), (0.752, 0.42), (0.752, 1.82), (0, 1.82)], 0),
        color=wrapped(plain("#F7F3E6"), bottle_label(), 0.42, 1.82, 1.75), center=(0, 1.1, 0), radius=1.1, roughness=0.45, mirror=0.04,
    )
    inside = photograph(Studio(solids=[tea]), camera, area, fine=fine, bounces=0)
    shell = through(photograph(Studio(solids=[glass(outline, 3.2)]), camera, area, fine=fine), 0.05, 0.0)
    paper = photograph(Studio(solids=[label]), camera, area, fine=fine)
    mask = label_mask(paper, camera, area, fine)
    wood = photograph(Studio(solids=[cap]), camera, area, fine=fine)
    return develop(over(over(over(inside * F(0.96), shell), paper * mask), wood))


def label_mask(paper: np.ndarray, camera: Camera, area: tuple[int, int], fine: int) -> np.ndarray:
    """Where the label's paper is, not the bare glass around it: the label's own alpha, wrapped."""
    art = bottle_label().getchannel("A")
    white = Image.merge("RGBA", (art, art, art, Image.new("L", art.size, 255)))
    shape = turned([(0, 0.42), (0.752, 0.42), (0.752, 1.82), (0, 1.82)], 0)
    flat = Studio(
        solids=[Solid(distance=shape, color=wrapped(plain("#000000"), white, 0.42, 1.82, 1.75), center=(0, 1.1, 0), radius=1.1, mirror=0.0, glow=1.0, roughness=1)],
        lights=Studio(solids=[]).lights, key=0.0, ambient=0.0,
    )
    shot = photograph(flat, camera, area, fine=fine, bounces=0)
    return np.clip(shot[..., :1] * 1.05, 0, 1) * (paper[..., 3:] > 0)


def dappled(p: Points) -> np.ndarray:
    """Sun through leaves beside a window: soft dark blades drifting over everything."""
    rng = np.random.default_rng(14)
    key = np.array((-0.75, 0.75, 0.7), F)
    # Seen along the light, so that a shadow lies the same over things and table.
    u, v = p[0] - p[1] * key[0] / key[1], p[2] - p[1] * key[2] / key[1]
    light = np.ones(p.shape[1], F)
    for _ in range(46):
        x, y, lean = rng.uniform(-7, 5), rng.uniform(-6, 4), rng.normal(0.6, 0.5)
        along = (u - x) * np.cos(lean) + (v - y) * np.sin(lean)
        across = -(u - x) * np.sin(lean) + (v - y) * np.cos(lean)
        blade = (along / 1.25) ** 2 + (across / (0.2 * np.sqrt(np.clip(1.2 - along, 0.05, 2.4)))) ** 2
        light *= 1 - 0.72 * smoothstep(1.5, 0.35, blade.astype(F))
    return np.asarray(0.12 + 0.88 * light, F)


def planks(p: Points, n: Points) -> Points:
    """An oiled table, its grain along x."""
    board = np.floor(p[2] / 1.9 + 0.35)
    wave = p[2] * 9 + 1.1 * np.sin(p[0] * 0.55 + board * 2.1) + 0.35 * np.sin(p[0] * 1.9 + board)
    grain = 0.5 + 0.5 * np.sin(wave * 2.3 + 0.8 * np.sin(wave * 0.9))
    fine = 0.5 + 0.5 * np.sin(p[2] * 130 + 7 * np.sin(p[0] * 0.8 + board))
    gap = smoothstep(0.018, 0.004, np.abs(p[2] / 1.9 + 0.35 - np.round(p[2] / 1.9 + 0.35)).astype(F) * F(1.9))
    tone = (0.80 + 0.13 * np.sin(board * 12.9)) * (0.86 + 0.12 * grain + 0.06 * fine) * (1 - 0.7 * gap)
    return np.asarray(linear("#9C7650") * tone, F)


def room_of(wall: str) -> list[Solid]:
    table = box((30, 1, 5.2), (0, -1, 0.4), 0.04)
    back = box((40, 30, 0.5), (0, 10, -6.2), 0.0)
    return [
        Solid(distance=table, color=planks, center=(0, 0, 0), radius=38, roughness=0.5, mirror=0.012),
        Solid(distance=back, color=grained(wall, 0.05, 1.2, 31), center=(0, 0, 0), radius=60, roughness=1, mirror=0.0),
    ]


def still_life(size: float, fine: int) -> Image.Image:
    rng = np.random.default_rng(4)
    dry = [
        tea_leaf((x, 0.05, z), rng.uniform(0, 6), rng.uniform(0.14, 0.2), k)
        for k, (x, z) in enumerate(zip(rng.normal(0.9, 0.55, 22), rng.normal(3.0, 0.3, 22), strict=True))
    ]
    things = [*tin((-2.7, 0, -0.2), -0.1), *teapot((2.35, 0, -0.7), 0.45), *gaiwan((-0.35, 0, 1.7)), *dry]
    studio = Studio(solids=[*room_of("#B9B59F"), *things], shade=dappled, key=1.7, ambient=0.42)
    shot = photograph(studio, Camera(eye=(0.2, 4.4, 13), at=(0.1, 1.05, 0), lens=0.60), px(1280, 880, size), fine=fine)
    return graded(develop(shot, 1.05))


def tea_hills(size: float, fine: int) -> Image.Image:
    """Terraces in the morning, painted: ridge behind ridge, paler with distance."""
    width, height = px(1280 * fine, 880 * fine, size)
    x = np.linspace(0, 1, width, dtype=F)
    y = np.linspace(0, 1, height, dtype=F)[:, None]
    sun = np.exp(-(((x - 0.68) / 0.5) ** 2 + ((y - 0.22) / 0.3) ** 2))[..., None]
    sky = linear("#BFD3D6")[:, 0] * (1 - y[..., None]) + linear("#F6E7CC")[:, 0] * y[..., None] * 1.1
    light = np.broadcast_to(sky, (height, width, 3)) * 0.85 + sun * linear("#FFE3AE")[:, 0] * 0.5
    rng = np.random.default_rng(23)
    for ridge in range(7):
        near = ridge / 6
        top = 0.36 + 0.075 * ridge + 0.018 * near * ridge
        for wave in range(1, 7):
            top = top + (0.075 - 0.03 * near) / wave**1.25 * np.sin(wave * (2.1 + 1.3 * near) * x * 2.4 + rng.uniform(0, 6.3))
        below = (y - top) / (0.10 + 0.30 * near)
        rows = 0.0 * x
        if ridge >= 2:
            # Tea is planted in rows along the contour; they crowd together towards the crest.
            bend = np.sqrt(np.clip(below, 0, None))
            phase = bend * (9 + 7 * near) + 1.3 * np.sin(x * (5 + 3 * near) + ridge) + 0.10 * np.sin(x * 160 + ridge * 9) * near
            rows = (0.5 + 0.5 * np.sin(phase * 2 * np.pi)) ** 0.7
            bush = cv2.GaussianBlur(rng.normal(0, 1, (height // 2, width // 2)).astype(F), (0, 0), (1.5 + 2.5 * near) * size * fine)
            rows = rows + near * 2.2 * cv2.resize(bush, (width, height)) * (rows > 0.35)
        slope = np.gradient(np.asarray(top, F)) * width
        lit = 0.74 - 0.16 * np.tanh(slope * 2.2)
        green = linear("#1F4A22")[:, 0] + (linear("#A9C95A")[:, 0] - linear("#1F4A22")[:, 0]) * np.clip(rows * 0.75 + 0.08, 0, 1)[..., None]
        color = green * np.broadcast_to(lit, (height, width))[..., None] * 1.25
        haze = (1 - near) ** 1.25 * 0.88
        mist = np.clip(haze + (1 - near) * 0.42 * np.clip(below * 1.3, 0, 1), 0, 0.96)[..., None]
        air = linear("#DCE6DC")[:, 0] * 0.85 + sun * linear("#FFE9C4")[:, 0] * 0.25
        color = color * (1 - mist) + air * mist
        cover = smoothstep(-0.0012, 0.0012, np.asarray(y - top, F))[..., None]
        light = light * (1 - cover) + color * cover
    shot = np.concatenate([light, np.ones((height, width, 1), F)], axis=2).astype(F)
    return graded(develop(shot, 0.95).resize(px(1280, 880, size), Image.Resampling.LANCZOS))


def graded(picture: Image.Image) -> Image.Image:
    """Darker corners, a little grain and glow: what a lens and a film add."""
    light = np.asarray(picture.convert("RGB"), F) / 255
    height, width = light.shape[:2]
    glow = cv2.GaussianBlur(np.maximum(light - 0.75, 0), (0, 0), width * 0.015)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    corners = 1 - 0.2 * smoothstep(0.5, 1.5, np.hypot(x, y).astype(F))[..., None]
    grain = np.random.default_rng(2).normal(0, 0.008, (height, width, 1))
    return Image.fromarray((np.clip((light + 0.7 * glow) * corners + grain, 0, 1) * 255).astype(np.uint8))


def px(width: int, height: int, size: float) -> tuple[int, int]:
    return round(width * size), round(height * size)


PICTURES: dict[str, Callable[[float, int], Image.Image]] = {
    "tea_tin.png": tea_tin,
    "gaiwan.png": gaiwan_set,
    "teapot.png": clay_teapot,
    "gift_box.png": spring_gift,
    "tea_bags.png": tea_bags,
    "glass_cup.png": glass_cup,
    "cold_brew.png": cold_brew,
    "still_life.jpg": still_life,
    "tea_hills.jpg": tea_hills,
}


def main(names: list[str], size: float = 0.8, fine: int = 2) -> None:
    (HERE / "images").mkdir(exist_ok=True)
    for name in names or PICTURES:
        picture = PICTURES[name](size if name.endswith(".png") else 1.0, fine)
        path = HERE / "images" / name
        if path.suffix == ".png":
            picture = picture.crop(picture.getchannel("A").point(lambda a: 255 * (a > 8)).getbbox())
            picture.save(path, optimize=True)
        else:
            picture.convert("RGB").save(path, quality=88, optimize=True, progressive=True)
        print(f"{name}: {picture.width} x {picture.height}, {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main(sys.argv[1:])
