from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.brief import Language
from campaign.timing import READING_RATE, fit
from finishing.captions import MOST_SECOND, make_cues, make_second
from finishing.translation import align, with_translation
from tests.finishing.conftest import storyboard

LINES = ("清晨采下的第一芽，", "午后就到你的杯中。", "三分钟，慢下来。", "", "喝一口春天！")
TRANSLATION = "Picked at dawn, in your cup by noon. Take three minutes. Taste the spring!"


def test_sentences_that_pair_up_stay_with_their_lines() -> None:
    assert align(LINES, TRANSLATION) == (
        "Picked at dawn,",
        "in your cup by noon.",
        "Take three minutes.",
        "",
        "Taste the spring!",
    )


def test_a_translation_of_other_sentences_is_shared_out_by_length() -> None:
    parts = align(
        ("一二三四五六七八九十。", "一二三四五。"), "One two three four five six, seven eight nine ten"
    )
    assert parts == ("One two three four five six,", "seven eight nine ten")


@given(
    st.lists(st.text(alphabet="春茶，。！ab1 ", max_size=14), min_size=1, max_size=5),
    st.text(alphabet="ab, .!茶。19%{}'\\:\n", max_size=60),
)
def test_no_letter_of_a_translation_is_lost_or_invented(lines: list[str], translation: str) -> None:
    parts = align(lines, translation)
    assert len(parts) == len(lines)
    if any(character.isalnum() for line in lines for character in line):
        letters = [c for c in " ".join(parts) if c.isalnum()]
        assert letters == [c for c in translation if c.isalnum()]


def test_the_second_language_is_seen_while_its_line_is_and_can_be_read() -> None:
    board = with_translation(storyboard(tuple(line for line in LINES if line)), TRANSLATION)
    timeline = fit(board, {}, 24)
    cues = make_cues(board, timeline, {})
    second = make_second(board, timeline, cues)
    assert [cue.text for cue in second] == [
        "Picked at dawn",
        "in your cup by noon.",
        "Take three minutes.",
        "Taste the spring!",
    ]
    assert [(cue.start, cue.end) for cue in second] == [(cue.start, cue.end) for cue in cues]
    for shot, timed in zip(board.shots, timeline.shots, strict=True):
        assert timed.num_frames / 24 >= len(shot.translation) / READING_RATE[Language.EN] - 1 / 24


def test_a_long_share_is_cut_into_parts_that_two_small_lines_hold() -> None:
    words = (
        "We pick the first leaves of the year by hand, in the rain, and fire them the same evening over pine."
    )
    board = with_translation(storyboard(("明前采，雨中采，当晚炒。",)), words)
    timeline = fit(board, {}, 24)
    second = make_second(board, timeline, make_cues(board, timeline, {}))
    assert len(second) > 1
    assert all(len(cue.text) <= MOST_SECOND[Language.EN] for cue in second)
    assert all(a.end == pytest.approx(b.start) for a, b in pairwise(second))


def test_without_a_translation_nothing_changes() -> None:
    board = storyboard(LINES)
    assert with_translation(board, "") is board
