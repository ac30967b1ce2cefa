"""The product picture as a cel: cut out and standing, or framed as a print."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from campaign.errors import GenerationError
from media.cel import Cel
from media.color import Rgb
from media.draw import Box, Mask, blurred

_CLEAR_SHARE = 0.02
"""A picture of which less than this is transparent is a print, whatever its format."""
_LARGEST = 40_000_000
"""Pixels; more is not a product picture, and would take a worker's memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Straight colour, 0 to 1, and opacity; trimmed to what is drawn."""

    rgb: NDArray[np.float32]
    alpha: Mask
    cut_out: bool
    """Whether the subject stands free."""

    @property
    def proportion(self) -> float:
        """Width over height."""
        return float(self.alpha.shape[1] / self.alpha.shape[0])


def read_picture(path: Path) -> Picture:
    """The picture upright and trimmed.

    Raises:
        GenerationError: it cannot be read, is empty or too large.
    """
    try:
        with Image.open(path) as image:
            if image.width * image.height > _LARGEST:
                raise GenerationError(
                    f"{path.name} has {image.width}x{image.height} pixels. Save it at 6000x6000 or less."
                )
            rgba = np.array(ImageOps.exif_transpose(image).convert("RGBA"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise GenerationError(
            f"{path.name} is not a picture that can be read ({error}). Save it as PNG or JPEG."
        ) from error
    drawn = rgba[..., 3] > 8
    if not drawn.any():
        raise GenerationError(f"{path.name} is wholly transparent. Use a picture that shows the product.")
    cut_out = float((rgba[..., 3] < 128).mean()) > _CLEAR_SHARE
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    rgba = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    values = rgba.astype(np.float32) / np.float32(255)
    return Picture(values[..., :3], values[..., 3], cut_out)


def stand(picture: Picture, box: Box) -> Cel:
    """The cut-out picture filling ``box``."""
    margin = 4
    cel = Cel(Box(box.left - margin, box.top - margin, box.right + margin, box.bottom + margin))
    width, height = max(round(box.width), 2), max(round(box.height), 2)
    alpha = _scaled(picture.alpha, width, height)
    premultiplied = _scaled(picture.rgb * picture.alpha[..., None], width, height)
    color = premultiplied / np.maximum(alpha, 1e-4)[..., None]
    cel.stamp(np.clip(color, 0, 1), np.clip(alpha, 0, 1), round(box.left), round(box.top))
    return cel


def framed(picture: Picture, box: Box, radius: float, shadow: Rgb, border: Rgb | None = None) -> Cel:
    """The picture as a print with round corners and a soft shadow; its middle fills ``box``."""
    unit = min(box.width, box.height)
    margin = unit * 0.16
    cel = Cel(Box(box.left - margin, box.top - margin, box.right + margin, box.bottom + margin))
    low = Box(
        box.left + unit * 0.02, box.top + unit * 0.05, box.right - unit * 0.02, box.bottom + unit * 0.035
    )
    cel.paint(shadow, blurred(cel.rounded(low, radius), unit * 0.040) * np.float32(0.42))
    cel.paint(shadow, blurred(cel.rounded(box, radius), unit * 0.006) * np.float32(0.25))
    inside = box
    if border is not None:
        cel.paint(border, cel.rounded(box, radius))
        edge = unit * 0.035
        inside = Box(box.left + edge, box.top + edge, box.right - edge, box.bottom - edge)
    pixels = np.zeros((cel.height, cel.width, 3), np.float32)
    print_ = filled(picture, round(inside.width) + 2, round(inside.height) + 2)
    y, x = round(inside.top) - cel.top - 1, round(inside.left) - cel.left - 1
    pixels[y : y + print_.shape[0], x : x + print_.shape[1]] = print_
    cel.paint(pixels, cel.rounded(inside, radius * (0.4 if border is not None else 1.0)))
    return cel


def filled(picture: Picture, width: int, height: int) -> NDArray[np.float32]:
    """The picture's middle at exactly that size, on white where it is transparent."""
    whole = picture.rgb * picture.alpha[..., None] + (1 - picture.alpha[..., None])
    rows, columns = whole.shape[:2]
    scale = max(width / columns, height / rows)
    wide, tall = min(round(width / scale), columns), min(round(height / scale), rows)
    left, top = (columns - wide) // 2, (rows - tall) // 2
    return np.clip(_scaled(whole[top : top + tall, left : left + wide], width, height), 0, 1)


def _scaled(array: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    way = cv2.INTER_AREA if width < array.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(np.ascontiguousarray(array), (width, height), interpolation=way), np.float32)
