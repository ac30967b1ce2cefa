"""Prompts as the text encoder reads them: counted with the real tokenizer, encoded once, kept on disk."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

# Without it diffusers cleans prompts otherwise, and the same words give other pictures.
import ftfy  # noqa: F401
import torch

from campaign.content_key import content_key
from model.wan.library import prompt_clean
from model.wan.park import read_tensors, write_tensors
from model.wan.variants import MAX_TOKENS


def token_count(tokenizer: Any, text: str) -> int:
    """Tokens of ``text`` as the model reads it, the closing one included."""
    return len(tokenizer(prompt_clean(text), add_special_tokens=True).input_ids)


class Embeddings:
    """Embeddings (1, 512, width) by text, in a folder; nothing is encoded twice."""

    def __init__(self, folder: Path, identity: object) -> None:
        self._folder = folder
        self._identity = identity
        """Of tokenizer, text encoder and its precision."""

    def missing(self, texts: Iterable[str]) -> list[str]:
        return [text for text in dict.fromkeys(texts) if not self._file(text).is_file()]

    def add(self, text: str, tokenizer: Any, encoder: Any) -> None:
        """Encode one text and keep it. One at a time: a batch sums in another order."""
        write_tensors(self._file(text), {"embedding": encode(text, tokenizer, encoder).cpu()})

    def get(self, text: str, device: str) -> torch.Tensor:
        embedding: torch.Tensor = read_tensors(self._file(text), device)["embedding"]
        return embedding

    def _file(self, text: str) -> Path:
        key = content_key([self._identity, text, MAX_TOKENS])
        return self._folder / key[:2] / f"{key}.pt"


@torch.no_grad()
def encode(text: str, tokenizer: Any, encoder: Any) -> torch.Tensor:
    """(1, 512, width) in the encoder's dtype; what lies behind the text is zero, as Wan was trained."""
    tokens = tokenizer(
        [prompt_clean(text)],
        padding="max_length",
        max_length=MAX_TOKENS,
        truncation=True,
        add_special_tokens=True,
        return_attention_mask=True,
        return_tensors="pt",
    )
    device = next(encoder.parameters()).device
    mask = tokens.attention_mask.to(device)
    states = encoder(tokens.input_ids.to(device), mask).last_hidden_state
    length = int(mask.sum())
    padded: torch.Tensor = torch.cat(
        [states[:, :length], states.new_zeros(1, MAX_TOKENS - length, states.shape[2])], 1
    )
    return padded
