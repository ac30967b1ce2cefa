from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from campaign.brand_kit import BrandKit
from campaign.timing import LEAD_IN, TAIL, fit
from finishing.pace import snap_to_beats, track_beats
from media.sound import RATE, write_wav
from tests.finishing.conftest import storyboard

BOARD = storyboard(("新茶上市。", "只要一百九十九元。", "一年一次。", "好茶。"))
SPOKEN = {"t-1-s1": 1.1, "t-1-s2": 2.3, "t-1-s3": 0.9, "t-1-s4": 0.7}


@pytest.mark.parametrize("bpm", [90, 112, 128])
def test_every_cut_that_can_falls_within_a_frame_of_a_beat(bpm: int) -> None:
    timeline = fit(replace(BOARD, duration=12.0), SPOKEN, 24)
    beats = [n * 60 / bpm for n in range(40)]
    snapped = snap_to_beats(timeline, BOARD, beats)
    for shot in snapped.shots[1:]:
        assert min(abs(shot.first_frame / 24 - beat) for beat in beats) <= 1 / 24
    assert snapped.num_frames == timeline.num_frames


def test_no_voice_line_is_broken_and_shots_stay_in_a_row() -> None:
    timeline = fit(BOARD, SPOKEN, 24)
    snapped = snap_to_beats(timeline, BOARD, [n * 0.7 for n in range(40)])
    first = 0
    for shot in snapped.shots:
        assert shot.first_frame == first
        assert shot.voice_start == pytest.approx(first / 24 + LEAD_IN)
        end = (first + shot.num_frames) / 24
        assert (shot.voice_start or 0) + SPOKEN[shot.shot_id] + TAIL <= end + 1e-6
        first += shot.num_frames
    assert first == sum(shot.num_frames for shot in timeline.shots)


def test_a_cut_that_reaches_no_beat_stays() -> None:
    timeline = fit(BOARD, SPOKEN, 24)
    assert snap_to_beats(timeline, BOARD, [100.0]) == timeline
    assert snap_to_beats(timeline, BOARD, []) == timeline


def test_a_stated_tempo_is_taken_at_its_word(kit: BrandKit) -> None:
    assert track_beats(kit.music["spring_mist"].file, 120.0, 2.0) == (0.0, 0.5, 1.0, 1.5, 2.0)


def test_an_unstated_tempo_is_found_in_the_sound(kit: BrandKit, tmp_path: Path) -> None:
    beats = track_beats(kit.music["spring_mist"].file, None, 8.0)
    assert np.diff(beats).mean() == pytest.approx(60 / 90, rel=0.02)
    write_wav(tmp_path / "quiet.wav", np.zeros(8 * RATE, dtype=np.float32))
    assert track_beats(tmp_path / "quiet.wav", None, 8.0) == ()
