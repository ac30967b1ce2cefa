"""The brand's marks as drawings: logo, AI label, price tag, QR code, lower third and small print.

Each is drawn once at the size of its delivery, from the kit's colours and fonts and the row's words.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import segno
from PIL import Image, ImageColor, ImageDraw

from campaign.brand_kit import BrandKit
from campaign.errors import FinishError
from campaign.file_cache import cached_by_file
from finishing.labels import label_size
from finishing.overlay import Canvas, Drawing
from media.animation import read_animation
from media.color import color_luminance, contrast, parse_color
from media.draw import ink_box
from media.picture import read_picture
from media.text import Rgba, TextStyle, break_lines, check_glyphs, draw_text, fit_lines

_PLATE_ACROSS, _PLATE_DOWN = 0.34, 0.24
"""Room around the label's letters on their plate, in em."""
PLATE_OPACITY = 0.72
"""White letters keep a contrast above 5 : 1 even over a white picture, the picture still shows through."""
_FINE = 4
"""Plates are drawn this much larger and shrunk, for smooth corners."""
_QUIET_ZONE = 4
"""Modules around a QR code (ISO/IEC 18004, 6.3.8)."""
_SMALLEST_MODULE = 2
"""Pixels; smaller ones do not survive encoding."""
_LEGAL_WIDTH = 0.96
"""Of what may stand centred on the frame."""
_WIDEST_THIRD = 0.72
"""Of the safe area's width."""
_SMALLER = (1.0, 0.92, 0.84, 0.76, 0.68, 0.6)
"""Sizes that are tried for words that must stay on one line."""


def draw_logo(kit: BrandKit, canvas: Canvas) -> Drawing:
    """The kit's logo as it lies in that aspect, moving where the kit has it move.

    Raises:
        FinishError: the file is not a picture, or one that moves is too long or too large.
    """
    place = kit.logo.place(canvas.aspect)
    assert place.height is not None and place.margin is not None and place.opacity is not None
    file, height = kit.logo.file, round(place.height * canvas.short_side)
    animation = read_animation(kit.logo.moving.file, height, place.opacity) if kit.logo.moving else None
    return Drawing(
        name="logo",
        rgba=animation.fullest if animation else _logo(file, height, place.opacity),
        corner=place.corner or kit.logo.corner,
        margin=round(place.margin * canvas.short_side),
        animation=animation,
    )


@cached_by_file(32)
def _logo(file: Path, height: int, opacity: float) -> Rgba:
    pixels = read_picture(file, height)
    pixels[..., 3] = np.rint(pixels[..., 3] * opacity)
    # Many spots share it.
    pixels.setflags(write=False)
    return pixels


def draw_label(kit: BrandKit, words: str, canvas: Canvas) -> Drawing:
    """The visible AI-content label on its plate.

    Raises:
        GlyphError: the kit's text font lacks a character of ``words``.
    """
    style = TextStyle(font=kit.fonts.text.file, size=label_size(canvas.short_side), color=kit.colors.light)
    return Drawing(name="AI label", rgba=_label(words, style, kit.colors.ink), corner=kit.ai_label.corner)


@lru_cache(maxsize=32)
def _label(words: str, style: TextStyle, ground: str) -> Rgba:
    letters = _cut(draw_text((words,), style))
    across, down = round(style.size * _PLATE_ACROSS), round(style.size * _PLATE_DOWN)
    height, width = letters.shape[:2]
    drawn = plate(width + 2 * across, height + 2 * down, ground, PLATE_OPACITY)
    drawn.alpha_composite(Image.fromarray(letters), (across, down))
    return np.array(drawn)


def draw_price(kit: BrandKit, words: str, canvas: Canvas) -> Drawing:
    """A tag of the accent colour: the price, and what follows a bar in small type under it.

    Raises:
        GlyphError: a font of the kit lacks a character.
        TextFitError: the words are longer than the safe area is wide.
    """
    price, note = parted(words)
    size, room = kit.price.size * canvas.short_side, canvas.safe.width * 0.6
    ink = readable(kit.colors.accent, kit.colors.ink, kit.colors.light)
    rows = [_line(price, kit.fonts.display.file, size, ink, room)]
    if note:
        rows.append(_line(note, kit.fonts.text.file, size * 0.42, ink, room))
    return Drawing(
        name="price tag",
        rgba=_on_plate(
            rows, kit.colors.accent, 0.97, round(size * 0.42), round(size * 0.3), round(size * 0.2)
        ),
        corner=kit.price.corner,
    )


def draw_lower_third(kit: BrandKit, words: str, canvas: Canvas) -> Drawing:
    """A name and a line under it on the brand's colour, with a bar of the accent at its left.

    Raises:
        GlyphError: a font of the kit lacks a character.
        TextFitError: a line is longer than there is room.
    """
    name, line = parted(words)
    size, room = kit.lower_third.size * canvas.short_side, canvas.safe.width * _WIDEST_THIRD
    ink = readable(kit.colors.primary, kit.colors.light, kit.colors.ink)
    rows = [_line(name, kit.fonts.display.file, size, ink, room)]
    if line:
        rows.append(_line(line, kit.fonts.text.file, size * 0.64, ink, room))
    bar = max(round(size * 0.16), 3)
    pixels = _on_plate(
        rows, kit.colors.primary, 0.92, round(size * 0.6), round(size * 0.42), round(size * 0.34), left=True
    )
    pixels[:, :bar] = (*ImageColor.getrgb(kit.colors.accent)[:3], 255)
    return Drawing(name="lower third", rgba=pixels, corner=kit.lower_third.corner)


