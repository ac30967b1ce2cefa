"""Captions as type on a picture: one or two languages, on an outline or a box, with the spoken word lit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from PIL import Image

from campaign.brand_kit import BrandKit
from campaign.cue import Cue
from campaign.errors import TextFitError
from finishing.marks import plate
from finishing.overlay import GAP, Area, Canvas, Placed, put
from media.blend import Layer
from media.draw import Box, ink_box
from media.text import Rgba, TextStyle, break_lines, check_glyphs, draw_text, line_left, text_width

_LINES = 2
"""The most of one language."""
_WIDTH = 0.92
"""Of what may stand centred on the frame; longer lines are hard to take in at a glance."""
_OUTLINE = 0.085
"""Of the em; holds white type on a white picture."""
_STEPS = (1.0, 0.92, 0.85)
"""Sizes that are tried, of the kit's: what an app leaves free may be narrower than a kit was made for."""
_SOLID = 140
"""Opacity from which a pixel is ink; a caption's shadow is not."""
_LINE_HEIGHT = 1.28
_BOX_ACROSS, _BOX_DOWN = 0.42, 0.14
"""Room around the type on its box, in em."""
_BOX_ROUND = 0.24
"""Radius of its corners, in em."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionType:
    """How one language's captions are set on one canvas, and how much room they take."""

    style: TextStyle
    box: str | None
    """Colour of the box behind the type; None for type on its outline."""
    box_opacity: float
    room: float
    """Pixels that a line may be wide."""
    bottom: float
    """Pixels from the top to the end of every cue's block, whatever its letters."""
    canvas: Canvas
    most: int
    """Lines of the cue that has the most; 0 where there is no cue."""
    widest: float
    """Pixels of the widest line."""
    hangs_from: float | None = None
    """Pixels from the top to the start of every cue's block; None lets blocks stand on ``bottom``."""

    @property
    def edge(self) -> float:
        """Pixels that the block reaches beyond its lines, above and below."""
        return self.style.size * _BOX_DOWN if self.box else self.style.outline_width

    def lines(self, text: str) -> tuple[str, ...]:
        """Raises `GlyphError` and `TextFitError` where it cannot be set."""
        return _set(text, self.style, self.room)[0]

    @property
    def top(self) -> float:
        """Where the highest block begins; ``bottom`` when there is none."""
        return self.bottom - (
            self.most * self.style.size * _LINE_HEIGHT + 2 * self.edge if self.most else 0.0
        )

    @property
    def area(self) -> Area | None:
        """What all blocks take together; None when there is none."""
        if not self.most:
            return None
        half = self.widest / 2 + (self.style.size * _BOX_ACROSS if self.box else self.style.outline_width)
        middle = self.canvas.width / 2
        return Area(name="captions", box=Box(middle - half, self.top, middle + half, self.bottom))

    def place(self, cue: Cue) -> Placed:
        """The cue's words, centred above ``bottom``.

        Raises:
            GlyphError: the kit's text font lacks a character.
            TextFitError: the cue does not fit two lines.
        """
        pixels = draw_text(self.lines(cue.text), self.style)
        left, top = self.origin(pixels)
        name = f"caption {cue.text!r}"
        if self.box is None:
            return put(name, pixels, left, top, ink_box(pixels, _SOLID))
        room = round(self.style.size * _BOX_ACROSS)
        return put(
            name, self._boxed(np.pad(pixels, ((room,) * 2, (room,) * 2, (0, 0)))), left - room, top - room
        )

    def place_words(self, cue: Cue, words: Sequence[str], color: str) -> Iterator[Layer | None]:
        """Each of the cue's words in ``color``, exactly over itself; None for one that is not in it."""
        lines, style = self.lines(cue.text), self.style
        pixels = draw_text(lines, replace(style, color=color))
        origin, at = self.origin(pixels), (0, 0)
        for word in words:
            found = _find_word(lines, word, at)
            if found is None:
                yield None
                continue
            line, start = found
            at = (line, start + len(word))
            begin, edge = line_left(lines, line, style), round(style.outline_width)
            first, last = (
                round(begin + text_width(lines[line][:letters], style))
                for letters in (start, start + len(word))
            )
            top = style.padding + style.size * style.line_height * line
            part = (
                slice(round(top), round(top + style.size * style.line_height)),
                slice(max(first - edge, 0), last + edge),
            )
            alone = np.zeros_like(pixels)
            alone[part] = pixels[part]
            yield Layer.from_rgba(alone, *origin)

    def origin(self, pixels: Rgba) -> tuple[int, int]:
        """Where a drawing of the lines begins on the frame."""
        height, width = pixels.shape[:2]
        left, padding = (self.canvas.width - width) // 2, self.style.padding
        if self.hangs_from is not None:
            return left, int(self.hangs_from + self.edge) - padding
        return left, int(self.bottom - self.edge) - height + padding

    def _boxed(self, pixels: Rgba) -> Rgba:
        """The type on its box, without what lies beyond that."""
        assert self.box
        size, pad = self.style.size, self.style.padding
        across, down = round(size * _BOX_ACROSS), round(self.edge)
        edge = pad + across
        height, width = pixels.shape[0] - 2 * edge + 2 * down, pixels.shape[1] - 2 * edge + 2 * across
        drawn = Image.new("RGBA", (pixels.shape[1], pixels.shape[0]), (0, 0, 0, 0))
        ground = plate(width, height, self.box, self.box_opacity, size * _BOX_ROUND / height)
        drawn.alpha_composite(ground, (edge - across, edge - down))
        drawn.alpha_composite(Image.fromarray(pixels))
        return np.array(drawn)


