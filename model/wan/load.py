"""One stage's part of a checkpoint, loaded alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from torch import nn

from campaign.errors import CheckpointError
from model.wan.blank import WORDS
from model.wan.checkpoint import SCHEDULER, TEXT_ENCODER, TOKENIZER, VAE, Checkpoint
from model.wan.device import readable
from model.wan.library import (
    AutoencoderKLWan,
    AutoTokenizer,
    FlowMatchEulerDiscreteScheduler,
    GGUFQuantizationConfig,
    UMT5Config,
    UMT5EncoderModel,
    UniPCMultistepScheduler,
    WanTransformer3DModel,
    empty_weights,
)
from model.wan.lora import Lora, merged
from model.wan.options import Precision
from model.wan.scaled import STORED, replace_linears, scalable, to_rows
from model.wan.shards import weight_files
from model.wan.variants import Sampling, Solver

COMPUTE = {
    Precision.FP32: torch.float32,
    Precision.BF16: torch.bfloat16,
    Precision.FP8: torch.bfloat16,
    Precision.INT8: torch.bfloat16,
}
"""What sums are made in."""
_BYTES = (torch.float8_e4m3fn, torch.int8)


def load_tokenizer(checkpoint: Checkpoint) -> Any:
    """Raises CheckpointError: its files are no tokenizer's."""
    folder = checkpoint.path / TOKENIZER
    try:
        return AutoTokenizer.from_pretrained(folder)
    except (ValueError, OSError) as error:
        said = str(error).strip().splitlines()[0]
        raise CheckpointError(
            str(folder), f"its files make no tokenizer: {said}", "Fetch the checkpoint again."
        ) from error


def load_text_encoder(checkpoint: Checkpoint, device: str, precision: Precision) -> Any:
    """The text encoder, tensor by tensor to ``device``: it is read for every wave that brings new words.

    Raises:
        CheckpointError: tensors are missing or of another shape.
    """
    folder = checkpoint.path / TEXT_ENCODER
    with empty_weights():
        encoder = UMT5EncoderModel(UMT5Config.from_pretrained(folder))
    compute, known = COMPUTE[precision], encoder.state_dict()
    # What belongs to the rest of the model that it was taken from is left, as transformers leaves it.
    state = {key: tensor.to(compute) for key, tensor in tensors_of(folder, device) if key in known}
    words = next((state[key] for key in WORDS if key in state), None)
    _fill(encoder, state if words is None else state | dict.fromkeys(WORDS, words), folder)
    encoder.tie_weights()
    return _settled(encoder, device)


def load_vae(checkpoint: Checkpoint, device: str, precision: Precision) -> Any:
    vae = AutoencoderKLWan.from_pretrained(checkpoint.path / VAE, dtype=COMPUTE[precision])
    return _settled(vae, device)


def load_scheduler(checkpoint: Checkpoint, sampling: Sampling) -> Any:
    """The solver with the official shift in the place of the converter's 3, and its timesteps set.

    Both solvers get the same table: sigmas from 1 to 1/1000, evenly before the shift.
    """
    if sampling.solver is Solver.EULER:
        euler = FlowMatchEulerDiscreteScheduler(shift=sampling.flow_shift)
        euler.set_timesteps(sigmas=np.linspace(1, 1 / 1000, sampling.steps + 1)[:-1])
        return euler
    config = UniPCMultistepScheduler.load_config(checkpoint.path / SCHEDULER)
    scheduler = UniPCMultistepScheduler.from_config(config, flow_shift=sampling.flow_shift)
    scheduler.set_timesteps(sampling.steps)
    return scheduler


