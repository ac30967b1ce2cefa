from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from campaign.brand_kit import BrandKit, read_kit
from campaign.errors import GlyphError, KitError, TextFitError
from campaign.kit_parts import Words
from finishing.kit_check import check_kit
from finishing.marks import readable
from finishing.new_kit import Brand, logo_color, name_plate, palette, write_kit
from media.color import color_luminance, colorfulness, contrast, hues_apart, parse_color

KITS = Path(__file__).parents[2] / "brand_kits"
RED = "#C8102E"


@pytest.fixture(scope="module")
def like() -> BrandKit:
    return read_kit(KITS / "qinghe_tea")


def brand(name: str = "noodles", color: str | None = RED, logo: Path | None = None) -> Brand:
    return Brand(name=name, title=Words(zh='老陈："牛肉面"', en="Chen's: noodles"), color=color, logo=logo)


def test_a_new_kit_can_be_used_as_it_is(like: BrandKit, tmp_path: Path) -> None:
    made = write_kit(brand(), tmp_path / "kits", like)
    kit = read_kit(made)
    assert (kit.name, kit.title.zh, kit.colors.primary) == ("noodles", '老陈："牛肉面"', RED)
    assert list(kit.music) == list(like.music)
    assert [track.bpm for track in kit.music.values()] == [track.bpm for track in like.music.values()]
    assert all(asset.file.is_relative_to(made) for asset in kit.assets().values())
    assert check_kit(kit, tmp_path).findings == ()


@pytest.mark.parametrize(
    "color",
    ["#C8102E", "#FFB000", "#FFFF00", "#111111", "#0057D9", "#FFFFFF", "#FF8FB1", "#808080", "#00FF7F"],
)
def test_every_pair_of_words_and_ground_of_a_palette_reads(color: str) -> None:
    colors = palette(parse_color(color))
    pairs = (
        (colors.ink, colors.background),
        (colors.light, colors.primary),
        (colors.light, colors.ink),
        (colors.accent, colors.ink),
        (readable(colors.accent, colors.ink, colors.light), colors.accent),
    )
    for words, ground in pairs:
        assert contrast(*(color_luminance(parse_color(one)) for one in (words, ground))) >= 4.5, (
            words,
            ground,
        )


def test_a_brands_colour_is_its_primary_and_one_too_light_for_words_its_accent() -> None:
    assert palette(parse_color(RED)).primary == RED
    light = palette(parse_color("#FFB000"))
    assert light.accent == "#FFB000"
    assert hues_apart(parse_color(light.primary), parse_color(light.accent)) < 12


def test_without_a_colour_a_kit_takes_its_logos_and_asks_whose_it_is(like: BrandKit, tmp_path: Path) -> None:
    drawn = np.zeros((300, 600, 4), dtype=np.uint8)
    drawn[20:280, 20:580] = (20, 20, 20, 255)
    drawn[60:240, 60:300] = (0, 87, 217, 255)
    drawn[60:240, 320:340] = (255, 200, 0, 255)
    file = tmp_path / "Our Logo.PNG"
    Image.fromarray(drawn).save(file)
    assert hues_apart(logo_color(file), parse_color("#0057D9")) < 5
    kit = read_kit(write_kit(brand(color=None, logo=file), tmp_path, like))
    assert hues_apart(parse_color(kit.colors.primary), parse_color("#0057D9")) < 5
    assert kit.logo.file.read_bytes() == file.read_bytes()
    assert kit.logo.licence.read_text(encoding="utf-8") == ""


def test_a_logo_without_a_hue_gives_its_grey(tmp_path: Path) -> None:
    file = tmp_path / "logo.png"
    Image.new("RGBA", (40, 40), (30, 30, 30, 255)).save(file)
    assert colorfulness(logo_color(file)) < 0.01


def test_what_cannot_become_a_kit_is_refused_and_leaves_nothing(like: BrandKit, tmp_path: Path) -> None:
    jpeg = tmp_path / "logo.jpg"
    Image.new("RGB", (9, 9)).save(jpeg)
    folder = tmp_path / "kits"
    for wrong, words in (
        (brand(name="a/b"), "Name the kit a_b"),
        (brand(color=None), "neither a colour nor a logo"),
        (brand(logo=tmp_path / "none.png"), "is not there"),
        (brand(logo=jpeg), "Save the logo as one of these"),
    ):
        with pytest.raises(KitError, match=words):
            write_kit(wrong, folder, like)
    with pytest.raises(GlyphError):
        write_kit(Brand(name="x", title=Words(zh="𓀀", en="x"), color=RED, logo=None), folder, like)
    assert not list(folder.glob("[!.]*"))
    write_kit(brand(), folder, like)
    with pytest.raises(KitError, match="is there already"):
        write_kit(brand(), folder, like)


def test_a_long_name_takes_two_lines_and_one_without_end_is_refused(like: BrandKit) -> None:
    font, colors = like.fonts.display.file, palette(parse_color(RED))
    height, width, _ = name_plate("International Harbour Ceramics", font, colors).shape
    assert width < 5 * height
    with pytest.raises(TextFitError):
        name_plate("International Harbour Ceramics " * 4, font, colors)
