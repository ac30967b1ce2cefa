"""Unsafe copy and prompts in Chinese and English, by a guard LLM (Qwen3Guard-Gen 0.6B, 4B or 8B).

It knows nothing of advertising law, of brands' forbidden words or of trademarks.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Protocol

from pydantic import Field, SecretStr

from campaign.brief import Language
from campaign.content_key import Json
from campaign.errors import CheckMissingError
from moderation.check import Ask, CheckOptions, Material, Outcome, Reads
from moderation.checks.edge import looked
from moderation.checks.guard_answer import CATEGORIES, GuardAnswer, read_answer
from moderation.checks.guard_server import GuardServer
from moderation.checks.weights import (
    MODELS_EXTRA,
    folder_digest,
    load_model,
    model_folder,
    package,
    require_finite,
    weights_or_absence,
)
from moderation.finding import Decision, Finding, Span, Text

LEVEL = {3: "controversial", 6: "unsafe"}
LONGEST_PART = 2000
"""Characters that are judged at once."""
OVERLAP = 100
"""Characters that two parts share."""
ANSWER_TOKENS = 64
"""The longest answer of the form, all categories named, is under 60."""


class GuardOptions(CheckOptions):
    model: str = "Qwen/Qwen3Guard-Gen-0.6B"
    """A folder, a name in the hub's cache, or the name that the endpoint knows it by."""
    endpoint: str = ""
    """Base URL of an OpenAI-compatible server, like http://guard:8000/v1; empty loads the model here."""
    key: SecretStr = SecretStr("")
    """The endpoint's; never in a recipe or a report."""
    timeout: float = Field(default=60.0, gt=0)
    """Seconds to wait for the endpoint."""
    download: bool = False
    device: str = "cpu"
    batch: int = Field(default=8, ge=1)


class Judge(Protocol):
    """Where the model runs."""

    def answers(self, texts: Sequence[str]) -> list[str]: ...


class GuardCheck:
    name: ClassVar[str] = "guard"
    version: ClassVar[str] = "1"
    reads: ClassVar[Reads] = Reads.TEXTS
    adds: ClassVar[str] = "unsafe meaning in Chinese and English, whatever the words"
    how_to_get: ClassVar[str] = (
        f"{MODELS_EXTRA} Then set `checks.guard.model` to Qwen3Guard-Gen's folder, `download: true`, "
        "or `endpoint` to a server that has it."
    )
    options_type: ClassVar[type[CheckOptions]] = GuardOptions

    def __init__(self, options: GuardOptions) -> None:
        self.options = options
        self._known: dict[tuple[str, str], GuardAnswer] = {}

    def recipe(self) -> Mapping[str, Json]:
        return {"check": self.name, "version": self.version, "weights": self._identity()}

    def covers(self, language: Language) -> bool:
        return language in (Language.ZH, Language.EN)

    def look(self, material: Material, ask: Ask) -> Outcome:  # noqa: ARG002  # The port's form.
        return looked(self, lambda: list(self._findings(material.texts)))

    def _findings(self, texts: Sequence[Text]) -> Iterator[Finding]:
        parts = [(text, start, part) for text in texts for start, part in _parts(text.text)]
        identity, judge = self._judge()
        new = list(dict.fromkeys(part for _, _, part in parts if (identity, part) not in self._known))
        for first in range(0, len(new), self.options.batch):
            batch = new[first : first + self.options.batch]
            for part, words in zip(batch, judge.answers(batch), strict=True):
                self._known[identity, part] = read_answer(words)
        for text, start, part in parts:
            answer = self._known[identity, part]
            for name in answer.categories:
                yield Finding(
                    rule_id=f"guard.{name.lower().replace(' ', '_')}",
                    category=CATEGORIES[name],
                    severity=answer.severity,
                    decision=Decision.REFUSE,
                    check=self.name,
                    version=self.version,
                    weights=identity,
                    evidence=Span(where=text.where, start=start, end=start + len(part), matched=part),
                    why=f"The guard model reads this as {LEVEL[answer.severity]}: {name}.",
                    suggestion="Say it another way.",
                )

    def _identity(self) -> str:
        if self.options.endpoint:
            return f"{self.options.model} at an endpoint"
        return weights_or_absence(lambda: folder_digest(model_folder(self.options.model)))

    def _judge(self) -> tuple[str, Judge]:
        options = self.options
        if options.endpoint:
            key = options.key.get_secret_value()
            return self._identity(), GuardServer(options.endpoint, options.model, key, options.timeout)
        folder = model_folder(options.model, download=options.download)
        digest = folder_digest(folder)
        return digest, _load(folder, options.device, digest)


class _LocalGuard:
    def __init__(self, model: Any, tokenizer: Any) -> None:  # transformers has no types.
        self.model = model
        self.tokenizer = tokenizer

    def answers(self, texts: Sequence[str]) -> list[str]:
        """The model's words on each text.

        Raises:
            CheckFailedError: it answers with something that is not a number.
        """
        torch = package("torch")
        chats = [
            self.tokenizer.apply_chat_template([{"role": "user", "content": text}], tokenize=False)
            for text in texts
        ]
        inputs = self.tokenizer(chats, return_tensors="pt", padding=True, add_special_tokens=False)
        inputs = inputs.to(self.model.device)
        with torch.inference_mode():
            made = self.model.generate(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                max_new_tokens=ANSWER_TOKENS,
                do_sample=False,
                output_logits=True,
                return_dict_in_generate=True,
            )
        require_finite(made.logits[0], "A score of the guard model")
        new = made.sequences[:, inputs["input_ids"].shape[1] :]
        answers: list[str] = self.tokenizer.batch_decode(new, skip_special_tokens=True)
        return answers


def _parts(text: str) -> Iterator[tuple[int, str]]:
    if not text.strip():
        return
    for start in range(0, max(len(text) - OVERLAP, 1), LONGEST_PART - OVERLAP):
        yield start, text[start : start + LONGEST_PART]


@lru_cache(maxsize=1)
def _load(folder: Path, device: str, digest: str) -> _LocalGuard:  # noqa: ARG001  # The cache's key.
    torch = package("torch")
    model, tokenizer = load_model(
        folder,
        device,
        "AutoTokenizer",
        "AutoModelForCausalLM",
        # The answer must follow the text, not the padding.
        prepare_with={"padding_side": "left"},
        answer_with={"dtype": torch.float32 if device == "cpu" else torch.bfloat16},
    )
    if tokenizer.chat_template is None or tokenizer.pad_token_id is None:
        raise CheckMissingError(
            f"The tokenizer in {folder.name} has no chat template or no padding token.",
            "Put all files of Qwen3Guard-Gen there.",
        )
    return _LocalGuard(model, tokenizer)
