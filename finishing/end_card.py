"""The end card: logo, call to action and a line, set in the kit's colours and moved by MoviePy.

Made once per kit, language, words and size, then decoded into every rendition that needs it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from moviepy import CompositeVideoClip, ImageClip, VideoClip, vfx
from PIL import Image, ImageColor, ImageDraw

from campaign.brand_kit import BrandKit
from campaign.brief import Language
from campaign.content_key import Json, as_json
from campaign.errors import FinishError, TextFitError
from media.draw import ink_box
from media.encode import EncodeSettings, VideoEncoder
from media.planes import Bytes, planes_from_rgb
from media.text import Rgba, TextStyle, check_glyphs, draw_text, fit_lines

RECIPE_VERSION = 2

_SETTINGS = EncodeSettings(crf=10)
"""Nearly lossless, because it is encoded again in the rendition."""
_SETTLED = 1.3
"""Seconds after which nothing moves any more, so one frame serves for the rest."""
_FOREVER = 60.0
"""Seconds; longer than any end card may be."""
_FINE = 2
"""The arc is drawn this much larger and shrunk, for a smooth edge."""

_Sizes = tuple[tuple[int, tuple[float, ...]], ...]

_HORIZON = 0.54
"""Where the coloured ground begins at the middle, of the height."""
_ARC = 0.075
"""How much lower the ground is at the sides, of the width."""
_LOGO_HEIGHT, _LOGO_WIDTH = 0.2, 0.66
"""The most that the logo takes of the short side and of the width."""
_CALL_SIZES = ((1, (0.1, 0.094, 0.088, 0.082, 0.076, 0.07)), (2, (0.094, 0.088, 0.08, 0.072, 0.064, 0.056)))
_LINE_SIZES = ((1, (0.042, 0.038, 0.034)), (2, (0.036, 0.032, 0.028)))
"""Numbers of lines and em heights of the short side, the first that fits."""
_TEXT_WIDTH = 0.84
_GROUND_MOVE, _LOGO_MOVE, _CALL_MOVE, _LINE_MOVE = (0.0, 0.55), (0.2, 0.5), (0.4, 0.5), (0.62, 0.5)
"""When each part comes and how long it takes, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCardJob:
    """Everything that decides an end card."""

    kit: BrandKit
    language: Language
    call_to_action: str
    width: int
    height: int
    fps: int
    num_frames: int


def end_card_recipe(job: EndCardJob) -> dict[str, Json]:
    """Everything that decides the bytes; files by digest."""
    kit = job.kit
    return {
        "end card": RECIPE_VERSION,
        "logo": as_json(kit.logo.file),
        "fonts": [as_json(kit.fonts.display.file), as_json(kit.fonts.text.file)],
        "colors": kit.colors.model_dump(),
        "words": [job.call_to_action, kit.end_card.line.of(job.language)],
        "size": [job.width, job.height, job.fps, job.num_frames],
    }


def make_end_card(job: EndCardJob, folder: Path) -> Path:
    """Write ``folder/end_card.mp4``: `num_frames` frames, no sound.

    Raises:
        GlyphError: a font of the kit lacks a character.
        TextFitError: the words do not fit at the smallest size.
    """
    path = folder / "end_card.mp4"
    film = _film(job)
    still = None
    with VideoEncoder(path, job.width, job.height, job.fps, _SETTINGS) as encoder:
        for number in range(job.num_frames):
            seconds = number / job.fps
            if still is None:
                planes = planes_from_rgb(np.asarray(film.get_frame(seconds), dtype=np.uint8))
                still = planes if seconds > _SETTLED else None
            encoder.write(still or planes)
    film.close()
    return path


def draw_end_card(job: EndCardJob) -> Bytes:
    """The card when everything has come to rest, (height, width, 3) uint8 RGB.

    Raises:
        GlyphError: a font of the kit lacks a character.
        TextFitError: the words do not fit at the smallest size.
    """
    film = _film(job)
    still = np.asarray(film.get_frame(min(_SETTLED + 0.1, film.duration - 1 / job.fps)), dtype=np.uint8)
    film.close()
    return still


