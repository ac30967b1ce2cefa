from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from campaign.errors import CheckFailedError
from moderation.check import Ask, Material, Video
from moderation.checks.frames import FramesCheck, FramesOptions, severity_of
from moderation.finding import Coverage, Stage, Still
from tests.moderation.colors import write_video

ASK = Ask(stage=Stage.IMAGE, market="cn")


@pytest.mark.parametrize(
    ("scores", "severity"),
    [
        ({"normal": 0.95, "nsfw": 0.05}, 0),
        ({"normal": 0.4, "nsfw": 0.6}, 4),
        ({"normal": 0.1, "nsfw": 0.9}, 6),
        ({"neutral": 0.9, "low": 0.05, "medium": 0.03, "high": 0.02}, 0),
        ({"neutral": 0.3, "low": 0.6, "medium": 0.05, "high": 0.05}, 2),
        ({"neutral": 0.1, "low": 0.2, "medium": 0.5, "high": 0.2}, 4),
        ({"neutral": 0.05, "low": 0.05, "medium": 0.3, "high": 0.6}, 4),
        ({"neutral": 0.01, "low": 0.01, "medium": 0.03, "high": 0.95}, 6),
    ],
)
def test_levels_become_severities(scores: dict[str, float], severity: int) -> None:
    assert severity_of(scores)[0] == severity


def test_a_label_without_a_level_is_an_error() -> None:
    with pytest.raises(CheckFailedError, match="'cat'"):
        severity_of({"cat": 0.9, "dog": 0.1})


def test_a_model_of_other_labels_is_an_error(tiny: ModuleType, tmp_path: Path) -> None:
    tiny.make_frames(tmp_path, labels=("cat", "dog"))
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((32, 32, 3), np.uint8))
    check = FramesCheck(FramesOptions(model=str(tmp_path)))
    outcome = check.look(Material(images=(tmp_path / "a.png",)), ASK)
    assert outcome.report.coverage is Coverage.ERROR
    assert "has no severity" in outcome.report.reason


def test_the_worst_frames_of_each_file_are_kept(frames_model: Path, tmp_path: Path) -> None:
    for number in range(3):
        color = (20, 20, 220) if number else (20, 200, 20)
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((32, 32, 3), color, np.uint8))
    images = tuple(tmp_path / f"{number}.png" for number in range(3))
    check = FramesCheck(FramesOptions(model=str(frames_model), batch=2))
    findings = check.look(Material(images=images), ASK).findings
    assert [f.evidence.where for f in findings if isinstance(f.evidence, Still)] == ["1.png", "2.png"]


def test_takes_that_have_one_file_name_are_each_found(frames_model: Path, tmp_path: Path) -> None:
    videos = []
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        file = write_video(tmp_path / str(number) / "take.mp4", [(220, 20, 20)] * 3)
        videos.append(Video(path=file, name=f"shot {number}, 9:16"))
    check = FramesCheck(FramesOptions(model=str(frames_model)))
    findings = check.look(Material(videos=tuple(videos)), ASK).findings
    places = {f.evidence.where for f in findings if isinstance(f.evidence, Still)}
    assert places == {"shot 1, 9:16", "shot 2, 9:16"}