def caption_types(
    kit: BrandKit, canvas: Canvas, cues: Sequence[Cue], second: Sequence[Cue], bottom: float
) -> tuple[CaptionType, CaptionType]:
    """The captions' type and that of the second language, which lies under them where it has any cue.

    ``bottom`` is the lowest that either may reach, in pixels.

    Raises:
        GlyphError: the kit's text font lacks a character.
        TextFitError: a cue does not fit two lines at the smallest size.
    """
    look = kit.captions
    under = _fitting(kit, canvas, look.second.size, look.second.color, second, bottom)
    if not second:
        return _fitting(kit, canvas, look.size, look.color, cues, bottom), under
    # Close under the captions, whether it needs one line or two.
    under = replace(under, hangs_from=under.top)
    raised = under.top - canvas.short_side * GAP / 2
    return _fitting(kit, canvas, look.size, look.color, cues, raised), under


def _fitting(
    kit: BrandKit, canvas: Canvas, em: float, color: str, cues: Sequence[Cue], bottom: float
) -> CaptionType:
    """The same size for all ``cues``: the kit's, or the first smaller one at which each has room."""
    for step in _STEPS[:-1]:
        try:
            return _type(kit, canvas, em * step, color, cues, bottom)
        except TextFitError:
            continue
    return _type(kit, canvas, em * _STEPS[-1], color, cues, bottom)


def _type(
    kit: BrandKit, canvas: Canvas, em: float, color: str, cues: Sequence[Cue], bottom: float
) -> CaptionType:
    look, size = kit.captions, em * canvas.short_side
    boxed = look.style == "box"
    style = TextStyle(
        font=kit.fonts.text.file,
        size=size,
        color=color,
        outline=look.outline,
        outline_width=0.0 if boxed else size * _OUTLINE,
        shadow_opacity=0.0 if boxed else 0.5,
        shadow_offset=size * 0.05,
        shadow_blur=size * 0.08,
        line_height=_LINE_HEIGHT,
    )
    margin = size * _BOX_ACROSS if boxed else style.outline_width
    room = canvas.column * _WIDTH - 2 * margin
    blocks = [_set(cue.text, style, room) for cue in cues]
    return CaptionType(
        style=style,
        box=look.outline if boxed else None,
        box_opacity=look.box_opacity,
        room=room,
        bottom=bottom,
        canvas=canvas,
        most=max([len(lines) for lines, _ in blocks], default=0),
        widest=max([width for _, width in blocks], default=0.0),
    )


def _find_word(lines: tuple[str, ...], word: str, at: tuple[int, int]) -> tuple[int, int] | None:
    """Line and letter at which ``word`` next stands, from line and letter ``at``."""
    for number in range(at[0], len(lines)):
        place = lines[number].find(word, at[1] if number == at[0] else 0)
        if place >= 0:
            return number, place
    return None


# A plan asks for the same words again: for each variant of a row that has them, and each of its rungs.
@lru_cache(maxsize=2048)
def _set(text: str, style: TextStyle, room: float) -> tuple[tuple[str, ...], float]:
    """The lines of ``text`` and the width of the widest, in pixels."""
    check_glyphs(text, style.font)
    lines = break_lines(text, style.font, style.size, room, _LINES)
    return lines, max((text_width(line, style) for line in lines), default=0.0)
