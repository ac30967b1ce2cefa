"""What lies over the pictures: logo, visible label and captions, placed inside the safe area, drawn once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from campaign.brand_kit import BrandKit
from campaign.cue import Cue
from campaign.errors import FinishError, KitError
from campaign.kit_parts import SafeArea
from finishing.labels import label_size
from media.blend import Layer
from media.draw import Box, ink_box
from media.text import Rgba, TextStyle, break_lines, check_glyphs, draw_text, line_left, text_width

_CAPTION_LINES = 2
_CAPTION_WIDTH = 0.92
"""Of the safe area's width; longer lines are hard to take in at a glance."""
_OUTLINE = 0.085
"""Of the em; holds white type on a white picture."""
_SOLID = 140
"""Opacity from which a pixel is ink; a caption's shadow is not."""
_PLATE_ACROSS, _PLATE_DOWN = 0.34, 0.24
"""Room around the label's letters on their plate, in em."""
PLATE_OPACITY = 0.72
"""White letters keep a contrast above 5 : 1 even over a white picture, the picture still shows through."""
_FINE = 4
"""Plates are drawn this much larger and shrunk, for smooth corners."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A layer and the frames on which it is seen."""

    layer: Layer
    first: int
    last: int
    """One after the last frame."""
    fade_in: int = 0
    """Frames until it is fully there."""
    fade_out: int = 0

    def opacity(self, frame: int) -> float:
        if not self.first <= frame < self.last:
            return 0.0
        rising = (frame - self.first + 1) / (self.fade_in + 1)
        falling = (self.last - frame) / (self.fade_out + 1)
        return min(rising, falling, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """A delivery's frame and the part of it that type and marks may use."""

    width: int
    height: int
    margins: SafeArea

    @property
    def short_side(self) -> int:
        return min(self.width, self.height)

    @property
    def safe(self) -> Box:
        """In pixels."""
        m = self.margins
        return Box(
            m.left * self.width, m.top * self.height, (1 - m.right) * self.width, (1 - m.bottom) * self.height
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A drawing with the box of its ink on the frame."""

    name: str
    rgba: Rgba
    origin: tuple[int, int]
    """Left and top of the drawing, transparent margins included."""
    layer: Layer
    box: Box

    @property
    def pixels(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the box."""
        return int(self.box.left), int(self.box.top), int(self.box.right), int(self.box.bottom)


def place_logo(kit: BrandKit, canvas: Canvas) -> Placed:
    """The kit's logo in its corner of the safe area.

    Raises:
        KitError: the file is not a picture.
    """
    height = round(kit.logo.height * canvas.short_side)
    pixels = _logo(kit.logo.file, kit.logo.file.stat().st_mtime_ns, height, kit.logo.opacity)
    return _in_corner("logo", pixels, kit.logo.corner, canvas)


def place_label(kit: BrandKit, words: str, canvas: Canvas) -> Placed:
    """The visible AI-content label on its plate.

    Raises:
        GlyphError: the kit's text font lacks a character of ``words``.
    """
    size = label_size(canvas.short_side)
    style = TextStyle(font=kit.fonts.text.file, size=size, color=kit.colors.light)
    letters = draw_text((words,), style)
    ink = ink_box(letters)
    across, down = round(size * _PLATE_ACROSS), round(size * _PLATE_DOWN)
    plate = _plate(int(ink.width) + 2 * across, int(ink.height) + 2 * down, kit.colors.ink)
    plate.alpha_composite(
        Image.fromarray(letters).crop((int(ink.left), int(ink.top), int(ink.right), int(ink.bottom))),
        (across, down),
    )
    return _in_corner("AI label", np.array(plate), kit.ai_label.corner, canvas)


def place_captions(kit: BrandKit, cues: tuple[Cue, ...], canvas: Canvas) -> Iterator[tuple[Cue, Placed]]:
    """Each cue's words, centred at the bottom of the safe area.

    Raises:
        GlyphError: the kit's text font lacks a character.
        TextFitError: a cue does not fit two lines.
    """
    style = _caption_style(kit, canvas, kit.captions.color)
    safe = canvas.safe
    for cue in cues:
        check_glyphs(cue.text, style.font)
        pixels = draw_text(_caption_lines(cue, style, canvas), style)
        ink = ink_box(pixels, _SOLID)
        left = (canvas.width - pixels.shape[1]) // 2
        # One bottom for every cue, whatever its letters: the block's, not the ink's.
        top = int(safe.bottom - style.outline_width) - pixels.shape[0] + style.padding
        box = Box(left + ink.left, top + ink.top, left + ink.right, top + ink.bottom)
        yield (
            cue,
            Placed(
                name=f"caption {cue.text!r}",
                rgba=pixels,
                origin=(left, top),
                layer=Layer.from_rgba(pixels, left, top),
                box=box,
            ),
        )


def place_words(
    kit: BrandKit, cue: Cue, caption: Placed, words: Sequence[str], canvas: Canvas
) -> Iterator[Layer | None]:
    """Each of the cue's words in the kit's accent, exactly over itself; None for one that is not in it."""
    style = _caption_style(kit, canvas, kit.colors.accent)
    lines = _caption_lines(cue, style, canvas)
    pixels = draw_text(lines, style)
    at = (0, 0)
    for word in words:
        found = _find_word(lines, word, at)
        if found is None:
            yield None
            continue
        line, start = found
        at = (line, start + len(word))
        begin, edge = line_left(lines, line, style), round(style.outline_width)
        first, last = (
            round(begin + text_width(lines[line][:letters], style)) for letters in (start, start + len(word))
        )
        top = style.padding + style.size * style.line_height * line
        part = (
            slice(round(top), round(top + style.size * style.line_height)),
            slice(max(first - edge, 0), last + edge),
        )
        alone = np.zeros_like(pixels)
        alone[part] = pixels[part]
        yield Layer.from_rgba(alone, *caption.origin)


def _find_word(lines: tuple[str, ...], word: str, at: tuple[int, int]) -> tuple[int, int] | None:
    """Line and letter at which ``word`` next stands, from line and letter ``at``."""
    for number in range(at[0], len(lines)):
        place = lines[number].find(word, at[1] if number == at[0] else 0)
        if place >= 0:
            return number, place
    return None


def _caption_style(kit: BrandKit, canvas: Canvas, color: str) -> TextStyle:
    size = kit.captions.size * canvas.short_side
    return TextStyle(
        font=kit.fonts.text.file,
        size=size,
        color=color,
        outline=kit.captions.outline,
        outline_width=size * _OUTLINE,
        shadow_opacity=0.5,
        shadow_offset=size * 0.05,
        shadow_blur=size * 0.08,
        line_height=1.28,
    )


def _caption_lines(cue: Cue, style: TextStyle, canvas: Canvas) -> tuple[str, ...]:
    room = canvas.safe.width * _CAPTION_WIDTH - 2 * style.outline_width
    return break_lines(cue.text, style.font, style.size, room, _CAPTION_LINES)


def check_layout(parts: tuple[Placed, ...], canvas: Canvas) -> None:
    """Refuse what leaves the safe area or lies over something else.

    Raises:
        FinishError: names both parts, with their boxes in pixels.
    """
    safe = canvas.safe
    for part in parts:
        inside = (
            part.box.left >= safe.left - 1
            and part.box.top >= safe.top - 1
            and part.box.right <= safe.right + 1
            and part.box.bottom <= safe.bottom + 1
        )
        if not inside:
            raise FinishError(
                f"layout of {canvas.width}x{canvas.height}",
                f"{part.name} ({_shown(part.box)}) leaves the safe area ({_shown(safe)}). "
                "Make it smaller in the brand kit or its safe area larger.",
            )
    for index, one in enumerate(parts):
        for other in parts[index + 1 :]:
            if _overlap(one.box, other.box):
                raise FinishError(
                    f"layout of {canvas.width}x{canvas.height}",
                    f"{one.name} ({_shown(one.box)}) lies over {other.name} ({_shown(other.box)}). "
                    "Give them other corners or sizes in the brand kit.",
                )


@lru_cache(maxsize=8)
def _logo(file: Path, changed: int, height: int, opacity: float) -> Rgba:  # noqa: ARG001  # Cache key.
    try:
        picture = Image.open(file).convert("RGBA")
    except OSError as error:
        raise KitError(file, "is not a picture that can be read.", "Save it as PNG.") from error
    picture = picture.crop(picture.getbbox())
    width = round(picture.width * height / picture.height)
    pixels = np.array(picture.resize((width, height), Image.Resampling.LANCZOS))
    pixels[..., 3] = np.rint(pixels[..., 3] * opacity)
    return pixels


def _in_corner(name: str, pixels: Rgba, corner: str, canvas: Canvas) -> Placed:
    safe, (height, width) = canvas.safe, pixels.shape[:2]
    left = round(safe.left) if corner.endswith("left") else round(safe.right) - width
    top = round(safe.top) if corner.startswith("top") else round(safe.bottom) - height
    box = Box(left, top, left + width, top + height)
    return Placed(
        name=name, rgba=pixels, origin=(left, top), layer=Layer.from_rgba(pixels, left, top), box=box
    )


def _plate(width: int, height: int, color: str) -> Image.Image:
    mask = Image.new("L", (width * _FINE, height * _FINE), 0)
    radius = round(height * _FINE * 0.24)
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, width * _FINE - 1, height * _FINE - 1), radius, fill=round(255 * PLATE_OPACITY)
    )
    plate = Image.new("RGBA", (width, height), (*ImageColor.getrgb(color)[:3], 0))
    plate.putalpha(mask.resize((width, height), Image.Resampling.BOX))
    return plate


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.left < other.right
        and other.left < one.right
        and one.top < other.bottom
        and other.top < one.bottom
    )


def _shown(box: Box) -> str:
    return f"x {box.left:.0f} to {box.right:.0f}, y {box.top:.0f} to {box.bottom:.0f}"
