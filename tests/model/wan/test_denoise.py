import os
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from diffusers import WanVideoToVideoPipeline

from model.wan.checkpoint import Checkpoint
from model.wan.clip import Clip, Stage, Start
from model.wan.conditions import Condition, noise
from model.wan.denoise import Guides, begin, run_expert, steps_of
from model.wan.load import load_expert, load_scheduler, load_text_encoder, load_tokenizer, load_vae
from model.wan.options import Precision
from model.wan.park import Park, Parked
from model.wan.prompts import encode, padded
from model.wan.variants import Guidance, Solver


def scheduler(checkpoint: Checkpoint, clip: Clip) -> Any:
    return load_scheduler(checkpoint, clip.sampling)


def guides(checkpoint: Checkpoint, clip: Clip) -> Guides:
    tokenizer, encoder = load_tokenizer(checkpoint), load_text_encoder(checkpoint, "cpu", Precision.FP32)
    prompt, negative = (
        padded(encode(text, tokenizer, encoder)) for text in (clip.prompt, clip.negative_prompt)
    )
    return Guides(prompt=prompt, negative=negative, condition=Condition(), expand=False)


def expert(checkpoint: Checkpoint, name: str = "transformer") -> Any:
    return load_expert(checkpoint, name, "cpu", Precision.FP32)


@pytest.mark.parametrize(("high", "calls"), [(4.0, 6), (1.0, 3)])
def test_guidance_of_one_leaves_the_pass_without_the_prompt_out(
    high: float, calls: int, checkpoints: Any, clip: Any
) -> None:
    found, one = checkpoints["t2v-a14b"], clip("t2v-a14b", guidance=Guidance(high=high, low=3.0))
    model, counted = expert(found), []
    model.proj_out.register_forward_hook(lambda *_: counted.append(1))
    table = scheduler(found, one)
    assert list(steps_of(one, table, Stage.HIGH)) == [0, 1, 2]
    begun = begin(one, table, noise(one, found.variant, "cpu"), None)
    run_expert(model, Stage.HIGH, one, begun, guides(found, one), lambda: None)
    assert len(counted) == calls


def parked_after_high(found: Checkpoint, one: Clip, told: Guides) -> Parked:
    begun = begin(one, scheduler(found, one), noise(one, found.variant, "cpu"), None)
    return run_expert(expert(found), Stage.HIGH, one, begun, told, lambda: None)


def test_a_parked_clip_goes_on_with_the_same_bits_and_without_its_history_it_would_not(
    checkpoints: Any, clip: Any, tmp_path: Path
) -> None:
    found, one = checkpoints["t2v-a14b"], clip("t2v-a14b", steps=12)
    told = guides(found, one)
    after_high = parked_after_high(found, one, told)
    park = Park(tmp_path)
    park.put(one.key, Stage.HIGH, after_high)
    low = expert(found, "transformer_2")

    def ended(parked: Parked) -> torch.Tensor:
        return run_expert(low, Stage.LOW, one, parked, told, lambda: None).latents

    taken = park.take(one.key, Stage.HIGH, scheduler(found, one), "cpu")
    forgotten = scheduler(found, one)
    forgotten.set_begin_index(taken.step)
    without = Parked(latents=taken.latents.clone(), scheduler=forgotten, step=taken.step)
    straight = ended(after_high)
    assert torch.equal(ended(taken), straight)
    assert (ended(without) - straight).abs().max() > 1e-3


def test_a_refinement_is_bit_identical_to_the_video_to_video_pipeline(
    checkpoints: Any, clip: Any, tmp_path: Path
) -> None:
    found = checkpoints["t2v-a14b"]
    one = clip("t2v-a14b", steps=8, start=Start(video=None, latents=tmp_path, strength=0.6))
    drawn = noise(one, found.variant, "cpu")
    start = torch.randn(drawn.shape, generator=torch.Generator().manual_seed(1))
    only_high = Guidance(high=4.0, low=4.0)
    one = replace(one, sampling=replace(one.sampling, boundary=None, guidance=only_high))
    begun = begin(one, scheduler(found, one), drawn, start)
    assert begun.step == 4
    ours = run_expert(expert(found), Stage.HIGH, one, begun, guides(found, one), lambda: None)

    pipe = WanVideoToVideoPipeline(
        tokenizer=load_tokenizer(found),
        text_encoder=load_text_encoder(found, "cpu", Precision.FP32),
        transformer=expert(found),
        vae=load_vae(found, "cpu", Precision.FP32),
        scheduler=scheduler(found, one),
    )
    pipe.set_progress_bar_config(disable=True)
    pipe.prepare_latents = lambda *_, **__: scheduler(found, one).add_noise(
        start, drawn, scheduler(found, one).timesteps[4:5]
    )
    theirs = pipe(
        video=torch.zeros(9, 3, 32, 48),
        prompt=one.prompt,
        negative_prompt=one.negative_prompt,
        height=32,
        width=48,
        num_inference_steps=8,
        strength=0.6,
        guidance_scale=4.0,
        output_type="latent",
    ).frames
    assert torch.equal(ours.latents, theirs)


def test_few_steps_are_plain_euler_steps_in_fp32_on_the_same_table(checkpoints: Any, clip: Any) -> None:
    found, one = checkpoints["t2v-a14b"], clip("t2v-a14b")
    few = replace(one.sampling, flow_shift=5.0, solver=Solver.EULER)
    euler = load_scheduler(found, few)
    unipc = load_scheduler(found, replace(few, solver=Solver.UNIPC))
    assert euler.timesteps.tolist() == pytest.approx(unipc.timesteps.tolist(), abs=1.0)
    one = replace(one, sampling=replace(few, guidance=Guidance(high=1.0, low=1.0), boundary=None))
    begun = begin(one, euler, noise(one, found.variant, "cpu"), None)
    told, flows = guides(found, one), []
    model = load_expert(found, "transformer", "cpu", Precision.BF16)
    model.register_forward_hook(lambda _module, _inputs, output: flows.append(output[0].float()))
    ended = run_expert(model, Stage.HIGH, one, begun, told, lambda: None).latents
    latents = noise(one, found.variant, "cpu")
    for flow, sigma, following in zip(flows, euler.sigmas[:-1], euler.sigmas[1:], strict=True):
        latents = latents + (following - sigma) * flow
    assert ended.dtype is torch.float32
    torch.testing.assert_close(ended, latents)


def test_clips_that_no_run_came_back_for_are_forgotten_after_two_weeks(tmp_path: Path) -> None:
    park = Park(tmp_path)
    for key in ("old", "young"):
        park.put(key, Stage.HIGH, Parked(latents=torch.zeros(1), scheduler=SimpleNamespace(), step=0))
    fifteen_days_ago = time.time() - 15 * 24 * 3600
    # What a worker that was killed while it wrote leaves behind.
    (tmp_path / "old.high.pt.0123.part").write_bytes(b"half")
    for file in tmp_path.glob("old*"):
        os.utime(file, (fifteen_days_ago, fifteen_days_ago))
    assert park.sweep() == 2
    assert not list(tmp_path.glob("old*"))
    assert park.has("young", Stage.HIGH)
    assert not park.has("old", Stage.HIGH)
