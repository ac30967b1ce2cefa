"""Pictures with transparency as files hold them: PNG and its kin, and SVG at the height that is needed."""

import io
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import resvg_py
from numpy.typing import NDArray
from PIL import Image

from campaign.errors import FinishError
from campaign.file_cache import cached_by_file

VECTOR = ".svg"
_FINER = 3
"""A drawing is made this much larger and shrunk, so that cutting its empty margins off costs no sharpness."""


def read_picture(file: Path, height: int) -> NDArray[np.uint8]:
    """``file`` without its transparent margins, ``height`` pixels high.

    Gives (height, width, 4) uint8 with straight alpha.

    Raises:
        FinishError: it is not a picture, or it is an SVG that needs fonts or files of the machine.
    """
    return _read(file, height).copy()


def picture_height(file: Path) -> int | None:
    """Pixels of what is drawn, from top to bottom; None for an SVG, which has as many as are asked for.

    Raises:
        FinishError: it is not a picture.
    """
    return None if file.suffix.casefold() == VECTOR else _cropped(_opened(file), file).height


@cached_by_file(32)
def _read(file: Path, height: int) -> NDArray[np.uint8]:
    vector = file.suffix.casefold() == VECTOR
    picture = _cropped(_drawn(file, height * _FINER) if vector else _opened(file), file)
    width = max(round(picture.width * height / picture.height), 1)
    return np.array(picture.resize((width, height), Image.Resampling.LANCZOS))


def _opened(file: Path) -> Image.Image:
    try:
        return Image.open(file).convert("RGBA")
    except OSError as error:
        raise FinishError(str(file), "is not a picture that can be read. Save it as PNG or SVG.") from error


def _cropped(picture: Image.Image, file: Path) -> Image.Image:
    box = picture.getchannel("A").getbbox()
    if box is None:
        raise FinishError(str(file), "draws nothing: every pixel of it is transparent.")
    return picture.crop(box)


def _drawn(file: Path, height: int) -> Image.Image:
    try:
        source = file.read_text(encoding="utf-8")
        _refuse_what_lies_elsewhere(source, file)
        # Fonts of the machine would make another picture on another machine.
        png = resvg_py.svg_to_bytes(svg_string=source, height=height, skip_system_fonts=True)
    except (ValueError, OSError, ElementTree.ParseError) as error:
        raise FinishError(str(file), f"is not an SVG that can be drawn ({error}).") from error
    return Image.open(io.BytesIO(png)).convert("RGBA")


def _refuse_what_lies_elsewhere(source: str, file: Path) -> None:
    for element in ElementTree.fromstring(source).iter():
        kind = str(element.tag).rpartition("}")[2]
        if kind == "text":
            raise FinishError(
                str(file), "has words that need a font. Turn them into outlines in the drawing program."
            )
        links = (value for name, value in element.attrib.items() if name.rpartition("}")[2] == "href")
        if kind == "image" and any(not link.startswith("data:") for link in links):
            raise FinishError(str(file), "shows a picture of another file. Embed it.")
