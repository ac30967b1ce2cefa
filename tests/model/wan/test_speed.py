import logging
from functools import partial
from typing import Any

import pytest
import torch
from diffusers import FirstBlockCacheConfig, UniPCMultistepScheduler, WanPipeline
from diffusers.models import attention_dispatch

from campaign.errors import SettingsError
from model.wan import speed
from model.wan.choices import ATTENTION, FORBIDDEN, QUALITIES, check_quality
from model.wan.library import try_kernel, use_attention
from model.wan.load import load_expert
from model.wan.options import Precision
from model.wan.speed import choose_attention


def test_on_the_cpu_torchs_own_attention_is_taken() -> None:
    assert choose_attention("auto", "cpu", torch.bfloat16) == "native"


@pytest.mark.parametrize("name", sorted(set(ATTENTION) - {"native"}))
def test_a_kernel_that_cannot_run_here_is_refused_with_those_that_can(name: str) -> None:
    with pytest.raises(SettingsError, match="Here run: native"):
        choose_attention(name, "cpu", torch.bfloat16)


@pytest.mark.parametrize(
    ("capability", "kernels", "compute", "name"),
    [
        ((9, 0), True, torch.bfloat16, "flash-3"),
        ((9, 0), False, torch.bfloat16, "cudnn"),
        ((10, 0), True, torch.bfloat16, "flash-4"),
        ((8, 9), True, torch.bfloat16, "cudnn"),
        ((7, 5), True, torch.bfloat16, "native"),
        ((9, 0), True, torch.float32, "native"),
    ],
)
def test_the_fastest_exact_kernel_of_the_device_is_taken(
    capability: tuple[int, int], kernels: bool, compute: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)
    monkeypatch.setattr(speed, "version", lambda _: "0.17.2" if kernels else "0.11")
    monkeypatch.setattr(speed, "kernel_is_cached", lambda _: True)
    monkeypatch.setattr(speed, "try_kernel", lambda *_: None)
    assert choose_attention("auto", "cuda", compute) == name


def test_a_kernel_that_would_be_downloaded_or_does_not_load_is_left_out_unless_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(backend: str, _: str) -> None:
        if backend == "_flash_3_hub":
            raise FileNotFoundError("no build for torch213\nmore")

    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (9, 0))
    monkeypatch.setattr(speed, "version", lambda _: "0.17.2")
    monkeypatch.setattr(speed, "try_kernel", lambda *_: None)
    monkeypatch.setattr(speed, "kernel_is_cached", lambda _: False)
    assert choose_attention("auto", "cuda", torch.bfloat16) == "cudnn"
    assert choose_attention("flash-3", "cuda", torch.bfloat16) == "flash-3"
    monkeypatch.setattr(speed, "kernel_is_cached", lambda _: True)
    monkeypatch.setattr(speed, "try_kernel", broken)
    assert choose_attention("auto", "cuda", torch.bfloat16) == "cudnn"
    with pytest.raises(SettingsError, match=r"FileNotFoundError: no build for torch213\. Here run: cudnn, "):
        choose_attention("flash-3", "cuda", torch.bfloat16)


def test_a_kernel_is_tried_before_anything_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (9, 0))
    monkeypatch.setattr(speed, "try_kernel", lambda backend, _: try_kernel(backend, "cpu"))
    monkeypatch.setattr(speed, "version", lambda _: "0.1")
    # On the CPU torch has the one and not the other.
    assert choose_attention("auto", "cuda", torch.bfloat16) == "flash-2"
    with pytest.raises(SettingsError, match="'cudnn' does not work here: RuntimeError: No "):
        choose_attention("cudnn", "cuda", torch.bfloat16)


def test_a_kernel_that_another_model_of_the_process_was_told_is_not_taken(
    checkpoints: Any, clip: Any, engine: Any, made: Any, caplog: pytest.LogCaptureFixture
) -> None:
    found = checkpoints["t2v-a14b"]
    calm = made(engine(found), [clip("t2v-a14b")])["clip"]
    # It works on bf16 alone, and on CUDA alone.
    other = load_expert(found, "transformer", "cpu", Precision.FP32)
    use_attention(other, ATTENTION["cudnn"].backend)
    assert torch.equal(made(engine(found), [clip("t2v-a14b", key="again")])["again"], calm)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_every_kernel_is_known_to_diffusers_and_those_of_the_hub_name_their_package() -> None:
    registry = attention_dispatch._AttentionBackendRegistry
    for kernel in ATTENTION.values():
        name = attention_dispatch.AttentionBackendName(kernel.backend)
        assert name in registry._backends
        assert (name in attention_dispatch._HUB_KERNELS_REGISTRY) is (kernel.package is not None)


