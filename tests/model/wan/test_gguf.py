from pathlib import Path
from typing import Any

import pytest
import torch

from campaign.errors import CheckpointError, SettingsError
from model.wan.foresight import gguf_files
from model.wan.load import load_expert
from model.wan.options import GgufFiles, Precision, WanOptions

gguf = pytest.importorskip("gguf")

OFFICIAL = {
    "condition_embedder.time_embedder.linear_1": "time_embedding.0",
    "condition_embedder.time_embedder.linear_2": "time_embedding.2",
    "condition_embedder.text_embedder.linear_1": "text_embedding.0",
    "condition_embedder.text_embedder.linear_2": "text_embedding.2",
    "condition_embedder.time_proj": "time_projection.1",
    "attn1": "self_attn",
    "attn2": "cross_attn",
    ".to_out.0.": ".o.",
    ".to_q.": ".q.",
    ".to_k.": ".k.",
    ".to_v.": ".v.",
    "ffn.net.0.proj": "ffn.0",
    "ffn.net.2": "ffn.2",
    "proj_out": "head.head",
}
"""diffusers' names to those of Wan's own code, which GGUF files use."""


def official(name: str) -> str:
    if name == "scale_shift_table":
        return "head.modulation"
    swapped = name.replace("norm2", "norm").replace("norm3", "norm2").replace("norm.", "norm3.")
    for ours, theirs in {**OFFICIAL, "scale_shift_table": "modulation"}.items():
        swapped = swapped.replace(ours, theirs)
    return swapped


def write(expert: Any, path: Path) -> Path:
    """The widest matrices in Q8_0, which wants rows of 32; the rest in F32."""
    writer = gguf.GGUFWriter(path, "wan")
    for name, tensor in expert.state_dict().items():
        values = tensor.float().numpy()
        if name.endswith("ffn.net.2.weight"):
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(official(name), gguf.quants.quantize(values, kind), raw_dtype=kind)
        else:
            writer.add_tensor(official(name), values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_experts_from_gguf_files_make_nearly_the_same_clip(
    checkpoints: Any, clip: Any, engine: Any, made: Any, tmp_path: Path
) -> None:
    found = checkpoints["t2v-a14b"]
    files = GgufFiles(
        **{
            stage: write(load_expert(found, name, "cpu", Precision.FP32), tmp_path / f"{stage}.gguf")
            for stage, name in zip(("high", "low"), found.experts, strict=True)
        }
    )
    quantised = made(engine(found, gguf=files), [clip("t2v-a14b")])["clip"]
    exact = made(engine(found), [clip("t2v-a14b")])["clip"]
    assert not torch.equal(quantised, exact)
    assert (quantised - exact).norm() / exact.norm() < 0.02


def test_a_gguf_file_that_is_missing_or_not_named_is_said(
    checkpoints: Any, engine: Any, tmp_path: Path
) -> None:
    found = checkpoints["t2v-a14b"]
    with pytest.raises(CheckpointError, match="no such GGUF file"):
        engine(found, gguf=GgufFiles(high=tmp_path / "no.gguf", low=tmp_path / "no.gguf"))
    (tmp_path / "page.gguf").write_bytes(b"<html>")
    with pytest.raises(CheckpointError, match="this is no GGUF file"):
        engine(found, gguf=GgufFiles(high=tmp_path / "page.gguf", low=tmp_path / "page.gguf"))
    (tmp_path / "high.gguf").write_bytes(b"GGUF")
    with pytest.raises(SettingsError, match="t2v-a14b has two experts"):
        gguf_files(WanOptions(checkpoint=found.where, gguf=GgufFiles(high=tmp_path / "high.gguf")), found)
