"""A take request, checked against the model and written out as clips; nothing is loaded but a tokenizer."""

import math
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from PIL import Image

from campaign.content_key import Json, as_json, content_key
from campaign.errors import FrameGridError, FrameSizeError, RequestError, SettingsError
from campaign.frames import Aspect, FrameSpec
from model.backend import Draft, TakeRequest
from model.dialect import DIALECTS, RenderedPrompt, check_length, render
from model.wan.checkpoint import Checkpoint
from model.wan.clip import Clip, Start
from model.wan.foresight import check_share, gguf_files
from model.wan.models import Models
from model.wan.options import RUNGS, TAKE_ENCODING, LongShots, WanOptions
from model.wan.variants import MAX_TOKENS, Size, Variant

RECIPE = "wan/1"
LATENTS = "latents.pt"
"""Kept beside a draft's take."""
MAX_SEGMENTS = 3
"""Each segment starts from a picture that the model made: errors add up, and a fourth is rarely usable."""
SEED_STRIDE = 1_000_003
"""Between the seeds of a shot's segments; shots of one spot have neighbouring seeds."""
_SHORTEST = 5
"""Frames; one latent frame beside the first."""
_ASPECT_TOLERANCE = 0.035
"""The model's sizes lie on its grid and are up to 3 % off the aspect that they stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request and how it is made."""

    request: TakeRequest
    prompt: RenderedPrompt
    recipe: dict[str, Json]
    lengths: tuple[int, ...]
    """Frames of each segment; one for all but long shots."""
    start: Start | None
    checkpoint: Checkpoint
    """Of the clip, or of the first segment."""


