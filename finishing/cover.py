"""Pictures kept while frames pass to the encoder: the cover and a strip that shows the whole spot."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image, ImageColor

from campaign.brand_kit import BrandKit
from campaign.content_key import Json, as_json
from campaign.timing import Timeline
from finishing.marks import readable
from finishing.overlay import Canvas, Placed, put
from media.blend import Layer, blend
from media.faces import FaceFinder
from media.fit import even
from media.planes import Planes, frame_of, planes_of_frame, rgb_of_frame
from media.text import Rgba, TextStyle, check_glyphs, draw_text, fit_lines

_PER_SECOND = 2
_EDGE = 0.3
"""Seconds at both ends of a shot that are not looked at: moves begin and settle there."""
_LOOKED_AT = 360
"""About as many lines are enough to measure sharpness."""
_QUALITY = 92
_TITLE_STEPS = (1.0, 0.92, 0.84, 0.76, 0.68, 0.6)
"""Sizes that are tried, of the kit's."""
_TITLE_LINES = 3
_TALL_BOTTOM, _BOTTOM = 0.855, 0.92
"""Where the title ends, of the height; 3:4 of a picture of 9:16 ends at 0.875."""
_TITLE_WIDTH = 0.96
"""Of what may stand centred on the frame."""
_FACE = 1.6
"""Times as sharp as it is that a picture with a face counts: people look at people."""
_STRIP = 8
_STRIP_SIDE = 320
"""Pixels of the longer side of a picture in the strip."""


class CoverPicker:
    """Looks at frames as they pass and keeps the best."""

    def __init__(self, timeline: Timeline, face_model: Path | None = None) -> None:
        self._fps = timeline.fps
        self._faces = FaceFinder(face_model) if face_model else None
        self._candidates = frozenset(_candidates(timeline))
        self._best = -1.0
        self._frame: av.VideoFrame | None = None
        self.time = 0.0
        """Seconds into the spot of the best frame so far."""

    def consider(self, number: int, frame: av.VideoFrame) -> None:
        """Measure frame ``number`` if it is a candidate."""
        if number not in self._candidates:
            return
        worth = _sharpness(frame)
        if self._faces is not None and self._faces.find(rgb_of_frame(frame)):
            worth *= _FACE
        if worth > self._best:
            self._best, self._frame, self.time = worth, frame, number / self._fps

    def write(self, path: Path, layers: Sequence[Layer]) -> None:
        """The best frame with ``layers`` over it, as JPEG."""
        assert self._frame is not None
        # A decoder's frame says where its chroma lies between the luma, others do not; a copy has it one way.
        frame = frame_of(planes_of_frame(self._frame))
        for layer in layers:
            blend(planes_of_frame(frame), layer)
        Image.fromarray(rgb_of_frame(frame)).save(path, quality=_QUALITY)


class FilmStrip:
    """A row of small pictures at even times, as they are delivered."""

    def __init__(self, num_frames: int) -> None:
        count = min(_STRIP, num_frames)
        self._wanted = frozenset(int((index + 0.5) * num_frames / count) for index in range(count))
        self._pictures: list[Planes] = []

    def consider(self, number: int, frame: av.VideoFrame) -> None:
        """Keep a small copy of frame ``number`` if it is one of the strip's."""
        if number in self._wanted:
            scale = _STRIP_SIDE / max(frame.width, frame.height)
            width, height = even(frame.width * scale), even(frame.height * scale)
            sizes = ((width, height), (width // 2, height // 2), (width // 2, height // 2))
            self._pictures.append(
                Planes(
                    *(
                        np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
                        for plane, size in zip(planes_of_frame(frame), sizes, strict=True)
                    )
                )
            )

    def write(self, path: Path) -> None:
        """The row as JPEG."""
        row = Planes(*(np.concatenate(planes, axis=1) for planes in zip(*self._pictures, strict=True)))
        Image.fromarray(rgb_of_frame(frame_of(row))).save(path, quality=_QUALITY)


def cover_recipe(kit: BrandKit, title: str) -> dict[str, Json]:
    """Everything that decides the words on the cover."""
    return {
        "title": title,
        "style": kit.cover.model_dump(),
        "font": as_json(kit.fonts.display.file),
        "colors": [kit.colors.primary, kit.colors.light, kit.colors.accent, kit.captions.outline],
    }


def place_title(kit: BrandKit, title: str, canvas: Canvas) -> Placed:
    """``title`` large across the lower part of what profile pages show of a cover: 3:4 of a tall one.

    Raises:
        GlyphError: the kit's display font lacks a character.
        TextFitError: three lines do not hold it at the smallest size.
    """
    # A cover is looked at on a profile page, where an app lays nothing over it.
    canvas = replace(canvas, margins=kit.safe_area)
    banded, short, font = kit.cover.style == "band", canvas.short_side, kit.fonts.display.file
    check_glyphs(title, font)
    sizes = tuple(kit.cover.size * short * step for step in _TITLE_STEPS)
    size, lines = fit_lines(title, font, sizes, canvas.column * _TITLE_WIDTH, _TITLE_LINES)
    color = readable(kit.colors.primary, kit.colors.light, kit.colors.ink) if banded else kit.colors.light
    style = TextStyle(
        font=font,
        size=size,
        color=color,
        outline=kit.captions.outline,
        outline_width=0.0 if banded else size * 0.06,
        shadow_opacity=0.0 if banded else 0.5,
        shadow_blur=size * 0.12,
        line_height=1.22,
    )
    pixels = _on_band(draw_text(lines, style), style, kit, canvas) if banded else draw_text(lines, style)
    height, width = pixels.shape[:2]
    bottom = (_TALL_BOTTOM if canvas.height > 1.5 * canvas.width else _BOTTOM) * canvas.height
    return put("cover title", pixels, (canvas.width - width) // 2, round(bottom - height))


def _on_band(letters: Rgba, style: TextStyle, kit: BrandKit, canvas: Canvas) -> Rgba:
    """The title on a band of the brand's colour across the whole picture, edged with the accent."""
    down, edge = round(style.size * 0.32), max(round(canvas.short_side * 0.008), 2)
    height = letters.shape[0] - 2 * style.padding + 2 * down
    drawn = Image.new("RGBA", (canvas.width, height), (*ImageColor.getrgb(kit.colors.primary)[:3], 250))
    accent = Image.new("RGBA", (canvas.width, edge), (*ImageColor.getrgb(kit.colors.accent)[:3], 255))
    for top in (0, height - edge):
        drawn.paste(accent, (0, top))
    left = (canvas.width - letters.shape[1]) // 2
    drawn.alpha_composite(
        Image.fromarray(letters[style.padding - 1 : letters.shape[0] - style.padding + 1]), (left, down - 1)
    )
    return np.array(drawn)


def _candidates(timeline: Timeline) -> list[int]:
    step, edge = max(timeline.fps // _PER_SECOND, 1), round(_EDGE * timeline.fps)
    found: list[int] = []
    for shot in timeline.shots:
        calm = range(shot.first_frame + edge, shot.first_frame + shot.num_frames - edge, step)
        found += calm or [shot.first_frame + shot.num_frames // 2]
    return found


def _sharpness(frame: av.VideoFrame) -> float:
    """Spread of the Laplacian, the usual measure of focus (Pech-Pacheco et al., 2000)."""
    luma = planes_of_frame(frame).y
    step = max(min(luma.shape) // _LOOKED_AT, 1)
    edges = cv2.Laplacian(np.ascontiguousarray(luma[::step, ::step]), cv2.CV_16S)
    return float(cv2.meanStdDev(edges)[1][0, 0])
