from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.brief import Language
from campaign.errors import FinishError
from finishing.voices.words import estimated_words, spoken_text


@pytest.mark.parametrize(
    ("line", "language", "words"),
    [
        ("新茶，上市。", Language.ZH, ["新", "茶", "上", "市"]),
        ("It's 50% off, hand-thrown!", Language.EN, ["It's", "50%", "off", "hand-thrown"]),
        ("港窑 Harbor 新器。", Language.ZH, ["港", "窑", "Harbor", "新", "器"]),
        ("……", Language.ZH, []),
    ],
)
def test_a_line_is_parted_into_its_words(line: str, language: Language, words: list[str]) -> None:
    assert [word.text for word in estimated_words(line, language, 3.0)] == words


@given(st.text(max_size=80), st.sampled_from(list(Language)), st.floats(0.1, 60.0))
def test_words_follow_one_another_and_fill_the_line(text: str, language: Language, duration: float) -> None:
    words = estimated_words(text, language, duration)
    assert all(0 <= word.start <= word.end <= duration + 1e-6 for word in words)
    assert all(one.end <= other.start + 1e-6 for one, other in pairwise(words))
    assert not words or words[0].start == 0


def test_a_pause_lies_after_a_mark_and_a_figure_takes_as_long_as_it_is_said() -> None:
    new, tea, came = estimated_words("新，茶来", Language.ZH, 4.0)
    assert tea.start - new.end > 0.5
    assert came.start == pytest.approx(tea.end)
    figure, _ = estimated_words("199元", Language.ZH, 4.0)
    assert figure.end - figure.start > 3.0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("新茶🫖上市✨", "新茶 上市"),
        ("  a\n b ", "a b"),
        ("👨‍👩‍👧 family", "family"),
        ("¥199 → 5 °C, 80℃", "¥199 5 °C, 80℃"),
    ],
)
def test_pictures_are_not_read_aloud(line: str, said: str) -> None:
    assert spoken_text("v", line) == said


def test_a_line_of_pictures_alone_has_nothing_to_say() -> None:
    with pytest.raises(FinishError, match="has nothing to say for '🫖'"):
        spoken_text("v", "🫖")
