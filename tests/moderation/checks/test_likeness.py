from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest

from campaign.content_key import file_digest
from campaign.errors import PolicyError
from moderation.check import Ask, Material, Outcome
from moderation.checks.likeness import LikenessCheck, LikenessOptions
from moderation.finding import Coverage, Decision, Stage

DAY = date(2026, 11, 20)


def face(path: Path, around: tuple[int, int, int]) -> Path:
    """A magenta square, which the tiny detector takes for a face, in surroundings that tell it apart."""
    image = np.full((128, 128, 3), around, np.uint8)
    image[32:64, 32:64] = (200, 0, 255)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), image)
    return path


def look(models: tuple[Path, Path], image: Path, stage: Stage, day: date | None = DAY, **how) -> Outcome:
    options = LikenessOptions(detector=models[0], recogniser=models[1], **how)
    return LikenessCheck(options).look(Material(images=(image,), day=day), Ask(stage=stage, market="cn"))


def consents(path: Path, image: Path, **changed: str) -> Path:
    record = {"person": "A. Model", "scope": "[advertising, generation]", "expires": "2027-01-31"}
    lines = [f"{key}: {value}" for key, value in {**record, "sha256": file_digest(image), **changed}.items()]
    path.write_text("consents:\n  - " + "\n    ".join(lines) + "\n", "utf-8")
    return path


def test_a_face_with_a_consent_passes(face_models: tuple[Path, Path], tmp_path: Path) -> None:
    image = face(tmp_path / "a.png", (90, 90, 90))
    outcome = look(face_models, image, Stage.IMAGE, consents=consents(tmp_path / "c.yaml", image))
    assert outcome.report.coverage is Coverage.RAN, outcome.report.reason
    assert outcome.findings == ()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sha256": "f" * 64}, "no consent names its digest"),
        ({"expires": "2026-01-31"}, "ended on 2026-01-31"),
        ({"scope": "[advertising]"}, "does not cover generating"),
    ],
)
def test_a_consent_that_does_not_hold_is_refused(
    face_models: tuple[Path, Path], tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    image = face(tmp_path / "a.png", (90, 90, 90))
    (finding,) = look(
        face_models, image, Stage.IMAGE, consents=consents(tmp_path / "c.yaml", image, **changed)
    ).findings
    assert said in finding.why
    assert finding.decision is Decision.REFUSE


def test_a_consent_cannot_be_judged_without_a_day(face_models: tuple[Path, Path], tmp_path: Path) -> None:
    image = face(tmp_path / "a.png", (90, 90, 90))
    kept = consents(tmp_path / "c.yaml", image)
    outcome = look(face_models, image, Stage.IMAGE, day=None, consents=kept)
    assert outcome.report.coverage is Coverage.ERROR


@pytest.mark.parametrize("text", ["", "- a", "consents: {}", "consents: [{person: A}]", "consents: ["])
def test_a_wrong_file_of_consents_is_refused(
    face_models: tuple[Path, Path], tmp_path: Path, text: str
) -> None:
    image = face(tmp_path / "a.png", (90, 90, 90))
    (tmp_path / "c.yaml").write_text(text, "utf-8")
    with pytest.raises(PolicyError, match=r"c\.yaml"):
        look(face_models, image, Stage.IMAGE, consents=tmp_path / "c.yaml")


def test_a_face_in_a_take_is_held_against_the_galleries(
    face_models: tuple[Path, Path], tmp_path: Path
) -> None:
    take = face(tmp_path / "take.png", (60, 60, 60))
    (unknown,) = look(face_models, take, Stage.TAKE).findings
    assert (unknown.rule_id, unknown.decision) == ("likeness.unknown", Decision.REVIEW)
    face(tmp_path / "known" / "Mia" / "1.png", (60, 60, 60))
    assert look(face_models, take, Stage.TAKE, allow=tmp_path / "known").findings == ()
    (blocked,) = look(
        face_models, take, Stage.TAKE, allow=tmp_path / "known", block=tmp_path / "known"
    ).findings
    assert blocked.rule_id == "likeness.blocked"
    assert "Mia" in blocked.why
    assert blocked.decision is Decision.REFUSE


def test_a_gallery_without_a_face_is_an_error(face_models: tuple[Path, Path], tmp_path: Path) -> None:
    take = face(tmp_path / "take.png", (60, 60, 60))
    (tmp_path / "known" / "Mia").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "known" / "Mia" / "1.png"), np.full((128, 128, 3), 60, np.uint8))
    outcome = look(face_models, take, Stage.TAKE, allow=tmp_path / "known")
    assert outcome.report.coverage is Coverage.ERROR
    assert "Mia/1.png" in outcome.report.reason


def test_a_gallery_that_is_not_there_is_unavailable(face_models: tuple[Path, Path], tmp_path: Path) -> None:
    take = face(tmp_path / "take.png", (60, 60, 60))
    outcome = look(face_models, take, Stage.TAKE, block=tmp_path / "none")
    assert outcome.report.coverage is Coverage.UNAVAILABLE


def test_a_file_that_is_no_model_is_an_error(face_models: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"not a model")
    outcome = look((tmp_path / "bad.onnx", face_models[1]), face(tmp_path / "a.png", (9, 9, 9)), Stage.TAKE)
    assert outcome.report.coverage is Coverage.ERROR
