import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from campaign.brand_kit import BrandKit
from campaign.content_key import content_key
from campaign.errors import FinishError
from finishing.sound import PlacedLine, SoundJob, _track, mix_sound, sound_recipe
from media.command import run_ffmpeg
from media.probe import probe
from media.sound import RATE, read_sound, write_wav
from tests.finishing.conftest import Made


def speech(path: Path, seconds: float = 1.0) -> Path:
    """A tone that comes and goes, at the level that a voice has."""
    times = np.arange(round(seconds * RATE)) / RATE
    write_wav(
        path, (0.22 * np.sin(2 * np.pi * 220 * times) * (0.6 + 0.4 * np.sin(12 * times))).astype(np.float32)
    )
    return path


@pytest.fixture
def job(kit: BrandKit, tmp_path: Path) -> SoundJob:
    track = kit.music["first_flush"]
    return SoundJob(
        lines=(PlacedLine(path=speech(tmp_path / "v.wav"), start=1.5),),
        music=track.file,
        music_level=-20.0,
        bpm=track.bpm,
        duration=4.0,
    )


@pytest.mark.parametrize("kind", ["voice and music", "voice only", "music only"])
def test_ffmpeg_finds_the_finished_file_on_target(kind: str, job: SoundJob, tmp_path: Path) -> None:
    job = replace(job, music=None) if kind == "voice only" else job
    job = replace(job, lines=()) if kind == "music only" else job
    facts = mix_sound(job, tmp_path)
    log = run_ffmpeg(("-i", str(tmp_path / facts.file), "-af", "ebur128=peak=true", "-f", "null", "-"))
    summary = log[log.rindex("Summary") :]
    integrated, peak = (float(re.search(f"{name}: +(\\S+)", summary)[1]) for name in ("I", "Peak"))
    assert integrated == pytest.approx(-14.0, abs=0.5)
    assert peak <= -1.0
    assert facts.integrated == pytest.approx(integrated, abs=0.15)


@pytest.mark.parametrize("seconds", [0.5, 3.375, 40.0])
def test_the_sound_is_as_long_as_asked_whatever_the_tracks_length(
    seconds: float, job: SoundJob, tmp_path: Path
) -> None:
    mix_sound(replace(job, lines=(), duration=seconds), tmp_path)
    facts = probe(tmp_path / "sound.m4a").sound
    assert facts is not None
    assert facts.duration == pytest.approx(seconds, abs=1 / 1000)


