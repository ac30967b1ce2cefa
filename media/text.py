"""Type: which characters a font has, where lines break, and words as a picture with alpha.

Pillow with raqm shapes and draws. Skia would too, but needs the system's GL libraries, which a finishing
machine may not have.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from fontTools.ttLib import TTCollection, TTFont, TTLibError
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageFont, features

from campaign.errors import FinishError, GlyphError, TextFitError
from media.kinsoku import Unit, tears, units

Rgba = NDArray[np.uint8]
"""``(height, width, 4)``, straight alpha."""

_UNSEEN = frozenset("\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff\u00ad")
"""Characters that shape their neighbours and need no glyph."""
WHOLE_WORDS = 0.75
"""Share of its size that type may shrink to so that no word is parted."""
_BREAK_WEIGHT = 0.1
"""What one step of a unit's break cost weighs against the squared share of the width that lines differ by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStyle:
    """How a block of type looks. Lengths are pixels unless said otherwise."""

    font: Path
    size: float
    """Em height."""
    color: str
    """``#RRGGBB``."""
    align: Literal["left", "center", "right"] = "center"
    line_height: float = 1.32
    """Baseline to baseline, in em."""
    letter_spacing: float = 0.0
    """Added after each character, in em."""
    outline: str = "#000000"
    outline_width: float = 0.0
    shadow: str = "#000000"
    shadow_opacity: float = 0.0
    shadow_offset: float = 0.0
    """Downwards."""
    shadow_blur: float = 0.0
    """Standard deviation."""

    @property
    def padding(self) -> int:
        """Room around the type block for outline, shadow and strokes that leave the em box."""
        shadow = self.shadow_offset + 3 * self.shadow_blur if self.shadow_opacity else 0.0
        return round(self.size * 0.2 + self.outline_width + shadow) + 1


# A plan asks for the same captions of a spot again and again.
@lru_cache(maxsize=1024)
def missing_glyphs(text: str, font: Path) -> str:
    """The characters of ``text`` that ``font`` cannot draw, each once, in order of appearance."""
    known = _characters(font)
    wanted = dict.fromkeys(c for c in text if not c.isspace() and c not in _UNSEEN)
    return "".join(c for c in wanted if ord(c) not in known)


def check_glyphs(text: str, font: Path) -> None:
    """Refuse text that the font cannot draw whole.

    Raises:
        GlyphError: names the characters and the font.
    """
    if missing := missing_glyphs(text, font):
        raise GlyphError(missing, font.name, text)


def load_font(font: Path, size: float) -> ImageFont.FreeTypeFont:
    """The font at an em height in pixels.

    Raises:
        FinishError: the file is not a font, or Pillow lacks complex text layout.
    """
    return _font(font, round(size * 4) / 4)


def text_width(text: str, style: TextStyle) -> float:
    """Advance width of one line in pixels."""
    if not text:
        return 0.0
    return (
        _advance(text, load_font(style.font, style.size))
        + (len(text) - 1) * style.letter_spacing * style.size
    )


def break_lines(text: str, font: Path, size: float, max_width: float, max_lines: int) -> tuple[str, ...]:
    """``text`` in as few lines as fit, as even as its units allow; written line breaks are kept.

    No closing mark begins a line, no opening mark ends one; Latin words and numbers with units stay whole.

    Raises:
        TextFitError: it does not fit; says by how much.
    """
    face = load_font(font, size)
    lines: list[str] = []
    for paragraph in text.splitlines():
        words = units(paragraph)
        if not words:
            continue
        whole = _joined(words)
        if _advance(whole, face) <= max_width:
            lines.append(whole)
            continue
        widest = max(words, key=lambda unit: _advance(unit.text, face))
        if (needed := _advance(widest.text, face)) > max_width:
            raise TextFitError(
                text, size, max_width, max_lines, f"needs {needed:.0f} px for {widest.text!r} alone"
            )
        lines += _break_paragraph(words, face, max_width)
    if len(lines) > max_lines:
        raise TextFitError(text, size, max_width, max_lines, f"fills {len(lines)}")
    return tuple(lines)


def fit_lines(
    text: str,
    font: Path,
    sizes: Sequence[float],
    max_width: float,
    max_lines: int | Callable[[float], int],
) -> tuple[float, tuple[str, ...]]:
    """The largest of ``sizes`` at which ``text`` fits, and its lines there; ``sizes`` fall.

    ``max_lines`` may depend on the size.

    Where a line would end inside a Chinese word, a size down to `WHOLE_WORDS` of that is taken at which none
    does.

    Raises:
        TextFitError: it fits at none.
    """
    largest: tuple[float, tuple[str, ...]] | None = None
    for size in sizes:
        if largest and size < WHOLE_WORDS * largest[0]:
            break
        try:
            most = max_lines if isinstance(max_lines, int) else max_lines(size)
            lines = break_lines(text, font, size, max_width, most)
        except TextFitError:
            if largest is None and size == sizes[-1]:
                raise
            continue
        largest = largest or (size, lines)
        if not tears(lines):
            return size, lines
    assert largest is not None
    return largest


