"""What a clip will take of a device, counted from the checkpoint's own sizes before any of it is loaded."""

import math
from collections.abc import Sequence
from pathlib import Path

from campaign.errors import CheckpointError, RequestError, SettingsError
from campaign.ladder import Rung
from model.wan.checkpoint import EXPERTS, TEXT_ENCODER, VAE, Checkpoint
from model.wan.clip import Clip, Stage
from model.wan.flops import Shape, forward_flops, high_steps, token_count
from model.wan.options import Precision, WanOptions
from model.wan.residency import (
    CACHE_TENSORS,
    HIDDEN_TENSORS,
    TIMED_TENSORS,
    Device,
    Load,
    Residency,
    choose,
    keeps_on_host,
    needed,
)
from model.wan.variants import Sampling

BYTES = {Precision.FP32: 4, Precision.BF16: 2, Precision.FP8: 1, Precision.INT8: 1}
"""Of a number of an expert on the device."""
ACHIEVED = 0.5
"""Share of a device's data sheet rate that a whole job reaches: the official release does 501 TFLOP/s of 989
on an H100 at 720p (1041.5 s, comp_effic.png)."""
TOGETHER = 0.9
"""Share of their summed rate that four devices reach on one clip: the official release takes 1041.5 s on one
and 288.7 s on four at 720p (comp_effic.png); eight reach 0.84."""


def foresee(checkpoint: Checkpoint, options: WanOptions, device: Device, clips: Sequence[Clip]) -> Residency:
    """The plan for a wave of these clips.

    Raises:
        DeviceError: the device is too small for the smallest plan.
        SettingsError: so many devices cannot work on a clip together.
        RequestError: they cannot part this clip.
    """
    largest = max(clips, key=lambda clip: tokens_of(checkpoint, clip))
    check_share(checkpoint, options, largest.width, largest.height, largest.num_frames)
    load = load_of(checkpoint, options, largest)
    kind = choose(device, load, options.residency, options.memory)
    return Residency(
        kind=kind,
        device=device,
        precision=options.precision,
        needs=needed(kind, load),
        second=options.second_device,
        on_host=keeps_on_host(device, load),
        wave=len(clips),
        clip=f"{largest.width}x{largest.height}, {largest.num_frames} frames, {largest.sampling.steps} steps",
        seconds=seconds_of(checkpoint, options, device, largest),
        devices=options.devices_per_clip,
    )


def check_share(checkpoint: Checkpoint, options: WanOptions, width: int, height: int, frames: int) -> None:
    """Let pass a clip that can be parted evenly among the devices that work on it.

    Raises:
        SettingsError: the model's attention heads cannot be parted among so many.
        RequestError: the clip's tokens cannot.
    """
    devices = options.devices_per_clip
    heads = checkpoint.config(EXPERTS[0]).get("num_attention_heads", 40)
    variant = checkpoint.variant
    if heads % devices:
        raise SettingsError(
            "wan.devices_per_clip",
            f"{devices} devices cannot part the {heads} attention heads of {variant.name} evenly.",
            f"Set it to {_divisors(heads, devices)}.",
        )
    tokens = token_count(width, height, frames, variant.size_multiple, variant.frame_stride)
    if tokens % devices:
        raise RequestError(
            f"{width}x{height} with {frames} frames is {tokens} tokens",
            f"{devices} devices are to work on it in even parts",
            f"Set devices_per_clip to {_divisors(math.gcd(heads, tokens), devices)}, or choose another size.",
        )


def _divisors(number: int, most: int) -> str:
    return " or ".join(str(part) for part in range(1, most + 1) if number % part == 0)


