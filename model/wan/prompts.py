"""Prompts as the text encoder reads them: encoded once, kept on disk."""

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


class Embeddings:
    """Embeddings (1, 512, width) by text, in a folder; nothing is encoded twice, no padding is kept."""

    def __init__(self, folder: Path, identity: object) -> None:
        self._folder = folder
        self._identity = identity
        """Of tokenizer, text encoder and its precision."""

    def missing(self, texts: Iterable[str]) -> list[str]:
        return [text for text in dict.fromkeys(texts) if not self._file(text).is_file()]

    def add(self, text: str, tokenizer: Any, encoder: Any) -> None:
        """Encode one text and keep it. One at a time: a batch sums in another order."""
        write_tensors(self._file(text), {"states": encode(text, tokenizer, encoder).cpu()})

    def get(self, text: str, device: str) -> torch.Tensor:
        return padded(read_tensors(self._file(text), device)["states"])

    def _file(self, text: str) -> Path:
        key = content_key([self._identity, text, MAX_TOKENS])
        return self._folder / key[:2] / f"{key}.pt"


@torch.no_grad()
def encode(text: str, tokenizer: Any, encoder: Any) -> torch.Tensor:
    """(1, tokens, width) in the encoder's dtype."""
    # Padded to the full length before encoding too, as Wan was trained.
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
    states: torch.Tensor = encoder(tokens.input_ids.to(device), mask).last_hidden_state
    # A copy, or the whole length would be kept with it.
    return states[:, : int(mask.sum())].clone()


def padded(states: torch.Tensor) -> torch.Tensor:
    """(1, 512, width): what lies behind the text is zero, and is read unmasked."""
    rest = states.new_zeros(1, MAX_TOKENS - states.shape[1], states.shape[2])
    return torch.cat([states, rest], dim=1)
