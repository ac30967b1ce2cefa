"""Words across a picture that is only to be looked at, so that nobody takes it for the finished film."""

import numpy as np

from campaign.brand_kit import BrandKit
from finishing.overlay import Canvas
from media.blend import Layer
from media.text import TextStyle, check_glyphs, draw_text, text_width

VERSION = 1
"""Of how it looks."""
WIDTH = 0.62
"""Of the frame's width."""
TALLEST = 0.2
"""Em height at most, of the frame's short side."""
OPACITY = 0.42
"""Read at a glance over any picture, which is still seen through it."""
_OUTLINE = 0.04
"""Of the em."""


def watermark(words: str, kit: BrandKit, canvas: Canvas) -> Layer:
    """``words`` through the middle of the frame, as large as they fit.

    Raises:
        GlyphError: the font lacks a character.
    """
    font = kit.fonts.text.file
    check_glyphs(words, font)
    color = kit.colors.light
    probe = TextStyle(font=font, size=100.0, color=color)
    fitting = 100.0 * WIDTH * canvas.width / text_width(words, probe)
    size = min(fitting, TALLEST * canvas.short_side)
    drawn = draw_text(
        (words,),
        TextStyle(
            font=font,
            size=size,
            color=color,
            outline=kit.colors.ink,
            outline_width=size * _OUTLINE,
        ),
    )
    drawn[..., 3] = np.rint(drawn[..., 3] * OPACITY)
    height, width = drawn.shape[:2]
    return Layer.from_rgba(drawn, (canvas.width - width) // 2, (canvas.height - height) // 2)
