"""Finished files as other programs see them."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from campaign.errors import FinishError
from campaign.finish import Codec, DeliveryForm, Encoder, MasterForm
from finishing.delivery import encode_settings, master_settings
from finishing.rendition import RenditionJob
from media.command import run_ffmpeg
from media.decode import decode
from media.probe import probe
from tests.finishing.conftest import HEIGHT, WIDTH, Made, render

BARE = (0, HEIGHT // 3, WIDTH, HEIGHT // 6)
"""Left, top, width and height of what nothing lies over in the first shot."""


def likeness(one: Path, other: Path, frames: int, measure: str) -> str:
    """What ffmpeg says of the bare part of the first frames of both."""
    left, top, width, height = BARE
    cut = f"crop={width}:{height}:{left}:{top},trim=end_frame={frames},setpts=N,format=yuv420p"
    graph = f"[0:v]{cut}[a];[1:v]{cut}[b];[a][b]{measure}"
    return run_ffmpeg(["-i", str(one), "-i", str(other), "-lavfi", graph, "-an", "-f", "null", "-"])


def number(pattern: str, said: str) -> float:
    found = re.findall(pattern, said)
    assert found, said
    return float(found[-1])


def test_where_nothing_lies_over_it_the_picture_is_the_takes_own(made: Made) -> None:
    frames = made.timeline.shots[0].num_frames
    psnr = likeness(made.video, made.job.clips[0], frames, "psnr")
    assert number(r"PSNR .*average:([\d.]+)", psnr) > 40
    vmaf = likeness(made.video, made.job.clips[0], frames, "libvmaf=n_threads=1")
    assert number(r"VMAF score: ([\d.]+)", vmaf) > 90


def test_the_final_file_is_as_loud_as_another_meter_says(made: Made) -> None:
    said = run_ffmpeg(["-i", str(made.video), "-vn", "-af", "ebur128=peak=true", "-f", "null", "-"])
    summary = said[said.rindex("Summary:") :]
    assert number(r"I:\s+(-?[\d.]+) LUFS", summary) == pytest.approx(-14, abs=0.5)
    assert number(r"Peak:\s+(-?[\d.]+) dBFS", summary) <= -1.0


def shortened(job: RenditionJob) -> RenditionJob:
    timeline = replace(job.timeline, shots=job.timeline.shots[:1], end_card_frames=0)
    return replace(job, timeline=timeline, clips=job.clips[:1], cues=job.cues[:1])


@pytest.mark.parametrize(
    ("codec", "tag", "name"), [(Codec.HEVC, "hvc1", "hevc"), (Codec.AV1, "av01", "libdav1d")]
)
def test_other_codecs_are_tagged_and_seekable_like_the_usual_one(
    made: Made, tmp_path: Path, capfd: pytest.CaptureFixture[str], codec: Codec, tag: str, name: str
) -> None:
    settings = replace(encode_settings(DeliveryForm(codec=codec)), keyframe_seconds=0.5)
    facts = render(replace(shortened(made.job), settings=settings), tmp_path)
    seen = probe(tmp_path / "video.mp4").video
    assert seen is not None
    assert tag.encode() in (tmp_path / "video.mp4").read_bytes()
    assert (seen.codec, seen.pixel_format, seen.matrix, seen.color_range) == (
        name,
        "yuv420p",
        "bt709",
        "limited",
    )
    assert seen.num_frames == facts.num_frames
    assert seen.duration == pytest.approx(facts.num_frames / 24, abs=1e-3)
    keys = [place for place, frame in enumerate(decode(tmp_path / "video.mp4")) if frame.key_frame]
    assert max(b - a for a, b in zip(keys, [*keys[1:], facts.num_frames], strict=True)) <= 12
    assert facts.encoder.startswith(settings.codec)
    assert facts.num_copied == 0
    psnr = likeness(tmp_path / "video.mp4", made.job.clips[0], facts.num_frames, "psnr")
    assert number(r"PSNR .*average:([\d.]+)", psnr) > 38


@pytest.mark.parametrize(
    ("form", "name", "codec"),
    [(MasterForm.PRORES, "master.mov", "prores"), (MasterForm.X264, "master.mp4", "h264")],
)
def test_a_master_lies_beside_the_delivery_and_is_finer(
    made: Made, tmp_path: Path, form: MasterForm, name: str, codec: str
) -> None:
    master = master_settings(DeliveryForm(master=form))
    facts = render(replace(made.job, master=master), tmp_path)
    assert name in facts.files
    assert "master" in facts.encoder
    seen = probe(tmp_path / name)
    assert seen.video is not None
    assert seen.sound is not None
    assert (seen.video.codec, seen.video.num_frames) == (codec, facts.num_frames)
    assert seen.video.matrix == "bt709"
    assert (tmp_path / "video.mp4").read_bytes() == made.video.read_bytes()
    frames = made.timeline.shots[0].num_frames
    fine, usual = (
        number(r"PSNR .*average:([\d.]+)", likeness(path, made.job.clips[0], frames, "psnr"))
        for path in (tmp_path / name, made.video)
    )
    assert fine > usual


def test_a_codec_that_an_encoder_does_not_make_is_refused() -> None:
    assert encode_settings(DeliveryForm(encoder=Encoder.NVENC, codec=Codec.HEVC)).codec == "hevc_nvenc"
    assert master_settings(DeliveryForm()) is None
    with pytest.raises(FinishError, match="videotoolbox: does not make av1"):
        encode_settings(DeliveryForm(encoder=Encoder.VIDEOTOOLBOX, codec=Codec.AV1))
