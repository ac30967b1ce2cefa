"""Draw the kits' logos: a mark and the name on a plate, so that they read on paper and on pictures alike.

    python brand_kits/make_logos.py

writes ``<kit>/logo.png`` (RGBA, 1200 px wide with its soft shadow). Needs the kits' fonts.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

HERE = Path(__file__).parent
FINE = 4
"""Drawn this many times larger, then reduced with Lanczos."""
SIZE = (1200, 380)
PLATE = (24, 18, 1176, 350)
"""Left, top, right, bottom of the plate within ``SIZE``; the rest is room for its shadow."""

Point = tuple[float, float]
Place = Callable[[list[Point]], list[Point]]


def curve(*points: Point) -> list[Point]:
    """Cubic Bézier pieces through ``p0, c, c, p1, c, c, p2, …`` as a polyline."""
    t = np.linspace(0, 1, 60)[:, None]
    line: list[Point] = []
    for start in range(0, len(points) - 1, 3):
        a, b, c, d = (np.array(p, float) for p in points[start : start + 4])
        piece = a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t**2 * (1 - t) + d * t**3
        line += [(float(x), float(y)) for x, y in piece]
    return line


BUD = curve((50, 90), (33, 68), (36, 34), (50, 6), (64, 34), (67, 68), (50, 90))
LEAF = curve((46, 94), (16, 92), (-2, 66), (3, 34), (29, 44), (44, 66), (46, 94))
"""One bud and two leaves, the tea picker's measure, in a square of 100."""


def tea_mark(draw: ImageDraw.ImageDraw, place: Place, light: str, accent: str, ground: str) -> None:
    draw.polygon(place(LEAF), fill=light)
    draw.polygon(place([(100 - x, y) for x, y in LEAF]), fill=light)
    grown = [(50 + 1.22 * (x - 50), 48 + 1.1 * (y - 48)) for x, y in BUD]
    draw.polygon(place(grown), fill=ground)
    draw.polygon(place(BUD), fill=accent)


SWELL = ((0, 0), (9, -9), (16, -9), (25, 0), (34, 9), (41, 9), (50, 0))
WAVE = curve(*SWELL, *((x + 50, y) for x, y in SWELL[1:]))


def harbor_mark(draw: ImageDraw.ImageDraw, place: Place, light: str, accent: str) -> None:
    """A bowl whose rim is the sea, and the sun above it."""
    left, top, right, bottom = 32, 2, 68, 38
    (x0, y0), (x1, y1) = place([(left, top), (right, bottom)])
    draw.ellipse((x0, y0, x1, y1), fill=accent)
    rim = [(x, 50 + 0.55 * y) for x, y in WAVE]
    bowl = curve(
        (100, 50), (99, 72), (84, 87), (66, 91), (66, 97), (34, 97), (34, 91), (16, 87), (1, 72), (0, 50)
    )
    draw.polygon(place(rim + bowl), fill=light)


def words(
    draw: ImageDraw.ImageDraw, text: str, font: Path, size: float, at: Point, width: float, fill: str
) -> None:
    """One line from ``at`` (left end of the baseline), letter-spaced to ``width``; final pixels."""
    face = ImageFont.truetype(font, round(size * FINE))
    natural = sum(face.getlength(c) for c in text)
    first, last = face.getbbox(text[0])[0], face.getlength(text[-1]) - face.getbbox(text[-1])[2]
    gap = (width * FINE - natural + first + last) / (len(text) - 1)
    x = at[0] * FINE - first
    for character in text:
        draw.text((x, at[1] * FINE), character, font=face, fill=fill, anchor="ls")
        x += face.getlength(character) + gap


def plate(color: str, keyline: str, radius: int) -> Image.Image:
    """The empty plate with its shadow, ``FINE`` times ``SIZE``."""
    size = (SIZE[0] * FINE, SIZE[1] * FINE)
    box = tuple(v * FINE for v in PLATE)
    shadow = Image.new("L", size)
    ImageDraw.Draw(shadow).rounded_rectangle(
        (box[0], box[1] + 8 * FINE, box[2], box[3] + 8 * FINE), radius * FINE, fill=90
    )
    image = Image.new("RGBA", size, color)
    image.putalpha(shadow.filter(ImageFilter.GaussianBlur(8 * FINE)))
    black = Image.new("RGBA", size, "#000000")
    black.putalpha(image.getchannel("A"))
    draw = ImageDraw.Draw(black)
    draw.rounded_rectangle(box, radius * FINE, fill=color)
    inset = 12 * FINE
    inner = (box[0] + inset, box[1] + inset, box[2] - inset, box[3] - inset)
    draw.rounded_rectangle(inner, (radius - 10) * FINE, outline=keyline, width=3 * FINE)
    return black


def placed(left: float, top: float, size: float) -> Place:
    """From a mark's square of 100 to the fine canvas."""
    return lambda points: [((left + x * size / 100) * FINE, (top + y * size / 100) * FINE) for x, y in points]


def qinghe_tea() -> Image.Image:
    fonts = HERE / "qinghe_tea" / "fonts"
    image = plate("#2A5740", "#6F9468", 46)
    draw = ImageDraw.Draw(image)
    tea_mark(draw, placed(84, 66, 226), "#FFFDF3", "#BFD96A", "#2A5740")
    words(draw, "清和茶事", fonts / "display.otf", 182, (360, 226), 748, "#FFFDF3")
    words(draw, "QINGHE TEA", fonts / "text.otf", 62, (366, 308), 736, "#DDE9B4")
    return image


def harbor_ceramics() -> Image.Image:
    fonts = HERE / "harbor_ceramics" / "fonts"
    image = plate("#17395A", "#4D6C8A", 30)
    draw = ImageDraw.Draw(image)
    harbor_mark(draw, placed(84, 64, 236), "#FBF6EC", "#E98A57")
    words(draw, "HARBOR", fonts / "display.otf", 160, (376, 204), 730, "#FBF6EC")
    words(draw, "CERAMICS·港窑", fonts / "text.otf", 78, (378, 304), 726, "#F0CDB4")
    return image


LOGOS = {"qinghe_tea": qinghe_tea, "harbor_ceramics": harbor_ceramics}


def main() -> None:
    for kit, draw_logo in LOGOS.items():
        image = draw_logo().resize(SIZE, Image.Resampling.LANCZOS)
        image.save(HERE / kit / "logo.png", optimize=True)
        print(f"{kit}/logo.png: {(HERE / kit / 'logo.png').stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