def frame_spec(options: WanOptions, variant: Variant, aspect: Aspect, duration: float) -> FrameSpec:
    """The shortest take on the model's grid of at least ``duration`` seconds, in the rung's size.

    Raises:
        RequestError: it is longer than the model makes, or the model has no such aspect.
    """
    sizes = options.sizes or variant.sizes[RUNGS[options.rung].resolution]
    if aspect not in sizes:
        raise RequestError(
            f"The aspect {aspect} is asked for",
            f"sizes are given for {', '.join(sizes)} alone",
            "Add its size, or leave sizes out.",
        )
    stride = variant.frame_stride
    # A thousandth of a frame is the rounding of the cut's own arithmetic.
    wanted = max(math.ceil(duration * variant.fps - 1e-3), _SHORTEST)
    frames = -(-(wanted - 1) // stride) * stride + 1
    longest = _longest(options, variant)
    if frames > longest:
        chain = MAX_SEGMENTS * (variant.max_frames - 1) + 1
        more = f", or set long_shots to chain (up to {chain / variant.fps:.1f} s)" if longest < chain else ""
        raise RequestError(
            f"A shot of {duration:.2f} s is asked for",
            f"{variant.name} makes at most {longest / variant.fps:.2f} s ({longest} frames)",
            f"Give its line to two shots{more}.",
        )
    width, height = sizes[aspect]
    return FrameSpec(width=width, height=height, num_frames=frames, fps=variant.fps)


def check_spec(spec: FrameSpec, options: WanOptions, variant: Variant) -> None:
    """Let pass what the model makes exactly as asked; diffusers would round the rest with a warning.

    Raises:
        FrameGridError: the frame count is off the grid.
        FrameSizeError: a side is off the grid.
        RequestError: the rate is not the model's, or the take is too long.
    """
    if spec.num_frames < 1 or (spec.num_frames - 1) % variant.frame_stride:
        raise FrameGridError(spec.num_frames, variant.frame_stride)
    multiple = variant.size_multiple
    if any(side <= 0 or side % multiple for side in (spec.width, spec.height)):
        raise FrameSizeError(spec.width, spec.height, multiple)
    if spec.fps != variant.fps:
        raise RequestError(
            f"{spec.fps} fps is asked for",
            f"{variant.name} was trained at {variant.fps}",
            f"Ask for {variant.fps}; the finisher brings it to the delivery's rate.",
        )
    if spec.num_frames > _longest(options, variant):
        raise RequestError(
            f"num_frames is {spec.num_frames}",
            f"the longest take here has {_longest(options, variant)}",
            "Make the shot shorter.",
        )


def check_picture(path: Path, size: Size) -> None:
    """Let pass a picture of the clip's aspect.

    Raises:
        RequestError: it has another, or is no picture.
    """
    try:
        with Image.open(path) as image:
            found = image.size
    except OSError as error:
        raise RequestError(
            f"{path.name} is to be shown", "it is no readable picture", "Replace it."
        ) from error
    ratio, wanted = found[0] / found[1], size[0] / size[1]
    if abs(ratio / wanted - 1) > _ASPECT_TOLERANCE:
        crop = (
            (round(found[1] * wanted), found[1]) if ratio > wanted else (found[0], round(found[0] / wanted))
        )
        grow = (
            (found[0], round(found[0] / wanted)) if ratio > wanted else (round(found[1] * wanted), found[1])
        )
        raise RequestError(
            f"{path.name} is {found[0]}x{found[1]}",
            f"the clip is {size[0]}x{size[1]} and would stretch it",
            f"Crop it to {crop[0]}x{crop[1]}, or extend its background to {grow[0]}x{grow[1]}.",
        )


def segment_lengths(num_frames: int, variant: Variant) -> tuple[int, ...]:
    """Frames of each segment, as even as the grid allows; each after the first repeats one picture."""
    stride = variant.frame_stride
    units = (num_frames - 1) // stride
    count = max(-(-(num_frames - 1) // (variant.max_frames - 1)), 1)
    return tuple((units // count + (number < units % count)) * stride + 1 for number in range(count))


def write_order(request: TakeRequest, models: Models) -> Order:
    """The request checked in all that can be checked before weights are loaded.

    Raises:
        GenerationError: it cannot be made as asked; says what is right.
    """
    options, spec, image = models.options, request.spec, request.shot.image
    checkpoint = models.checkpoint_for(request.shot)
    variant = checkpoint.variant
    check_spec(spec, options, variant)
    if image is not None:
        check_picture(image, (spec.width, spec.height))
    prompt = render(request.shot.prompt, DIALECTS[f"wan-{request.language}"])
    check_length(prompt, MAX_TOKENS, models.count_tokens)
    models.check_speed(checkpoint)
    sampling = models.sampling(checkpoint)
    if options.mag_ratios is not None and len(options.mag_ratios) != sampling.steps:
        raise SettingsError(
            "wan.mag_ratios",
            f"there are {len(options.mag_ratios)} ratios for {sampling.steps} steps.",
            "Calibrate them with this number of steps.",
        )
    lengths = segment_lengths(spec.num_frames, variant)
    for frames in lengths:
        check_share(checkpoint, options, spec.width, spec.height, frames)
    recipe: dict[str, Json] = {
        "recipe": RECIPE,
        "weights": as_json(models.identity(checkpoint)),
        "lora": as_json(models.lora_digests(checkpoint)),
        "gguf": {stage.name: as_json(file) for stage, file in gguf_files(options, checkpoint).items()},
        "prompt": prompt.prompt,
        "negative_prompt": prompt.negative_prompt,
        "cleaned_by": f"ftfy {version('ftfy')}",
        "spec": as_json(spec),
        "seed": request.seed,
        "sampling": as_json(sampling),
        "image": as_json(image),
        "precision": options.precision,
        "vae_precision": options.vae_precision,
        "quality": options.quality,
        "mag_ratios": as_json(options.mag_ratios),
        "attention": options.attention,
        "compile": options.compile,
        "encoding": as_json(TAKE_ENCODING),
    }
    if options.devices_per_clip > 1:
        # Parts are summed in another order than the whole.
        recipe["devices_per_clip"] = options.devices_per_clip
    if len(lengths) > 1:
        recipe["segments"] = list(lengths)
        recipe["segment_weights"] = as_json(models.identity(models.from_picture))
    start = None
    if request.draft is not None:
        start = _draft_start(request.shot.id, request.draft, len(lengths))
        recipe["refine"] = {"strength": request.draft.strength, "draft": request.draft.key}
    return Order(
        request=request, prompt=prompt, recipe=recipe, lengths=lengths, start=start, checkpoint=checkpoint
    )


def first_clip(order: Order, models: Models) -> Clip:
    """The clip, or the first segment of a long shot."""
    spec = order.request.spec
    return Clip(
        key=content_key([order.recipe, 0]),
        name=order.request.shot.id,
        prompt=order.prompt.prompt,
        negative_prompt=order.prompt.negative_prompt,
        width=spec.width,
        height=spec.height,
        num_frames=order.lengths[0],
        fps=spec.fps,
        seed=order.request.seed,
        sampling=models.sampling(order.checkpoint),
        image=order.request.shot.image,
        start=order.start,
        keep_last=len(order.lengths) > 1,
    )


def next_clip(before: Clip, last_image: Path, number: int, order: Order, models: Models) -> Clip:
    """Segment ``number`` of a long shot, from the last picture of the one before."""
    return replace(
        before,
        key=content_key([order.recipe, number]),
        num_frames=order.lengths[number],
        # The same noise again would draw the same motion again.
        seed=order.request.seed + number * SEED_STRIDE,
        sampling=models.sampling(models.from_picture),
        image=last_image,
        follows=True,
        keep_last=number + 1 < len(order.lengths),
        keep_as=None,
    )


def longest_clip(models: Models) -> Clip:
    """The largest and longest that this rung makes, of no particular shot."""
    options, variant = models.options, models.main.variant
    sizes = options.sizes or variant.sizes[RUNGS[options.rung].resolution]
    width, height = max(sizes.values(), key=lambda size: size[0] * size[1])
    return Clip(
        key="",
        name="",
        prompt="",
        negative_prompt="",
        width=width,
        height=height,
        num_frames=variant.max_frames,
        fps=variant.fps,
        seed=0,
        sampling=models.sampling(models.main),
    )


def _draft_start(shot: str, draft: Draft, segments: int) -> Start:
    if segments > 1:
        raise RequestError(
            f"{shot} is a chain of {segments} segments",
            "only single clips are refined",
            "Leave refine out to start from noise, or give its line to two shots.",
        )
    latents = draft.path and draft.path.with_name(LATENTS)
    known = latents if latents and latents.is_file() else None
    return Start(video=draft.path, latents=known, strength=draft.strength)


def _longest(options: WanOptions, variant: Variant) -> int:
    if options.long_shots is LongShots.CHAIN:
        return MAX_SEGMENTS * (variant.max_frames - 1) + 1
    return variant.max_frames
