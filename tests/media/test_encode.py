import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from campaign.errors import FinishError
from media.decode import decode
from media.encode import EncodeSettings, VideoEncoder
from media.planes import Planes, blank_planes, new_frame, planes_of_frame
from media.probe import probe
from media.sound import RATE, write_aac

ROOT = Path(__file__).parents[2]


def test_the_file_is_high_profile_bt709_and_faststart(make_take: Callable[..., Path]) -> None:
    facts = probe(make_take(frames=10))
    assert facts.faststart
    assert facts.video is not None
    video = facts.video
    assert (video.codec, video.profile, video.pixel_format) == ("h264", "High", "yuv420p")
    assert (video.primaries, video.transfer, video.matrix, video.color_range) == (
        "bt709",
        "bt709",
        "bt709",
        "limited",
    )
    assert (video.num_frames, video.fps) == (10, 24)


def test_frames_are_not_sliced_and_groups_are_closed_and_short(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    path = tmp_path / "v.mp4"
    settings = EncodeSettings(keyframe_seconds=0.5)
    with VideoEncoder(path, 64, 64, 24, settings) as encoder:
        for number in range(40):
            encoder.write(blank_planes(64, 64, (number * 6, 90, 30)))
    written = path.read_bytes()
    assert b"sliced_threads=0" in written
    assert b"open_gop=0" in written
    keys = [number for number, frame in enumerate(decode(path)) if frame.key_frame]
    assert max(b - a for a, b in zip(keys, [*keys[1:], 40], strict=True)) <= 12


@pytest.mark.parametrize("codec", ["libx264", "libx265", "libsvtav1"])
def test_every_codec_writes_what_it_was_given(
    codec: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "v.mp4"
    settings = EncodeSettings(codec=codec, preset={"libsvtav1": "12"}.get(codec, "ultrafast"), crf=20)
    with VideoEncoder(path, 128, 128, 24, settings) as encoder:
        frame = new_frame(128, 128)
        for _ in range(5):
            # The same memory is overwritten at once: an encoder that kept a reference would show the grey.
            for color in ((200, 80, 40), (128, 128, 128)):
                for target, source in zip(planes_of_frame(frame), blank_planes(128, 128, color), strict=True):
                    target[...] = source
                if color[0] == 200:
                    encoder.write_frame(frame)
    frames = list(decode(path))
    assert len(frames) == 5
    expected = blank_planes(128, 128, (200, 80, 40))
    assert abs(int(planes_of_frame(frames[2]).y.mean()) - int(expected.y[0, 0])) <= 2


def test_odd_sides_and_unknown_codecs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FinishError, match="even"):
        VideoEncoder(tmp_path / "v.mp4", 33, 32, 24, EncodeSettings())
    with pytest.raises(FinishError, match="libx264"):
        VideoEncoder(tmp_path / "v.mp4", 32, 32, 24, EncodeSettings(codec="divx"))


def test_prores_is_ten_bit_quicktime_of_the_same_colours(tmp_path: Path) -> None:
    path = tmp_path / "m.mov"
    settings = EncodeSettings(codec="prores_ks", preset="", crf=0)
    with VideoEncoder(path, 64, 64, 24, settings) as encoder:
        for _ in range(3):
            encoder.write(blank_planes(64, 64, (200, 80, 40)))
    facts = probe(path)
    assert facts.video is not None
    assert (facts.video.codec, facts.video.profile) == ("prores", "HQ")
    assert (facts.video.pixel_format, facts.video.matrix) == ("yuv422p10le", "bt709")
    assert facts.container.startswith("mov")
    seen = planes_of_frame(next(decode(path)).reformat(format="yuv420p"))
    expected = blank_planes(64, 64, (200, 80, 40))
    assert all(abs(int(a.mean()) - int(b[0, 0])) <= 1 for a, b in zip(seen, expected, strict=True))


def test_a_chip_that_is_not_there_is_refused_with_its_drivers_words(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    if "h264_nvenc" in av.codecs_available and Path("/dev/nvidia0").exists():
        pytest.skip("There is such a chip.")
    encoder = VideoEncoder(tmp_path / "v.mp4", 256, 256, 24, EncodeSettings(codec="h264_nvenc", preset="p5"))
    with pytest.raises(FinishError, match=r"h264_nvenc p5 cq 20 at frame 0 of v\.mp4.*encoder: software"):
        encoder.begin()
    with pytest.raises(FinishError, match=r"h264_videotoolbox.*is not in this machine's FFmpeg"):
        VideoEncoder(tmp_path / "v.mp4", 256, 256, 24, EncodeSettings(codec="h264_videotoolbox", preset=""))


ENCODE = """
import hashlib, sys
from pathlib import Path
import numpy as np
from media.encode import EncodeSettings, VideoEncoder
from media.planes import planes_from_rgb

noise = np.random.default_rng(1)
picture = np.tile(np.linspace(0, 250, 360, dtype=np.uint8)[None, :, None], (360, 1, 3))
with VideoEncoder(Path(sys.argv[1]), 360, 360, 24, EncodeSettings()) as encoder:
    for number in range(30):
        moved = np.roll(picture, 3 * number, axis=1) + noise.integers(0, 5, picture.shape, dtype=np.uint8)
        encoder.write(planes_from_rgb(moved))
"""


def test_the_same_pictures_give_the_same_bytes_whatever_lay_in_memory_before(tmp_path: Path) -> None:
    made = []
    # glibc fills what it hands out with this byte; elsewhere the variable does nothing.
    for filling in ("1", "85", "170"):
        target = tmp_path / f"{filling}.mp4"
        subprocess.run(
            [sys.executable, "-c", ENCODE, str(target)],
            env={**os.environ, "MALLOC_PERTURB_": filling, "PYTHONPATH": str(ROOT)},
            check=True,
        )
        made.append(target.read_bytes())
    assert made[0] == made[1] == made[2]


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file grows past 20 kB, which the system says as it does of a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("full_disk")
def test_a_disk_that_is_full_is_said_with_what_was_asked_and_the_systems_words(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    asked = r"libx264 veryfast crf 4 at frame \d+ of full.mp4 \(320x180, 24 a second\): .*File too large"
    with (
        pytest.raises(FinishError, match=asked),
        VideoEncoder(tmp_path / "full.mp4", 320, 180, 24, EncodeSettings(crf=4)) as encoder,
    ):
        for _ in range(12):
            encoder.write(Planes(*(rng.integers(0, 256, p.shape, np.uint8) for p in blank_planes(320, 180))))


@pytest.mark.usefixtures("full_disk")
def test_sound_on_a_full_disk_says_the_same(tmp_path: Path, rng: np.random.Generator) -> None:
    noise = rng.normal(0, 0.1, (3 * RATE, 2)).astype(np.float32)
    with pytest.raises(FinishError, match=r"aac at 192 kbit/s of full.m4a \(3.00 s\): .*File too large"):
        write_aac(tmp_path / "full.m4a", noise)
