import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.brand_kit import BrandKit, read_kit
from campaign.cue import Cue
from campaign.errors import FinishError, GlyphError
from campaign.frames import Aspect, frame_size
from finishing.cover import place_title
from finishing.marks import draw_legal, draw_logo, draw_lower_third, draw_price, parted, qr_pixels, readable
from finishing.overlay import Canvas
from finishing.stack import Extras, plan_layers
from media.text import TextStyle, draw_text
from tests.finishing.conftest import KITS

KIT = read_kit(KITS / "qinghe_tea")
HOSTILE = st.text(alphabet="茶ab1:'\"\\{}%,;|<>&#@()[]$` \n", min_size=1, max_size=14).filter(
    lambda text: any(c.isalnum() for c in parted(text)[0]) and text.count("\n") < 2
)


def canvas(aspect: Aspect = Aspect.TALL, side: int = 720) -> Canvas:
    width, height = frame_size(aspect, side)
    return Canvas(width=width, height=height, margins=KIT.safe_area)


# Not any text: OpenCV's reader itself fails on a few codes that are right.
@pytest.mark.parametrize(
    "link",
    ["a.cn", "shop.example/tea?id=7&from=video", "x.example/%E8%8C%B6", "a-b_c.example/" + "0123456789" * 4],
)
def test_a_code_is_read_as_it_was_written(link: str) -> None:
    pixels = qr_pixels(f"https://{link}", 240, KIT.colors.ink)
    assert cv2.QRCodeDetector().detectAndDecode(pixels[..., :3].copy())[0] == f"https://{link}"


def test_a_code_too_fine_for_a_screen_is_refused_with_the_numbers() -> None:
    with pytest.raises(
        FinishError, match=r"200 characters need 65 modules of at least 2 px, but the code has 90 px"
    ):
        qr_pixels("https://" + "a" * 192, 90, "#000000")


def test_a_pale_brand_colour_gives_way_to_black() -> None:
    assert qr_pixels("https://a.cn", 120, "#BFD96A")[..., :3].min() == 0


@given(HOSTILE)
@settings(max_examples=25, deadline=None)
def test_hostile_words_are_drawn_as_letters_and_nothing_else(words: str) -> None:
    for drawing in (draw_price(KIT, words, canvas()), draw_lower_third(KIT, words, canvas())):
        assert drawing.rgba[..., 3].any()
    assert draw_legal(KIT, words, canvas()).size


def test_every_sign_of_hostile_words_leaves_its_own_mark() -> None:
    style = TextStyle(font=KIT.fonts.text.file, size=40, color="#FFFFFF")
    bare = draw_text(("茶",), style)
    for sign in ":'\\{}%,":
        assert draw_text((f"茶{sign}",), style)[..., 3].sum() > bare[..., 3].sum() + 255


@pytest.mark.parametrize("draw", [draw_price, draw_lower_third, draw_legal])
def test_emoji_are_refused_before_anything_is_drawn(draw: object) -> None:
    with pytest.raises(GlyphError, match="🍵"):
        draw(KIT, "茶🍵", canvas())  # type: ignore[operator]


# More lines than two are refused.
@given(st.text(alphabet="茶新 ab1:'\"\\{}%,;|<>&#@()[]$`\n", max_size=24).filter(lambda t: t.count("\n") < 2))
@settings(max_examples=40, deadline=None)
def test_captions_are_set_letter_for_letter(text: str) -> None:
    frame = canvas(Aspect.WIDE)
    cue = Cue(start=0.0, end=1.0, text=text)
    lines = plan_layers(KIT, frame, "", Extras(), (cue,), ()).captions.lines(text)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_kit_may_lie_in_a_folder_of_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "it's, a: [we,ird] 50% 品牌 {kit}"
    shutil.copytree(KITS / "qinghe_tea", folder, ignore=shutil.ignore_patterns("music"))
    source = (folder / "kit.yaml").read_text(encoding="utf-8")
    (folder / "kit.yaml").write_text(source[: source.index("music:")], encoding="utf-8")
    words = plan_layers(read_kit(folder), canvas(), "AI生成", Extras(price_tag="¥6"), (), ()).marks
    assert words["price tag"].rgba.size == draw_price(KIT, "¥6", canvas()).rgba.size


def test_a_bar_or_a_line_break_parts_name_and_line() -> None:
    assert parted("林清｜制茶师") == parted("林清 | 制茶师") == parted("林清\n制茶师") == ("林清", "制茶师")
    assert parted("¥68") == ("¥68", "")


def test_words_on_a_colour_take_whichever_ink_can_be_read() -> None:
    assert readable("#FFFFFF", "#EEEEEE", "#111111") == "#111111"
    assert readable("#000000", "#EEEEEE", "#111111") == "#EEEEEE"


@pytest.mark.parametrize("aspect", list(Aspect))
@pytest.mark.parametrize("style", ["band", "plain"])
def test_a_cover_title_stays_in_the_part_that_profile_pages_show(aspect: Aspect, style: str) -> None:
    kit = KIT.model_copy(update={"cover": KIT.cover.model_copy(update={"style": style})})
    frame = canvas(aspect)
    placed = place_title(kit, "把春天寄给想念的人，明前送到", frame)
    shown = min(frame.height, frame.width * 4 / 3)
    assert placed.box.top >= (frame.height - shown) / 2
    assert placed.box.bottom <= (frame.height + shown) / 2
    assert placed.box.left >= 0
    assert placed.box.right <= frame.width


def test_a_svg_logo_is_laid_over_like_a_png(kit: BrandKit, tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100">'
        '<rect width="300" height="100" fill="#2a5740"/></svg>'
    )
    vector = kit.model_copy(update={"logo": kit.logo.model_copy(update={"file": tmp_path / "logo.svg"})})
    drawn = draw_logo(vector, canvas())
    assert drawn.rgba.shape[:2] == (round(0.085 * 720), 3 * round(0.085 * 720))
    assert np.all(drawn.rgba[30, 60] == (0x2A, 0x57, 0x40, 255))
