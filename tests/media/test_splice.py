import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from campaign.errors import FinishError
from media.decode import decode
from media.encode import EncodeSettings, VideoEncoder
from media.mux import join
from media.planes import blank_planes, planes_of_frame
from media.probe import probe
from media.splice import read_coded

FINE = EncodeSettings(crf=6, keyframe_seconds=0.5)


def write(path: Path, first_luma: int, frames: int, settings: EncodeSettings = FINE, fps: int = 24) -> Path:
    """A picture whose luma counts the frames, over a texture that makes the encoder reorder."""
    texture = np.random.default_rng(3).integers(0, 12, (48, 64), dtype=np.uint8)
    with VideoEncoder(path, 64, 48, fps, settings) as encoder:
        for number in range(frames):
            picture = blank_planes(64, 48)
            picture.y[...] = np.roll(texture, number, axis=1) + (first_luma + 2 * number)
            encoder.write(picture)
    return path


def numbers(path: Path, first_luma: int) -> list[float]:
    return [(float(planes_of_frame(f).y.mean()) - 5.5 - first_luma) / 2 for f in decode(path)]


def test_a_film_tells_where_its_groups_begin(tmp_path: Path) -> None:
    film = read_coded(write(tmp_path / "a.mp4", 20, 30))
    assert film is not None
    assert film.groups == (0, 12, 24, 30)
    assert (film.width, film.height, film.fps) == (64, 48, 24)


def test_what_was_encoded_at_another_crf_has_the_same_header(tmp_path: Path) -> None:
    films = [read_coded(write(tmp_path / f"{crf}.mp4", 20, 4, EncodeSettings(crf=crf))) for crf in (10, 30)]
    other = read_coded(write(tmp_path / "slow.mp4", 20, 4, EncodeSettings(preset="slow")))
    assert films[0] is not None
    assert films[1] is not None
    assert other is not None
    assert films[0].header == films[1].header != other.header
    assert len(films[0].header) == 2


def test_other_codecs_and_missing_files_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    with VideoEncoder(path, 128, 128, 24, EncodeSettings(codec="libx265", preset="ultrafast")) as encoder:
        assert encoder.header == frozenset()
        encoder.write(blank_planes(128, 128))
    assert read_coded(path) is None
    with pytest.raises(FinishError, match=r"gone\.mp4"):
        read_coded(tmp_path / "gone.mp4")


def test_groups_stand_between_frames_that_are_encoded_as_if_they_had_been_too(tmp_path: Path) -> None:
    film = read_coded(write(tmp_path / "a.mp4", 20, 36))
    assert film is not None
    target = tmp_path / "b.mp4"
    texture = np.random.default_rng(3).integers(0, 12, (48, 64), dtype=np.uint8)
    with VideoEncoder(target, 64, 48, 24, EncodeSettings(crf=4)) as encoder:
        assert encoder.header == film.header
        for number in (*range(12), None, *range(24, 36)):
            if number is None:
                encoder.copy(film, 12, 24)
                continue
            picture = blank_planes(64, 48)
            picture.y[...] = np.roll(texture, number, axis=1) + (20 + 2 * number)
            encoder.write(picture)
    assert numbers(target, 20) == pytest.approx(range(36), abs=0.2)
    facts = probe(target).video
    assert facts is not None
    assert (facts.num_frames, facts.duration, facts.fps) == (36, 1.5, 24)
    copied = {picture.data for picture in film.part(12, 24)}
    spliced = read_coded(target)
    assert spliced is not None
    assert copied == {picture.data for picture in spliced.part(12, 24)}


def test_a_film_may_begin_with_a_copy_and_be_joined_with_sound_by_another_ffmpeg(tmp_path: Path) -> None:
    film = read_coded(write(tmp_path / "a.mp4", 20, 24))
    assert film is not None
    with VideoEncoder(tmp_path / "b.mp4", 64, 48, 24, EncodeSettings()) as encoder:
        encoder.copy(film, 0, 24)
        encoder.write(blank_planes(64, 48))
        encoder.write(blank_planes(64, 48))
    join(tmp_path / "b.mp4", None, tmp_path / "c.mp4")
    said = subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(),
            "-v",
            "warning",
            "-xerror",
            "-i",
            tmp_path / "c.mp4",
            "-f",
            "null",
            "-",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stderr == ""
    assert numbers(tmp_path / "c.mp4", 20)[:24] == pytest.approx(range(24), abs=0.2)
