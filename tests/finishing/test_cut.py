from dataclasses import replace
from pathlib import Path

import pytest

from campaign.brand_kit import BrandKit
from campaign.finish import Retiming
from campaign.timing import TimedShot, Timeline
from finishing.cut import Clip, clip_frames, clips_of
from media.encode import EncodeSettings, VideoEncoder
from media.planes import blank_planes, planes_of_frame
from tests.finishing.conftest import rendition_job


def flat_take(path: Path, luma: int, frames: int) -> Path:
    picture = blank_planes(32, 32)
    with VideoEncoder(path, 32, 32, 24, EncodeSettings(crf=4)) as encoder:
        for number in range(frames):
            picture.y[...] = luma + number
            encoder.write(picture)
    return path


def lumas(clip: Clip) -> list[float]:
    return [float(planes_of_frame(frame).y.mean()) for frame in clip_frames(clip, 24, Retiming.DUPLICATE)]


@pytest.fixture
def take(tmp_path: Path) -> Path:
    return flat_take(tmp_path / "a.mp4", 50, 10)


def test_a_clip_is_the_takes_start(take: Path) -> None:
    assert lumas(Clip(name="s1", path=take, num_frames=4)) == pytest.approx([50, 51, 52, 53], abs=1)


def test_a_take_goes_on_under_the_fade_and_holds_its_last_picture_when_it_is_used_up(take: Path) -> None:
    shown = lumas(Clip(name="s1", path=take, num_frames=8, fade_out=4))
    assert shown[8:] == pytest.approx([58, 59, 59, 59], abs=1)


def test_the_cut_lets_each_clip_go_on_as_long_as_the_next_fades_in(kit: BrandKit, take: Path) -> None:
    shots = tuple(
        TimedShot(shot_id=f"s{n}", first_frame=6 * n, num_frames=6, voice_start=None, voice_duration=0.0)
        for n in range(3)
    )
    timeline = Timeline(fps=24, shots=shots, end_card_frames=12)
    job = rendition_job(kit, timeline, (take,) * 3, take)
    clips = clips_of(replace(job, end_card=take, crossfades=(0.125, 0.0)))
    assert [(clip.name, clip.fade_in, clip.fade_out) for clip in clips] == [
        ("s0", 0, 3),
        ("s1", 3, 0),
        ("s2", 0, 6),
        ("end card", 6, 0),
    ]
