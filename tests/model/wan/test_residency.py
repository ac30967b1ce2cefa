import weakref
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from campaign.errors import DeviceError, SettingsError
from model.wan.decode import decoded
from model.wan.library import AutoencoderKLWan, WanTransformer3DModel
from model.wan.load import kept_dtype
from model.wan.options import Precision
from model.wan.residency import (
    GB,
    HIDDEN_TENSORS,
    TIMED_TENSORS,
    VAE_TENSORS,
    Device,
    Kind,
    Load,
    Residency,
    choose,
    out_of_memory,
)
from model.wan.scaled import STORED

BYTES = {Precision.BF16: 2, Precision.FP8: 1}


def load(size: str, precision: Precision = Precision.BF16) -> Load:
    """A14B at 81 frames, with its published sizes."""
    tokens, pixels = {"720p": (75_600, 1280 * 720), "480p": (32_760, 832 * 480)}[size]
    return Load(
        text_bytes=11_360_000_000,
        expert_bytes=14_288_000_000 * BYTES[precision],
        experts=2,
        vae_bytes=508_000_000,
        vae_item=4,
        blocks=40,
        tokens=tokens,
        width=5120,
        pixels=pixels,
        precision=precision,
    )


def device(memory: float) -> Device:
    return Device(name="cuda", label="a card", memory=int(memory * GB), host_memory=256 * GB, tflops=989.0)


@pytest.mark.parametrize(
    ("memory", "size", "precision", "kind"),
    [
        (141, "720p", Precision.BF16, Kind.ALL),
        (80, "720p", Precision.BF16, Kind.ONE),
        (80, "480p", Precision.BF16, Kind.ALL),
        (48, "720p", Precision.BF16, Kind.ONE),
        (48, "720p", Precision.FP8, Kind.ONE),
        (48, "480p", Precision.BF16, Kind.ONE),
        (25.4, "720p", Precision.BF16, Kind.STREAM),
        (24, "480p", Precision.FP8, Kind.ONE),
        (16, "480p", Precision.BF16, Kind.STREAM),
    ],
)
def test_the_fastest_plan_that_fits_is_chosen(
    memory: float, size: str, precision: Precision, kind: Kind
) -> None:
    assert choose(device(memory), load(size, precision), "auto", None) is kind


class Alive(TorchDispatchMode):
    """Counts the bytes of tensors that are alive, which needs their shapes alone."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0
        self._holders: Counter[int] = Counter()
        """Tensors that share a piece of memory."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(made):
            if isinstance(tensor, torch.Tensor):
                memory = tensor.untyped_storage()
                if not self._holders[memory._cdata]:
                    self.now += memory.nbytes()
                self._holders[memory._cdata] += 1
                weakref.finalize(tensor, self._gone, memory._cdata, memory.nbytes())
        self.most = max(self.most, self.now)
        return made

    def _gone(self, memory: int, size: int) -> None:
        self._holders[memory] -= 1
        if not self._holders[memory]:
            self.now -= size


