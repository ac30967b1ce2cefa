"""Opening and ending films in the finished sound, as it is decoded again."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from campaign.content_key import content_key
from finishing.film_sound import MOST_GAIN, PlacedFilm, film_sound, music_window
from finishing.sound import SoundJob, mix_sound, sound_recipe
from media.command import run_ffmpeg
from media.encode import EncodeSettings, VideoEncoder
from media.loudness import integrated_loudness
from media.mux import join
from media.planes import blank_planes
from media.sound import RATE, Samples, read_sound, write_aac, write_wav

FILM, MUSIC = 1000, 3000
"""Hz of the tones that stand for a film's sound and the music."""
INTRO, OUTRO, DURATION = 1.0, 1.5, 8.0


def tone(hertz: float, seconds: float, level: float = 0.2) -> Samples:
    # It begins and ends in the middle of a swing, as a cut through any sound does.
    wave = level * np.cos(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)
    return np.ascontiguousarray(np.broadcast_to(wave.astype(np.float32), (2, len(wave))).T)


def film(path: Path, seconds: float, samples: Samples | None) -> Path:
    pictures = path.with_suffix(".pictures.mp4")
    with VideoEncoder(pictures, 90, 160, 24, EncodeSettings()) as encoder:
        for _ in range(round(seconds * 24)):
            encoder.write(blank_planes(90, 160, (80, 120, 90)))
    if samples is None:
        return pictures
    write_aac(path.with_suffix(".m4a"), samples)
    join(pictures, path.with_suffix(".m4a"), path, {})
    return path


@pytest.fixture
def job(tmp_path: Path) -> SoundJob:
    write_wav(tmp_path / "music.wav", tone(MUSIC, 10))
    opening = film(tmp_path / "open.mp4", 1.5, tone(FILM, 1.5))
    ending = film(tmp_path / "close.mp4", OUTRO, tone(FILM, OUTRO))
    return SoundJob(
        lines=(),
        music=tmp_path / "music.wav",
        music_level=-20.0,
        duration=DURATION,
        films=(
            PlacedFilm(path=opening, start=0.0, seconds=INTRO, alone=True),
            PlacedFilm(path=ending, start=DURATION - OUTRO, seconds=OUTRO, alone=True),
        ),
    )


def level(samples: Samples, hertz: float, start: float, length: float = 0.1) -> float:
    """dB of that tone in ``length`` seconds."""
    part = samples[round(start * RATE) : round((start + length) * RATE), 0]
    shape = np.hanning(len(part))
    turned = np.exp(-2j * np.pi * hertz * np.arange(len(part)) / RATE)
    return float(20 * np.log10(2 * abs(np.vdot(turned.conj(), part * shape)) / shape.sum() + 1e-9))


def mixed(job: SoundJob, folder: Path) -> Samples:
    mix_sound(job, folder)
    return read_sound(folder / "sound.m4a")


def test_a_film_is_heard_alone_and_the_music_between_opening_and_ending(
    job: SoundJob, tmp_path: Path
) -> None:
    heard = mixed(job, tmp_path)
    for moment, with_film in (
        (0.4, True),
        (0.85, True),
        (1.4, False),
        (4.0, False),
        (6.9, True),
        (7.2, True),
    ):
        film_level, music_level = (level(heard, hertz, moment) for hertz in (FILM, MUSIC))
        assert (film_level > -22) == with_film, moment
        assert (music_level > -30) == (not with_film), moment
        assert min(film_level, music_level) < -55, moment
    assert level(heard, FILM, DURATION - 0.03, 0.02) < -30


def test_ffmpeg_finds_the_mix_on_target_and_under_the_ceiling(job: SoundJob, tmp_path: Path) -> None:
    mix_sound(job, tmp_path)
    log = run_ffmpeg(("-i", str(tmp_path / "sound.m4a"), "-af", "ebur128=peak=true", "-f", "null", "-"))
    summary = log[log.rindex("Summary") :]
    integrated, peak = (float(re.search(f"{name}: +(\\S+)", summary)[1]) for name in ("I", "Peak"))
    assert integrated == pytest.approx(-14.0, abs=0.5)
    assert peak <= -1.0


