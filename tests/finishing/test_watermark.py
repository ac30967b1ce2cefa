from pathlib import Path

import numpy as np
import pytest

from campaign.brand_kit import read_kit
from campaign.kit_parts import SafeArea
from finishing.overlay import Canvas
from finishing.watermark import watermark
from media.blend import blend
from media.planes import planes_from_rgb

KITS = Path(__file__).parents[2] / "brand_kits"


@pytest.mark.parametrize("words", ["DRAFT", "ANIMATIC"])
@pytest.mark.parametrize("size", [(480, 854), (854, 480), (480, 480)])
def test_a_watermark_stands_large_in_the_middle_and_lets_the_picture_through(
    words: str, size: tuple[int, int]
) -> None:
    width, height = size
    canvas = Canvas(width=width, height=height, margins=SafeArea())
    layer = watermark(words, read_kit(KITS / "harbor_ceramics"), canvas)
    assert abs(layer.left + layer.width / 2 - width / 2) <= 0.02 * width
    assert abs(layer.top + layer.height / 2 - height / 2) <= 0.02 * height
    assert min(size) * 0.3 < layer.width < width
    grey = np.full((height, width, 3), 128, np.uint8)
    planes = planes_from_rgb(grey)
    before = planes.y.copy()
    blend(planes, layer)
    changed = np.abs(planes.y.astype(int) - before)
    # Seen, and seen through: no pixel is the words' own colour.
    assert 20 < changed.max() < 90
