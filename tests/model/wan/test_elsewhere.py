"""The loop and the VAE on another device than the CPU, with torch's fake tensors: shapes, dtypes and places
without data. Sums of tensors that lie apart are refused by them as by a real device."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from model.wan import denoise
from model.wan.clip import Clip, Stage, Start
from model.wan.conditions import Condition, latent_shape, noise
from model.wan.decode import decoded
from model.wan.denoise import Guides, begin, finished, run_expert
from model.wan.library import AutoencoderKLWan, WanTransformer3DModel
from model.wan.load import kept_dtype, load_scheduler
from model.wan.variants import VARIANTS, Solver

ELSEWHERE = "meta"
"""The one device besides the CPU that every build of torch knows."""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeTensorMode:
    """What decides by a number has none to decide by here."""
    monkeypatch.setattr(
        denoise, "steps_of", lambda *given: range(1) if given[2] is Stage.HIGH else range(1, 2)
    )
    monkeypatch.setattr(denoise, "float", lambda _: 0.5, raising=False)
    monkeypatch.setattr(
        "diffusers.models.transformers.transformer_wan.dispatch_attention_fn",
        lambda query, *_, **__: torch.empty_like(query),
    )
    return FakeTensorMode(allow_non_fake_inputs=True)


def sizes(variant: str) -> list[tuple[int, int]]:
    return sorted({size for of in VARIANTS[variant].sizes.values() for size in of.values()})


@pytest.mark.parametrize("solver", list(Solver))
@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_every_size_of_both_rungs_goes_through_the_loop_with_all_that_it_adds_in_one_place(
    variant: str, solver: Solver, fake: FakeTensorMode, checkpoints: Any, clip: Any
) -> None:
    model_of = VARIANTS[variant]
    layout = model_of.layout
    with fake, torch.device(ELSEWHERE):
        model = WanTransformer3DModel(
            num_attention_heads=2, attention_head_dim=12, ffn_dim=32, text_dim=16, num_layers=1,
            in_channels=layout.in_channels, out_channels=layout.latent_channels,
        ).requires_grad_(False)  # fmt: skip
        for name, parameter in model.named_parameters():
            parameter.data = parameter.data.to(kept_dtype(model, name, torch.bfloat16))
    for number, (width, height) in enumerate(sizes(variant)):
        if number and solver is Solver.EULER:
            break
        sampling = replace(model_of.sampling, steps=2, solver=solver)
        one: Clip = replace(
            clip(variant, width=width, height=height, num_frames=model_of.max_frames), sampling=sampling
        )
        channels, *rest = latent_shape(one, model_of)[1:]
        schedulers = [load_scheduler(checkpoints[variant], sampling) for _ in range(2)]
        with fake:
            drawn, text = noise(one, model_of, ELSEWHERE), torch.empty(1, 512, 16, device=ELSEWHERE)
            condition = Condition()
            if layout.in_channels > channels:
                condition.beside = torch.empty(1, layout.in_channels - channels, *rest, device=ELSEWHERE)
            if layout.expand_timesteps:
                condition.first = torch.empty(1, channels, 1, *rest[1:], device=ELSEWHERE)
            guides = Guides(prompt=text, negative=text, condition=condition, expand=layout.expand_timesteps)
            starts = (Start(video=None, latents=None, strength=0.6), None) if number == 0 else (None,)
            for scheduler, start in zip(schedulers, starts, strict=False):
                scheduler.timesteps = scheduler.timesteps.to(ELSEWHERE)
                begun = replace(one, start=start)
                parked = begin(begun, scheduler, drawn, torch.empty_like(drawn) if start else None)
                for stage in (Stage.HIGH, Stage.LOW):
                    parked = run_expert(model, stage, begun, parked, guides, lambda: None)
                latents = finished(parked, condition)
        assert (latents.device.type, latents.dtype) == (ELSEWHERE, torch.float32)
        assert latents.shape == drawn.shape


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("variant", ["t2v-a14b", "ti2v-5b"])
def test_decoding_stays_in_one_place(
    variant: str, dtype: torch.dtype, fake: FakeTensorMode, checkpoints: Any
) -> None:
    with fake, torch.device(ELSEWHERE):
        vae = AutoencoderKLWan.from_config(checkpoints[variant].config("vae")).requires_grad_(False)
        for parameter in vae.parameters():
            parameter.data = parameter.data.to(dtype)
    with fake:
        latents = torch.empty(1, VARIANTS[variant].layout.latent_channels, 3, 8, 10, device=ELSEWHERE)
        pieces = list(decoded(latents, vae))
    assert [piece.shape[2] for piece in pieces] == [1, 4, 4]
    assert {(piece.device.type, piece.dtype) for piece in pieces} == {(ELSEWHERE, dtype)}
