"""Latents to a file: decoded, looked at and encoded piece by piece, never held as a whole."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from campaign.errors import BrokenTakeError
from media.encode import VideoEncoder
from media.planes import planes_from_rgb
from model.wan.clip import Clip, Stage
from model.wan.decode import decoded
from model.wan.join import Join, join_to
from model.wan.options import TAKE_ENCODING
from model.wan.pace import Pace

Frames = NDArray[np.uint8]
"""(n, height, width, 3) RGB."""

BLACK = 12
"""No value of a black take's pictures is above this (of 255): VAE noise on black stays below."""
_WAITING = 2
"""Pieces that may wait for the encoder while the next is decoded."""


@dataclass(slots=True, kw_only=True)
class Filmed:
    """What was seen while writing."""

    first: Frames
    """(height, width, 3)."""
    last: Frames
    join: Join | None


def film(latents: torch.Tensor, vae: Any, clip: Clip, path: Path, pace: Pace) -> Filmed:
    """Write the clip to ``path`` while it is decoded.

    A clip that follows another drops its first picture, which is the other's last, and takes its colours.

    Raises:
        BrokenTakeError: a value is not a number, or every picture is black.
    """
    brightest, seen, join = 0, Filmed(first=_NONE, last=_NONE, join=None), None
    with (
        VideoEncoder(path, clip.width, clip.height, clip.fps, TAKE_ENCODING) as encoder,
        ThreadPoolExecutor(max_workers=1, thread_name_prefix="encode") as worker,
    ):
        waiting: deque[Future[None]] = deque()
        for number, piece in enumerate(decoded(latents, vae), start=1):
            frames = _as_frames(piece, clip)
            if number == 1 and clip.follows:
                assert clip.image is not None
                join = join_to(clip.image, frames[0])
                frames = frames[1:]
            if len(frames):
                frames = join.applied(frames) if join else frames
                brightest = max(brightest, int(frames.max()))
                waiting.append(worker.submit(_write, encoder, frames))
                seen = Filmed(first=seen.first if seen.first.size else frames[0], last=frames[-1], join=join)
            while len(waiting) > _WAITING:
                waiting.popleft().result()
            pace.step(Stage.DECODE, clip, number, latents.shape[2])
        for written in waiting:
            written.result()
    if brightest <= BLACK:
        raise BrokenTakeError(clip.name, Stage.DECODE, "every picture is black.")
    return seen


_NONE = np.zeros((0, 0, 3), dtype=np.uint8)


def _as_frames(piece: torch.Tensor, clip: Clip) -> Frames:
    """(1, 3, n, height, width) of -1 to 1 as frames."""
    if not torch.isfinite(piece).all():
        raise BrokenTakeError(clip.name, Stage.DECODE, "the VAE gave values that are not numbers.")
    scaled = ((piece[0].float() / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
    return cast(Frames, scaled.permute(1, 2, 3, 0).contiguous().cpu().numpy())


def _write(encoder: VideoEncoder, frames: Frames) -> None:
    for frame in frames:
        encoder.write(planes_from_rgb(frame))
