"""Which weights lie on the device at once: chosen from sizes before anything is loaded.

The figures for working memory are counted, not measured on a device; ``benchmarks/wan.py`` prints the peaks
of the machine that it runs on. Where one is too small, the engine goes on with the next smaller plan.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from campaign.errors import DeviceError, DeviceFullError, SettingsError
from model.wan.options import Precision

GB = 1_000_000_000
USABLE = 0.95
"""Share of the device's memory that a plan may fill; the rest is the driver's and fragmentation's."""
HIDDEN_TENSORS = 16
"""Working memory of a pass in hidden states (tokens x width). 11.1 are alive at the fullest, counted on the
full-size model without its data (``test_residency.py``); the rest is for copies that attention kernels make
and for what an allocator cannot hand out."""
TIMED_TENSORS = 42
"""Likewise where every token has a time, and with it a modulation, of its own (TI2V): 32.4 counted."""
CACHE_TENSORS = 8
"""What a step cache keeps of both passes of guidance beside that."""
VAE_TENSORS = 16
"""Working memory of decoding, in tensors of 96 channels by four frames at full size: 12.7 counted with the
VAE of 16 channels, 14.1 with that of 48."""
STREAMED_BLOCKS = 4
"""Blocks on the device while streaming: the one at work, the next one coming, and what the allocator
keeps."""
_TEXT_WORK = GB
_HOST_USABLE = 0.8


class Kind(StrEnum):
    """Plans, the fastest first; each needs less of the device than the one before."""

    ALL = "all experts"
    ONE = "one expert"
    STREAM = "streamed blocks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What a plan is made for."""

    name: str
    """As torch names it: cuda:0, cpu."""
    label: str
    """As its maker names it."""
    memory: int
    """Bytes."""
    host_memory: int
    """Bytes of the machine."""
    tflops: float | None
    """Dense bf16 rate from its data sheet; None where we do not know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is to be held and worked on."""

    text_bytes: int
    expert_bytes: int
    """Of one, as it lies on the device."""
    experts: int
    vae_bytes: int
    vae_item: int
    """Bytes of a number while decoding."""
    blocks: int
    tokens: int
    """Of the clip; its share where several devices work on it."""
    width: int
    """Of the hidden states."""
    hidden_item: int = 2
    """Bytes of one of their numbers."""
    hidden_tensors: int = HIDDEN_TENSORS
    pixels: int
    """Of a frame."""
    precision: Precision
    copies: int = 1
    """How many processes keep the experts in the machine's memory."""
    is_draft: bool = False
    """There is no smaller rung to make instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Residency:
    """A plan, as ``plan`` and ``doctor`` print it."""

    kind: Kind
    device: Device
    precision: Precision
    needs: int
    """Bytes of the device at its fullest."""
    second: str | None
    """Another device for the low-noise expert, where nothing is swapped."""
    on_host: bool
    """Experts stay in the machine's memory between waves; else they are read from disk each time."""
    wave: int
    clip: str
    """Size and length in words."""
    seconds: float | None
    """Estimated for a clip; None where the device's rate is not known."""
    devices: int = 1
    """That work on each clip together; each holds what the kind says."""

    @property
    def held(self) -> str:
        """What lies where."""
        if self.devices > 1:
            return f"{self.kind} on each of {self.devices} devices that work on one clip together"
        return f"{self.kind} of this device, the other on {self.second}" if self.second else str(self.kind)

    def __str__(self) -> str:
        time = "speed of this device unknown" if self.seconds is None else f"est. {self.seconds:.0f} s/clip"
        return (
            f"{self.device.label}, {self.device.memory / GB:.0f} GB: {self.held}, {self.precision}, "
            f"{self.clip}, wave of {self.wave}, needs {self.needs / GB:.0f} GB, {time}"
        )


def needed(kind: Kind, load: Load) -> int:
    """Bytes of the device in the plan's fullest stage."""
    held = load.expert_bytes * (load.experts if kind is Kind.ALL else 0)
    working = load.hidden_tensors * load.tokens * load.width * load.hidden_item
    weights = {
        Kind.ALL: load.expert_bytes * load.experts,
        Kind.ONE: load.expert_bytes,
        Kind.STREAM: load.expert_bytes * min(STREAMED_BLOCKS / max(load.blocks, 1), 1.0),
    }[kind]
    decoding = load.vae_bytes + VAE_TENSORS * 96 * 4 * load.pixels * load.vae_item
    return int(max(held + load.text_bytes + _TEXT_WORK, weights + working, held + decoding))


def choose(device: Device, load: Load, asked: str, memory: int | None) -> Kind:
    """The fastest plan that fits, or the one that is asked for.

    Raises:
        SettingsError: no plan has the asked name.
        DeviceError: the device is too small for it, or for the smallest.
    """
    room = min(device.memory, memory or device.memory) * USABLE
    kinds = list(Kind)
    if asked != "auto":
        if asked not in {kind.name.lower() for kind in Kind}:
            known = ", ".join(["auto", *(kind.name.lower() for kind in Kind)])
            raise SettingsError("wan.residency", f"{asked!r} is no plan.", f"Known: {known}.")
        kinds = [Kind[asked.upper()]]
    for kind in kinds:
        if needed(kind, load) <= room:
            return kind
    raise DeviceError(
        device.label,
        f"has room for {room / GB:.1f} GB, but {kinds[-1]} in {load.precision} needs "
        f"{needed(kinds[-1], load) / GB:.1f} GB.",
        _remedy(kinds[-1], load, room),
    )


def smaller(plan: Residency, load: Load) -> Residency | None:
    """The next plan that needs less of the device; None after the last."""
    kinds = [kind for kind in Kind if needed(kind, load) < needed(plan.kind, load)]
    return replace(plan, kind=kinds[0], needs=needed(kinds[0], load)) if kinds else None


def out_of_memory(plan: Residency, load: Load, stage: str) -> DeviceFullError:
    """What to say when the device is full all the same."""
    return DeviceFullError(
        plan.device.label,
        f"ran out of memory in the stage {str(stage)!r} with the plan {plan.kind!s}, which was to need "
        f"{plan.needs / GB:.1f} GB.",
        _remedy(plan.kind, load, plan.device.memory * USABLE),
    )


def keeps_on_host(device: Device, load: Load) -> bool:
    """Whether both experts fit into the machine's memory, as often as they are kept there."""
    return load.expert_bytes * load.experts * load.copies < device.host_memory * _HOST_USABLE


def _remedy(kind: Kind, load: Load, room: float) -> str:
    kinds = [k for k in Kind if needed(k, load) < needed(kind, load)]
    if kinds:
        return (
            f"The next smaller plan is {kinds[0].name.lower()!r} ({kinds[0]}, "
            f"{needed(kinds[0], load) / GB:.1f} GB): set residency to it."
        )
    halved = replace(load, expert_bytes=load.expert_bytes // 2)
    lighter = replace(load, vae_bytes=load.vae_bytes // 2, vae_item=load.vae_item // 2)
    smaller_load = "ask for shorter shots" if load.is_draft else "make the draft rung (480p)"
    if load.precision is Precision.BF16 and needed(kind, halved) <= room:
        return f"Set precision to fp8, or {smaller_load}."
    if needed(kind, lighter) <= room < needed(kind, load):
        return f"Set vae_precision to bf16, or {smaller_load}."
    return f"Use a larger device, or {smaller_load}."
