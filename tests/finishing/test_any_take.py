"""Whatever a take is like, the rendition is exact, or the take is refused in words."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaign.brand_kit import BrandKit
from campaign.errors import FinishError
from campaign.finish import Fitting, Retiming
from campaign.timing import TimedShot, Timeline
from finishing.picture import make_pictures
from finishing.rendition import PICTURE, PictureFacts, RenditionJob
from media.decode import decode
from media.encode import EncodeSettings
from tests.finishing.conftest import rendition_job

FAST = EncodeSettings(preset="ultrafast", crf=28)


def write_any(path: Path, width: int, height: int, times: list[int], rate: int, channels: int) -> Path:
    """Frames at ``times`` in ticks of ``1 / rate``; mpeg4 and rgb-born so that it is no film of ours."""
    with av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream("ffv1", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv444p"
        stream.codec_context.time_base = Fraction(1, rate)
        sound = None
        if channels:
            sound = container.add_stream("pcm_s16le", rate=8000, layout={1: "mono", 6: "5.1"}[channels])
        for number, time in enumerate(times):
            shade = np.full((height, width, 3), 40 + 7 * number % 160, dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(shade, format="rgb24").reformat(format="yuv444p")
            frame.pts, frame.time_base = time, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            tone = np.zeros((1, 800 * channels), dtype=np.int16)
            heard = av.AudioFrame.from_ndarray(tone, format="s16", layout={1: "mono", 6: "5.1"}[channels])
            heard.sample_rate, heard.pts = 8000, 0
            container.mux(sound.encode(heard))
            container.mux(sound.encode(None))
    return path


def job_for(kit: BrandKit, take: Path, count: int, fps: int) -> RenditionJob:
    shot = TimedShot(shot_id="s1", first_frame=0, num_frames=count, voice_start=None, voice_duration=0.0)
    timeline = Timeline(fps=fps, shots=(shot,), end_card_frames=0)
    return replace(rendition_job(kit, timeline, (take,), take), width=180, height=320, settings=FAST)


@settings(max_examples=16, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    width=st.integers(33, 150),
    height=st.integers(33, 150),
    gaps=st.lists(st.integers(1, 5), min_size=0, max_size=8),
    rate=st.sampled_from([8, 16, 24, 30, 60]),
    fps=st.sampled_from([24, 25, 30]),
    channels=st.sampled_from([0, 1, 6]),
    fitting=st.sampled_from(Fitting),
    retiming=st.sampled_from(Retiming),
)
def test_any_size_rate_and_sound_gives_every_frame_of_the_delivery(
    kit: BrandKit,
    width: int,
    height: int,
    gaps: list[int],
    rate: int,
    fps: int,
    channels: int,
    fitting: Fitting,
    retiming: Retiming,
) -> None:
    times = [0, *np.cumsum(gaps, dtype=int).tolist()]
    with TemporaryDirectory() as name:
        folder = Path(name)
        take = write_any(folder / "take.mkv", width, height, times, rate, channels)
        count = max(times[-1] * fps // rate, 1)
        job = replace(job_for(kit, take, count, fps), fitting=fitting, retiming=retiming)
        (made,) = make_pictures([job], [folder])
        assert isinstance(made, PictureFacts), made
        assert made.num_frames == count == sum(1 for _ in decode(folder / PICTURE))
        too_long = replace(job_for(kit, take, times[-1] * fps // rate + 4 * fps, fps), retiming=retiming)
        (refused,) = make_pictures([too_long], [folder])
        assert isinstance(refused, FinishError)
        assert "Make the take longer or the shot shorter" in str(refused)


@pytest.mark.parametrize("damage", ["empty", "cut", "text"])
def test_a_take_that_is_no_film_is_named(kit: BrandKit, tmp_path: Path, damage: str) -> None:
    take = write_any(tmp_path / "take.mkv", 64, 64, [0, 1, 2], 24, 0)
    whole = take.read_bytes()
    take.write_bytes({"empty": b"", "cut": whole[:90], "text": b"no film" * 40}[damage])
    (made,) = make_pictures([job_for(kit, take, 2, 24)], [tmp_path])
    assert isinstance(made, FinishError)
    assert "take.mkv" in str(made)


def test_ten_minutes_are_taken_frame_by_frame(kit: BrandKit, tmp_path: Path) -> None:
    take = write_any(tmp_path / "take.mkv", 34, 60, list(range(600)), 1, 0)
    job = replace(job_for(kit, take, 599, 1), label_words="", retiming=Retiming.DUPLICATE)
    (made,) = make_pictures([job], [tmp_path])
    assert isinstance(made, PictureFacts), made
    assert made.num_frames == 599
