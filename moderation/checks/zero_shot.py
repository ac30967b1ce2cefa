"""Violence, weapons, flags and symbols in pictures, by comparing them with words (CLIP or SigLIP).

Nobody has measured how well this tells such things apart in our content, so it may at most ask for a person.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from pydantic import Field

from campaign.brief import Language
from campaign.content_key import Json
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


class Concept(NamedTuple):
    """Something to look for, in words that captions use."""

    id: str
    category: Category
    words: tuple[str, ...]


CONCEPTS = (
    Concept("blood", Category.VIOLENCE, ("a photo of blood and injury", "a gory scene")),
    Concept("fight", Category.VIOLENCE, ("people hitting each other", "a violent attack on a person")),
    Concept(
        "weapon", Category.VIOLENCE, ("a person holding a gun", "a photo of a firearm", "a knife as a weapon")
    ),
    Concept("national_flag", Category.POLITICAL, ("a national flag", "a flag of a country on a pole")),
    Concept("political_figure", Category.POLITICAL, ("a political rally", "a politician giving a speech")),
    Concept("extremist_symbol", Category.POLITICAL, ("a swastika", "an extremist symbol")),
    Concept("map", Category.POLITICAL, ("a political map of countries with borders",)),
    Concept("money", Category.ILLEGAL_REGULATED, ("banknotes of a national currency",)),
    Concept("smoking", Category.ILLEGAL_REGULATED, ("a person smoking a cigarette",)),
    Concept("gambling", Category.ILLEGAL_REGULATED, ("a casino table with chips and cards",)),
)
NEUTRAL = (
    "a product on a table",
    "a cup of tea",
    "a landscape",
    "a person smiling",
    "an interior of a room",
    "text on a plain background",
    "food on a plate",
    "an abstract pattern of colours",
)
SEVERITY = 4


class ZeroShotOptions(CheckOptions):
    model: str = "openai/clip-vit-base-patch32"
    download: bool = False
    device: str = "cpu"
    every: float = Field(default=1.0, gt=0)
    least: float = Field(default=0.5, gt=0, lt=1)
    """Share of the likeness that a concept must have, all concepts and neutral words together."""


class ZeroShotCheck:
    name: ClassVar[str] = "zero_shot"
    version: ClassVar[str] = "1"
    reads: ClassVar[Reads] = Reads.PICTURES
    adds: ClassVar[str] = "violence, weapons, flags and symbols in pictures"
    how_to_get: ClassVar[str] = (
        f"{MODELS_EXTRA} Then set `checks.zero_shot.model` to a folder, or `download: true`."
    )
    options_type: ClassVar[type[CheckOptions]] = ZeroShotOptions

    def __init__(self, options: ZeroShotOptions) -> None:
        self.options = options

    def recipe(self) -> Mapping[str, Json]:
        options = self.options.model_dump(mode="json", include={"every", "least"})
        return {
            "check": self.name,
            "version": self.version,
            "weights": weights_or_absence(lambda: folder_digest(model_folder(self.options.model))),
            "words": [*(word for concept in CONCEPTS for word in concept.words), *NEUTRAL],
            **options,
        }

    def covers(self, language: Language) -> bool:
        return language in Language

    def look(self, material: Material, ask: Ask) -> Outcome:
        return looked(self, lambda: list(self._findings(material, ask)))

    def _findings(self, material: Material, ask: Ask) -> Iterator[Finding]:
        folder = model_folder(self.options.model, download=self.options.download)
        digest = folder_digest(folder)
        likeness = _load(folder, self.options.device, digest)
        best: dict[tuple[str, str], tuple[float, Sample, Concept]] = {}
        for sample in samples(material, self.options.every):
            shares = likeness.shares(sample)
            for concept, share in zip(CONCEPTS, shares, strict=True):
                key = (sample.where, concept.id)
                if share >= self.options.least and share > best.get(key, (0.0,))[0]:
                    best[key] = (share, sample, concept)
        for share, sample, concept in best.values():
            yield Finding(
                rule_id=f"zero_shot.{concept.id}",
                category=concept.category,
                severity=SEVERITY,
                decision=Decision.REVIEW,
                check=self.name,
                version=self.version,
                weights=digest,
                score=round(share, 4),
                evidence=keep(sample, ask),
                why=f"The picture is most like “{concept.words[0]}” ({share:.0%}).",
                suggestion="A person looks at the picture.",
            )


class _Likeness:
    """A picture against the words of all concepts."""

    def __init__(self, model: Any, processor: Any) -> None:  # transformers has no types.
        self.model = model
        self.processor = processor
        self.words = [*(word for concept in CONCEPTS for word in concept.words), *NEUTRAL]

    def shares(self, sample: Sample) -> list[float]:
        """The share of each concept, its words together; with the neutral words they make 1.

        Raises:
            CheckFailedError: the model answers something that is not a number.
        """
        torch = package("torch")
        inputs = self.processor(
            text=self.words, images=[sample.rgb], return_tensors="pt", padding="max_length", truncation=True
        )
        with torch.inference_mode():
            logits = self.model(**inputs.to(self.model.device)).logits_per_image[0].float()
        require_finite(logits, "A score of the picture-and-words model")
        probabilities: Sequence[float] = torch.softmax(logits, 0).cpu().tolist()
        shares, at = [], 0
        for concept in CONCEPTS:
            shares.append(sum(probabilities[at : at + len(concept.words)]))
            at += len(concept.words)
        return shares


@lru_cache(maxsize=1)
def _load(folder: Path, device: str, digest: str) -> _Likeness:  # noqa: ARG001  # The cache's key.
    again = "Fetch it again; it must be a CLIP or SigLIP model."
    return _Likeness(*load_model(folder, device, "AutoProcessor", "AutoModel", again=again))
