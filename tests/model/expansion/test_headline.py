import re

import pytest

from campaign.brief import Language
from model.expansion.headline import fits_as_headline, headline

ZH, EN = Language.ZH, Language.EN


@pytest.mark.parametrize(
    ("line", "phrase"),
    [
        ("手工炒制，三炒三揉，留住一整个春天的鲜。", "手工炒制"),
        ("海拔1200米的高山茶园，", "海拔1200米"),
        ("一杯入口，清香回甘。", "清香回甘"),
        ("来自雾里的高山茶园。", "高山茶园"),
        ("读一页《雨前龙井》再入睡吧。", "雨前龙井"),
        ("我们的茶就是这样的", ""),
        ("全员手机随时查看。", ""),
    ],
)
def test_chinese_phrases_are_whole(line: str, phrase: str) -> None:
    assert headline(line, ZH, ()) == phrase


@pytest.mark.parametrize(
    ("line", "phrase"),
    [
        ("Slow mornings start here.", "Slow mornings"),
        ("Single-origin beans, roasted in small batches every Tuesday,", "Single-origin beans"),
        ("Pour, wait, breathe. Your first cup, exactly how you like it.", "Your first cup"),
        ("It lasts 40 hours on one charge", "40 hours"),
        ("with squalane and oat.", "Squalane"),
        ("Nothing between you and the song.", ""),
        ("Shop at www.tea.com #springtea", ""),
    ],
)
def test_english_phrases_are_whole(line: str, phrase: str) -> None:
    assert headline(line, EN, ()) == phrase


@pytest.mark.parametrize(("line", "language"), [("清晨采摘。", ZH), ("Shop now!", EN), ("春茶上新！🍵", ZH)])
def test_the_whole_line_is_never_its_own_headline(line: str, language: Language) -> None:
    assert re.sub(r"\W", "", headline(line, language, ())) != re.sub(r"\W", "", line)


def test_a_phrase_that_was_shown_is_not_shown_again() -> None:
    line = "手工炒制，清香回甘，留住一整个春天的鲜。"
    first = headline(line, ZH, ())
    second = headline(line, ZH, (first,))
    assert first
    assert second
    assert first != second
    assert headline(line, ZH, ("手工炒制的春茶", "清香回甘")) not in {"手工炒制", "清香回甘"}


@pytest.mark.parametrize(
    ("text", "language", "fits"),
    [
        ("雨前龙井", ZH, True),
        ("茶", ZH, False),
        ("清明节前手工采摘的龙井", ZH, False),
        ("Lark headphones", EN, True),
        ("The new Lark wireless headphones", EN, False),
        ("", EN, False),
    ],
)
def test_a_name_is_a_headline_only_when_short(text: str, language: Language, fits: bool) -> None:
    assert fits_as_headline(text, language) is fits
