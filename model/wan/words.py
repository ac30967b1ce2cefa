"""Prompts counted in the model's own tokens, without torch: whoever computes a take's key counts them."""

import html
import re

# Without it diffusers cleans prompts otherwise, and the same words give other pictures.
import ftfy
from tokenizers import Tokenizer

from campaign.errors import CheckpointError
from model.wan.checkpoint import TOKENIZER, Checkpoint

FILE = "tokenizer.json"


def cleaned(text: str) -> str:
    """As diffusers' ``prompt_clean`` of Wan's pipeline does it (0.42, Apache-2.0)."""
    fixed = html.unescape(html.unescape(ftfy.fix_text(text))).strip()
    return re.sub(r"\s+", " ", fixed).strip()


def token_count(tokenizer: Tokenizer, text: str) -> int:
    """Tokens of ``text`` as the model reads it, the closing one included."""
    return len(tokenizer.encode(cleaned(text)).ids)


def read_tokenizer(checkpoint: Checkpoint) -> Tokenizer:
    """The checkpoint's, by its own library alone where its file is there.

    Raises:
        CheckpointError: its files are no tokenizer's.
        ModuleNotFoundError: they are SentencePiece's, which takes the package transformers.
    """
    folder = checkpoint.path / TOKENIZER
    if not (folder / FILE).is_file():
        from model.wan.load import load_tokenizer  # noqa: PLC0415  # Torch.

        tokenizer: Tokenizer = load_tokenizer(checkpoint).backend_tokenizer
    else:
        try:
            tokenizer = Tokenizer.from_file(str(folder / FILE))
        except Exception as error:  # Its Rust part raises nothing narrower.
            said = str(error).strip().splitlines()[0]
            raise CheckpointError(
                str(folder), f"its files make no tokenizer: {said}", "Fetch the checkpoint again."
            ) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
