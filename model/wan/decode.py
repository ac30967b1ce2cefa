"""Latents to frames, one latent frame at a time."""

from collections.abc import Iterator
from typing import Any

import torch

from model.wan.library import unpatchify

Statistics = tuple[torch.Tensor, torch.Tensor]
"""Mean and the inverse of the deviation of the VAE's latents, (1, channels, 1, 1, 1)."""


def statistics(vae: Any, like: torch.Tensor) -> Statistics:
    """In the dtype and on the device of ``like``."""
    mean, deviation = (
        torch.tensor(values).view(1, -1, 1, 1, 1).to(like.device, like.dtype)
        for values in (vae.config.latents_mean, vae.config.latents_std)
    )
    return mean, 1.0 / deviation


def normalised(latents: torch.Tensor, mean: torch.Tensor, inverse: torch.Tensor) -> torch.Tensor:
    return (latents - mean) * inverse


@torch.no_grad()
def decoded(latents: torch.Tensor, vae: Any) -> Iterator[torch.Tensor]:
    """(1, 3, n, height, width) in -1 to 1, where n is 1 for the first latent frame and 4 for each after it.

    The same sums in the same order as ``vae.decode``, whose loop this is; but that one keeps every frame
    until the last is done (0.9 GB at 720p and 81 frames). The caches of the causal convolutions are private
    to the VAE.
    """
    parameter = next(vae.parameters())
    z = latents.to(parameter.device, parameter.dtype)
    mean, inverse = statistics(vae, z)
    vae.clear_cache()
    try:
        z = vae.post_quant_conv(z / inverse + mean)
        for number in range(z.shape[2]):
            vae._conv_idx = [0]
            chunk = vae.decoder(
                z[:, :, number : number + 1],
                feat_cache=vae._feat_map,
                feat_idx=vae._conv_idx,
                first_chunk=number == 0,
            )
            if vae.config.patch_size is not None:
                chunk = unpatchify(chunk, patch_size=vae.config.patch_size)
            yield chunk.clamp(-1.0, 1.0)
    finally:
        vae.clear_cache()
