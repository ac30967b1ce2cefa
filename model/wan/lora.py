"""Few-step LoRAs, summed into an expert's weights while they are loaded.

``W + strength * alpha / rank * up @ down``: no hooks remain, so compiling, streaming and one-byte weights
apply as to any expert. diffusers' converter brings the names of lightx2v, musubi and PEFT files to its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from campaign.content_key import file_digest
from campaign.errors import CheckpointError, RequestError
from model.wan.checkpoint import Checkpoint
from model.wan.library import WanLoraLoaderMixin

_PREFIX = "transformer."


@dataclass(frozen=True, kw_only=True)
class Lora:
    """Low-rank changes of one expert."""

    path: Path
    digest: str
    strength: float
    down: Mapping[str, torch.Tensor]
    """By module: (rank, in), its alpha worked in."""
    up: Mapping[str, torch.Tensor]
    """By module: (out, rank)."""
    bias: Mapping[str, torch.Tensor]
    """By module: (out,)."""


def read_lora(path: Path, strength: float, checkpoint: Checkpoint, expert: str) -> Lora:
    """The file's changes, all of which the expert can take.

    Raises:
        RequestError: the LoRA is of another model.
        CheckpointError: it is not there, or no LoRA.
    """
    if not path.is_file():
        raise CheckpointError(str(path), "there is no such LoRA.", "Correct the path.")
    try:
        read = WanLoraLoaderMixin.lora_state_dict(str(path))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            str(path), "this is no safetensors file that could be read.", "Fetch the LoRA again."
        ) from error
    state = {key.removeprefix(_PREFIX): tensor for key, tensor in read.items()}
    if not any(key.endswith(".lora_A.weight") for key in state):
        raise CheckpointError(str(path), "it holds no low-rank changes.", "Name a LoRA's safetensors file.")
    lora = Lora(
        path=path,
        digest=file_digest(path),
        strength=strength,
        down=_ending(state, ".lora_A.weight"),
        up=_ending(state, ".lora_B.weight"),
        bias=_ending(state, ".lora_B.bias"),
    )
    _check(lora, checkpoint, expert)
    return lora


def merged(tensor: torch.Tensor, key: str, lora: Lora | None) -> torch.Tensor:
    """The expert's tensor of that name with the LoRA's change, summed in fp32."""
    if lora is None:
        return tensor
    module, _, kind = key.rpartition(".")
    if kind == "weight" and module in lora.down:
        down, up = (part[module].to(tensor.device, torch.float32) for part in (lora.down, lora.up))
        return tensor.float() + lora.strength * (up @ down)
    if kind == "bias" and module in lora.bias:
        return tensor.float() + lora.strength * lora.bias[module].to(tensor.device, torch.float32)
    return tensor


def _ending(state: Mapping[str, torch.Tensor], end: str) -> dict[str, torch.Tensor]:
    return {key.removesuffix(end): tensor for key, tensor in state.items() if key.endswith(end)}


def _check(lora: Lora, checkpoint: Checkpoint, expert: str) -> None:
    tensors = checkpoint.tensors(expert)
    for module, down in lora.down.items():
        weight = tensors.get(f"{module}.weight")
        up = lora.up.get(module)
        made = (up.shape[0], down.shape[1]) if up is not None else None
        if weight is None or made != weight.shape[:2] or up is None or up.shape[1] != down.shape[0]:
            has = f"is {'x'.join(map(str, weight.shape))}" if weight else "does not exist"
            raise RequestError(
                f"{lora.path.name} changes {module} of {'x'.join(map(str, made or ())) or 'no'} numbers",
                f"in the {expert} of {checkpoint.variant.name} it {has}",
                f"Use a LoRA that was trained for {checkpoint.variant.repo}.",
            )
