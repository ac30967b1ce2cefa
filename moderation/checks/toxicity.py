"""Toxic language, by detoxify's models (Unitary). English only: Chinese is `not_covered`, never passed.

The models and their addresses are detoxify's own. Its loader is not used: it unpickles the checkpoint, only
warns about missing tensors (and then answers by chance), has no length limit and goes to the network for the
architecture's configuration.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from campaign.brief import Language
from campaign.content_key import Json, file_digest
from campaign.errors import CheckFailedError, CheckMissingError
from moderation.check import Ask, CheckOptions, Material, Outcome, Reads
from moderation.checks.edge import looked
from moderation.checks.weights import MODELS_EXTRA, package, require_finite, transformers, weights_or_absence
from moderation.finding import Category, Decision, Finding, Span, Text

if TYPE_CHECKING:
    from torch import nn

CLASSES = {
    "toxicity": Category.HATE_TOXICITY,
    "severe_toxicity": Category.HATE_TOXICITY,
    "obscene": Category.HATE_TOXICITY,
    "identity_attack": Category.HATE_TOXICITY,
    "insult": Category.HATE_TOXICITY,
    "threat": Category.VIOLENCE,
    "sexual_explicit": Category.SEXUAL,
}
"""What is looked for. The other classes of some models name groups of people, which is no fault."""
RENAMED = {"toxic": "toxicity", "identity_hate": "identity_attack", "severe_toxic": "severe_toxicity"}
ARCHITECTURES = {
    "BertForSequenceClassification": "BertTokenizer",
    "RobertaForSequenceClassification": "RobertaTokenizer",
    "XLMRobertaForSequenceClassification": "XLMRobertaTokenizer",
    "AlbertForSequenceClassification": "AlbertTokenizer",
}
"""Model classes that a checkpoint may name: those of the five published ones."""
LONGEST = 512
OVERLAP = 64
"""Tokens that two parts of a long text share, so that nothing is cut in two."""
SEVERITIES = ((0.9, 6), (0.75, 5), (0.5, 3))
"""From a score on: severity."""


class ToxicityOptions(CheckOptions):
    model: Literal["original", "unbiased", "multilingual", "original-small", "unbiased-small"] = (
        "multilingual"
    )
    checkpoint: Path | None = None
    """The .ckpt file; None takes the model's own in ``cache``."""
    cache: Path = Path("~/.cache/torch/hub/checkpoints")
    """Where torch.hub keeps what it has fetched."""
    architecture: str = ""
    """Folder with config.json and tokenizer.json of the model's architecture; empty takes the hub's cache."""
    download: bool = False
    """Fetch the checkpoint and the architecture once, where they are not here."""
    device: str = "cpu"
    batch: int = Field(default=16, ge=1)


class ToxicityCheck:
    name: ClassVar[str] = "toxicity"
    version: ClassVar[str] = "1"
    reads: ClassVar[Reads] = Reads.TEXTS
    adds: ClassVar[str] = "insults, threats and obscenity in English"
    how_to_get: ClassVar[str] = (
        f"{MODELS_EXTRA} Then set `checks.toxicity.checkpoint` and `architecture`, or `download: true`."
    )
    options_type: ClassVar[type[CheckOptions]] = ToxicityOptions

    def __init__(self, options: ToxicityOptions) -> None:
        self.options = options

    def recipe(self) -> Mapping[str, Json]:
        weights = weights_or_absence(lambda: file_digest(_checkpoint(self.options)))
        return {"check": self.name, "version": self.version, "weights": weights}

    def covers(self, language: Language) -> bool:
        return language is Language.EN

    def look(self, material: Material, ask: Ask) -> Outcome:  # noqa: ARG002  # The port's form.
        return looked(self, lambda: self._findings([t for t in material.texts if self.covers(t.language)]))

    def _findings(self, texts: Sequence[Text]) -> list[Finding]:
        path = _checkpoint(self.options)
        digest = file_digest(path)
        model = _load(self.options, path, digest)
        parts = [(text, part) for text in texts for part in model.parts(text.text)]
        findings: dict[tuple[str, str], Finding] = {}
        for first in range(0, len(parts), self.options.batch):
            batch = parts[first : first + self.options.batch]
            for (text, part), scores in zip(batch, model.scores([p.tokens for _, p in batch]), strict=True):
                for name, score in scores.items():
                    finding = self._finding(text, part, name, score, digest)
                    key = (text.where, name)
                    if finding and (key not in findings or score > (findings[key].score or 0.0)):
                        findings[key] = finding
        return list(findings.values())

    def _finding(self, text: Text, part: "_Part", name: str, score: float, digest: str) -> Finding | None:
        severity = next((severity for least, severity in SEVERITIES if score >= least), 0)
        if not severity:
            return None
        matched = text.text[part.start : part.end]
        return Finding(
            rule_id=f"toxicity.{name}",
            category=CLASSES[name],
            severity=severity,
            decision=Decision.REFUSE,
            check=self.name,
            version=self.version,
            weights=digest,
            score=round(score, 4),
            evidence=Span(where=text.where, start=part.start, end=part.end, matched=matched),
            why=f"The model reads this as {name.replace('_', ' ')} ({score:.0%}).",
            suggestion="Say it another way.",
        )


