from itertools import pairwise
from pathlib import Path

import pysrt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.brief import Language
from campaign.cue import Cue
from campaign.timing import fit
from finishing.captions import FLASH, LONGEST, MOST, cue_words, make_cues, split_line, write_srt, write_vtt
from finishing.voice import SpokenLine, SpokenWord
from tests.finishing.conftest import storyboard

ZH = "明前龙井，每年只有一次最好的时候，错过就要再等一年。2025年3月的新茶，只要199.5元！"
EN = "Hand-thrown in small batches, fired for two days at 1,280 degrees. It costs $19.99, and lasts."


@pytest.mark.parametrize(("line", "language"), [(ZH, Language.ZH), (EN, Language.EN)])
def test_parts_are_short_and_together_the_whole_line(line: str, language: Language) -> None:
    parts = split_line(line, language)
    assert all(len(part) <= MOST[language] for part in parts)
    assert "".join(parts).replace(" ", "") == line.replace(" ", "")


def test_a_figure_is_never_cut_at_its_own_point_or_comma() -> None:
    assert any("199.5元" in part for part in split_line(ZH, Language.ZH))
    assert any("1,280 degrees" in part for part in split_line(EN, Language.EN))


@given(st.text(alphabet="茶水新春，。！ab 1.5%、", max_size=90), st.sampled_from(list(Language)))
def test_no_letter_is_ever_lost(line: str, language: Language) -> None:
    assert "".join(split_line(line, language)).replace(" ", "") == line.replace(" ", "")


def spoken(line: str, seconds: float) -> SpokenLine:
    letters = [character for character in line if character.isalnum()]
    step = seconds / len(letters)
    words = tuple(
        SpokenWord(start=n * step, end=(n + 1) * step, text=letter) for n, letter in enumerate(letters)
    )
    return SpokenLine(duration=seconds, words=words)


def test_cues_follow_the_voice_word_for_word() -> None:
    line = "一二三四五六七八九，十一二三四五六七八九，二十。"
    board = storyboard((line,))
    voice = spoken(line, 8.0)
    timeline = fit(board, {board.shots[0].id: 8.0}, 24)
    cues = make_cues(board, timeline, {board.shots[0].id: voice})
    start = timeline.shots[0].voice_start or 0
    heard = [voice.words[index].start + start for index in (0, 9)]
    assert [cue.start for cue in cues] == pytest.approx(heard, abs=1 / 24)


def test_no_gap_flickers_and_no_cue_overlaps_or_outstays() -> None:
    board = storyboard(("新茶上市。", ZH, "一年一次。"))
    voices = {shot.id: spoken(shot.line, len(shot.line) * 0.22) for shot in board.shots}
    timeline = fit(board, {name: voice.duration for name, voice in voices.items()}, 24)
    cues = make_cues(board, timeline, voices)
    assert len(cues) > 3
    for cue, following in pairwise(cues):
        gap = following.start - cue.end
        assert gap == 0 or gap >= FLASH - 1 / 24
    assert all(0.4 < cue.end - cue.start <= LONGEST for cue in cues)
    assert cues[-1].end <= timeline.duration - 1.0
    assert all(round(cue.start * 24, 6) == round(cue.start * 24) for cue in cues)


def test_a_silent_spot_is_captioned_by_reading_speed() -> None:
    board = storyboard(("新茶上市，只要一百九十九元。", ""))
    cues = make_cues(board, fit(board, {}, 24), {})
    assert [cue.text for cue in cues] == ["新茶上市，只要一百九十九元"]
    assert cues[0].start == 0
    assert cues[0].end - cues[0].start >= 14 / 9


def test_a_cue_drops_only_the_pause_at_its_end() -> None:
    board = storyboard(("好茶！", "真的，很好。"))
    assert [cue.text for cue in make_cues(board, fit(board, {}, 24), {})] == ["好茶！", "真的，很好"]


def test_both_files_carry_the_words_as_they_are(tmp_path: Path) -> None:
    text = "it's {50%}: a\\b --> <c> & 茶"
    cues = (Cue(start=0.0, end=1.5, text=text), Cue(start=3661.25, end=3662.0, text="二"))
    write_srt(cues, tmp_path / "c.srt")
    write_vtt(cues, tmp_path / "c.vtt")
    back = pysrt.open(str(tmp_path / "c.srt"), encoding="utf-8")
    assert [(item.start.ordinal, item.end.ordinal, item.text) for item in back] == [
        (0, 1500, text),
        (3661250, 3662000, "二"),
    ]
    vtt = (tmp_path / "c.vtt").read_text(encoding="utf-8")
    assert "01:01:01.250 --> 01:01:02.000" in vtt
    assert "it's {50%}: a\\b --&gt; &lt;c&gt; &amp; 茶" in vtt


def test_every_spoken_word_belongs_to_the_cue_that_shows_it() -> None:
    board = storyboard((ZH, "一年一次。"))
    voices = {shot.id: spoken(shot.line, len(shot.line) * 0.22) for shot in board.shots}
    timeline = fit(board, {name: voice.duration for name, voice in voices.items()}, 24)
    cues = make_cues(board, timeline, voices)
    for cue, words in zip(cues, cue_words(cues, timeline, voices), strict=True):
        shown = "".join(character for character in cue.text if character.isalnum())
        assert "".join(word.text for word in words) == shown
