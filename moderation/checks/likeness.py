"""Faces of real people: in a row's pictures they need a consent, takes are held against galleries.

YuNet finds faces and SFace tells them apart (OpenCV's models, not shipped: SFace's training data leaves its
commercial use open, opencv_zoo#313). No gallery is shipped; faces are biometric data and stay with the user.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from campaign.brief import Language
from campaign.content_key import Json, file_digest
from campaign.errors import CheckFailedError, CheckMissingError
from moderation.check import Ask, CheckOptions, Material, Outcome, Reads
from moderation.checks.edge import looked
from moderation.checks.weights import file_or_missing, weights_or_absence
from moderation.consents import read_consents
from moderation.finding import Category, Decision, Finding, Stage
from moderation.sampling import Sample, keep, read_image, samples

SAME_PERSON = 0.363
"""Cosine of two SFace features from which they are one person's (opencv_zoo, sface.py)."""
FACE_SCORE = 0.8
PICTURES = (".png", ".jpg", ".jpeg", ".webp")
HOW = (
    "Set `checks.likeness.detector` and `recogniser` to the files face_detection_yunet and "
    "face_recognition_sface of OpenCV's model zoo."
)


class LikenessOptions(CheckOptions):
    detector: Path | None = None
    """YuNet's .onnx file."""
    recogniser: Path | None = None
    """SFace's .onnx file."""
    consents: Path | None = None
    """consents.yaml."""
    allow: Path | None = None
    """Folder with a folder of pictures per person whose face may be made."""
    block: Path | None = None
    """Folder with a folder of pictures per person whose face must not be made."""
    every: float = Field(default=0.5, gt=0)
    """Seconds between the frames that are looked at."""

    def within(self, folder: Path) -> Self:
        paths = {name: value for name, value in self if isinstance(value, Path)}
        return self.model_copy(update={name: (folder / path).resolve() for name, path in paths.items()})


class LikenessCheck:
    name: ClassVar[str] = "likeness"
    version: ClassVar[str] = "1"
    reads: ClassVar[Reads] = Reads.PICTURES
    adds: ClassVar[str] = "faces without consent"
    how_to_get: ClassVar[str] = HOW
    options_type: ClassVar[type[CheckOptions]] = LikenessOptions

    def __init__(self, options: LikenessOptions) -> None:
        self.options = options

    def recipe(self) -> Mapping[str, Json]:
        files = {name: value for name, value in self.options if isinstance(value, Path)}
        digests: dict[str, Json] = {name: _identity(path) for name, path in files.items()}
        weights = weights_or_absence(lambda: "".join(map(file_digest, self._models())), packages=())
        return {
            "check": self.name,
            "version": self.version,
            "weights": weights,
            "every": self.options.every,
            "files": digests,
        }

    def covers(self, language: Language) -> bool:
        return language in Language

    def look(self, material: Material, ask: Ask) -> Outcome:
        return looked(self, lambda: list(self._findings(material, ask)))

    def _findings(self, material: Material, ask: Ask) -> Iterator[Finding]:
        detector, recogniser = self._models()
        faces = _load(detector, recogniser, file_digest(detector), file_digest(recogniser))
        if ask.stage is Stage.IMAGE:
            yield from self._without_consent(material, ask, faces)
        else:
            yield from self._unknown(material, ask, faces)

    def _models(self) -> tuple[Path, Path]:
        return (
            file_or_missing(self.options.detector, "face detector", HOW),
            file_or_missing(self.options.recogniser, "face recogniser", HOW),
        )

    def _without_consent(self, material: Material, ask: Ask, faces: "Faces") -> Iterator[Finding]:
        for path in material.images:
            sample = Sample(path.name, read_image(path))
            found = faces.find(sample.rgb)
            if found and (problem := self._consent_problem(path, material.day)):
                yield self._finding("no_consent", 5, found[0], sample, ask, faces, problem)

    def _consent_problem(self, path: Path, day: date | None) -> str:
        if self.options.consents is None:
            return f"{path.name} shows a face, and no consents.yaml is set."
        digest = file_digest(path)
        mine = [consent for consent in read_consents(self.options.consents) if consent.sha256 == digest]
        if not mine:
            return f"{path.name} shows a face, and no consent names its digest {digest[:12]}…."
        if day is None:
            raise CheckFailedError(
                "A consent has an end, but the day of asking was not given.",
                "Give the day with the material.",
            )
        if not any("generation" in consent.scope for consent in mine):
            return f"The consent of {mine[0].person} to {path.name} does not cover generating from it."
        if all(consent.expires < day for consent in mine):
            return f"The consent of {mine[0].person} to {path.name} ended on {max(c.expires for c in mine)}."
        return ""

    def _unknown(self, material: Material, ask: Ask, faces: "Faces") -> Iterator[Finding]:
        allowed, blocked = faces.gallery(self.options.allow), faces.gallery(self.options.block)
        seen: set[tuple[str, str]] = set()
        for sample in samples(material, self.options.every):
            for face in faces.find(sample.rgb):
                person, cosine = _nearest(face, blocked)
                if cosine >= SAME_PERSON:
                    rule, severity, why = (
                        "blocked",
                        6,
                        f"A face is like {person}'s, who is on the block list.",
                    )
                elif _nearest(face, allowed)[1] >= SAME_PERSON:
                    continue
                else:
                    rule, severity, why = "unknown", 3, "A face is of nobody on the allow list."
                if (sample.where, rule) not in seen:
                    seen.add((sample.where, rule))
                    yield self._finding(rule, severity, face, sample, ask, faces, why)

    def _finding(
        self, rule: str, severity: int, face: "Face", sample: Sample, ask: Ask, faces: "Faces", why: str
    ) -> Finding:
        return Finding(
            rule_id=f"likeness.{rule}",
            category=Category.LIKENESS_PRIVACY,
            severity=severity,
            decision=Decision.REVIEW if rule == "unknown" else Decision.REFUSE,
            check=self.name,
            version=self.version,
            weights=faces.digest,
            score=round(face.score, 4),
            evidence=keep(sample, ask, box=face.box),
            legal_basis="《民法典》第一千零一十九条; GDPR art. 9; right of publicity",
            why=why,
            suggestion="Record the consent, or use a picture without a recognisable person.",
        )


