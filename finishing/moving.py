"""Parts that move on a composed picture, by MoviePy: what end card and intro are built from."""

from pathlib import Path

import numpy as np
from moviepy import CompositeVideoClip, ImageClip, VideoClip, vfx
from PIL import ImageColor

from campaign.brand_kit import BrandKit
from campaign.errors import FinishError, TextFitError
from media.draw import ink_box
from media.encode import EncodeSettings, VideoEncoder
from media.picture import read_picture
from media.planes import Bytes, planes_from_rgb
from media.text import Rgba, TextStyle, check_glyphs, draw_text, fit_lines

SETTINGS = EncodeSettings(crf=14)
"""Finer than a delivery: where nothing lies over them, it takes over these very pictures."""
FOREVER = 60.0
"""Seconds; longer than any composed picture may be."""

Sizes = tuple[tuple[int, tuple[float, ...]], ...]
"""Numbers of lines, and em heights in pixels of which the first that fits is taken."""
Move = tuple[float, float]
"""When a part comes and how long it takes, in seconds."""


def paper(width: int, height: int, color: str) -> ImageClip:
    """A ground of one colour."""
    pixels = np.full((height, width, 3), ImageColor.getrgb(color)[:3], dtype=np.uint8)
    return ImageClip(pixels, duration=FOREVER)


def moved(pixels: Rgba, place: tuple[int, int], rise: float, move: Move) -> VideoClip:
    """A part that fades in while it rises by ``rise`` pixels to ``place``, slower and slower."""
    return risen(pixels, place, rise, move).with_effects([vfx.CrossFadeIn(move[1] * 0.7)])


def risen(pixels: Rgba, place: tuple[int, int], rise: float, move: Move) -> VideoClip:
    """The same without the fade."""
    start, length = move

    def where(seconds: float) -> tuple[int, int]:
        left = 1 - min(max(seconds / length, 0), 1)
        return place[0], round(place[1] + rise * left**3)

    return ImageClip(pixels, transparent=True, duration=FOREVER).with_position(where).with_start(start)


def joined(parts: list[VideoClip], width: int, height: int, seconds: float) -> VideoClip:
    """All parts over one another."""
    film = CompositeVideoClip(parts, size=(width, height), bg_color=(0, 0, 0))
    return film.with_duration(seconds)


def write_film(
    film: VideoClip, path: Path, fps: int, num_frames: int, settled: float, opening: float = 0.0
) -> None:
    """Encode ``film``; after ``settled`` seconds nothing moves, so one frame serves for the rest.

    Behind the ``opening`` seconds, which are mixed with what comes before, a group of pictures begins.
    """
    still = None
    width, height = film.size
    with VideoEncoder(path, width, height, fps, SETTINGS) as encoder:
        for number in range(num_frames):
            if still is None:
                planes = planes_from_rgb(picture_at(film, number / fps))
                still = planes if number / fps > settled else None
            encoder.write(still or planes, begins_group=number == round(opening * fps))
    film.close()


def picture_at(film: VideoClip, seconds: float) -> Bytes:
    """(height, width, 3) uint8 RGB."""
    return np.asarray(film.get_frame(seconds), dtype=np.uint8)


def logo_within(kit: BrandKit, width: float, height: float) -> Rgba:
    """The logo as large as that room in pixels lets it be.

    Raises:
        FinishError: the file is not a picture.
    """
    pixels = read_picture(kit.logo.file, round(height))
    if pixels.shape[1] > width:
        pixels = read_picture(kit.logo.file, max(int(height * width / pixels.shape[1]), 1))
    return pixels


def words_within(text: str, font: Path, sizes: Sizes, color: str, room: float) -> Rgba:
    """``text`` at the largest size that fits ``room`` pixels, cropped to its ink; empty for no text.

    Raises:
        FinishError: the words draw nothing.
        GlyphError: the font lacks a character.
        TextFitError: they do not fit at the smallest size.
    """
    if not text:
        return np.zeros((0, 0, 4), dtype=np.uint8)
    check_glyphs(text, font)
    size, lines = _fitted(text, font, sizes, room)
    pixels = draw_text(lines, TextStyle(font=font, size=size, color=color))
    ink = ink_box(pixels)
    if not ink.width:
        raise FinishError(f"words {text!r}", "they draw nothing. Are there letters in them?")
    return pixels[int(ink.top) : int(ink.bottom), int(ink.left) : int(ink.right)]


def _fitted(text: str, font: Path, sizes: Sizes, room: float) -> tuple[float, tuple[str, ...]]:
    for most, heights in sizes[:-1]:
        try:
            return fit_lines(text, font, heights, room, most)
        except TextFitError:
            continue
    most, heights = sizes[-1]
    return fit_lines(text, font, heights, room, most)
