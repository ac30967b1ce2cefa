from pathlib import Path

import cv2
import numpy as np
import pytest

from campaign.errors import CheckFailedError, FinishError
from moderation.check import Ask, Material, Video
from moderation.finding import Stage
from moderation.sampling import Sample, keep, read_image, sample_video, samples
from tests.moderation.colors import write_video


def test_a_video_is_sampled_by_time(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", [(90, 90, 90)] * 20)
    assert [round(s.time or 0, 2) for s in sample_video(Video(path=video), 0.5)] == [0.0, 0.5, 1.0, 1.5]


def test_the_first_frame_after_a_cut_is_sampled(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", [(20, 20, 200)] * 7 + [(220, 30, 30)] * 13)
    seen = list(sample_video(Video(path=video), 10.0))
    assert [s.frame for s in seen] == [0, 7]
    assert seen[1].rgb[0, 0, 0] > 150


def test_a_frame_at_an_asked_time_is_sampled(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", [(90, 90, 90)] * 20)
    assert [s.frame for s in sample_video(Video(path=video), 10.0, also=[0.72, 1.3])] == [0, 8, 13]


def test_a_time_after_the_end_is_an_error(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", [(90, 90, 90)] * 5)
    with pytest.raises(CheckFailedError, match=r"ends before 3\.0 s"):
        list(sample_video(Video(path=video), 1.0, also=[3.0]))


def test_a_file_without_pictures_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no video")
    with pytest.raises(FinishError, match=r"a\.mp4"):
        list(sample_video(Video(path=tmp_path / "a.mp4"), 1.0))


def test_pictures_and_videos_are_sampled_together(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", [(90, 90, 90)] * 3)
    cv2.imwrite(str(tmp_path / "b.png"), np.zeros((8, 8, 3), np.uint8))
    material = Material(images=(tmp_path / "b.png",), videos=(Video(path=video),))
    assert [s.where for s in samples(material, 1.0)] == ["b.png", "a.mp4"]


def test_what_has_the_same_file_name_is_told_apart(tmp_path: Path) -> None:
    files = []
    for folder in ("front", "back"):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / "tea.png"), np.zeros((8, 8, 3), np.uint8))
        files.append(write_video(tmp_path / folder / "take.mp4", [(90, 90, 90)]))
    material = Material(
        images=(tmp_path / "front" / "tea.png", tmp_path / "back" / "tea.png"),
        videos=tuple(Video(path=file, name=f"shot {n}, 9:16") for n, file in enumerate(files, 1)),
    )
    names = [sample.where for sample in samples(material, 1.0)]
    assert names == ["tea.png", "tea.png (2)", "shot 1, 9:16", "shot 2, 9:16"]


def test_a_transparent_picture_lies_on_white(tmp_path: Path) -> None:
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[0, 0] = (0, 0, 255, 255)
    cv2.imwrite(str(tmp_path / "a.png"), pixels)
    image = read_image(tmp_path / "a.png")
    assert image[0, 0].tolist() == [255, 0, 0]
    assert image[1, 1].tolist() == [255, 255, 255]


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_gray_picture_of_any_depth_is_read(tmp_path: Path, kind: type) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((4, 4), np.iinfo(kind).max, kind))
    image = read_image(tmp_path / "a.png")
    assert image.shape == (4, 4, 3)
    assert int(image.min()) == 255


def test_evidence_is_saved_where_a_folder_is_given(tmp_path: Path) -> None:
    sample = Sample("a.mp4", np.full((16, 16, 3), (200, 10, 10), np.uint8), 3, 0.3)
    kept = keep(sample, Ask(stage=Stage.TAKE, market="cn", stills=tmp_path / "stills"), box=(1, 2, 3, 4))
    assert kept.file
    assert read_image(kept.file)[8, 8, 0] > 150
    assert (kept.where, kept.frame, kept.time, kept.box) == ("a.mp4", 3, 0.3, (1, 2, 3, 4))
    assert keep(sample, Ask(stage=Stage.TAKE, market="cn")).file is None
