"""How much work a clip is, counted from the model's shape.

A multiplication and its addition are two. The count is that of
``torch.utils.flop_counter`` on the same model, which a test compares.
"""

from dataclasses import dataclass
from typing import Any

from model.wan.variants import MAX_TOKENS, Sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Of a transformer, as its config states it."""

    layers: int
    width: int
    ffn: int
    text_width: int
    channels_in: int
    channels_out: int

    @classmethod
    def of(cls, config: dict[str, Any]) -> "Shape":
        """From a transformer's config.json; what it leaves out is the 14B model's."""
        return cls(
            layers=config.get("num_layers", 40),
            width=config.get("num_attention_heads", 40) * config.get("attention_head_dim", 128),
            ffn=config.get("ffn_dim", 13824),
            text_width=config.get("text_dim", 4096),
            channels_in=config.get("in_channels", 16),
            channels_out=config.get("out_channels", 16),
        )


A14B = Shape(layers=40, width=5120, ffn=13824, text_width=4096, channels_in=16, channels_out=16)


def token_count(width: int, height: int, num_frames: int, multiple: int, stride: int = 4) -> int:
    """Tokens of a clip: one for each patch of each latent frame; ``multiple`` is the patch in pixels."""
    return ((num_frames - 1) // stride + 1) * (width // multiple) * (height // multiple)


def forward_flops(shape: Shape, tokens: int) -> int:
    """One pass of the model over a clip."""
    width = shape.width
    attention = 4 * tokens**2 * width
    reading = 4 * tokens * MAX_TOKENS * width + 4 * MAX_TOKENS * width**2
    matrices = 2 * tokens * (6 * width**2 + 2 * width * shape.ffn)
    text = 2 * MAX_TOKENS * width * (shape.text_width + width)
    ends = 2 * tokens * 4 * width * (shape.channels_in + shape.channels_out)
    return shape.layers * (attention + reading + matrices) + text + ends


def high_steps(sampling: Sampling) -> int:
    """Steps at or above the boundary with the flow schedule of UniPC.

    ``sigma = shift * s / (1 + (shift - 1) * s)`` for s falling evenly from 1, timesteps rounded down to whole
    ones.
    """
    if sampling.boundary is None:
        return sampling.steps
    shift, steps = sampling.flow_shift, sampling.steps
    even = [1 - number / steps * (1 - 1 / 1000) for number in range(steps)]
    times = [int(1000 * shift * s / (1 + (shift - 1) * s)) for s in even]
    return sum(time >= sampling.boundary * 1000 for time in times)