def _film(job: EndCardJob) -> VideoClip:
    """All parts on the kit's paper, each with its move."""
    kit, width, height = job.kit, job.width, job.height
    short = min(width, height)
    paper = np.full((height, width, 3), ImageColor.getrgb(kit.colors.background)[:3], dtype=np.uint8)
    ground_top = round(height * _HORIZON)
    parts = [ImageClip(paper, duration=_FOREVER)]
    parts.append(_risen(_ground(job), (0, ground_top), height - ground_top, _GROUND_MOVE))
    logo = _logo(job)
    left, top = (width - logo.shape[1]) // 2, round(ground_top * 0.53 - logo.shape[0] / 2)
    parts.append(_moved(logo, (left, top), short * 0.05, _LOGO_MOVE))
    call = _words(job.call_to_action, kit.fonts.display.file, _CALL_SIZES, kit.colors.light, job)
    line = _words(kit.end_card.line.of(job.language), kit.fonts.text.file, _LINE_SIZES, kit.colors.light, job)
    gap, rule = round(short * 0.045), max(round(short * 0.006), 2)
    whole = call.shape[0] + (2 * gap + rule + line.shape[0] if line.size else 0)
    # A little above the middle of the ground: short-video apps lay their own words over the bottom.
    middle = ground_top + (height - ground_top) * (0.46 if height > width else 0.53)
    top = round(middle - whole / 2)
    parts.append(_moved(call, ((width - call.shape[1]) // 2, top), short * 0.05, _CALL_MOVE))
    if line.size:
        bar = np.zeros((rule, round(short * 0.11), 4), dtype=np.uint8)
        bar[...] = (*ImageColor.getrgb(kit.colors.accent)[:3], 255)
        top += call.shape[0] + gap
        parts.append(_moved(bar, ((width - bar.shape[1]) // 2, top), 0, _LINE_MOVE))
        top += rule + gap
        parts.append(_moved(line, ((width - line.shape[1]) // 2, top), short * 0.03, _LINE_MOVE))
    return CompositeVideoClip(parts, size=(width, height), bg_color=(0, 0, 0)).with_duration(
        job.num_frames / job.fps
    )


def _moved(pixels: Rgba, place: tuple[int, int], rise: float, move: tuple[float, float]) -> VideoClip:
    """A part that fades in while it rises by ``rise`` pixels to ``place``, slower and slower."""
    return _risen(pixels, place, rise, move).with_effects([vfx.CrossFadeIn(move[1] * 0.7)])


def _risen(pixels: Rgba, place: tuple[int, int], rise: float, move: tuple[float, float]) -> VideoClip:
    start, length = move

    def where(seconds: float) -> tuple[int, int]:
        left = 1 - min(max(seconds / length, 0), 1)
        return place[0], round(place[1] + rise * left**3)

    return ImageClip(pixels, transparent=True, duration=_FOREVER).with_position(where).with_start(start)


def _ground(job: EndCardJob) -> Rgba:
    """The brand's colour below a wide arc, with a thin line of the accent along it."""
    width, height = job.width * _FINE, (job.height - round(job.height * _HORIZON)) * _FINE
    sag, stroke = round(job.width * _ARC * _FINE), max(round(min(job.width, job.height) * 0.008 * _FINE), 4)
    # The circle through the arc's top and its two ends at the sides.
    radius = (width**2 / 4 + sag**2) / (2 * sag)
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    for depth, color in ((0, job.kit.colors.accent), (stroke, job.kit.colors.primary)):
        box = (width / 2 - radius, depth, width / 2 + radius, depth + 2 * radius)
        draw.ellipse(box, fill=(*ImageColor.getrgb(color)[:3], 255))
    return np.array(picture.resize((width // _FINE, height // _FINE), Image.Resampling.BOX))


def _logo(job: EndCardJob) -> Rgba:
    picture = Image.open(job.kit.logo.file).convert("RGBA")
    picture = picture.crop(picture.getbbox())
    short = min(job.width, job.height)
    scale = min(_LOGO_HEIGHT * short / picture.height, _LOGO_WIDTH * job.width / picture.width)
    size = (round(picture.width * scale), round(picture.height * scale))
    return np.array(picture.resize(size, Image.Resampling.LANCZOS))


def _words(text: str, font: Path, sizes: _Sizes, color: str, job: EndCardJob) -> Rgba:
    """``text`` at the largest size that fits, cropped to its ink; empty for no text."""
    if not text:
        return np.zeros((0, 0, 4), dtype=np.uint8)
    check_glyphs(text, font)
    size, lines = _fitted(text, font, sizes, job)
    pixels = draw_text(lines, TextStyle(font=font, size=size, color=color))
    ink = ink_box(pixels)
    if not ink.width:
        raise FinishError(f"end card {text!r}", "it draws nothing. Are there words in it?")
    return pixels[int(ink.top) : int(ink.bottom), int(ink.left) : int(ink.right)]


def _fitted(text: str, font: Path, sizes: _Sizes, job: EndCardJob) -> tuple[float, tuple[str, ...]]:
    short, room = min(job.width, job.height), job.width * _TEXT_WIDTH
    for most, heights in sizes[:-1]:
        try:
            return fit_lines(text, font, tuple(height * short for height in heights), room, most)
        except TextFitError:
            continue
    most, heights = sizes[-1]
    return fit_lines(text, font, tuple(height * short for height in heights), room, most)
