from pathlib import Path

import pytest
from PIL import Image

from campaign.errors import FinishError
from finishing.inspect import contact_sheet, inspect
from media.command import run_ffmpeg
from tests.finishing.conftest import Made


def test_a_delivery_is_told_whole(made: Made) -> None:
    seen = inspect(made.video, made.facts.label_box)
    assert seen.findings == ()
    assert seen.loudness is not None
    assert seen.loudness.integrated == pytest.approx(-14, abs=0.5)
    assert [cue.text for cue in seen.cues] == [cue.text for cue in made.job.cues]
    assert seen.labels.aigc == made.job.metadata


@pytest.mark.parametrize(
    ("arguments", "finding"),
    [
        (("-an", "-c:v", "copy"), "no sound stream"),
        (("-c", "copy", "-movflags", "-faststart"), "plays only when it is loaded whole"),
        (("-c:v", "copy", "-c:a", "aac", "-ar", "44100"), "44100 samples"),
        (("-c:v", "copy", "-c:a", "aac", "-t", "1.0"), "Its sound is"),
        (("-c:v", "copy", "-c:a", "aac", "-af", "volume=12dB"), "true peak"),
        (("-c:v", "copy", "-c:a", "aac", "-af", "volume=0"), "nothing to hear"),
        (("-c:a", "copy", "-pix_fmt", "yuv444p"), "yuv444p"),
        (("-c:a", "copy", "-colorspace", "bt470bg"), "not bt709"),
    ],
)
def test_what_is_not_as_it_should_be_is_a_finding(
    arguments: tuple[str, ...], finding: str, made: Made, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.mp4"
    if "-t" in arguments:
        sound = tmp_path / "short.m4a"
        run_ffmpeg(("-v", "error", "-i", str(made.job.sound), "-t", "1", "-c", "copy", str(sound)))
        inputs = ("-i", str(made.video), "-i", str(sound), "-map", "0:v", "-map", "1:a", "-c", "copy")
        run_ffmpeg(("-v", "error", *inputs, str(broken)))
    else:
        run_ffmpeg(("-v", "error", "-i", str(made.video), *arguments, str(broken)))
    assert any(finding in found for found in inspect(broken).findings)


def test_a_contact_sheet_has_as_many_pictures_as_asked(made: Made, tmp_path: Path) -> None:
    contact_sheet(made.video, tmp_path / "sheet.png", columns=3, rows=2)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (3 * (202 + 6) + 6, 2 * (360 + 24 + 6) + 6)


def test_what_is_no_film_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no film")
    with pytest.raises(FinishError, match=r"notes\.mp4"):
        inspect(tmp_path / "notes.mp4")
