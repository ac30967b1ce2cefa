"""A Wan2.2 checkpoint of full size without its weights, for time and memory: neither depends on their values.

Its files have the right headers and are holes on disk, so plans are made as for a real one. Experts are
filled with noise where they are to work; zeros would draw less power and clock higher.
"""

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKLWan, WanTransformer3DModel
from transformers import UMT5Config, UMT5EncoderModel

from model.wan.bench import Bench
from model.wan.checkpoint import EXPERTS, TEXT_ENCODER, VAE, Checkpoint
from model.wan.clip import Stage
from model.wan.experts import Experts
from model.wan.load import COMPUTE, kept_dtype
from model.wan.options import Precision

_TEXT = {
    "d_model": 4096,
    "d_kv": 64,
    "d_ff": 10240,
    "num_layers": 24,
    "num_heads": 64,
    "vocab_size": 256384,
}
_BYTES = {"BF16": 2, "F32": 4}
_SPREAD = 0.02
"""Deviation of the noise, about that of Wan's own weights."""


class RandomExperts(Experts):
    """Experts of noise."""

    works_on = "cuda"

    def read(self, stage: Stage, device: str) -> Any:
        name = dict(zip((Stage.HIGH, Stage.LOW), EXPERTS, strict=True))[stage]
        return random_expert(self._checkpoint, name, device, self.works_on, self._precision)


class RandomBench(Bench):
    """Text encoder and VAE of noise; they are loaded as real ones are."""

    def text_side(self) -> tuple[Any, Any]:
        tokenizer, encoder = super().text_side()
        return tokenizer, filled(encoder, self.device)

    def vae(self) -> Any:
        return filled(super().vae(), self.device)


def random_expert(checkpoint: Checkpoint, name: str, device: str, works_on: str, precision: Precision) -> Any:
    """An expert of noise that is drawn on ``works_on`` and lies on ``device``."""
    with torch.device("meta"):
        model = WanTransformer3DModel.from_config(checkpoint.config(name)).eval().requires_grad_(False)
    for key, parameter in model.named_parameters():
        parts = key.split(".")
        owner = model.get_submodule(".".join(parts[:-1]))
        empty = torch.empty(
            parameter.shape, dtype=kept_dtype(model, key, COMPUTE[precision]), device=works_on
        )
        setattr(owner, parts[-1], torch.nn.Parameter(empty.normal_(0.0, _SPREAD).to(device), False))
    # Its tables follow from its config, and are not drawn.
    rope = type(model.rope)(
        model.config.attention_head_dim, model.config.patch_size, model.config.rope_max_seq_len
    )
    model.rope = rope.to(device)
    return model


def filled(model: Any, works_on: str) -> Any:
    """The model with noise in the place of its weights, which stay where they are."""
    for parameter in model.parameters():
        noise = torch.empty(parameter.shape, dtype=parameter.dtype, device=works_on).normal_(0.0, _SPREAD)
        parameter.data.copy_(noise)
    return model


def enlarge(folder: Path) -> None:
    """Put configs and holes of full size in the place of the toy's weights; the tokenizer stays."""
    with torch.device("meta"):
        expert = WanTransformer3DModel()
        text = UMT5EncoderModel(UMT5Config(**_TEXT, feed_forward_proj="gated-gelu"))
        vae = AutoencoderKLWan()
    for name in EXPERTS:
        expert.save_config(folder / name)
        _make_hole(folder / name, "diffusion_pytorch_model", expert, "BF16")
    text.config.save_pretrained(folder / TEXT_ENCODER)
    _make_hole(folder / TEXT_ENCODER, "model", text, "BF16")
    vae.save_config(folder / VAE)
    _make_hole(folder / VAE, "diffusion_pytorch_model", vae, "F32")


def _make_hole(folder: Path, base: str, model: Any, dtype: str) -> None:
    """A safetensors file with every tensor's name and shape and no data; it takes no room on disk."""
    header, offset = {}, 0
    for name, parameter in model.named_parameters():
        end = offset + parameter.numel() * _BYTES[dtype]
        header[name] = {"dtype": dtype, "shape": list(parameter.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    for old in folder.glob("*.safetensors"):
        old.unlink()
    with (folder / f"{base}.safetensors").open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + offset)
