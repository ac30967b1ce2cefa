from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import Image

from campaign.brand_kit import BrandKit, kit_names, read_kit
from campaign.brief import Language
from campaign.kit_parts import Track
from media.loudness import measure_loudness
from media.sound import read_sound

KITS = Path(__file__).parents[1] / "brand_kits"
NAMES = kit_names((KITS,))
TRACKS = [(name, track) for name in NAMES for track in read_kit(KITS / name).music]
ROUND = "，。、；：？！…—·“”‘’（）《》【】「」％‰℃￥€£©®™×÷±→←↑↓•①⑩⑳０９ǚ№′″"
SAMPLE_RATE = 48_000
BEATS_IN_A_BAR = 4


@pytest.fixture(params=NAMES)
def kit(request: pytest.FixtureRequest) -> BrandKit:
    return read_kit(KITS / request.param)


@pytest.fixture(params=TRACKS, ids=lambda pair: pair[1])
def track(request: pytest.FixtureRequest) -> Track:
    name, title = request.param
    return read_kit(KITS / name).music[title]


@cache
def sound(path: Path) -> NDArray[np.float32]:
    return read_sound(path)


def gb2312_hanzi() -> Iterator[str]:
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            yield from bytes((row, cell)).decode("gb2312", errors="ignore")


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_there_are_two_kits() -> None:
    assert NAMES == ["harbor_ceramics", "qinghe_tea"]


def test_every_asset_lies_in_the_kit_with_a_licence_that_names_itself(kit: BrandKit) -> None:
    for asset in kit.assets().values():
        assert asset.file.is_relative_to(kit.folder)
        licence = asset.licence.read_text(encoding="utf-8")
        is_font = asset.file.suffix == ".otf"
        assert ("SIL OPEN FONT LICENSE Version 1.1" if is_font else "Apache-2.0") in licence


@pytest.mark.parametrize("role", ["display", "text"])
def test_fonts_cover_gb_2312_and_the_signs_of_ordinary_copy(kit: BrandKit, role: str) -> None:
    with TTFont(getattr(kit.fonts, role).file) as font:
        cmap = font.getBestCmap()
    hanzi = list(gb2312_hanzi())
    wanted = [*hanzi, *map(chr, range(0x20, 0x7F)), *map(chr, range(0xA1, 0x100)), *ROUND]
    assert len(hanzi) == 6763
    assert [character for character in wanted if ord(character) not in cmap] == []


@pytest.mark.parametrize("role", ["display", "text"])
def test_changed_fonts_do_not_bear_the_names_of_the_originals(kit: BrandKit, role: str) -> None:
    with TTFont(getattr(kit.fonts, role).file) as font:
        names = font["name"]
    shown = [str(record) for record in names.names if record.nameID in (1, 3, 4, 6, 16)]
    assert shown
    assert not [name for name in shown if "Noto" in name or "Source" in name]
    assert "Adobe" in names.getDebugName(0)


def test_colours_can_be_read(kit: BrandKit) -> None:
    colors = kit.colors
    assert contrast(colors.ink, colors.background) >= 7
    assert contrast(colors.light, colors.primary) >= 4.5
    assert contrast(colors.accent, colors.primary) >= 3
    assert contrast(kit.captions.color, kit.captions.outline) >= 7


def test_logo_is_large_clear_at_its_corners_and_solid_in_its_middle(kit: BrandKit) -> None:
    alpha = Image.open(kit.logo.file).convert("RGBA").getchannel("A")
    assert alpha.width >= 800
    assert [alpha.getpixel((x, y)) for x in (0, alpha.width - 1) for y in (0, alpha.height - 1)] == [0] * 4
    assert alpha.getpixel((alpha.width // 2, alpha.height // 2)) == 255


def test_logo_has_light_and_dark_in_it_at_the_size_it_is_shown(kit: BrandKit) -> None:
    logo = Image.open(kit.logo.file).convert("RGBA")
    small = np.asarray(logo.resize((round(logo.width * 54 / logo.height), 54), Image.Resampling.LANCZOS))
    gray = small[..., :3].mean(axis=2)[small[..., 3] == 255]
    assert np.percentile(gray, 95) - np.percentile(gray, 5) > 100


def test_end_card_speaks_both_languages(kit: BrandKit) -> None:
    for words in (kit.title, kit.end_card.call_to_action, kit.end_card.line, kit.ai_label.words):
        assert all(words.of(language).strip() for language in Language)


def test_kit_has_music_to_choose_from(kit: BrandKit) -> None:
    assert len(kit.music) >= 2
    assert len({track.mood for track in kit.music.values()}) == len(kit.music)


def test_track_is_whole_bars_at_the_speed_its_kit_says(track: Track) -> None:
    assert track.bpm
    seconds = len(sound(track.file)) / SAMPLE_RATE
    bars = seconds * track.bpm / 60 / BEATS_IN_A_BAR
    assert seconds >= 30
    assert abs(bars - round(bars)) * BEATS_IN_A_BAR * 60 / track.bpm < 0.005


def test_track_is_played_at_the_speed_its_kit_says(track: Track) -> None:
    assert track.bpm
    onsets = _onsets(sound(track.file))
    speeds = track.bpm * np.linspace(0.94, 1.06, 25)
    strengths = [_pulse(onsets, speed) for speed in speeds]
    assert abs(speeds[int(np.argmax(strengths))] / track.bpm - 1) < 0.006


def test_track_is_level_and_does_not_clip(track: Track) -> None:
    loudness = measure_loudness(sound(track.file))
    assert -17.5 < loudness.integrated < -14.5
    assert loudness.true_peak <= -0.5


def test_track_loops_without_a_click(track: Track) -> None:
    samples = sound(track.file)
    steps = np.abs(np.diff(samples, axis=0)).max(axis=1)
    assert np.abs(samples[0] - samples[-1]).max() < np.percentile(steps, 99.9)


def test_track_has_bass_middle_and_treble(track: Track) -> None:
    power = np.abs(np.fft.rfft(sound(track.file).mean(axis=1))) ** 2
    hertz = np.fft.rfftfreq(len(sound(track.file)), 1 / SAMPLE_RATE)
    bands = ((40, 250), (250, 2000), (2000, 12000))
    shares = [power[(hertz >= low) & (hertz < high)].sum() / power.sum() for low, high in bands]
    assert shares[0] > 0.05
    assert shares[1] > 0.2
    assert shares[2] > 0.0015


def _onsets(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Rise of the spectrum, 100 a second."""
    mono, hop, window = samples.mean(axis=1), SAMPLE_RATE // 100, 2048
    frames = np.lib.stride_tricks.sliding_window_view(mono, window)[::hop] * np.hanning(window)
    spectrum = np.log1p(100 * np.abs(np.fft.rfft(frames)))
    rise = np.maximum(np.diff(spectrum, axis=0), 0).sum(axis=1)
    return np.asarray(rise - rise.mean(), np.float64)


def _pulse(onsets: NDArray[np.float64], bpm: float) -> float:
    """How strongly the onsets come at half beats of ``bpm``."""
    return float(abs(np.exp(-2j * np.pi * np.arange(len(onsets)) / 100 * bpm / 60 * 2) @ onsets))
