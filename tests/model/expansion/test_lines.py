import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.brief import Language
from model.expansion.lines import LONGEST, cut_lines, spoken_units

ZH, EN = Language.ZH, Language.EN


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


WORDS = {
    ZH: [
        "春茶", "清晨五点", "手工炒制", "《雨前龙井》", "“好喝。真的！”", "100克", "3.5%", "，", "、",
        "。", "！", "：", " ", "\n", "🍵", "👨‍👩‍👧", "#春茶#", "https://a.cn/x?y=1", "让你", "……",
    ],
    EN: [
        "tea", "Dr.", "5.30 a.m.", "500 ml", "1,200", '"Fine. Really."', "“a b, c”", "www.tea.com/spring",
        "#tea", ",", ".", "!", " ", "  ", "\n", "and", "e.g.", "🍵", "It's", "—",
    ],
}  # fmt: skip


@pytest.mark.parametrize("language", Language)
@given(data=st.data(), target=st.floats(4, 20))
@settings(max_examples=150)
def test_joined_lines_are_the_copy_but_for_white_space(
    language: Language, data: st.DataObject, target: float
) -> None:
    parts = data.draw(st.lists(st.one_of(st.sampled_from(WORDS[language]), st.text(max_size=6)), max_size=25))
    copy = "".join(parts)
    lines = cut_lines(copy, language, target)
    if lines:
        assert bare("".join(lines)) == bare(copy)
        assert all(lines)
    else:
        assert spoken_units(copy, language) == 0


@pytest.mark.parametrize("language", Language)
@given(data=st.data(), target=st.floats(4, 20))
@settings(max_examples=150)
def test_what_belongs_together_is_never_parted(
    language: Language, data: st.DataObject, target: float
) -> None:
    copy = " ".join(data.draw(st.lists(st.sampled_from(WORDS[language]), min_size=1, max_size=25)))
    whole = [word for word in WORDS[language] if len(word) > 2 and word in copy]
    lines = cut_lines(copy, language, target)
    for word in whole if lines else []:
        assert sum(line.count(word) for line in lines) == copy.count(word), word


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        (
            "清晨五点，茶农上山采摘第一批嫩芽。手工炒制，三炒三揉，留住一整个春天的鲜。",
            ("清晨五点，茶农上山采摘第一批嫩芽。", "手工炒制，三炒三揉，留住一整个春天的鲜。"),
        ),
        (
            "采用双层真空隔热结构的保温杯可以让你在零下二十度的户外依然喝到热水",
            ("采用双层真空隔热结构的保温杯", "可以让你在零下二十度的户外依然喝到热水"),
        ),
        (
            "春天到了🌸新茶已经上市🍵现在就来尝尝这一口鲜吧",
            ("春天到了🌸新茶已经上市🍵", "现在就来尝尝这一口鲜吧"),
        ),
        (
            "她说：“这是我喝过的茶。真的！”我们信了。限时7天 买2送1 #春茶上新#",
            ("她说：“这是我喝过的茶。真的！”我们信了。", "限时7天 买2送1 #春茶上新#"),
        ),
    ],
)
def test_chinese_is_cut_where_a_speaker_breathes(copy: str, expected: tuple[str, ...]) -> None:
    assert cut_lines(copy, ZH, 13) == expected


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        (
            "Meet the Lark headphones. Forty hours of music, one quiet afternoon, "
            "and nothing between you and the song.",
            (
                "Meet the Lark headphones.",
                "Forty hours of music, one quiet afternoon,",
                "and nothing between you and the song.",
            ),
        ),
        (
            "Dr. Lin picks tea at dawn on Mt. Emei. Each leaf is dried for 3.5 hours, e.g. in bamboo trays.",
            (
                "Dr. Lin picks tea at dawn on Mt. Emei.",
                "Each leaf is dried for 3.5 hours,",
                "e.g. in bamboo trays.",
            ),
        ),
        (
            'He said "it is good, really. I mean it." and smiled at us.',
            ('He said "it is good, really. I mean it."', "and smiled at us."),
        ),
    ],
)
def test_english_keeps_abbreviations_numbers_and_quotations_whole(
    copy: str, expected: tuple[str, ...]
) -> None:
    assert cut_lines(copy, EN, 8) == expected


def test_a_stretch_without_a_place_to_cut_stays_whole() -> None:
    copy = "龙" * 60
    assert cut_lines(copy, ZH, 10) == (copy,)


def test_a_quotation_longer_than_two_lines_is_cut_between_its_sentences() -> None:
    copy = "“" + "今天的茶很香我们都喜欢喝它。" * 5 + "”"
    lines = cut_lines(copy, ZH, 13)
    assert len(lines) > 1
    assert all(line.rstrip("”").endswith("。") for line in lines)


@pytest.mark.parametrize("copy", ["", "   ", "。！？", "🍵🍵", "——"])
def test_copy_without_a_word_has_no_lines(copy: str) -> None:
    assert cut_lines(copy, ZH, 10) == ()


def test_lines_of_ordinary_copy_are_speakable_in_five_seconds() -> None:
    copy = (
        "清晨五点，茶农上山采摘第一批嫩芽。手工炒制，三炒三揉，留住一整个春天的鲜。"
        "海拔1200米的高山茶园，昼夜温差大。"
    )
    for target in (8, 13, 18):
        assert all(4 <= spoken_units(line, ZH) <= LONGEST[ZH] for line in cut_lines(copy, ZH, target))


@pytest.mark.parametrize(
    ("text", "language", "units"),
    [
        ("春茶上新！", ZH, 4),
        ("海拔1200米", ZH, 7),
        ("it's 5 o'clock", EN, 3),
        ("🍵，。", ZH, 0),
        ("50%", ZH, 5),
    ],
)
def test_length_is_what_is_spoken(text: str, language: Language, units: float) -> None:
    assert spoken_units(text, language) == pytest.approx(units)


def test_long_copy_is_cut_in_well_under_a_second() -> None:
    copy = "Tea is picked by hand, dried in the sun and packed in tins. " * 50
    assert len(cut_lines(copy, EN, 8)) >= 100
