from dataclasses import replace

import pytest

from campaign.errors import FinishError, GlyphError, TextFitError
from campaign.frames import Aspect
from campaign.kit_parts import Words
from campaign.timing import fit
from moderation.finding import Stage
from tasks.screen import materials_of
from tasks.spot import Spot
from tasks.words import captions_of, extras_of, link_of, marks_of, platforms_of, rehearse, safe_area_of
from tests.tasks.test_finish import KIT, SHOT, spot


def laid_out(**brief: object) -> Spot:
    made = spot("animatic", None)
    board = made.storyboard
    assert board
    board = replace(board, shots=(replace(SHOT, line="新茶上市，一年一次。", translation="Once a year."),))
    made = replace(made, storyboard=board, timeline=fit(board, {}, 24), size=720)
    return replace(made, brief=replace(made.brief, aspects=tuple(Aspect), **brief))


def test_the_account_and_the_row_both_name_apps() -> None:
    assert platforms_of(laid_out(account="抖音：旗舰店").brief) == ("douyin",)
    assert platforms_of(laid_out(account="douyin:shop", platforms=("tiktok",)).brief) == ("tiktok", "douyin")
    assert platforms_of(laid_out(account="folder:here").brief) == ()


def test_an_app_widens_the_margins_of_tall_pictures_alone() -> None:
    asked = laid_out(account="shorts:brand")
    assert safe_area_of(asked, Aspect.TALL).bottom == 672 / 1920
    assert safe_area_of(asked, Aspect.WIDE) == KIT.safe_area


def test_every_layer_of_a_usual_row_finds_its_place_in_every_aspect_under_every_app() -> None:
    row = {
        "price_tag": "¥68｜尝鲜价",
        "lower_third": "云雾茶园｜海拔八百米",
        "legal": "以实物为准。",
        "cover_title": "一口凉",
    }
    for account in ("", "douyin:a", "tiktok:a", "reels:a", "shorts:a", "快手:a", "小红书:a", "b站:a"):
        rehearse(laid_out(account=account, **row))


def test_what_the_brand_lays_over_pictures_is_told_to_whoever_sets_type_in_them() -> None:
    assert marks_of(laid_out(legal="以实物为准。"), Aspect.TALL) == ()
    asked = laid_out(price_tag="¥68｜尝鲜价", lower_third="云雾茶园｜海拔八百米")
    for aspect in Aspect:
        price, third, *corners = marks_of(asked, aspect)
        assert price[0] > 0.5 > third[2]
        assert 0.3 < price[1] < price[3] < 0.85
        assert all(corner[3] < 0.2 for corner in corners)
        assert len(corners) == 2
    logo, label = marks_of(laid_out(account="shorts:brand"), Aspect.TALL)
    assert logo[2] < 0.5 < label[0]
    assert marks_of(laid_out(account="shorts:brand"), Aspect.WIDE) == ()
    board = asked.storyboard
    assert board
    other = replace(board, shots=(replace(board.shots[0], line="新茶上市，一年只此一次。"),))
    reworded = replace(asked, storyboard=other)
    assert all(marks_of(reworded, aspect) == marks_of(asked, aspect) for aspect in Aspect)


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        ({"price_tag": "¥68🍵"}, GlyphError, "🍵"),
        ({"legal": "茶" * 200}, TextFitError, "room for 2 lines"),
        ({"cover_title": "茶" * 60}, TextFitError, "room for 3 lines"),
        ({"lower_third": "Wolfeschlegelsteinhausenbergerdorff " * 2}, TextFitError, "room for 1 line"),
    ],
)
def test_words_that_find_no_place_stop_the_spot_before_its_pictures_are_made(
    words: dict[str, str], error: type[FinishError], says: str
) -> None:
    with pytest.raises(error, match=says):
        rehearse(laid_out(**words))


def test_none_switches_off_what_the_kit_would_show() -> None:
    legal = KIT.legal.model_copy(update={"words": Words(zh="以实物为准", en="")})
    kit = KIT.model_copy(update={"legal": legal, "qr": KIT.qr.model_copy(update={"link": "https://a.cn"})})
    assert extras_of(replace(laid_out(), kit=kit)).legal == "以实物为准"
    assert extras_of(replace(laid_out(legal="none"), kit=kit)).legal == ""
    assert link_of(replace(laid_out(), kit=kit)) == "https://a.cn"
    assert link_of(replace(laid_out(qr="none"), kit=kit)) == ""


def test_words_are_lit_only_where_the_kit_says_so() -> None:
    still = KIT.model_copy(update={"captions": KIT.captions.model_copy(update={"spoken": None})})
    cues, second, words = captions_of(replace(laid_out(), kit=still))
    assert words == ()
    assert [cue.text for cue in (*cues, *second)] == ["新茶上市，一年一次", "Once a year."]
    lit = still.captions.model_copy(update={"spoken": "#FFD000"})
    assert len(captions_of(replace(laid_out(), kit=still.model_copy(update={"captions": lit})))[2]) == 1


def test_every_word_over_the_picture_is_screened_in_its_language() -> None:
    row = {
        "translation": "Best tea ever",
        "price_tag": "¥68",
        "legal": "声明",
        "lower_third": "林清",
        "cover_title": "最佳",
    }
    texts = {
        text.where: (text.text, text.language.value)
        for text in materials_of(laid_out(**row))[Stage.COPY].texts
    }
    assert texts["translation"] == ("Best tea ever", "en")
    for where, words in (
        ("price tag", "¥68"),
        ("legal line", "声明"),
        ("lower third", "林清"),
        ("cover title", "最佳"),
    ):
        assert texts[where] == (words, "zh")