@pytest.mark.parametrize(
    ("config", "latents", "timed", "reckoned"),
    [
        ({}, (16, 21, 90, 160), False, HIDDEN_TENSORS),
        ({"in_channels": 36}, (36, 21, 60, 104), False, HIDDEN_TENSORS),
        (
            {"in_channels": 48, "out_channels": 48, "num_attention_heads": 24, "ffn_dim": 14336},
            (48, 31, 44, 80),
            True,
            TIMED_TENSORS,
        ),
    ],
    ids=["t2v 720p", "i2v 480p", "ti2v 720p"],
)
def test_a_pass_of_the_full_model_has_less_alive_than_the_plan_reckons_with(
    config: Any, latents: Any, timed: bool, reckoned: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Attention on tensors without data would be torch's textbook version, with a score for every pair.
    monkeypatch.setattr(
        "diffusers.models.transformers.transformer_wan.dispatch_attention_fn",
        lambda query, *_, **__: torch.empty_like(query),
    )
    with torch.device("meta"):
        model = WanTransformer3DModel(**config, num_layers=2).requires_grad_(False)
        for name, parameter in model.named_parameters():
            parameter.data = parameter.data.to(kept_dtype(model, name, torch.bfloat16))
        tokens = latents[1] * latents[2] * latents[3] // 4
        seen = torch.empty(1, *latents, dtype=torch.bfloat16)
        times = torch.empty(1, tokens) if timed else torch.empty(1)
        text = torch.empty(1, 512, 4096, dtype=torch.bfloat16)
        with torch.no_grad(), Alive() as alive:
            model(seen, times, text, return_dict=False)
    width = model.config.num_attention_heads * model.config.attention_head_dim
    assert reckoned * 0.65 < alive.most / (tokens * width * 2) < reckoned * 0.8


@pytest.mark.parametrize("variant", ["16 channels", "48 channels"])
def test_decoding_at_full_size_has_less_alive_than_the_plan_reckons_with(
    variant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        torch.nn.functional, "scaled_dot_product_attention", lambda query, *_, **__: torch.empty_like(query)
    )
    configs: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
        "16 channels": ({}, (1, 16, 3, 90, 160)),
        "48 channels": (
            {
                "base_dim": 160, "decoder_base_dim": 256, "z_dim": 48, "is_residual": True, "patch_size": 2,
                "in_channels": 12, "out_channels": 12, "scale_factor_spatial": 16,
                "latents_mean": [0.0] * 48, "latents_std": [1.0] * 48,
            },
            (1, 48, 3, 45, 80),
        ),
    }  # fmt: skip
    config, latents = configs[variant]
    with torch.device("meta"):
        vae = AutoencoderKLWan(**config).requires_grad_(False)
    alive, frames = Alive(), 0
    with alive:
        for piece in decoded(torch.empty(latents, device="meta"), vae):
            frames += piece.shape[2]
    assert frames == 9
    assert VAE_TENSORS * 0.7 < alive.most / (96 * 4 * 1280 * 720 * 4) < VAE_TENSORS * 0.95


def test_a_device_too_small_for_the_smallest_plan_is_refused_with_what_it_needs() -> None:
    with pytest.raises(
        DeviceError,
        match=r"room for 15\.2 GB.*streamed blocks in bf16 needs 23\.\d GB.*or make the draft rung",
    ):
        choose(device(16), load("720p"), "auto", None)


def test_a_draft_that_does_not_fit_is_not_told_to_be_a_draft() -> None:
    with pytest.raises(DeviceError, match="Use a larger device, or ask for shorter shots"):
        choose(device(8), replace(load("480p", Precision.FP8), is_draft=True), "auto", None)


def test_a_device_that_is_too_small_for_decoding_alone_is_told_how_to_decode_with_less() -> None:
    with pytest.raises(DeviceError, match="Set vae_precision to bf16, or make the draft rung"):
        choose(device(22), load("720p"), "auto", None)


def test_memory_that_may_not_be_used_does_not_count() -> None:
    assert choose(device(141), load("720p"), "auto", 80 * GB) is Kind.ONE


def test_a_plan_asked_for_that_does_not_fit_is_refused_and_the_next_named() -> None:
    with pytest.raises(DeviceError, match="The next smaller plan is 'one'"):
        choose(device(80), load("720p"), "all", None)


def test_a_plan_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingsError, match="Known: auto, all, one, stream"):
        choose(device(80), load("720p"), "both", None)


def test_a_plan_reads_as_one_line_and_names_its_successor_when_memory_runs_out() -> None:
    plan = Residency(
        kind=Kind.ONE,
        device=device(48),
        precision=Precision.FP8,
        needs=44 * GB,
        second=None,
        on_host=True,
        wave=8,
        clip="720p, 81 frames, 40 steps",
        seconds=1055.4,
    )
    assert str(plan) == (
        "a card, 48 GB: one expert, fp8, 720p, 81 frames, 40 steps, wave of 8, needs 44 GB, est. 1055 s/clip"
    )
    error = out_of_memory(plan, load("720p", Precision.FP8), "decode")
    assert "the next smaller plan is 'stream'" in str(error).casefold()


def test_every_one_byte_precision_has_a_dtype() -> None:
    assert set(STORED) == {Precision.FP8, Precision.INT8}
