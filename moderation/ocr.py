"""Lines of text in a picture, by RapidOCR with the models in its package (PP-OCRv6, zh and en)."""

import logging
from collections.abc import Callable
from difflib import SequenceMatcher
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from campaign.errors import CheckFailedError, CheckMissingError
from moderation.checks.weights import folder_digest, package

HOW = "Install it: pip install rapidocr onnxruntime."
DOUBTFUL = 0.2
"""Certainty from which a line is given at all; under it are textures."""


LONG_SIDE = 960
"""Pixels to which a picture is made smaller to look for lines; their letters are read in full size."""


class Line(NamedTuple):
    """A line of text in a picture."""

    text: str
    score: float
    """Mean certainty of its letters, 0 to 1."""
    box: tuple[int, int, int, int]
    """Left, top, width, height in pixels."""


Reader = Callable[[NDArray[np.uint8]], list[Line]]
"""From (height, width, 3) uint8 RGB to its lines, top to bottom."""


@cache
def reader() -> Reader:
    """The reader, loaded.

    Raises:
        CheckMissingError: its package is not installed.
    """
    engine = package("rapidocr", HOW).RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.text_score": DOUBTFUL,
            "Det.limit_type": "max",
            "Det.limit_side_len": LONG_SIDE,
        }
    )
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)

    def read(rgb: NDArray[np.uint8]) -> list[Line]:
        result = engine(np.ascontiguousarray(rgb[:, :, ::-1]))
        if result.txts is None:
            return []
        return [
            _line(text, score, corners)
            for text, score, corners in zip(result.txts, result.scores, result.boxes, strict=True)
        ]

    return read


@cache
def weights_digest() -> str:
    """Digest of the models in the package.

    Raises:
        CheckMissingError: the package, or its runtime, is not installed.
    """
    for name in ("rapidocr", "onnxruntime"):
        if find_spec(name) is None:
            raise CheckMissingError(f"The package {name} is not installed.", HOW)
    found = find_spec("rapidocr")
    assert found and found.origin
    return folder_digest(Path(found.origin).parent / "models")


def share_read(wanted: str, shown: str) -> float:
    """Which share of the characters of ``wanted`` stands in ``shown``, in order; 1 for an empty one."""
    if not wanted:
        return 1.0
    blocks = SequenceMatcher(None, wanted, shown, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(wanted)


def _line(text: str, score: float, corners: NDArray[np.float32]) -> Line:
    if not np.isfinite(score):
        raise CheckFailedError("The text reader answers something that is not a number.", "Install it again.")
    left, top = corners.min(0)
    right, bottom = corners.max(0)
    return Line(text, float(score), (int(left), int(top), int(right - left), int(bottom - top)))
