from pathlib import Path

import av
import numpy as np
import pytest

from media.decode import decode
from media.encode import EncodeSettings, VideoEncoder
from media.planes import blank_planes
from media.probe import COLOR_NAMES, _index_comes_first, probe


def test_the_headers_of_a_delivery_say_what_its_decoder_says(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    with VideoEncoder(path, 64, 48, 24, EncodeSettings()) as encoder:
        for _ in range(5):
            encoder.write(blank_planes(64, 48))
    video, first = probe(path).video, next(decode(path))
    assert video is not None
    assert video.pixel_format == first.format.name == "yuv420p"
    found = {COLOR_NAMES[number] for number in (first.colorspace, first.color_primaries, first.color_trc)}
    assert found == {video.matrix, video.primaries, video.transfer} == {"bt709"}
    assert (video.width, video.height, video.num_frames) == (64, 48, 5)


@pytest.mark.parametrize(
    ("codec", "pixels", "name"),
    [
        ("libx264", "yuv444p", "v.mp4"),
        ("libx264", "yuv420p10le", "v.mp4"),
        ("libx264", "yuvj420p", "v.mp4"),
        ("mpeg4", "yuv420p", "v.mp4"),
        ("prores_ks", "yuv422p10le", "v.mov"),
        ("libx264", "yuv420p", "v.mkv"),
        ("libx264", "yuv420p", "v.ts"),
        ("libx264", "yuv420p", "v.h264"),
        ("mpeg2video", "yuv420p", "v.mpg"),
    ],
)
@pytest.mark.parametrize("colors", [2, 1])
def test_a_file_that_does_not_say_what_its_pixels_are_is_asked_by_decoding(
    codec: str, pixels: str, name: str, colors: int, tmp_path: Path
) -> None:
    path = tmp_path / name
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        context = stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = colors
        for _ in range(30):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(frame.reformat(format=pixels)))
        container.mux(stream.encode(None))
    video = probe(path).video
    assert video is not None
    assert video.pixel_format == pixels


def test_a_box_larger_than_any_file_is_no_index(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    with VideoEncoder(path, 64, 48, 24, EncodeSettings()) as encoder:
        encoder.write(blank_planes(64, 48))
    whole = path.read_bytes()
    assert probe(path).faststart
    path.write_bytes(whole[:32] + b"\x00\x00\x00\x01free" + b"\xff" * 8 + whole[32:])
    assert not _index_comes_first(path)
