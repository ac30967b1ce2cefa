from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from moderation import ocr
from moderation.check import Ask, Caption, Material, Outcome, Video
from moderation.checks.on_screen_text import OnScreenTextCheck, OnScreenTextOptions
from moderation.finding import Coverage, Decision, Stage
from moderation.ocr import share_read
from moderation.policies import LEXICONS, RULES
from moderation.rules import WordList

CHECK = OnScreenTextCheck(
    OnScreenTextOptions(
        rules=(RULES / "ad_claims_en.yaml",), lists=(WordList(file=LEXICONS / "safety_en.yaml"),), every=5.0
    )
)
ASK = Ask(stage=Stage.FINAL, market="us")


def sign(*words: str) -> np.ndarray:
    image = np.full((240, 640, 3), 250, np.uint8)
    for line, text in enumerate(words):
        cv2.putText(image, text, (16, 80 + 100 * line), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (20, 20, 20), 4)
    return image


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second of WARM TEA, one second of nothing."""
    path = tmp_path_factory.mktemp("video") / "spot.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=4)
        stream.width, stream.height, stream.pix_fmt = 640, 240, "yuv420p"
        for image in [sign("WARM TEA AT NOON")] * 4 + [sign()] * 4:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path


def look(video: Path, *captions: Caption) -> Outcome:
    return CHECK.look(Material(videos=(Video(path=video, captions=captions),)), ASK)


def test_a_caption_that_is_there_is_read_back(video: Path) -> None:
    outcome = look(video, Caption(start=0.0, end=1.0, text="Warm tea at noon"))
    assert outcome.report.coverage is Coverage.RAN, outcome.report.reason
    assert outcome.findings == ()


@pytest.mark.parametrize(
    "caption",
    [
        Caption(start=1.1, end=1.9, text="Warm tea at noon"),
        Caption(start=0.0, end=1.0, text="Cold coffee in the evening sun"),
    ],
)
def test_a_caption_that_is_not_there_is_found(video: Path, caption: Caption) -> None:
    outcome = look(video, caption)
    assert [finding.rule_id for finding in outcome.findings] == ["on_screen_text.caption.1"]
    assert caption.text in outcome.findings[0].why
    assert outcome.findings[0].decision is Decision.REVIEW


def test_forbidden_words_in_a_picture_are_found_with_the_place(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), sign("ONLINE CASINO"))
    (finding,) = CHECK.look(Material(images=(tmp_path / "a.png",)), ASK).findings
    assert finding.rule_id == "on_screen_text.lexicon.illegal.gambling.en"
    assert finding.decision is Decision.REFUSE
    assert finding.evidence
    left, top, width, height = finding.evidence.box
    assert left < 100
    assert top < 80 < top + height + 20
    assert width > 250


def test_small_print_of_the_scenery_is_left_alone(tmp_path: Path) -> None:
    image = np.full((1200, 640, 3), 250, np.uint8)
    cv2.putText(image, "ONLINE CASINO", (16, 80), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (20, 20, 20), 1)
    cv2.imwrite(str(tmp_path / "a.png"), image)
    assert CHECK.look(Material(images=(tmp_path / "a.png",)), ASK).findings == ()


def test_the_share_that_is_read_back_is_counted_in_order() -> None:
    assert share_read("abcd", "xxabcdxx") == 1.0
    assert share_read("abcd", "dcba") == 0.25
    assert share_read("", "x") == 1.0
    assert share_read("abcd", "") == 0.0


def test_without_its_package_it_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), sign("TEA"))
    monkeypatch.setattr(ocr, "find_spec", lambda _: None)
    ocr.weights_digest.cache_clear()
    outcome = CHECK.look(Material(images=(tmp_path / "a.png",)), ASK)
    monkeypatch.undo()
    ocr.weights_digest.cache_clear()
    assert outcome.report.coverage is Coverage.UNAVAILABLE
    assert "pip install rapidocr" in outcome.report.reason
