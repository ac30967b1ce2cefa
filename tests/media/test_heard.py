from pathlib import Path

import numpy as np
import pytest

from campaign.errors import FinishError
from media.encode import EncodeSettings, VideoEncoder
from media.heard import loudness_of
from media.loudness import measure_loudness
from media.mux import join
from media.planes import blank_planes
from media.sound import RATE, read_sound, write_aac


@pytest.fixture
def noise(rng: np.random.Generator, tmp_path: Path) -> Path:
    path = tmp_path / "noise.m4a"
    write_aac(path, rng.normal(0, 0.1, (RATE, 2)).astype(np.float32))
    return path


def test_a_sound_is_heard_as_it_is_decoded(noise: Path) -> None:
    assert loudness_of(noise) == measure_loudness(read_sound(noise))


def test_packets_that_a_film_carries_unchanged_are_not_decoded_again(noise: Path, tmp_path: Path) -> None:
    with VideoEncoder(tmp_path / "grey.mp4", 32, 32, 24, EncodeSettings()) as encoder:
        for _ in range(24):
            encoder.write(blank_planes(32, 32))
    join(tmp_path / "grey.mp4", noise, tmp_path / "film.mp4")
    assert loudness_of(tmp_path / "film.mp4") is loudness_of(noise)


def test_the_same_file_with_another_sound_is_heard_anew(noise: Path) -> None:
    before = loudness_of(noise)
    write_aac(noise, read_sound(noise) * np.float32(0.5))
    assert loudness_of(noise).integrated == pytest.approx(before.integrated - 6.0, abs=0.3)


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    with VideoEncoder(tmp_path / "grey.mp4", 32, 32, 24, EncodeSettings()) as encoder:
        encoder.write(blank_planes(32, 32))
    with pytest.raises(FinishError, match="no sound stream"):
        loudness_of(tmp_path / "grey.mp4")
