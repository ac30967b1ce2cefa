"""Linear layers whose matrices are kept in one byte a number, with one scale a row.

The product itself is made in the input's dtype. A plain cast to e4m3 would lose most of Wan's weights'
precision: they lie around 0.02, where e4m3 has steps of 0.002; scaled by the largest of its row, a row uses
the whole range.
"""

from collections.abc import Iterable

import torch
from torch import nn
from torch.nn import functional

from model.wan.options import Precision

STORED = {Precision.FP8: torch.float8_e4m3fn, Precision.INT8: torch.int8}
_LARGEST = {torch.float8_e4m3fn: 448.0, torch.int8: 127.0}


class ScaledLinear(nn.Module):
    """``y = x (weight * scale)^T + bias``; ``weight`` is (out, in) of one byte, ``scale`` (out, 1) fp32."""

    def __init__(self, in_features: int, out_features: int, bias: bool, stored: torch.dtype) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight: torch.Tensor
        self.scale: torch.Tensor
        self.register_buffer("weight", torch.empty(out_features, in_features, dtype=stored, device="meta"))
        self.register_buffer("scale", torch.empty(out_features, 1, device="meta"))
        self.bias = nn.Parameter(torch.empty(out_features, device="meta")) if bias else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(..., in) to (..., out)."""
        return functional.linear(x, self.weight.to(x.dtype) * self.scale.to(x.dtype), self.bias)


def to_rows(weight: torch.Tensor, stored: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    """``weight`` (out, in) as one byte a number, and its scales (out, 1) fp32."""
    exact = weight.float()
    scale = exact.abs().amax(dim=1, keepdim=True).clamp_min(1e-12) / _LARGEST[stored]
    rows = exact / scale
    return (rows.round() if stored is torch.int8 else rows).to(stored), scale


def scalable(names: Iterable[str]) -> set[str]:
    """Modules, by the names of their weights, that may be kept scaled: the matrices of the blocks.

    Embeddings, modulation and the output head are small and sensitive; they keep their precision.
    """
    ends = ("to_q", "to_k", "to_v", "to_out.0", "ffn.net.0.proj", "ffn.net.2")
    modules = (name.removesuffix(".weight") for name in names if name.endswith(".weight"))
    return {module for module in modules if module.startswith("blocks.") and module.endswith(ends)}


def replace_linears(model: nn.Module, modules: Iterable[str], stored: torch.dtype) -> None:
    """Put an empty `ScaledLinear` in the place of each named linear layer."""
    for name in modules:
        parent, _, child = name.rpartition(".")
        linear = model.get_submodule(name)
        assert isinstance(linear, nn.Linear)
        scaled = ScaledLinear(linear.in_features, linear.out_features, linear.bias is not None, stored)
        setattr(model.get_submodule(parent), child, scaled)
