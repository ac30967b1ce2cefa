from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from campaign.brand_kit import read_kit
from campaign.timing import LEAD_IN, TAIL, Timeline, fit
from finishing.pace import TrackBeats, TrackJob, snap_to_beats, track_beats
from finishing.sound import SoundJob, mix_sound
from media.sound import RATE, read_sound, write_wav
from tests.finishing.conftest import KITS, storyboard

BOARD = storyboard(("新茶上市。", "只要一百九十九元。", "一年一次。", "好茶。"))
SPOKEN = {"t-1-s1": 1.1, "t-1-s2": 2.3, "t-1-s3": 0.9, "t-1-s4": 0.7}


def cuts(timeline: Timeline) -> list[int]:
    """First frame after each shot that another picture follows."""
    return [
        shot.first_frame + shot.num_frames
        for shot in (timeline.shots if timeline.end_card_frames else timeline.shots[:-1])
    ]


def unbroken(timeline: Timeline, spoken: dict[str, float]) -> bool:
    """Shots in a row, each with the air around its voice."""
    in_a_row = all(a.first_frame + a.num_frames == b.first_frame for a, b in pairwise(timeline.shots))
    return in_a_row and all(
        shot.voice_start == pytest.approx(shot.first_frame / timeline.fps + LEAD_IN)
        and LEAD_IN + spoken[shot.shot_id] + TAIL <= (shot.num_frames + 1) / timeline.fps
        for shot in timeline.shots
    )


@pytest.mark.parametrize("bpm", [60, 90, 112, 128, 174])
@pytest.mark.parametrize("fps", [24, 25, 30])
def test_every_cut_of_a_spot_that_may_grow_falls_within_a_frame_of_a_beat(bpm: int, fps: int) -> None:
    beats = [n * 60 / bpm for n in range(80)]
    snapped = snap_to_beats(fit(BOARD, SPOKEN, fps), BOARD, beats)
    assert snapped.off == ()
    for cut in cuts(snapped.timeline):
        assert min(abs(cut / fps - beat) for beat in beats) <= 1 / fps
    assert unbroken(snapped.timeline, SPOKEN)


@pytest.mark.parametrize("bpm", [90, 112, 128])
def test_an_asked_duration_is_kept_and_the_end_card_gives_what_is_missing(bpm: int) -> None:
    board = replace(BOARD, duration=12.0)
    beats = [n * 60 / bpm for n in range(40)]
    snapped = snap_to_beats(fit(board, SPOKEN, 24), board, beats)
    assert snapped.off == ()
    for cut in cuts(snapped.timeline):
        assert min(abs(cut / 24 - beat) for beat in beats) <= 1 / 24
    assert snapped.timeline.num_frames == 12 * 24
    assert snapped.timeline.end_card_frames >= 0.75 * 24
    assert unbroken(snapped.timeline, SPOKEN)


def test_the_end_of_a_spot_without_an_end_card_is_no_cut() -> None:
    board = replace(storyboard(("新茶上市。", "好茶。"), end_card=0.0), duration=5.0)
    snapped = snap_to_beats(fit(board, {}, 24), board, [n * 0.7 for n in range(40)])
    assert snapped.timeline.num_frames == 5 * 24
    assert len(snapped.timeline.shots) == 2


def test_a_cut_that_reaches_no_beat_stays_and_is_told() -> None:
    timeline = fit(BOARD, SPOKEN, 24)
    for beats in ([100.0], []):
        snapped = snap_to_beats(timeline, BOARD, beats)
        assert (snapped.timeline, snapped.off) == (timeline, (1, 2, 3, 4))


def test_an_asked_duration_without_room_moves_no_cut_off_its_voice() -> None:
    tight = replace(BOARD, duration=sum(SPOKEN.values()) + 4 * (LEAD_IN + TAIL) + 1.0 + 0.3)
    timeline = fit(tight, SPOKEN, 24)
    snapped = snap_to_beats(timeline, tight, [n * 0.9 for n in range(20)])
    assert snapped.off
    assert snapped.timeline.num_frames == timeline.num_frames
    assert unbroken(snapped.timeline, SPOKEN)


@pytest.mark.parametrize("place", ["qinghe_tea/spring_mist", "harbor_ceramics/harbor_morning"])
@pytest.mark.parametrize("stated", [True, False])
def test_the_beats_of_the_kits_tracks_are_found_whether_the_kit_states_a_tempo_or_not(
    place: str, stated: bool
) -> None:
    kit, _, name = place.partition("/")
    track = read_kit(KITS / kit).music[name]
    assert track.bpm
    found = track_beats(TrackJob(music=track.file, bpm=track.bpm if stated else None))
    beat = 60 / track.bpm
    off = (np.array(found.times[1:-1]) + beat / 2) % beat - beat / 2
    assert np.abs(off).max() < 1 / 24
    assert found.bpm == pytest.approx(track.bpm, rel=0.002)


def test_a_silent_track_has_no_beats(tmp_path: Path) -> None:
    write_wav(tmp_path / "quiet.wav", np.zeros(8 * RATE, dtype=np.float32))
    assert track_beats(TrackJob(music=tmp_path / "quiet.wav", bpm=None)).in_bed(20.0) == []


def clicks(path: Path, bpm: float, seconds: float) -> Path:
    times = np.arange(round(seconds * RATE)) / RATE
    beat = 60 / bpm
    tone = np.sin(2 * np.pi * 90 * times) * np.exp(-(times % beat) * 40)
    write_wav(path, (0.5 * tone).astype(np.float32))
    return path


@pytest.mark.parametrize("seconds", [8.0, 8.7])
def test_beats_of_a_repeated_track_are_where_the_mix_sounds_them(tmp_path: Path, seconds: float) -> None:
    track = clicks(tmp_path / "clicks.wav", 120, seconds)
    found = track_beats(TrackJob(music=track, bpm=120.0))
    mix_sound(SoundJob(lines=(), music=track, music_level=-20, bpm=found.bpm, duration=21.0), tmp_path)
    heard = np.abs(read_sound(tmp_path / "sound.m4a")[:, 0])
    beats = [beat for beat in found.in_bed(21.0) if 0.5 < beat < 19.0]
    assert len(beats) >= 35
    for beat in beats:
        around = heard[round((beat - 0.1) * RATE) : round((beat + 0.1) * RATE)]
        onset = np.flatnonzero(around > 0.3 * around.max())[0] / RATE - 0.1
        assert abs(onset) < 1 / 24


def test_a_longer_track_is_not_repeated_inside_a_spot() -> None:
    beats = TrackBeats(bpm=120.0, times=tuple(n * 0.5 for n in range(20)), samples=round(9.9 * RATE))
    assert beats.in_bed(9.8)[-1] == 9.5
    assert beats.in_bed(16.2)[-1] == 16.0
