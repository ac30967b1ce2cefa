"""What a clip's latents start from: noise, given pictures, an approved draft."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers.utils.torch_utils import randn_tensor
from diffusers.video_processor import VideoProcessor
from PIL import Image

from media.decode import decode
from media.planes import rgb_of_frame
from model.wan.clip import Clip
from model.wan.decode import decoded, normalised, statistics
from model.wan.park import load_latents, read_tensors, write_tensors
from model.wan.variants import Variant

_CLOCK = 1e-3
"""Seconds; time stamps are rounded to the container's clock."""


@dataclass(slots=True, kw_only=True)
class Condition:
    """Given pictures as latents. With neither, the clip comes from its words alone."""

    beside: torch.Tensor | None = None
    """(1, 4 + channels, frames, height, width): mask and pictures, put beside the latents as more
    channels."""
    first: torch.Tensor | None = None
    """(1, channels, 1, height, width): takes the place of the first latent frame (TI2V)."""


def latent_shape(clip: Clip, variant: Variant) -> tuple[int, int, int, int, int]:
    """(1, channels, frames, height, width)."""
    frames = (clip.num_frames - 1) // variant.frame_stride + 1
    # The transformer's patch is two latents wide and high.
    factor = variant.size_multiple // 2
    return 1, variant.layout.latent_channels, frames, clip.height // factor, clip.width // factor


def noise(clip: Clip, variant: Variant, device: str) -> torch.Tensor:
    """Standard normal fp32, drawn on the CPU: CUDA's numbers depend on the device (pytorch#196613)."""
    generator = torch.Generator().manual_seed(clip.seed)
    shape = latent_shape(clip, variant)
    drawn: torch.Tensor = randn_tensor(
        shape, generator=generator, device=torch.device(device), dtype=torch.float32
    )
    return drawn


@torch.no_grad()
def encode_pictures(clip: Clip, vae: Any, expand: bool) -> Condition:
    """The clip's given pictures, as diffusers' image-to-video pipeline prepares them."""
    assert clip.image is not None
    processor = VideoProcessor(vae_scale_factor=vae.config.scale_factor_spatial)
    first = _picture(clip.image, clip, processor).unsqueeze(2)
    if expand:
        return Condition(first=_encoded(first, vae))
    last = _picture(clip.last_image, clip, processor).unsqueeze(2) if clip.last_image else None
    between = first.new_zeros(1, 3, clip.num_frames - (1 if last is None else 2), clip.height, clip.width)
    video = torch.cat([first, between] if last is None else [first, between, last], dim=2)
    latents = _encoded(video, vae)
    return Condition(beside=torch.cat([_mask(clip, latents, vae, last is not None), latents], dim=1))


@torch.no_grad()
def refined_start(clip: Clip, vae: Any) -> torch.Tensor:
    """The draft's pictures at the clip's size, as latents (1, channels, frames, height, width) fp32."""
    assert clip.start is not None
    if clip.start.latents:
        draft = load_latents(clip.start.latents, str(next(vae.parameters()).device))
        pixels = torch.cat(list(decoded(draft, vae)), dim=2)[0].transpose(0, 1)
        larger = _resized(pixels.float(), clip)
    else:
        larger = torch.cat([_resized(frame, clip) for frame in draft_frames(clip)])
    return _encoded(larger.transpose(0, 1).unsqueeze(0), vae)


def draft_frames(clip: Clip) -> Iterator[torch.Tensor]:
    """As many frames as the clip has, at its rate: (1, 3, height, width), -1 to 1, in the draft's size.

    Each is the draft's latest by then; its last one stays where it ends sooner.

    Raises:
        FinishError: the draft cannot be read.
    """
    assert clip.start is not None
    assert clip.start.video is not None
    count, shown, zero = 0, None, 0.0
    for frame in decode(clip.start.video):
        zero = frame.time if shown is None else zero
        while shown is not None and count < clip.num_frames and count / clip.fps < frame.time - zero - _CLOCK:
            yield shown
            count += 1
        if count == clip.num_frames:
            return
        rgb = torch.from_numpy(rgb_of_frame(frame).copy())
        shown = rgb.permute(2, 0, 1).unsqueeze(0).float() / 127.5 - 1
    assert shown is not None
    yield from (shown for _ in range(clip.num_frames - count))


def _resized(frames: torch.Tensor, clip: Clip) -> torch.Tensor:
    """(frames, 3, height, width) in the clip's size."""
    return torch.nn.functional.interpolate(
        frames, size=(clip.height, clip.width), mode="bicubic", antialias=True
    ).clamp(-1, 1)


def save_condition(path: Path, condition: Condition, start: torch.Tensor | None) -> None:
    tensors = {"beside": condition.beside, "first": condition.first, "start": start}
    write_tensors(path, {name: tensor.cpu() for name, tensor in tensors.items() if tensor is not None})


def load_condition(path: Path, device: str) -> tuple[Condition, torch.Tensor | None]:
    """The condition, and the latents to begin from."""
    read = read_tensors(path, device)
    return Condition(beside=read.get("beside"), first=read.get("first")), read.get("start")


def _picture(path: Path, clip: Clip, processor: Any) -> torch.Tensor:
    """(1, 3, height, width), -1 to 1."""
    with Image.open(path) as image:
        picture: torch.Tensor = processor.preprocess(
            image.convert("RGB"), height=clip.height, width=clip.width
        )
    return picture.float()


def _encoded(video: torch.Tensor, vae: Any) -> torch.Tensor:
    """Normalised latents fp32 of (1, 3, frames, height, width)."""
    parameter = next(vae.parameters())
    latents = vae.encode(video.to(parameter.device, parameter.dtype)).latent_dist.mode().float()
    return normalised(latents, *statistics(vae, latents))


def _mask(clip: Clip, latents: torch.Tensor, vae: Any, last: bool) -> torch.Tensor:
    """(1, 4, frames, height, width): 1 where a picture is given, four frames folded into one latent frame."""
    factor = vae.config.scale_factor_temporal
    mask = torch.zeros(1, 1, clip.num_frames, *latents.shape[3:], device=latents.device)
    mask[:, :, 0] = 1
    if last:
        mask[:, :, -1] = 1
    folded = torch.cat([mask[:, :, :1].repeat_interleave(factor, dim=2), mask[:, :, 1:]], dim=2)
    return folded.view(1, -1, factor, *latents.shape[3:]).transpose(1, 2)
