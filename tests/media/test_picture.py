from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from campaign.errors import FinishError
from media.picture import picture_height, read_picture

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 60">{}</svg>'
DISC = '<circle cx="30" cy="30" r="20" fill="#e02010"/>'


def svg(folder: Path, content: str) -> Path:
    path = folder / "logo.svg"
    path.write_text(SVG.format(content), encoding="utf-8")
    return path


def test_an_svg_is_drawn_at_the_height_asked_for_without_its_margins(tmp_path: Path) -> None:
    pixels = read_picture(svg(tmp_path, DISC), 90)
    assert pixels.shape == (90, 90, 4)
    assert (pixels[45, 45] == (0xE0, 0x20, 0x10, 255)).all()
    assert pixels[2, 2, 3] == 0
    assert pixels[..., 3].mean() == pytest.approx(255 * np.pi / 4, rel=0.02)


def test_a_png_loses_its_transparent_margins_and_keeps_its_shape(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    picture.paste((10, 200, 30, 255), (50, 20, 150, 70))
    picture.save(tmp_path / "logo.png")
    pixels = read_picture(tmp_path / "logo.png", 25)
    assert pixels.shape == (25, 50, 4)
    assert picture_height(tmp_path / "logo.png") == 50


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('<text x="3" y="20">Tea</text>', "words that need a font"),
        ('<image href="photo.png" width="9" height="9"/>', "picture of another file"),
        ("<circle", "not an SVG that can be drawn"),
        ("<g/>", "every pixel of it is transparent"),
    ],
)
def test_an_svg_that_would_differ_between_machines_or_show_nothing_is_refused(
    content: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(FinishError, match=words):
        read_picture(svg(tmp_path, content), 40)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = svg(tmp_path, DISC)
    assert read_picture(path, 20)[10, 10, 0] == 0xE0
    path.write_text(SVG.format(DISC.replace("#e02010", "#102030") + " "), encoding="utf-8")
    assert read_picture(path, 20)[10, 10, 0] == 0x10