class _Part(NamedTuple):
    tokens: list[int]
    start: int
    end: int


class _Toxicity:
    """A loaded model: texts in parts to scores by class."""

    def __init__(self, model: "nn.Module", tokenizer: Any, classes: list[str], device: str) -> None:
        self.model: Any = model
        self.tokenizer = tokenizer
        self.classes = classes
        self.device = device

    def parts(self, text: str) -> list[_Part]:
        """The text cut where the model could not read on, with the positions of each part."""
        limit = min(LONGEST, int(self.model.config.max_position_embeddings) - 2)
        encoded = self.tokenizer(
            text,
            truncation=True,
            max_length=limit,
            stride=min(OVERLAP, limit // 4),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        parts = []
        for tokens, offsets in zip(encoded["input_ids"], encoded["offset_mapping"], strict=True):
            places = [place for place in offsets if place[1] > place[0]]
            start, end = (places[0][0], places[-1][1]) if places else (0, 0)
            parts.append(_Part(tokens, start, end))
        return parts

    def scores(self, batch: list[list[int]]) -> list[dict[str, float]]:
        """Scores from 0 to 1 by class, for each part.

        Raises:
            CheckFailedError: the model answers something that is not a number.
        """
        torch = package("torch")
        inputs = self.tokenizer.pad({"input_ids": batch}, return_tensors="pt").to(self.device)
        with torch.inference_mode():
            logits = self.model(**inputs).logits
        require_finite(logits, "A score of the toxicity model")
        rows = torch.sigmoid(logits.float()).cpu().tolist()
        return [{n: s for n, s in zip(self.classes, row, strict=True) if n in CLASSES} for row in rows]


def _checkpoint(options: ToxicityOptions) -> Path:
    if options.checkpoint is not None:
        if options.checkpoint.is_file():
            return options.checkpoint
        raise CheckMissingError(
            f"The checkpoint {options.checkpoint} is not there.", "Correct `checks.toxicity.checkpoint`."
        )
    published: str = package("detoxify.detoxify").MODEL_URLS[options.model]
    path = options.cache.expanduser() / published.rpartition("/")[2]
    if not path.is_file() and options.download:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            package("torch.hub").download_url_to_file(published, str(path), progress=False)
        except OSError as error:
            raise CheckMissingError(
                f"The checkpoint of {options.model} could not be fetched: {error}.", "Fetch it by hand."
            ) from error
    if not path.is_file():
        raise CheckMissingError(
            f"The checkpoint of detoxify's {options.model} model is not here.",
            "Set `checks.toxicity.checkpoint` to its file, or `download: true` to fetch it once.",
        )
    return path


@lru_cache(maxsize=2)
def _load(options: ToxicityOptions, path: Path, digest: str) -> _Toxicity:  # noqa: ARG001  # The cache's key.
    library = transformers()
    torch = package("torch")
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
        args = loaded["config"]["arch"]["args"]
        classes = [RENAMED.get(name, name) for name in loaded["config"]["dataset"]["args"]["classes"]]
        state = loaded["state_dict"]
        architecture, kind = args["model_type"], args["model_name"]
    except (KeyError, TypeError, EOFError, RuntimeError, UnpicklingError, ValueError, OSError) as error:
        raise CheckFailedError(
            f"{path.name} is not a checkpoint of detoxify ({type(error).__name__}).", "Fetch it again."
        ) from error
    if kind not in ARCHITECTURES or args["num_classes"] != len(classes) or "toxicity" not in classes:
        raise CheckFailedError(
            f"{path.name} is of the model {kind!r}, which detoxify does not have.", "Fetch it again."
        )
    source = options.architecture or architecture
    online = {"local_files_only": not options.download}
    try:
        config = getattr(library, kind).config_class.from_pretrained(
            source, num_labels=len(classes), **online
        )
        tokenizer = library.AutoTokenizer.from_pretrained(source, use_fast=True, **online)
    except (OSError, ValueError) as error:
        raise CheckMissingError(
            f"The configuration and tokenizer of {source} are not here.",
            "Set `checks.toxicity.architecture` to a folder with config.json and tokenizer.json.",
        ) from error
    return _Toxicity(
        _filled(getattr(library, kind)(config), state, path.name), tokenizer, classes, options.device
    )


def _filled(model: "nn.Module", state: Mapping[str, Any], name: str) -> "nn.Module":
    """The model with the checkpoint's tensors, all of them and no others."""
    # Older transformers saved this buffer; it holds 0, 1, 2, … and is made by the model itself.
    state = {key: value for key, value in state.items() if not key.endswith("embeddings.position_ids")}
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise CheckFailedError(
            f"The tensors of {name} are not those of its model: {str(error).splitlines()[1].strip()[:120]}",
            "Its answers would be chance; fetch the checkpoint again.",
        ) from error
    for key, tensor in model.state_dict().items():
        require_finite(tensor, f"The tensor {key} of {name}")
    return model.eval()
