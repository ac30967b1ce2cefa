"""The Wan2.2 models as data: what the official release runs them with, and what they can draw.

Figures are those of ``wan/configs/`` in Wan-Video/Wan2.2 at 42bf4cf, not of the diffusers converter, which
writes flow_shift 3 for every model (huggingface/diffusers#12094). Sizes beside the four official ones are
those of Alibaba's hosted Wan, and for 4:5 the nearest size of the same area on the model's grid.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from campaign.frames import Aspect

Size = tuple[int, int]
"""Width and height, pixels."""
Sizes = Mapping[Aspect, Size]

MAX_TOKENS = 512
"""``text_len`` of ``wan/configs/shared_config.py``; diffusers' ``encode_prompt`` would take 226."""


class Resolution(StrEnum):
    P480 = "480p"
    P720 = "720p"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """Classifier-free guidance of each expert; 1 leaves its unconditional pass out."""

    high: float
    low: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What tells a checkpoint of this model from another: the shapes its configs must state."""

    in_channels: int
    latent_channels: int
    experts: int
    expand_timesteps: bool


class Solver(StrEnum):
    """How a step is made from the model's flow."""

    UNIPC = "unipc"
    """Second order: what the official release samples with."""
    EULER = "euler"
    """First order: what few-step distillations are trained for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How many steps, and how they are spread."""

    steps: int
    guidance: Guidance
    flow_shift: float
    boundary: float | None
    """Share of the training timesteps from which on the high-noise expert works; None for one expert."""
    solver: Solver = Solver.UNIPC


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One model of the family."""

    name: str
    repo: str
    fps: int
    max_frames: int
    """Longest clip that the model was trained for."""
    frame_stride: int = 4
    """Frames of a latent frame: clips have 4k+1."""
    size_multiple: int
    """VAE's spatial factor times the transformer's patch."""
    from_text: bool
    from_image: bool
    layout: Layout
    sampling: Sampling
    sizes: Mapping[Resolution, Sizes]


_SIZES_16 = MappingProxyType(
    {
        Resolution.P480: MappingProxyType(
            {
                Aspect.WIDE: (832, 480),
                Aspect.TALL: (480, 832),
                Aspect.SQUARE: (624, 624),
                Aspect.PORTRAIT: (560, 704),
                Aspect.CLASSIC: (544, 720),
            }
        ),
        Resolution.P720: MappingProxyType(
            {
                Aspect.WIDE: (1280, 720),
                Aspect.TALL: (720, 1280),
                Aspect.SQUARE: (960, 960),
                Aspect.PORTRAIT: (832, 1040),
                Aspect.CLASSIC: (832, 1088),
            }
        ),
    }
)
_SIZES_32 = MappingProxyType(
    {
        Resolution.P480: MappingProxyType(
            {
                Aspect.WIDE: (832, 480),
                Aspect.TALL: (480, 832),
                Aspect.SQUARE: (608, 608),
                Aspect.PORTRAIT: (576, 704),
                Aspect.CLASSIC: (544, 704),
            }
        ),
        Resolution.P720: MappingProxyType(
            {
                Aspect.WIDE: (1280, 704),
                Aspect.TALL: (704, 1280),
                Aspect.SQUARE: (960, 960),
                Aspect.PORTRAIT: (832, 1024),
                Aspect.CLASSIC: (832, 1088),
            }
        ),
    }
)

VARIANTS = {
    "t2v-a14b": Variant(
        name="t2v-a14b",
        repo="Wan-AI/Wan2.2-T2V-A14B-Diffusers",
        fps=16,
        max_frames=81,
        size_multiple=16,
        from_text=True,
        from_image=False,
        layout=Layout(in_channels=16, latent_channels=16, experts=2, expand_timesteps=False),
        sampling=Sampling(steps=40, guidance=Guidance(high=4.0, low=3.0), flow_shift=12.0, boundary=0.875),
        sizes=_SIZES_16,
    ),
    "i2v-a14b": Variant(
        name="i2v-a14b",
        repo="Wan-AI/Wan2.2-I2V-A14B-Diffusers",
        fps=16,
        max_frames=81,
        size_multiple=16,
        from_text=False,
        from_image=True,
        layout=Layout(in_channels=36, latent_channels=16, experts=2, expand_timesteps=False),
        sampling=Sampling(steps=40, guidance=Guidance(high=3.5, low=3.5), flow_shift=5.0, boundary=0.9),
        sizes=_SIZES_16,
    ),
    "ti2v-5b": Variant(
        name="ti2v-5b",
        repo="Wan-AI/Wan2.2-TI2V-5B-Diffusers",
        fps=24,
        max_frames=121,
        size_multiple=32,
        from_text=True,
        from_image=True,
        layout=Layout(in_channels=48, latent_channels=48, experts=1, expand_timesteps=True),
        sampling=Sampling(steps=50, guidance=Guidance(high=5.0, low=5.0), flow_shift=5.0, boundary=None),
        sizes=_SIZES_32,
    ),
}
"""By name."""
