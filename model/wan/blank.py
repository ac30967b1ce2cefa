"""A checkpoint's models without their weights: what their configs say of names and shapes.

A part that does not fit would be found out when its stage comes; the second expert's hours after the first's.
"""

from typing import Any

import torch

from campaign.errors import CheckpointError
from model.wan.checkpoint import TEXT_ENCODER, VAE, Checkpoint
from model.wan.library import AutoencoderKLWan, UMT5Config, UMT5EncoderModel, WanTransformer3DModel

WORDS = ("shared.weight", "encoder.embed_tokens.weight")
"""Both names of the matrix of the text encoder's words; either may be all that is stored."""
_SHOWN = 3


def check_tensors(checkpoint: Checkpoint) -> None:
    """Let pass a checkpoint whose tensors are all there and of the shapes of its configs.

    Raises:
        CheckpointError: one is not.
    """
    for name in checkpoint.weighted:
        stored = {
            key: fact.shape for key, fact in checkpoint.tensors(name).items() if not key.endswith(".scale")
        }
        for word in WORDS if name == TEXT_ENCODER and set(WORDS) & set(stored) else ():
            stored.setdefault(word, next(stored[key] for key in WORDS if key in stored))
        wanted = {key: tuple(tensor.shape) for key, tensor in blank(checkpoint, name).state_dict().items()}
        where = str(checkpoint.path / name)
        if missing := sorted(set(wanted) - set(stored)):
            raise CheckpointError(
                where,
                f"{len(missing)} of the {len(wanted)} tensors of its config are missing: "
                f"{', '.join(missing[:_SHOWN])}.",
                "Weights and config are of different models, or it was fetched in part: fetch it again.",
            )
        if wrong := sorted(key for key in wanted if wanted[key] != stored[key]):
            raise CheckpointError(
                where,
                f"{wrong[0]} is {_by(stored[wrong[0]])}, but by its config {_by(wanted[wrong[0]])}; "
                f"{len(wrong)} tensors differ.",
                "Weights and config are of different models: fetch the checkpoint again.",
            )


def blank(checkpoint: Checkpoint, name: str) -> Any:
    """The component's model, of which nothing was read but its config."""
    config = checkpoint.config(name)
    with torch.device("meta"):
        if name == TEXT_ENCODER:
            return UMT5EncoderModel(UMT5Config.from_dict(config))
        return (AutoencoderKLWan if name == VAE else WanTransformer3DModel).from_config(config)


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "a single number"
