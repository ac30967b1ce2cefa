"""A Wan checkpoint of two thin layers with random weights: real classes, files and loading code at toy size.

It serves tests, and the benchmark on a machine without CUDA. Its pictures are noise.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from model.wan.library import (
    AutoencoderKLWan,
    T5Tokenizer,
    UMT5Config,
    UMT5EncoderModel,
    UniPCMultistepScheduler,
    WanTransformer3DModel,
    without_bars,
)
from model.wan.variants import VARIANTS

TEXT_WIDTH = 32
_ALPHABET = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,;:!?'\"()-，。、！"
    "一片茶叶在水中慢慢展开桌上光红色的杯子推近山清晨雾"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """What differs between the variants at toy size."""

    vae: dict[str, Any]
    pipeline: str


_SHAPES = {
    "t2v-a14b": _Shape(vae={"z_dim": 16}, pipeline="WanPipeline"),
    "i2v-a14b": _Shape(vae={"z_dim": 16}, pipeline="WanImageToVideoPipeline"),
    "ti2v-5b": _Shape(
        vae={
            "z_dim": 48,
            "in_channels": 12,
            "out_channels": 12,
            "is_residual": True,
            "patch_size": 2,
            "latents_mean": [0.0] * 48,
            "latents_std": [1.0] * 48,
            "scale_factor_spatial": 16,
        },
        pipeline="WanPipeline",
    ),
}


def save_tiny_checkpoint(folder: Path, variant: str, seed: int = 0) -> Path:
    """Build the checkpoint of ``variant`` and save it in diffusers' layout; returns ``folder``."""
    without_bars()
    shape, layout = _SHAPES[variant], VARIANTS[variant].layout
    torch.manual_seed(seed)
    tokenizer = tiny_tokenizer()
    tokenizer.save_pretrained(folder / "tokenizer")
    _text_encoder(len(tokenizer)).save_pretrained(folder / "text_encoder")
    _vae(shape).save_pretrained(folder / "vae")
    _as_published(folder / "vae" / "config.json")
    UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, num_train_timesteps=1000, flow_shift=3.0
    ).save_pretrained(folder / "scheduler")
    experts = ("transformer", "transformer_2")[: layout.experts]
    for name in experts:
        _transformer(layout.in_channels, layout.latent_channels).save_pretrained(folder / name)
    _write_index(folder, variant, experts)
    return folder


def tiny_tokenizer(alphabet: Iterable[str] = _ALPHABET) -> Any:
    """A real Unigram tokenizer with one token per character of ``alphabet``."""
    letters = list(dict.fromkeys(character for character in alphabet if character != " "))
    special = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    return T5Tokenizer(vocab=[*special, *((letter, -3.0) for letter in letters)], extra_ids=0)


def _text_encoder(vocabulary: int) -> Any:
    config = UMT5Config(
        vocab_size=vocabulary,
        d_model=TEXT_WIDTH,
        d_kv=8,
        d_ff=37,
        num_layers=2,
        num_heads=4,
        feed_forward_proj="gated-gelu",
        dropout_rate=0.0,
    )
    return UMT5EncoderModel(config).eval()


def _vae(shape: _Shape) -> Any:
    return AutoencoderKLWan(
        base_dim=3,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        **shape.vae,
    ).eval()


def _transformer(in_channels: int, out_channels: int) -> Any:
    return WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=in_channels,
        out_channels=out_channels,
        text_dim=TEXT_WIDTH,
        freq_dim=256,
        ffn_dim=32,
        num_layers=2,
        cross_attn_norm=True,
        qk_norm="rms_norm_across_heads",
        rope_max_seq_len=32,
    ).eval()


def _as_published(config: Path) -> None:
    """Leave out what the published configs of 16-channel VAEs leave out, being older than these names."""
    values = json.loads(config.read_text(encoding="utf-8"))
    if values["z_dim"] == 16:
        newer = ("scale_factor_temporal", "scale_factor_spatial", "is_residual", "patch_size", "in_channels")
        values = {name: value for name, value in values.items() if name not in newer}
    config.write_text(json.dumps(values, indent=1), encoding="utf-8")


def _write_index(folder: Path, variant: str, experts: tuple[str, ...]) -> None:
    sampling = VARIANTS[variant].sampling
    index: dict[str, Any] = {
        "_class_name": _SHAPES[variant].pipeline,
        "boundary_ratio": sampling.boundary,
        "expand_timesteps": VARIANTS[variant].layout.expand_timesteps,
        "tokenizer": ["transformers", "T5Tokenizer"],
        "text_encoder": ["transformers", "UMT5EncoderModel"],
        "vae": ["diffusers", "AutoencoderKLWan"],
        "scheduler": ["diffusers", "UniPCMultistepScheduler"],
    }
    for name in ("transformer", "transformer_2"):
        index[name] = ["diffusers", "WanTransformer3DModel"] if name in experts else [None, None]
    (folder / "model_index.json").write_text(json.dumps(index, indent=1), encoding="utf-8")