@pytest.mark.parametrize("alone", [True, False])
def test_nothing_clicks_where_sounds_meet(alone: bool, job: SoundJob, tmp_path: Path) -> None:
    job = replace(job, films=tuple(replace(film, alone=alone) for film in job.films))
    heard = mixed(job, tmp_path)[:, 0]
    # A click is short and reaches high; the tones end at 3 kHz.
    size = RATE // 200
    parts = np.lib.stride_tricks.sliding_window_view(heard, size)[:: size // 4] * np.hanning(size)
    high = np.abs(np.fft.rfft(parts))[:, round(8000 * size / RATE) :].max(axis=1) / (size / 4)
    joins = [
        slice(int((at - 0.05) * RATE * 4 / size), int((at + 0.3) * RATE * 4 / size))
        for at in (INTRO, DURATION - OUTRO)
    ]
    assert 20 * np.log10(max(float(high[join].max()) for join in joins)) < -50


def test_music_goes_down_under_a_film_that_is_heard_over_it(job: SoundJob, tmp_path: Path) -> None:
    heard = mixed(replace(job, films=(replace(job.films[0], alone=False),)), tmp_path)
    under, after = (level(heard, MUSIC, moment) for moment in (0.7, 3.0))
    assert under - after == pytest.approx(-9, abs=1.5)
    assert level(heard, FILM, 0.7) > under
    assert music_window(job.films[:1], DURATION) == (INTRO, DURATION)


def test_a_silent_film_leaves_the_music_as_it_is(job: SoundJob, tmp_path: Path) -> None:
    for name, samples in (("none.mp4", None), ("quiet.mp4", tone(FILM, 1.0, 0.0))):
        silent = PlacedFilm(path=film(tmp_path / name, 1.0, samples), start=0.0, seconds=INTRO, alone=True)
        assert film_sound(silent) is None
        assert music_window((silent,), DURATION) == (0.0, DURATION)
        heard = mixed(replace(job, films=(silent,)), tmp_path)
        assert level(heard, MUSIC, 0.4) == pytest.approx(level(heard, MUSIC, 3.0), abs=0.5)


def test_a_film_that_whispers_is_raised_by_twelve_decibels_at_most(tmp_path: Path) -> None:
    whisper = tone(FILM, 1.5, 0.003)
    path = film(tmp_path / "soft.mp4", 1.5, whisper)
    heard = film_sound(PlacedFilm(path=path, start=0.0, seconds=1.0, alone=True))
    assert heard is not None
    raised = integrated_loudness(heard[: RATE // 2]) - integrated_loudness(whisper)
    assert raised == pytest.approx(MOST_GAIN, abs=0.3)


def test_a_spot_of_nothing_but_its_films_is_heard(job: SoundJob, tmp_path: Path) -> None:
    facts = mix_sound(replace(job, music=None), tmp_path)
    assert facts.findings == ()
    assert facts.integrated == pytest.approx(-14.0, abs=0.5)


def test_the_recipe_has_films_by_their_bytes_and_only_where_there_are_any(
    job: SoundJob, tmp_path: Path
) -> None:
    bare = sound_recipe(replace(job, films=()))
    assert "films" not in str(bare)
    same = tmp_path / "same.mp4"
    same.write_bytes(job.films[0].path.read_bytes())
    renamed = replace(job, films=(replace(job.films[0], path=same), job.films[1]))
    over = replace(job, films=(replace(job.films[0], alone=False), job.films[1]))
    keys = [content_key(sound_recipe(one)) for one in (job, renamed, over)]
    assert keys[0] == keys[1] != keys[2]
