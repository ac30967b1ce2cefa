"""One clip's steps on one expert: the loop of diffusers' Wan pipelines, to be begun and left at any step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from model.wan.clip import Clip, Stage
from model.wan.conditions import Condition
from model.wan.park import Parked
from model.wan.variants import Solver


@dataclass(slots=True, kw_only=True)
class Guides:
    """What the model is told beside the latents."""

    prompt: torch.Tensor
    """(1, 512, width)."""
    negative: torch.Tensor
    condition: Condition
    expand: bool
    """The model takes a time for every token (TI2V)."""


def begin(clip: Clip, scheduler: Any, drawn: torch.Tensor, start: torch.Tensor | None) -> Parked:
    """The clip before its first step; with ``start``, before the first of those that its strength asks for.

    ``scheduler`` has its timesteps set; ``drawn`` is the clip's noise.
    """
    if start is None:
        scheduler.set_begin_index(0)
        return Parked(latents=drawn, scheduler=scheduler, step=0)
    assert clip.start is not None
    steps = len(scheduler.timesteps)
    first = steps - min(int(steps * clip.start.strength), steps)
    scheduler.set_begin_index(first)
    sigma = float(scheduler.sigmas[first])
    latents = (1 - sigma) * start + sigma * drawn
    return Parked(latents=latents, scheduler=scheduler, step=first)


def steps_of(clip: Clip, scheduler: Any, stage: Stage) -> range:
    """Which steps the stage's expert makes, of a clip that starts from noise."""
    timesteps, boundary = scheduler.timesteps, clip.sampling.boundary or 0.0
    high = int((timesteps >= boundary * scheduler.config.num_train_timesteps).sum())
    return range(high) if stage is Stage.HIGH else range(high, len(timesteps))


@torch.no_grad()
def run_expert(
    model: Any, stage: Stage, clip: Clip, parked: Parked, guides: Guides, each: Callable[[], None]
) -> Parked:
    """Make the stage's remaining steps; after each ``parked`` is brought forward and ``each`` is called."""
    guidance = clip.sampling.guidance.high if stage is Stage.HIGH else clip.sampling.guidance.low
    prompt, negative = guides.prompt.to(model.dtype), guides.negative.to(model.dtype)
    scheduler, latents = parked.scheduler, parked.latents
    mine = steps_of(clip, scheduler, stage)
    for step in range(max(mine.start, parked.step), mine.stop):
        timestep = scheduler.timesteps[step]
        seen, times = _input(latents, timestep, guides)
        seen = seen.to(model.dtype)
        context = {
            "step_index": step,
            "sigma": float(scheduler.sigmas[step]),
            "num_inference_steps": len(scheduler.timesteps),
        }
        noise = _predict(model, "cond", context, seen, times, prompt)
        if guidance > 1.0:
            without = _predict(model, "uncond", context, seen, times, negative)
            noise = without + guidance * (noise - without)
        if clip.sampling.solver is Solver.EULER:
            # It would give latents in the model's dtype from here on; UniPC keeps fp32 by itself.
            noise = noise.float()
        latents = scheduler.step(noise, timestep, latents, return_dict=False)[0]
        parked.latents, parked.step = latents, step + 1
        each()
    parked.step = max(mine.stop, parked.step)
    return parked


def finished(parked: Parked, condition: Condition) -> torch.Tensor:
    """Latents to decode: with a given first picture in its place."""
    return _with_first(parked.latents, condition)


def _with_first(latents: torch.Tensor, condition: Condition) -> torch.Tensor:
    if condition.first is None:
        return latents
    mask = _first_mask(latents)
    blended: torch.Tensor = (1 - mask) * condition.first + mask * latents
    return blended


def _first_mask(latents: torch.Tensor) -> torch.Tensor:
    """(1, 1, frames, height, width): 0 in the first latent frame."""
    mask = torch.ones(1, 1, *latents.shape[2:], device=latents.device)
    mask[:, :, 0] = 0
    return mask


def _input(
    latents: torch.Tensor, timestep: torch.Tensor, guides: Guides
) -> tuple[torch.Tensor, torch.Tensor]:
    """What the model sees, and the time of the clip, or of its tokens where a given picture has none."""
    if guides.condition.beside is not None:
        return torch.cat([latents, guides.condition.beside], dim=1), timestep.expand(1)
    if not guides.expand:
        return latents, timestep.expand(1)
    mask = _first_mask(latents) if guides.condition.first is not None else torch.ones_like(latents[:, :1])
    tokens = (mask[0, 0, :, ::2, ::2] * timestep).flatten().unsqueeze(0)
    return _with_first(latents, guides.condition), tokens


def _predict(
    model: Any,
    name: str,
    context: dict[str, Any],
    seen: torch.Tensor,
    times: torch.Tensor,
    text: torch.Tensor,
) -> torch.Tensor:
    """The model's flow. Guidance makes two calls: a batch of two sums in another order."""
    with model.cache_context(name, **context):
        flow: torch.Tensor = model(
            hidden_states=seen, timestep=times, encoder_hidden_states=text, return_dict=False
        )[0]
    return flow