def test_music_goes_down_under_the_voice_and_comes_back(job: SoundJob, tmp_path: Path) -> None:
    high = tmp_path / "high.wav"
    times = np.arange(8 * RATE) / RATE
    write_wav(high, (0.3 * np.sin(2 * np.pi * 3000 * times)).astype(np.float32))
    mix_sound(replace(job, music=high, bpm=None), tmp_path)
    mixed = read_sound(tmp_path / "sound.m4a")
    kernel = np.exp(-2j * np.pi * 3000 * np.arange(RATE // 10) / RATE)
    levels = [abs(np.vdot(kernel, mixed[int(t * RATE) :][: RATE // 10, 0])) for t in (0.8, 2.0, 3.0)]
    assert 20 * np.log10(levels[1] / levels[0]) == pytest.approx(-9, abs=1.5)
    assert 20 * np.log10(levels[2] / levels[0]) > -3


def test_a_short_track_is_repeated_without_a_hole(job: SoundJob, tmp_path: Path) -> None:
    short = tmp_path / "short.wav"
    times = np.arange(round(2.1 * RATE)) / RATE
    write_wav(short, (0.3 * np.sin(2 * np.pi * 200 * times)).astype(np.float32))
    mix_sound(replace(job, lines=(), music=short, bpm=120.0, duration=9.0), tmp_path)
    mixed = read_sound(tmp_path / "sound.m4a")[RATE : 7 * RATE, 0]
    steps = np.sqrt(np.square(mixed).reshape(-1, RATE // 50).mean(axis=1))
    assert steps.min() > 0.6 * np.median(steps)


def test_nothing_to_hear_is_a_finding(job: SoundJob, tmp_path: Path) -> None:
    facts = mix_sound(replace(job, lines=(), music=None), tmp_path)
    assert (facts.integrated, facts.true_peak) == (None, None)
    assert "nothing to hear" in facts.findings[0]
    assert (tmp_path / facts.file).is_file()


def test_a_silent_track_is_a_finding_and_the_voice_is_heard(job: SoundJob, tmp_path: Path) -> None:
    write_wav(tmp_path / "quiet.wav", np.zeros(6 * RATE, dtype=np.float32))
    facts = mix_sound(replace(job, music=tmp_path / "quiet.wav"), tmp_path)
    assert facts.findings == ("Music quiet.wav is silent. Take another track.",)
    assert facts.integrated == pytest.approx(-14.0, abs=0.5)


def test_a_track_longer_than_the_spot_is_not_begun_anew_before_its_end(job: SoundJob, tmp_path: Path) -> None:
    rising = tmp_path / "rising.wav"
    times = np.arange(12 * RATE) / RATE
    write_wav(rising, (0.3 * np.sin(2 * np.pi * (200 * times + 20 * times**2))).astype(np.float32))
    mix_sound(replace(job, lines=(), music=rising, bpm=120.0, duration=7.0), tmp_path)
    mixed = read_sound(tmp_path / "sound.m4a")[:, 0]
    heard = [mixed[round(t * RATE) :][: RATE // 5] for t in (4.2, 5.0, 5.7)]
    pitches = [float(np.argmax(np.abs(np.fft.rfft(part)))) * 5 for part in heard]
    assert pitches == pytest.approx([200 + 40 * (t + 0.1) for t in (4.2, 5.0, 5.7)], abs=12)


def test_a_line_over_the_end_and_an_unreadable_track_are_refused(job: SoundJob, tmp_path: Path) -> None:
    late = PlacedLine(path=job.lines[0].path, start=3.5)
    with pytest.raises(FinishError, match=r"ends at 4\.50 s, but the spot at 4\.00 s"):
        mix_sound(replace(job, lines=(late,)), tmp_path)
    (tmp_path / "broken.ogg").write_bytes(b"OggS" * 20)
    with pytest.raises(FinishError, match=r"sound of broken\.ogg"):
        mix_sound(replace(job, music=tmp_path / "broken.ogg"), tmp_path)


def test_the_recipe_goes_by_content_not_by_name(job: SoundJob, tmp_path: Path) -> None:
    same = tmp_path / "same.wav"
    same.write_bytes(job.lines[0].path.read_bytes())
    renamed = replace(job, lines=(PlacedLine(path=same, start=1.5),))
    assert content_key(sound_recipe(renamed)) == content_key(sound_recipe(job))
    assert content_key(sound_recipe(replace(job, music_level=-21.0))) != content_key(sound_recipe(job))


def test_a_real_spot_is_on_target(made: Made) -> None:
    assert made.sound.integrated == pytest.approx(-14.0, abs=0.5)
    assert made.sound.findings == ()


def test_a_sound_is_the_same_whatever_was_made_of_its_track_before(job: SoundJob, tmp_path: Path) -> None:
    _track.cache_clear()
    mix_sound(replace(job, duration=14.0), tmp_path)
    alone = (tmp_path / "sound.m4a").read_bytes()
    for before in (5.0, 40.0, 9.5):
        mix_sound(replace(job, duration=before), tmp_path)
        mix_sound(replace(job, duration=14.0), tmp_path)
        assert (tmp_path / "sound.m4a").read_bytes() == alone


def test_spots_of_about_one_length_decode_a_track_once(job: SoundJob, tmp_path: Path) -> None:
    _track.cache_clear()
    for duration in (4.0, 9.5, 14.0):
        mix_sound(replace(job, duration=duration), tmp_path)
    assert _track.cache_info().misses == 1


def test_a_track_that_is_gone_is_named(job: SoundJob, tmp_path: Path) -> None:
    with pytest.raises(FinishError, match=r"music gone\.ogg: .*No such file"):
        mix_sound(replace(job, music=tmp_path / "gone.ogg"), tmp_path)