def load_of(checkpoint: Checkpoint, options: WanOptions, clip: Clip) -> Load:
    """What the clip asks of the device."""
    shape = Shape.of(checkpoint.config(EXPERTS[0]))
    wide = 4 if options.precision is Precision.FP32 else 2
    vae_item = 4 if options.vae_precision is Precision.FP32 else 2
    return Load(
        text_bytes=checkpoint.parameters(TEXT_ENCODER) * wide,
        expert_bytes=expert_bytes(checkpoint, options),
        # With a second device each holds one.
        experts=1 if options.second_device else len(checkpoint.experts),
        vae_bytes=checkpoint.parameters(VAE) * vae_item,
        vae_item=vae_item,
        blocks=shape.layers,
        tokens=-(-tokens_of(checkpoint, clip) // options.devices_per_clip),
        width=shape.width,
        hidden_item=wide,
        hidden_tensors=(TIMED_TENSORS if checkpoint.variant.layout.expand_timesteps else HIDDEN_TENSORS)
        + (0 if options.quality == "exact" else CACHE_TENSORS),
        pixels=clip.width * clip.height,
        precision=options.precision,
        copies=options.devices_per_clip,
        is_draft=options.rung == Rung.DRAFT,
    )


def expert_bytes(checkpoint: Checkpoint, options: WanOptions) -> int:
    """Of one expert on the device."""
    files = gguf_files(options, checkpoint)
    if files:
        return max(file.stat().st_size for file in files.values())
    return checkpoint.parameters(EXPERTS[0]) * BYTES[options.precision]


def gguf_files(options: WanOptions, checkpoint: Checkpoint) -> dict[Stage, Path]:
    """The files that stand in for the experts of the main checkpoint.

    Raises:
        CheckpointError: one is not there.
        SettingsError: one is not named.
    """
    if options.gguf is None or checkpoint.where != options.checkpoint:
        return {}
    files: dict[Stage, Path] = {}
    for stage, file in zip((Stage.HIGH, Stage.LOW), (options.gguf.high, options.gguf.low), strict=True):
        if stage is Stage.LOW and len(checkpoint.experts) == 1:
            continue
        if file is None:
            raise SettingsError(
                "wan.gguf.low",
                f"{checkpoint.variant.name} has two experts.",
                "Name the low-noise one's file.",
            )
        if not file.is_file():
            raise CheckpointError(str(file), "there is no such GGUF file.", "Correct the path.")
        with file.open("rb") as opened:
            if opened.read(4) != b"GGUF":
                raise CheckpointError(
                    str(file), "this is no GGUF file.", "Fetch it again, or correct the path."
                )
        files[stage] = file
    return files


def seconds_of(checkpoint: Checkpoint, options: WanOptions, device: Device, clip: Clip) -> float | None:
    """Estimated time on the device, decoding left out; None where its rate is not known."""
    rate = options.tflops or (device.tflops and device.tflops * ACHIEVED)
    if not rate:
        return None
    if options.devices_per_clip > 1:
        rate *= options.devices_per_clip * TOGETHER
    return clip_work(checkpoint, clip) / (rate * 1e12)


def clip_work(checkpoint: Checkpoint, clip: Clip) -> float:
    """Operations of all of the clip's steps."""
    return units_of(checkpoint, clip, {stage: steps_left(clip, stage) for stage in (Stage.HIGH, Stage.LOW)})


def steps_left(clip: Clip, stage: Stage) -> int:
    """Steps that the stage's expert makes of the clip; a refinement leaves the first ones out."""
    steps, split = clip.sampling.steps, high_steps(clip.sampling)
    first = steps - min(int(steps * clip.start.strength), steps) if clip.start else 0
    begin, end = (0, split) if stage is Stage.HIGH else (split, steps)
    return max(end - max(begin, first), 0)


def units_of(checkpoint: Checkpoint, clip: Clip, steps: dict[Stage, int]) -> float:
    """Operations of that many of the clip's steps."""
    one = forward_flops(Shape.of(checkpoint.config(EXPERTS[0])), tokens_of(checkpoint, clip))
    return float(sum(count * calls(clip.sampling, stage) * one for stage, count in steps.items()))


def calls(sampling: Sampling, stage: Stage) -> int:
    """Passes of the model a step: two where guidance is above 1."""
    guidance = sampling.guidance.high if stage is Stage.HIGH else sampling.guidance.low
    return 2 if guidance > 1.0 else 1


def tokens_of(checkpoint: Checkpoint, clip: Clip) -> int:
    variant = checkpoint.variant
    return token_count(clip.width, clip.height, clip.num_frames, variant.size_multiple, variant.frame_stride)
