"""Product pictures named in a sheet: found, and read once to the end."""

import struct
import warnings
from pathlib import Path
from urllib.parse import unquote, urlsplit

from PIL import Image

from campaign.sheet.values import CellError, nearest

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "MPO")
"""Others are not opened at all: some of their readers start other programs."""
MOST_PIXELS = 100_000_000
_SEEN_AS = (64, 64)
"""JPEG is decoded at an eighth of its size, which still reads every byte."""
_UNREADABLE = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, MemoryError,
    struct.error,
)  # fmt: skip
"""What Pillow's readers raise on damaged files; only the first is documented."""


class Images:
    """Finds pictures beside one sheet; each file is opened once, however many rows name it."""

    def __init__(self, folder: Path, downloads: Path | None) -> None:
        self._folder = folder
        self._downloads = downloads
        self._checked: dict[Path, CellError | None] = {}
        self._names: dict[Path, list[str]] = {}

    def find(self, name: str) -> Path:
        """The absolute path of a picture that can be read.

        Raises:
            CellError: it is not there, is a web address without a local copy, or cannot be read.
        """
        path = self._path(name)
        if path not in self._checked:
            self._checked[path] = _fault(path)
        fault = self._checked[path]
        if fault:
            raise fault
        return path

    def _path(self, name: str) -> Path:
        if name.upper().startswith("=DISPIMG("):
            raise CellError(
                "The picture is embedded in the cell; files are read.",
                "Save the picture beside the sheet and write its file name.",
            )
        if "://" in name or name.startswith(("data:", "//")):
            return self._local_copy(name)
        for spelling in (name, name.replace("\\", "/")):
            path = Path(spelling).expanduser()
            path = path if path.is_absolute() else self._folder / path
            if _exists(path):
                return path.resolve()
        raise self._missing(path, name)

    def _local_copy(self, address: str) -> Path:
        file_name = Path(unquote(urlsplit(address).path)).name
        if self._downloads is None:
            raise CellError(
                "A file beside the sheet is expected; nothing is downloaded from web addresses.",
                f"Download it and write its file name ({file_name or 'tea.jpg'}), or put all into one "
                "folder and name that folder as images in the campaign's settings.",
            )
        path = self._downloads / file_name
        if file_name and _exists(path):
            return path.resolve()
        raise CellError(
            f"There is no {file_name or 'picture'} in {self._downloads.name}/, the campaign's folder for "
            "pictures from web addresses.",
            "Download it into that folder, or clear the cell.",
        )

    def _missing(self, path: Path, name: str) -> CellError:
        if not _exists(path.parent):
            return CellError(
                f"There is no folder {Path(name).parent} beside the sheet.",
                "Write the path from the sheet's folder, like pictures/tea.jpg.",
            )
        if path.parent not in self._names:
            self._names[path.parent] = sorted(p.name for p in path.parent.iterdir() if p.is_file())
        # Endings alike say nothing, and are what people get wrong.
        by_stem = {Path(file).stem: file for file in self._names[path.parent]}
        near = by_stem.get(nearest(path.stem, by_stem) or "")
        return CellError(
            "There is no such picture; paths start at the sheet's folder.",
            f"Did you mean {Path(name).with_name(near)}?" if near else "Put it there or correct the path.",
        )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        # A name too long for the file system, or with a zero byte.
        return False


def _fault(path: Path) -> CellError | None:
    if path.is_dir():
        return CellError("That is a folder, not a picture.", "Name the picture itself.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)  # Odd EXIF data and transparency do not matter here.
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:
                    return _too_large()
                image.draft("RGB", _SEEN_AS)
                image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _too_large()
    except _UNREADABLE:
        return CellError(
            "The file cannot be read as a picture: it is damaged, cut off or of another kind.",
            "Save it again as JPEG or PNG.",
        )
    return None


def _too_large() -> CellError:
    return CellError(
        f"The picture has more than {MOST_PIXELS / 1e6:g} million pixels, far more than a frame.",
        "Save it with at most 4,000 pixels on the long side.",
    )