def draw_qr(kit: BrandKit, link: str, canvas: Canvas) -> Drawing:
    """``link`` as a QR code with its quiet zone, dark on white.

    Raises:
        FinishError: at that size its modules are too small to be read off a screen.
    """
    room = round(kit.qr.size * canvas.short_side)
    return Drawing(name="QR code", rgba=qr_pixels(link, room, kit.colors.ink), corner=kit.qr.corner)


def qr_pixels(link: str, room: int, dark: str) -> Rgba:
    """The code at the largest whole size of module that ``room`` pixels hold, error correction M.

    Raises:
        FinishError: that size is under `_SMALLEST_MODULE` pixels.
    """
    matrix = np.array([list(row) for row in segno.make(link, error="m", micro=False).matrix], dtype=np.uint8)
    matrix = np.pad(matrix, _QUIET_ZONE)
    module = room // len(matrix)
    if module < _SMALLEST_MODULE:
        raise FinishError(
            "QR code",
            f"{len(link)} characters need {len(matrix)} modules of at least {_SMALLEST_MODULE} px, "
            f"but the code has {room} px. Shorten the link, or raise qr.size in the brand kit.",
        )
    # A phone wants a dark code: a pale brand colour gives way to black.
    pale = contrast(color_luminance(parse_color(dark)), 1.0) < 7
    rgb = np.array((0, 0, 0) if pale else ImageColor.getrgb(dark)[:3], dtype=np.uint8)
    cells = matrix.repeat(module, axis=0).repeat(module, axis=1)[..., None].astype(bool)
    drawn = np.where(cells, rgb, np.uint8(255)).astype(np.uint8)
    return np.dstack([drawn, np.full(drawn.shape[:2], 255, dtype=np.uint8)])


def draw_legal(kit: BrandKit, words: str, canvas: Canvas) -> Rgba:
    """Small print in at most two lines, with an outline that holds it on any picture.

    Raises:
        GlyphError: the kit's text font lacks a character.
        TextFitError: two lines do not hold it.
    """
    size = max(kit.legal.size * canvas.short_side, 1)
    style = TextStyle(
        font=kit.fonts.text.file,
        size=size,
        color=kit.colors.light,
        outline=kit.captions.outline,
        outline_width=size * 0.09,
        line_height=1.24,
    )
    check_glyphs(words, style.font)
    return _cut(draw_text(break_lines(words, style.font, size, canvas.column * _LEGAL_WIDTH, 2), style))


def parted(words: str) -> tuple[str, str]:
    """What stands before and after the first bar or line break; the second may be empty."""
    first, _, second = words.replace("｜", "|").replace("\n", "|").partition("|")
    return first.strip(), " ".join(second.replace("|", " ").split())


def readable(ground: str, first: str, second: str) -> str:
    """Whichever of two colours reads better on ``ground``; the first where it is enough for words."""
    below = color_luminance(parse_color(ground))
    if contrast(color_luminance(parse_color(first)), below) >= 4.5:
        return first
    return max(first, second, key=lambda color: contrast(color_luminance(parse_color(color)), below))


def plate(width: int, height: int, color: str, opacity: float, radius: float = 0.24) -> Image.Image:
    """A rectangle with round corners; ``radius`` is of its height."""
    mask = Image.new("L", (width * _FINE, height * _FINE), 0)
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, width * _FINE - 1, height * _FINE - 1),
        round(height * _FINE * radius),
        fill=round(255 * opacity),
    )
    drawn = Image.new("RGBA", (width, height), (*ImageColor.getrgb(color)[:3], 0))
    drawn.putalpha(mask.resize((width, height), Image.Resampling.BOX))
    return drawn


def _on_plate(
    rows: list[Rgba], color: str, opacity: float, across: int, down: int, between: int, *, left: bool = False
) -> Rgba:
    """Lines of drawn type one under another on a plate; centred, or from the left on square corners."""
    width = max(row.shape[1] for row in rows)
    height = sum(row.shape[0] for row in rows) + between * (len(rows) - 1)
    drawn = plate(width + 2 * across, height + 2 * down, color, opacity, 0.0 if left else 0.16)
    top = down
    for row in rows:
        place = across if left else across + (width - row.shape[1]) // 2
        drawn.alpha_composite(Image.fromarray(row), (place, top))
        top += row.shape[0] + between
    return np.array(drawn)


@lru_cache(maxsize=64)
def _line(text: str, font: Path, size: float, color: str, room: float) -> Rgba:
    """One line of type without its margins, smaller where it would not fit."""
    check_glyphs(text, font)
    size, lines = fit_lines(text, font, tuple(size * step for step in _SMALLER), room, 1)
    return _cut(draw_text(lines, TextStyle(font=font, size=size, color=color)))


def _cut(pixels: Rgba) -> Rgba:
    """``pixels`` without their transparent margins."""
    ink = ink_box(pixels)
    return pixels[int(ink.top) : int(ink.bottom), int(ink.left) : int(ink.right)]