def test_attention_that_rounds_is_never_chosen_by_itself() -> None:
    assert not ATTENTION["sage"].exact
    assert list(ATTENTION).index("sage") > list(ATTENTION).index("native")


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_caches_that_are_wrong_on_wan_are_refused_with_the_reason(name: str) -> None:
    with pytest.raises(SettingsError, match=FORBIDDEN[name][:40]):
        check_quality(name.title(), False, None, False)


def test_choices_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(SettingsError, match="slower together"):
        check_quality("high", True, None, False)
    with pytest.raises(SettingsError, match="calibrated"):
        check_quality("mag", False, None, False)
    with pytest.raises(SettingsError, match="not from pictures"):
        check_quality("fast", False, None, True)
    with pytest.raises(SettingsError, match="Known: exact, high, fast, mag"):
        check_quality("best", False, None, False)


def test_a_cache_serves_each_clip_alone_and_as_in_the_pipeline(
    checkpoints: Any, clip: Any, engine: Any, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = checkpoints["t2v-a14b"]
    # Random weights change more from step to step than trained ones; a wide threshold makes the cache work.
    monkeypatch.setitem(
        QUALITIES, "high", type(QUALITIES["high"])(cache=QUALITIES["high"].cache, threshold=10.0)
    )
    clips = [clip("t2v-a14b", key=f"c{seed}", seed=seed, steps=8) for seed in range(2)]
    cached = made(engine(found, quality="high"), clips)
    exact = made(engine(found), clips)
    pipe = WanPipeline.from_pretrained(found.path)
    shift = found.variant.sampling.flow_shift
    pipe.scheduler = UniPCMultistepScheduler.from_config(pipe.scheduler.config, flow_shift=shift)
    pipe.set_progress_bar_config(disable=True)
    for expert in (pipe.transformer, pipe.transformer_2):
        for tensor in (*expert.parameters(), *expert.buffers()):
            tensor.data = tensor.data.clone()
        expert.enable_cache(FirstBlockCacheConfig(threshold=10.0))
    for one in clips:
        latents = pipe(
            prompt=one.prompt,
            negative_prompt=one.negative_prompt,
            width=48,
            height=32,
            num_frames=9,
            num_inference_steps=8,
            guidance_scale=4.0,
            guidance_scale_2=3.0,
            generator=torch.Generator().manual_seed(one.seed),
            output_type="latent",
        ).frames
        assert not torch.equal(cached[one.key], exact[one.key])
        torch.testing.assert_close(cached[one.key], latents, atol=1e-5, rtol=0)


@pytest.mark.parametrize("quality", ["high", "fast", "mag"])
def test_every_quality_level_changes_a_clip_a_little(
    quality: str, checkpoints: Any, clip: Any, engine: Any, made: Any
) -> None:
    found, one = checkpoints["t2v-a14b"], clip("t2v-a14b", steps=20)
    ratios = (1.0,) * 20 if quality == "mag" else None
    cached = made(engine(found, quality=quality, mag_ratios=ratios), [one])["clip"]
    exact = made(engine(found), [one])["clip"]
    assert 0 < float((cached - exact).norm() / exact.norm()) < 0.05


@pytest.mark.parametrize("residency", ["all", "one", "stream"])
def test_compiled_blocks_serve_every_plan_and_are_compiled_once_more_for_another_size_and_then_no_more(
    residency: str, checkpoints: Any, clip: Any, engine: Any, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    graphs: list[Any] = []

    def counted(graph: Any, _: Any) -> Any:
        graphs.append(graph)
        return graph.forward

    found = checkpoints["t2v-a14b"]
    sizes = ((48, 32, 9), (48, 32, 9), (32, 64, 13), (64, 64, 5), (96, 32, 17))
    clips = [
        clip("t2v-a14b", key=f"c{number}", width=width, height=height, num_frames=frames)
        for number, (width, height, frames) in enumerate(sizes)
    ]
    exact = made(engine(found), clips)
    torch.compiler.reset()
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend=counted))
    compiled = made(engine(found, residency=residency, compile=True), clips)
    assert len(graphs) == 2
    assert all(torch.equal(compiled[key], exact[key]) for key in exact)
    torch.compiler.reset()


@pytest.mark.parametrize("residency", ["one", "stream"])
def test_a_cache_leaves_out_the_same_blocks_wherever_they_lie(
    residency: str, checkpoints: Any, clip: Any, engine: Any, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        QUALITIES, "high", type(QUALITIES["high"])(cache=QUALITIES["high"].cache, threshold=10.0)
    )
    found, clips = checkpoints["t2v-a14b"], [clip("t2v-a14b", key=f"c{n}", seed=n, steps=8) for n in range(2)]
    held = made(engine(found, quality="high"), clips)
    other = made(engine(found, quality="high", residency=residency), clips)
    assert all(torch.equal(held[key], other[key]) for key in held)
