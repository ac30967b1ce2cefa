import re
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from campaign.errors import FinishError
from media import animation
from media.animation import animation_facts, read_animation

WIDTH, HEIGHT, COUNT = 208, 128, 12
"""Whole blocks of 16: at other sizes FFmpeg's ProRes encoder writes alpha from beside the picture."""


def drawn(number: int) -> Image.Image:
    """A disc that goes right, and a half transparent square."""
    picture = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((20 + number * 6, 30, 80 + number * 6, 90), fill=(255, 106, 61, 255))
    pen.rectangle((152, 96, 171, 111), fill=(0, 0, 255, 128))
    return picture


def written(path: Path, count: int = COUNT) -> Path:
    """At 25 pictures a second; a film by its suffix, else a picture."""
    pictures = [drawn(number) for number in range(count)]
    films = {
        ".mov": ("prores_ks", "yuva444p10le", {"profile": "4444"}),
        ".webm": ("libvpx-vp9", "yuva420p", {"crf": "8", "b:v": "0"}),
    }
    if path.suffix not in films:
        pictures[0].save(
            path,
            save_all=True,
            append_images=pictures[1:],
            duration=40,
            disposal=2 if path.suffix == ".gif" else 1,
            lossless=True,
        )
        return path
    codec, form, options = films[path.suffix]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, form
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.array(picture), format="rgba").reformat(format=form)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp", "a.mov", "a.webm"])
def test_a_moving_picture_keeps_its_times_its_colours_and_its_transparency(name: str, tmp_path: Path) -> None:
    file = written(tmp_path / name)
    read = read_animation(file, 82)
    assert len(read.pictures) == COUNT
    assert read.seconds == pytest.approx(COUNT / 25, abs=0.002)
    assert np.diff(read.starts) == pytest.approx(1 / 25, abs=0.002)
    # The margins that are clear in all of them are gone: 20 to 172 across, 30 to 112 down.
    assert read.pictures[0].shape == (82, pytest.approx(152, abs=2), 4)
    for number in (0, COUNT - 1):
        picture, middle = read.pictures[number].astype(int), 30 + number * 6
        assert picture[30, middle] == pytest.approx([255, 106, 61, 255], abs=4)
        assert picture[30, (middle + 76) % 152][3] <= 4
    square = read.pictures[0][73, 142].astype(int)
    assert square[3] == pytest.approx(255 if name == "a.gif" else 128, abs=4)
    assert square[2] > 240
    assert animation_facts(file).clear


def test_opacity_thins_every_picture(tmp_path: Path) -> None:
    read = read_animation(written(tmp_path / "a.png"), 82, 0.5)
    assert [picture[..., 3].max() for picture in read.pictures] == [128] * COUNT


def test_a_file_is_read_once_for_each_size(tmp_path: Path) -> None:
    file = written(tmp_path / "a.webm")
    assert read_animation(file, 40) is read_animation(file, 40)
    assert read_animation(file, 41) is not read_animation(file, 40)


def test_what_does_not_move_is_too_long_or_is_no_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FinishError, match="has 1 picture, so nothing moves"):
        read_animation(written(tmp_path / "still.png", 1), 80)
    slow = tmp_path / "slow.gif"
    drawn(0).save(slow, save_all=True, append_images=[drawn(1)], duration=9000, disposal=2)
    with pytest.raises(FinishError, match=r"lasts 18\.0 s or more; 15 s is the most\. Cut it\."):
        read_animation(slow, 80)
    for name in ("broken.gif", "broken.webm"):
        (tmp_path / name).write_bytes(b"GIF89a nothing")
        with pytest.raises(FinishError, match="that can be read"):
            read_animation(tmp_path / name, 80)


def test_more_than_a_worker_can_hold_is_refused_with_the_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path / "a.gif")
    monkeypatch.setattr(animation, "MOST_BYTES", 1 << 20)
    words = re.escape("its 12 pictures take 2 MB at 278x150 pixels; 1 MB is the most.")
    with pytest.raises(FinishError, match=words):
        read_animation(file, 150)