def load_expert(
    checkpoint: Checkpoint, name: str, device: str, precision: Precision, lora: Lora | None = None
) -> Any:
    """One expert, tensor by tensor to ``device``, so that the device never holds more than the expert.

    Raises:
        CheckpointError: tensors are missing, superfluous or of another shape.
    """
    folder = checkpoint.path / name
    with empty_weights():
        model = WanTransformer3DModel.from_config(WanTransformer3DModel.load_config(folder))
    stored = _stored(checkpoint, name, precision)
    small = scalable(checkpoint.tensors(name)) if stored else set()
    if stored:
        replace_linears(model, small, stored)
    state: dict[str, torch.Tensor] = {}
    for key, tensor in tensors_of(folder, device):
        module = key.removesuffix(".weight")
        if tensor.dtype in _BYTES or key.endswith(".scale"):
            state[key] = tensor
            continue
        tensor = merged(tensor, key, lora)
        if key.endswith(".weight") and module in small and stored:
            state[key], state[f"{module}.scale"] = to_rows(tensor, stored)
        else:
            state[key] = tensor.to(kept_dtype(model, key, COMPUTE[precision]))
    _fill(model, state, folder)
    return _settled(model, device)


def load_gguf(checkpoint: Checkpoint, name: str, file: Path, device: str, precision: Precision) -> Any:
    """An expert from a GGUF file under the names of Wan's own code; its shape is the checkpoint's config."""
    model = WanTransformer3DModel.from_single_file(
        str(file),
        # Without it the config is fetched from the Hub.
        config=str(checkpoint.path),
        subfolder=name,
        quantization_config=GGUFQuantizationConfig(compute_dtype=COMPUTE[precision]),
        dtype=COMPUTE[precision],
    )
    return model.to(device).eval().requires_grad_(False)


def _stored(checkpoint: Checkpoint, name: str, precision: Precision) -> torch.dtype | None:
    """One-byte dtype of the matrices: that of converted shards, else what is asked for."""
    found = {fact.dtype for fact in checkpoint.tensors(name).values()}
    on_disk = next(
        (p for p, label in ((Precision.FP8, "F8_E4M3"), (Precision.INT8, "I8")) if label in found), None
    )
    if on_disk and on_disk is not precision:
        raise CheckpointError(
            str(checkpoint.path / name),
            f"these weights were converted to {on_disk}, but precision is {precision}.",
            f"Set precision to {on_disk}, or name the checkpoint that they were converted from.",
        )
    return STORED.get(precision)


def tensors_of(folder: Path, device: str) -> Iterator[tuple[str, torch.Tensor]]:
    """Every tensor of a component, one at a time, on ``device``."""
    for file in weight_files(folder):
        with safe_open(file, framework="pt", device=readable(device)) as opened:
            for key in opened.keys():  # noqa: SIM118  # Not a mapping.
                yield key, opened.get_tensor(key)


def kept_dtype(model: Any, key: str, compute: torch.dtype) -> torch.dtype:
    """As ``from_pretrained`` casts: time embedding, norms and modulation stay in fp32."""
    kept = model._keep_in_fp32_modules or ()
    return torch.float32 if any(part in key.split(".") for part in kept) else compute


def _fill(model: nn.Module, state: dict[str, torch.Tensor], folder: Path) -> None:
    try:
        missing, unexpected = model.load_state_dict(state, strict=False, assign=True)
    except RuntimeError as error:
        raise CheckpointError(
            str(folder),
            f"its weights do not have the shapes of its config: {str(error).splitlines()[-1].strip()}",
            "Fetch the checkpoint again.",
        ) from error
    if missing or unexpected:
        named = ", ".join([*missing, *unexpected][:3])
        raise CheckpointError(
            str(folder),
            f"{len(missing)} tensors are missing and {len(unexpected)} are not the model's ({named}).",
            "Fetch the checkpoint again, or convert it again.",
        )


def _settled(model: Any, device: str) -> Any:
    """On its device, for inference, in memory of its own.

    Tensors mapped from a file lie at its 8-byte steps; CPU kernels then sum in another order, and results
    differ by 1e-6 from those of a model that was not mapped.
    """
    model = model.to(device).eval().requires_grad_(False)
    if torch.device(device).type == "cpu":
        for tensor in (*model.parameters(), *model.buffers()):
            tensor.data = tensor.data.clone()
    return model
