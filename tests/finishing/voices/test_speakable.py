import pytest

from campaign.brief import Language
from finishing.voices.speakable import speakable


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2025年3月5日", "二零二五年三月五日"),
        ("立减50%", "立减百分之五十"),
        ("5%-10%", "百分之五到百分之十"),
        ("¥1,299.50元起", "一千二百九十九点五零元起"),
        ("$20", "二十美元"),
        ("每罐250g，2 kg", "每罐二百五十克，二千克"),
        ("2杯，12个", "两杯，十二个"),
        ("10:30开售，9:05到", "十点三十分开售，九点零五分到"),
        ("3-5天", "三到五天"),
        ("100005个", "十万零五个"),
        ("10010", "一万零一十"),
        ("4008001234", "四零零八零零一二三四"),
        ("20℃", "二十摄氏度"),
        ("0元", "零元"),
        ("茶&水", "茶和水"),
    ],
)
def test_figures_are_said_as_a_chinese_reader_says_them(written: str, said: str) -> None:
    assert speakable(written, Language.ZH).text == said


def test_english_is_left_to_the_voice() -> None:
    line = "It's $19.99, 50% off in 2025."
    assert speakable(line, Language.EN).text == line


def test_every_spoken_character_knows_its_place_in_the_line() -> None:
    line = "立减50%，只要¥199。"
    spoken = speakable(line, Language.ZH)
    assert len(spoken.spans) == len(spoken.text)
    assert {line[start:end] for start, end in spoken.spans} >= {"50%", "¥199", "立"}


def test_a_spoken_word_is_the_written_one_without_its_punctuation() -> None:
    spoken = speakable("立减50%，好 Hand-thrown 茶", Language.ZH)
    first = spoken.text.index("百")
    span = spoken.written_word(first, spoken.text.index("，") + 1)
    assert span is not None
    assert spoken.written[slice(*span)] == "50%"
    inside = spoken.text.index("thrown")
    span = spoken.written_word(inside, inside + 6)
    assert span is not None
    assert spoken.written[slice(*span)] == "Hand-thrown"
