"""What is printed on the products: labels as pictures, set in the kit's fonts."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).parents[2] / "brand_kits" / "qinghe_tea" / "fonts"
PAPER, INK, GREEN, LEAF, GOLD, SEAL = "#F4EEDD", "#1E3B2C", "#2A5740", "#A9C65A", "#C9A95C", "#B23A2A"
CELADON = "#BFD6C2"


def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"{name}.otf", size)


def leaf_mark(draw: ImageDraw.ImageDraw, x: float, y: float, size: float, fill: str, bud: str) -> None:
    """One bud and two leaves, centred on ``x``, standing on ``y``."""
    t = np.linspace(0, np.pi, 40)

    def blade(length: float, width: float, lean: float) -> list[tuple[float, float]]:
        along = np.concatenate([t / np.pi, t[::-1] / np.pi]) * length
        across = np.concatenate([np.sin(t) ** 0.8, -(np.sin(t[::-1]) ** 0.8)]) * width
        c, s = np.cos(lean), np.sin(lean)
        return [(x + c * a + s * b, y - c * b + s * a) for a, b in zip(across, along, strict=True)]

    for lean in (-0.75, 0.75):
        draw.polygon(blade(size * 0.85, size * 0.2, lean), fill=fill)
    draw.polygon(blade(size, size * 0.15, 0), fill=bud)


def column(
    draw: ImageDraw.ImageDraw,
    text: str,
    face: ImageFont.FreeTypeFont,
    x: float,
    y: float,
    pitch: float,
    fill: str,
) -> None:
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
