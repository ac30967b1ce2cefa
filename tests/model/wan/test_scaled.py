from typing import Any

import pytest
import torch

from model.wan.load import load_expert
from model.wan.options import Precision
from model.wan.scaled import STORED, ScaledLinear, scalable, to_rows


def weight() -> torch.Tensor:
    """Like Wan's: around 0.02, some rows much smaller."""
    drawn = torch.randn(64, 256, generator=torch.Generator().manual_seed(0)) * 0.02
    return drawn * torch.logspace(-2, 0, 64).unsqueeze(1)


@pytest.mark.parametrize("precision", sorted(STORED))
def test_a_scale_a_row_keeps_small_weights_that_a_plain_cast_would_lose(precision: Precision) -> None:
    rows, scale = to_rows(weight(), STORED[precision])
    assert rows.dtype is STORED[precision]
    error = (rows.float() * scale - weight()).norm(dim=1) / weight().norm(dim=1)
    plain = (weight().to(torch.float8_e4m3fn).float() - weight()).norm(dim=1) / weight().norm(dim=1)
    assert error.max() < 0.03
    assert plain.max() > 0.3


@pytest.mark.parametrize("precision", sorted(STORED))
def test_an_expert_in_one_byte_a_number_answers_nearly_as_in_bf16(
    precision: Precision, checkpoints: Any
) -> None:
    found = checkpoints["t2v-a14b"]
    drawn = torch.randn(1, 16, 3, 4, 6, generator=torch.Generator().manual_seed(0)).bfloat16()
    text = torch.randn(1, 512, 32, generator=torch.Generator().manual_seed(1)).bfloat16()

    def answer(kept: Precision) -> torch.Tensor:
        model = load_expert(found, "transformer", "cpu", kept)
        with torch.no_grad():
            return model(drawn, torch.tensor([500.0]), text, return_dict=False)[0].float()

    exact = answer(Precision.BF16)
    assert (answer(precision) - exact).norm() / exact.norm() < 0.1


def test_the_matrices_of_the_blocks_are_scaled_and_nothing_else(checkpoints: Any) -> None:
    model = load_expert(checkpoints["t2v-a14b"], "transformer", "cpu", Precision.FP8)
    scaled = {name for name, part in model.named_modules() if isinstance(part, ScaledLinear)}
    assert scaled == scalable(checkpoints["t2v-a14b"].tensors("transformer"))
    assert len(scaled) == 2 * 10
    assert model.condition_embedder.time_embedder.linear_1.weight.dtype is torch.float32
    assert model.patch_embedding.weight.dtype is torch.bfloat16
