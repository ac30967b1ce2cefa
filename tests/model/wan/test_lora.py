from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from campaign.errors import CheckpointError, RequestError
from model.wan.load import load_expert
from model.wan.lora import read_lora
from model.wan.options import Precision

RANK, ALPHA = 4, 2.0
OFFICIAL = {"to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "o"}
"""diffusers' names of attention matrices to those of Wan's own code, which LoRAs use."""


@pytest.fixture
def lora(tmp_path: Path) -> Callable[..., Path]:
    """Writes a LoRA under the names that lightx2v and ComfyUI use."""

    def write(width: int = 24, blocks: int = 2) -> Path:
        drawn = torch.Generator().manual_seed(5)
        state: dict[str, torch.Tensor] = {}
        for block in range(blocks):
            for attention in ("self_attn", "cross_attn"):
                for name in OFFICIAL.values():
                    base = f"diffusion_model.blocks.{block}.{attention}.{name}"
                    state[f"{base}.lora_down.weight"] = torch.randn(RANK, width, generator=drawn)
                    state[f"{base}.lora_up.weight"] = torch.randn(width, RANK, generator=drawn)
                    state[f"{base}.alpha"] = torch.tensor(ALPHA)
                    state[f"{base}.diff_b"] = torch.randn(width, generator=drawn)
        path = tmp_path / "lora.safetensors"
        save_file(state, path)
        return path

    return write


def test_every_matrix_gets_its_change_at_the_asked_strength(
    checkpoints: Any, lora: Callable[..., Path]
) -> None:
    found, path = checkpoints["t2v-a14b"], lora()
    change = read_lora(path, 0.5, found, "transformer")
    plain = load_expert(found, "transformer", "cpu", Precision.FP32).state_dict()
    changed = load_expert(found, "transformer", "cpu", Precision.FP32, change).state_dict()
    raw = load_file(path)
    touched = set()
    for block in range(2):
        for ours, theirs in (("attn1", "self_attn"), ("attn2", "cross_attn")):
            for matrix, official in OFFICIAL.items():
                base = f"diffusion_model.blocks.{block}.{theirs}.{official}"
                key = f"blocks.{block}.{ours}.{matrix}"
                low_rank = raw[f"{base}.lora_up.weight"] @ raw[f"{base}.lora_down.weight"] * ALPHA / RANK
                torch.testing.assert_close(changed[f"{key}.weight"], plain[f"{key}.weight"] + 0.5 * low_rank)
                bias = plain[f"{key}.bias"] + 0.5 * raw[f"{base}.diff_b"]
                torch.testing.assert_close(changed[f"{key}.bias"], bias)
                touched |= {f"{key}.weight", f"{key}.bias"}
    assert all(torch.equal(plain[key], changed[key]) for key in plain.keys() - touched)


def test_a_lora_of_another_width_is_refused_with_both_shapes(
    checkpoints: Any, lora: Callable[..., Path]
) -> None:
    with pytest.raises(
        RequestError, match=r"blocks.0.attn1.to_q of 32x32 numbers, but in the transformer.*24x24"
    ):
        read_lora(lora(width=32), 1.0, checkpoints["t2v-a14b"], "transformer")


def test_a_lora_of_a_deeper_model_is_refused(checkpoints: Any, lora: Callable[..., Path]) -> None:
    with pytest.raises(RequestError, match=r"blocks.2.attn1.to_q.*does not exist"):
        read_lora(lora(blocks=3), 1.0, checkpoints["t2v-a14b"], "transformer")


def test_a_file_that_is_no_lora_is_refused(checkpoints: Any, tmp_path: Path) -> None:
    save_file({"weight": torch.zeros(2, 2)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="no low-rank changes"):
        read_lora(tmp_path / "other.safetensors", 1.0, checkpoints["t2v-a14b"], "transformer")
    with pytest.raises(CheckpointError, match="no such LoRA"):
        read_lora(tmp_path / "none.safetensors", 1.0, checkpoints["t2v-a14b"], "transformer")
    (tmp_path / "page.safetensors").write_bytes(b"<html>")
    with pytest.raises(CheckpointError, match="no safetensors file that could be read"):
        read_lora(tmp_path / "page.safetensors", 1.0, checkpoints["t2v-a14b"], "transformer")
