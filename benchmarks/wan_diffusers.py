"""The Wan benchmark's other side: diffusers' own pipeline, a clip at a time, on the same weights."""

import statistics
import time
from itertools import pairwise
from typing import Any

import torch
from diffusers import UniPCMultistepScheduler, WanPipeline
from diffusers.hooks import apply_group_offloading

from benchmarks.wan_run import (
    GROUP_OFFLOAD,
    MODEL_OFFLOAD,
    SETTING_UP,
    STAGED,
    VARIANT,
    Row,
    Run,
    clips_of,
    guarded,
    reset,
    show,
)
from benchmarks.wan_size import filled, random_expert
from model.wan.checkpoint import EXPERTS, SCHEDULER
from model.wan.choices import ATTENTION
from model.wan.clip import Clip
from model.wan.device import release, wait
from model.wan.library import use_attention
from model.wan.load import COMPUTE, load_text_encoder, load_tokenizer, load_vae
from model.wan.shelf import Shelf
from model.wan.speed import choose_attention

COMPARED = 2
"""Clips that diffusers' pipeline makes: nothing of it is shared by clips, so two tell what eight would."""


def diffusers(run: Run) -> None:
    """The pipeline of diffusers, a clip at a time, with the same kernels."""
    if not run.fits("diffusers' pipeline", SETTING_UP * 1.5 if run.cuda else 0.0):
        return
    attention = choose_attention(run.options.attention, run.device.name, COMPUTE[run.options.precision])
    pipe = whole_pipeline(run, ATTENTION[attention].backend)
    if not run.cuda:
        pipeline(run, pipe, "diffusers, a clip at a time")
        return
    pipe.enable_model_cpu_offload(device=run.device.name)
    pipeline(run, pipe, MODEL_OFFLOAD)
    pipe.remove_all_hooks()
    pipe.to("cpu")
    release(run.device.name)
    if run.fits(GROUP_OFFLOAD, SETTING_UP):
        stream_groups(run, pipe)
        pipeline(run, pipe, GROUP_OFFLOAD)


def pipeline(run: Run, pipe: Any, way: str) -> None:
    """Every case in one way; after one clip that warms it up."""
    with guarded(f"{way}, warming up", run):
        call_pipeline(run, pipe, clips_of(run.cases[0], run.cases[0].measured)[0])
    for case in run.cases:
        own = run.rows.get((case.name, STAGED))
        swaps = 25.0 if way == MODEL_OFFLOAD else 0.0
        clips, steps, need = min(case.clips, COMPARED), case.measured, 0.0
        if own:
            left = run.ends - time.monotonic()
            fixed = (own.decode or 0.0) + swaps + 10
            while steps > 2 and case.clips == 1 and steps * own.step * 1.2 + fixed > left:
                steps -= 1
            need = clips * (steps * own.step * 1.2 + fixed)
        if not run.fits(f"{way}, {case.name}", need):
            continue
        with guarded(f"{way}, {case.name}", run):
            peak, gaps = reset(run), []
            began = time.perf_counter()
            for clip in clips_of(case, steps)[:clips]:
                times = call_pipeline(run, pipe, clip)
                gaps += [after - before for before, after in pairwise(times)]
            whole, step = (time.perf_counter() - began) / clips, statistics.median(gaps)
            row = Row(
                step=step, clip=whole + step * (case.steps - steps), decode=None,
                peaks={"whole": most} if (most := peak()) else {}, measured=steps,
            )  # fmt: skip
            show(run, case, way, row)


def whole_pipeline(run: Run, backend: str) -> Any:
    """On the machine's memory."""
    device, precision = run.device.name, run.options.precision
    parts = {name: random_expert(run.found, name, "cpu", device, precision) for name in EXPERTS}
    for expert in parts.values():
        use_attention(expert, backend)
    config = UniPCMultistepScheduler.from_pretrained(run.found.path / SCHEDULER).config
    pipe = WanPipeline(
        tokenizer=load_tokenizer(run.found),
        text_encoder=filled(load_text_encoder(run.found, "cpu", precision), device),
        vae=filled(load_vae(run.found, "cpu", run.options.vae_precision), device),
        scheduler=UniPCMultistepScheduler.from_config(config, flow_shift=VARIANT.sampling.flow_shift),
        boundary_ratio=VARIANT.sampling.boundary,
        **parts,
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def call_pipeline(run: Run, pipe: Any, clip: Clip) -> list[float]:
    """When each step was done."""
    times: list[float] = []

    def each(_pipe: Any, _step: int, _time: Any, values: dict[str, Any]) -> dict[str, Any]:
        wait(run.device.name)
        times.append(time.perf_counter())
        return values

    guidance = clip.sampling.guidance
    pipe(
        prompt=clip.prompt, negative_prompt=clip.negative_prompt, width=clip.width, height=clip.height,
        num_frames=clip.num_frames, num_inference_steps=clip.sampling.steps, guidance_scale=guidance.high,
        guidance_scale_2=guidance.low, generator=torch.Generator().manual_seed(clip.seed),
        callback_on_step_end=each,
    )  # fmt: skip
    return times


def stream_groups(run: Run, pipe: Any) -> None:
    """Blocks streamed one ahead, as diffusers' documentation sets it up for Wan."""
    streamed = {
        "onload_device": torch.device(run.device.name),
        "offload_device": torch.device("cpu"),
        "offload_type": "block_level",
        "num_blocks_per_group": 1,
        "use_stream": True,
        "record_stream": True,
    }
    for part in (pipe.transformer, pipe.transformer_2, pipe.text_encoder):
        # It would pin each tensor by itself, which takes half as much again as there is.
        Shelf(pinned=True).put_all(part)
        apply_group_offloading(part, **streamed)
    pipe.vae.to(run.device.name)
