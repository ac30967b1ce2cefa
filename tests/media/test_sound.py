from pathlib import Path

import numpy as np
import pytest

from campaign.errors import FinishError
from media.command import run_ffmpeg
from media.probe import probe
from media.sound import RATE, drawn_out, read_sound, read_wav, write_aac, write_wav


def tone(seconds: float, level: float = 0.25, hertz: float = 440) -> np.ndarray:
    times = np.arange(round(seconds * RATE)) / RATE
    return np.repeat((level * np.sin(2 * np.pi * hertz * times))[:, None], 2, axis=1).astype(np.float32)


def test_wav_comes_back_as_it_was(tmp_path: Path) -> None:
    samples = tone(0.3)
    write_wav(tmp_path / "t.wav", samples)
    for read in (read_wav, read_sound):
        assert np.abs(read(tmp_path / "t.wav") - samples).max() < 1 / 16000


def test_mono_is_on_both_sides_at_its_own_level(tmp_path: Path) -> None:
    mono = tone(0.2)[:, 0]
    write_wav(tmp_path / "m.wav", mono)
    for read in (read_wav, read_sound):
        back = read(tmp_path / "m.wav")
        assert back.shape == (len(mono), 2)
        assert np.abs(back[:, 1] - mono).max() < 1 / 16000


@pytest.mark.parametrize(
    ("layout", "rate", "codec"),
    [("mono", 8000, "pcm_s16le"), ("5.1", 44100, "flac"), ("stereo", 22050, "pcm_u8")],
)
def test_any_layout_and_rate_becomes_stereo_at_48_khz(
    layout: str, rate: int, codec: str, tmp_path: Path
) -> None:
    path = tmp_path / f"x.{'flac' if codec == 'flac' else 'wav'}"
    channels = {"mono": "1", "stereo": "2", "5.1": "6"}[layout]
    source = f"sine=f=300:r={rate}:d=0.5"
    run_ffmpeg(("-v", "error", "-f", "lavfi", "-i", source, "-ac", channels, "-c:a", codec, str(path)))
    samples = read_sound(path)
    assert samples.shape[1] == 2
    assert abs(len(samples) / RATE - 0.5) < 0.01
    assert np.abs(samples).max() > 0.05


def test_no_more_is_read_than_asked(tmp_path: Path) -> None:
    write_wav(tmp_path / "t.wav", tone(2.0))
    assert len(read_sound(tmp_path / "t.wav", 0.5)) == RATE // 2


@pytest.mark.parametrize("seconds", [0.013, 1.0, 2.71828])
def test_aac_says_exactly_how_long_it_is(seconds: float, tmp_path: Path) -> None:
    samples = tone(seconds)
    write_aac(tmp_path / "t.m4a", samples)
    facts = probe(tmp_path / "t.m4a").sound
    assert facts is not None
    assert (facts.codec, facts.profile, facts.sample_rate, facts.channels) == ("aac", "LC", RATE, 2)
    assert abs(facts.duration - len(samples) / RATE) < 1 / 1000
    back = read_sound(tmp_path / "t.m4a")[: len(samples)]
    assert len(samples) < 4000 or np.abs(back - samples)[2000:-2000].max() < 0.02


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.mp3").write_bytes(b"hello")
    for read in (read_sound, read_wav):
        with pytest.raises(FinishError, match=r"x\.mp3"):
            read(tmp_path / "x.mp3")


def test_a_line_is_drawn_through_the_middles_of_the_steps() -> None:
    line = drawn_out(np.array([0.0, 1.0, 0.0]), 4, 12)
    assert line[2] == pytest.approx(0.0)
    assert line[4] == pytest.approx(0.5)
    assert line[6] == pytest.approx(1.0)
    assert len(line) == 12