def draw_text(lines: tuple[str, ...], style: TextStyle) -> Rgba:
    """The lines as one layer: their block, ``line_height`` em per line, with ``style.padding`` all around.

    The block's first baseline lies so that a line's ideographs are centred in its height.

    Raises:
        GlyphError: the font lacks a character.
    """
    for line in lines:
        check_glyphs(line, style.font)
    widths = [text_width(line, style) for line in lines]
    pad, pitch = style.padding, style.size * style.line_height
    width = int(np.ceil(max(widths, default=0.0))) + 2 * pad
    height = int(np.ceil(pitch * len(lines))) + 2 * pad
    places = []
    for index, line in enumerate(lines):
        places.append((line, line_left(lines, index, style), pad + pitch * index + _baseline(style)))
    layer = Image.new("RGBA", (width, height), (*ImageColor.getrgb(style.color)[:3], 0))
    if style.shadow_opacity:
        layer = _with_shadow(layer, places, style)
    if style.outline_width:
        layer = _over(layer, _mask(layer.size, places, style, style.outline_width), style.outline)
    layer = _over(layer, _mask(layer.size, places, style, 0.0), style.color)
    return np.array(layer)


def line_left(lines: tuple[str, ...], index: int, style: TextStyle) -> float:
    """Where a line of `draw_text` begins, in pixels from the layer's left edge."""
    widths = [text_width(line, style) for line in lines]
    # A closing mark fills the left half of its em only; without this the line looks pushed to the left.
    hang = style.size / 2 if lines[index] and lines[index][-1] in "，。、：；！？" else 0.0
    room = int(np.ceil(max(widths))) - widths[index] + hang * (style.align != "left")
    return style.padding + {"left": 0.0, "center": room / 2, "right": room}[style.align]


def _with_shadow(layer: Image.Image, places: list[tuple[str, float, float]], style: TextStyle) -> Image.Image:
    lower = [(line, x, y + style.shadow_offset) for line, x, y in places]
    mask = _mask(layer.size, lower, style, style.outline_width)
    mask = mask.filter(ImageFilter.GaussianBlur(style.shadow_blur))
    return _over(layer, mask.point(lambda a: round(a * style.shadow_opacity)), style.shadow)


def _over(layer: Image.Image, mask: Image.Image, color: str) -> Image.Image:
    ink = Image.new("RGBA", layer.size, (*ImageColor.getrgb(color)[:3], 0))
    ink.putalpha(mask)
    return Image.alpha_composite(layer, ink)


def _mask(
    size: tuple[int, int], places: list[tuple[str, float, float]], style: TextStyle, stroke: float
) -> Image.Image:
    mask = Image.new("L", size, 0)
    draw = ImageDraw.Draw(mask)
    font = load_font(style.font, style.size)
    for line, x, y in places:
        if not style.letter_spacing:
            draw.text((x, y), line, fill=255, font=font, anchor="ls", stroke_width=stroke)
            continue
        # Advances up to each character keep the font's kerning under the added space.
        for index, character in enumerate(line):
            left = x + font.getlength(line[:index]) + index * style.letter_spacing * style.size
            draw.text((left, y), character, fill=255, font=font, anchor="ls", stroke_width=stroke)
    return mask


def _baseline(style: TextStyle) -> float:
    # Ideographs of CJK fonts stand 0.12 em below to 0.88 em above the baseline (OpenType BASE, ideo).
    return style.size * (style.line_height / 2 + 0.38)


def _break_paragraph(words: list[Unit], font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    """As few lines as hold the words, of least raggedness about an even share of their length."""
    count = _fewest(words, font, room)
    wanted = _advance(_joined(words), font) / count
    # By the number of the word that the next line begins with.
    best: dict[int, tuple[float, tuple[str, ...]]] = {0: (0.0, ())}
    for left in range(count - 1, -1, -1):
        longer: dict[int, tuple[float, tuple[str, ...]]] = {}
        for start, (cost, before) in best.items():
            # The last line takes all that is left; one before it leaves a word for each that follows.
            for end in range(start + 1, len(words) - left + 1) if left else (len(words),):
                line = _joined(words[start:end])
                width = _advance(line, font)
                if width > room:
                    break
                tear = words[end - 1].cost * _BREAK_WEIGHT if left else 0.0
                found = (cost + ((width - wanted) / room) ** 2 + tear, (*before, line))
                if end not in longer or found < longer[end]:
                    longer[end] = found
        best = longer
    return list(best[len(words)][1])


def _fewest(words: list[Unit], font: ImageFont.FreeTypeFont, room: float) -> int:
    """Lines that hold the words where each takes as many as it can."""
    count, start = 1, 0
    for end in range(1, len(words) + 1):
        if _advance(_joined(words[start:end]), font) > room:
            count, start = count + 1, end - 1
    return count


def _joined(words: list[Unit]) -> str:
    return "".join(unit.text + unit.space for unit in words[:-1]) + words[-1].text


# Shaping is most of what a line costs, and one line is measured for every aspect, way to break and variant.
@lru_cache(maxsize=8192)
def _advance(text: str, font: ImageFont.FreeTypeFont) -> float:
    return font.getlength(text)


@lru_cache(maxsize=256)
def _font(font: Path, size: float) -> ImageFont.FreeTypeFont:
    if not features.check("raqm"):
        raise FinishError(
            str(font), "Pillow is built without raqm. Install the wheel of Pillow 11.3 or newer."
        )
    try:
        return ImageFont.truetype(str(font), size, layout_engine=ImageFont.Layout.RAQM)
    except OSError as error:
        raise FinishError(str(font), f"is not a font that can be read ({error}).") from error


@lru_cache(maxsize=32)
def _characters(font: Path) -> frozenset[int]:
    try:
        # Given a name, fontTools leaves the file open where it is no font.
        with font.open("rb") as file:
            if font.suffix.casefold() in (".ttc", ".otc"):
                with TTCollection(file, lazy=True) as collection:
                    return frozenset(collection.fonts[0].getBestCmap())
            with TTFont(file, lazy=True) as face:
                return frozenset(face.getBestCmap())
    except (OSError, TTLibError) as error:
        raise FinishError(str(font), f"is not a font that can be read ({error}).") from error