class Face(NamedTuple):
    box: tuple[int, int, int, int]
    score: float
    feature: NDArray[np.float32]
    """Of unit length."""


class Faces:
    """The two models, loaded."""

    def __init__(self, detector: Any, recogniser: Any, digest: str) -> None:  # cv2 has no types.
        self._detector = detector
        self._recogniser = recogniser
        self.digest = digest

    def find(self, rgb: NDArray[np.uint8]) -> list[Face]:
        """All faces in a picture, surest first.

        Raises:
            CheckFailedError: a model answers something that is not a number.
        """
        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        self._detector.setInputSize((bgr.shape[1], bgr.shape[0]))
        rows = self._detector.detect(bgr)[1]
        faces = []
        for row in rows if rows is not None else ():
            raw = self._recogniser.feature(self._recogniser.alignCrop(bgr, row)).ravel()
            length = float(np.linalg.norm(raw))
            if not np.isfinite(row).all() or not np.isfinite(length) or length == 0:
                raise CheckFailedError(
                    "A face model answers something that is not a number.", "Fetch it again."
                )
            left, top, width, height = (int(value) for value in row[:4])
            faces.append(Face((left, top, width, height), float(row[-1]), (raw / length).astype(np.float32)))
        return sorted(faces, key=lambda face: -face.score)

    def gallery(self, folder: Path | None) -> list[tuple[str, Face]]:
        """Every face of every person's folder.

        Raises:
            CheckFailedError: a picture of it shows no face.
        """
        if folder is None:
            return []
        if not folder.is_dir():
            raise CheckMissingError(f"The gallery {folder} is not there.", "Correct `checks.likeness`.")
        people = []
        for path in sorted(p for p in folder.glob("*/*") if p.suffix.lower() in PICTURES):
            found = self.find(read_image(path))
            if not found:
                raise CheckFailedError(
                    f"{path.parent.name}/{path.name} of the gallery shows no face.", "Replace it."
                )
            people.append((path.parent.name, found[0]))
        return people


def _nearest(face: Face, gallery: list[tuple[str, Face]]) -> tuple[str, float]:
    cosines = [(person, float(face.feature @ known.feature)) for person, known in gallery]
    return max(cosines, key=lambda cosine: cosine[1], default=("", -1.0))


def _identity(path: Path) -> Json:
    if path.is_file():
        return file_digest(path)
    return [file_digest(p) for p in sorted(path.glob("*/*")) if p.is_file()] if path.is_dir() else "missing"


@lru_cache(maxsize=2)
def _load(detector: Path, recogniser: Path, first: str, second: str) -> Faces:
    try:
        finder = cv2.FaceDetectorYN.create(str(detector), "", (320, 320), FACE_SCORE)
        teller = cv2.FaceRecognizerSF.create(str(recogniser), "")
    except cv2.error as error:
        raise CheckFailedError(
            f"The face models cannot be loaded: {str(error)[:100]}", "Fetch them again."
        ) from error
    return Faces(finder, teller, f"{first[:32]}{second[:32]}")
