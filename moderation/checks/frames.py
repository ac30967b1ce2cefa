"""Sexual content in pictures and frames, by an image classifier (Falconsai or Freepik, by name or folder).

Freepik/nsfw_image_detector has four levels and finds more of the lower ones, but needs the package timm.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from campaign.brief import Language
from campaign.content_key import Json
from campaign.errors import CheckFailedError
from moderation.check import Ask, CheckOptions, Material, Outcome, Reads
from moderation.checks.edge import looked
from moderation.checks.weights import (
    MODELS_EXTRA,
    folder_digest,
    load_model,
    model_folder,
    package,
    require_finite,
    weights_or_absence,
)
from moderation.finding import Category, Decision, Finding
from moderation.sampling import Sample, keep, samples

LEVELS = {
    "normal": 0,
    "neutral": 0,
    "sfw": 0,
    "safe": 0,
    "low": 2,
    "medium": 4,
    "high": 6,
    "nsfw": 6,
    "porn": 6,
}
"""Severity of a label, by its name in lower case."""
LIKELY = 0.5
SURE = 0.85
"""A level that is likely but not sure is for a person."""
FOR_A_PERSON = 4
WORST = 3
"""Frames of one file kept as evidence."""


class FramesOptions(CheckOptions):
    model: str = "Falconsai/nsfw_image_detection"
    download: bool = False
    device: str = "cpu"
    every: float = Field(default=0.5, gt=0)
    """Seconds between the frames that are looked at; the first after each cut is, too."""
    batch: int = Field(default=16, ge=1)


class FramesCheck:
    name: ClassVar[str] = "frames"
    version: ClassVar[str] = "1"
    reads: ClassVar[Reads] = Reads.PICTURES
    adds: ClassVar[str] = "sexual content in pictures and frames"
    how_to_get: ClassVar[str] = (
        f"{MODELS_EXTRA} Then set `checks.frames.model` to a folder, or `download: true`."
    )
    options_type: ClassVar[type[CheckOptions]] = FramesOptions

    def __init__(self, options: FramesOptions) -> None:
        self.options = options

    def recipe(self) -> Mapping[str, Json]:
        weights = weights_or_absence(lambda: folder_digest(model_folder(self.options.model)))
        return {"check": self.name, "version": self.version, "weights": weights, "every": self.options.every}

    def covers(self, language: Language) -> bool:
        return language in Language

    def look(self, material: Material, ask: Ask) -> Outcome:
        return looked(self, lambda: list(self._findings(material, ask)))

    def _findings(self, material: Material, ask: Ask) -> Iterator[Finding]:
        folder = model_folder(self.options.model, download=self.options.download)
        digest = folder_digest(folder)
        classifier = _load(folder, self.options.device, digest)
        worst: dict[str, list[tuple[int, float, Sample]]] = {}
        for batch in _batches(samples(material, self.options.every), self.options.batch):
            for sample, scores in zip(batch, classifier.scores(batch), strict=True):
                severity, score = severity_of(scores)
                if severity:
                    seen = [*worst.get(sample.where, []), (severity, score, sample)]
                    worst[sample.where] = sorted(seen, key=lambda s: s[:2], reverse=True)[:WORST]
        for severity, score, sample in (seen for frames in worst.values() for seen in frames):
            yield Finding(
                rule_id="frames.sexual",
                category=Category.SEXUAL,
                severity=severity,
                decision=Decision.REFUSE,
                check=self.name,
                version=self.version,
                weights=digest,
                score=round(score, 4),
                evidence=keep(sample, ask),
                why=f"The picture model sees sexual content ({score:.0%}).",
                suggestion="Take another picture, or make the take again.",
            )


def severity_of(scores: Mapping[str, float]) -> tuple[int, float]:
    """The highest severity that is likely, and how likely it or worse is.

    Raises:
        CheckFailedError: a label has no known level.
    """
    unknown = [label for label in scores if label.lower() not in LEVELS]
    if unknown:
        raise CheckFailedError(
            f"The picture model has the label {unknown[0]!r}, which has no severity.",
            f"Use a model with the labels {', '.join(LEVELS)}.",
        )
    for level in sorted({LEVELS[label.lower()] for label in scores}, reverse=True):
        mass = sum(score for label, score in scores.items() if LEVELS[label.lower()] >= level)
        if level and mass >= LIKELY:
            return (level if mass >= SURE else min(level, FOR_A_PERSON)), mass
    return 0, 0.0


class _Classifier:
    def __init__(self, model: Any, processor: Any) -> None:  # transformers has no types.
        self.model = model
        self.processor = processor

    def scores(self, batch: Sequence[Sample]) -> list[dict[str, float]]:
        """Probabilities by label.

        Raises:
            CheckFailedError: the model answers something that is not a number.
        """
        torch = package("torch")
        inputs = self.processor(images=[sample.rgb for sample in batch], return_tensors="pt")
        with torch.inference_mode():
            logits = self.model(pixel_values=inputs["pixel_values"].to(self.model.device)).logits.float()
        require_finite(logits, "A score of the picture model")
        labels = [self.model.config.id2label[i] for i in range(logits.shape[1])]
        return [dict(zip(labels, row, strict=True)) for row in torch.softmax(logits, 1).cpu().tolist()]


def _batches(items: Iterator[Sample], size: int) -> Iterator[list[Sample]]:
    batch: list[Sample] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


@lru_cache(maxsize=2)
def _load(folder: Path, device: str, digest: str) -> _Classifier:  # noqa: ARG001  # The cache's key.
    return _Classifier(*load_model(folder, device, "AutoImageProcessor", "AutoModelForImageClassification"))
