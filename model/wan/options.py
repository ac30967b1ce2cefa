"""What a person chooses about the Wan backend. The defaults are the official release's, at full quality."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from campaign.errors import SettingsError
from campaign.frames import Aspect
from media.encode import EncodeSettings
from model.wan.variants import VARIANTS, Guidance, Resolution, Sampling, Size, Solver, Variant

TAKE_ENCODING = EncodeSettings(preset="fast", crf=12, threads=2)
"""Well above delivery quality: the finisher decodes and encodes once more."""


class Precision(StrEnum):
    """How an expert's matrices are kept on the device; sums are always made in bf16 or fp32."""

    FP32 = "fp32"
    """For machines without bf16 arithmetic, and for exact comparison."""
    BF16 = "bf16"
    FP8 = "fp8"
    """Half of bf16: e4m3 with one scale a row."""
    INT8 = "int8"
    """Half of bf16: whole numbers with one scale a row."""


class LongShots(StrEnum):
    """What becomes of a shot that is longer than the model's window."""

    REFUSE = "refuse"
    """The default: cut between independent shots instead."""
    CHAIN = "chain"
    """Up to three segments, each starting from the last picture of the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A step of the ladder."""

    resolution: Resolution
    steps: int | None = None
    """None takes the official number."""


RUNGS = {
    # Half of the official steps at less than half of the pixels: about a tenth of the final's work.
    "draft": Rung(resolution=Resolution.P480, steps=20),
    "final": Rung(resolution=Resolution.P720),
}


_NO_GUIDANCE = Guidance(high=1.0, low=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FewSteps:
    """A distillation LoRA, one file for each expert; the figures are what such LoRAs are trained for."""

    high: Path
    low: Path | None = None
    """None only for a model of one expert."""
    strength: float = 1.0
    steps: int = 4
    flow_shift: float = 5.0
    solver: Solver = Solver.EULER
    guidance: Guidance = _NO_GUIDANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufFiles:
    """Experts as GGUF files, in place of the checkpoint's own."""

    high: Path
    low: Path | None = None
    """None only for a model of one expert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WanOptions:
    checkpoint: str = VARIANTS["t2v-a14b"].repo
    """Hub id or folder in diffusers' layout."""
    revision: str | None = None
    """Commit of the Hub repository; None takes what is on this machine. What was used is recorded."""
    image_checkpoint: str | None = None
    """Hub id or folder of the model for shots that show a given picture, and for chained segments."""
    image_revision: str | None = None
    device: str = "cuda"
    """As torch names it."""
    second_device: str | None = None
    """A second device for the low-noise expert: clips then go from one to the other and nothing is
    swapped."""
    devices_per_clip: int = 1
    """Devices that work on one clip together, from ``device`` on: an urgent clip is done sooner, a batch is
    not. Each holds what one alone would hold."""
    folder: Path = Path(".reelsheet/wan")
    """On the store's disk: embeddings, parked clips, segments, digests of weights."""
    rung: str = "final"
    """A name in RUNGS."""
    sizes: Mapping[Aspect, Size] | None = None
    """Other sizes than the rung's; for toy checkpoints and experiments."""
    steps: int | None = None
    """Other than the rung's."""
    guidance: Guidance | None = None
    """Other than the variant's."""
    precision: Precision = Precision.BF16
    vae_precision: Precision = Precision.FP32
    """fp32 is what the official code decodes in; bf16 is quicker (MS-SSIM 0.9999, FastVideo #1472)."""
    quality: str = "exact"
    """A name in ``model.wan.choices.QUALITIES``."""
    mag_ratios: tuple[float, ...] | None = None
    """Calibrated on this checkpoint, one per step; quality ``mag`` needs them."""
    attention: str = "auto"
    """A name in ``model.wan.choices.ATTENTION``, or auto."""
    compile: bool = False
    """Compile the repeated block: about a minute at the first clip of each size."""
    residency: str = "auto"
    """A name in ``model.wan.residency.Kind``, or auto."""
    memory: int | None = None
    """Bytes of the device that may be used; None takes all."""
    few_steps: FewSteps | None = None
    image_few_steps: FewSteps | None = None
    """Of the image checkpoint."""
    gguf: GgufFiles | None = None
    """Quantised experts of the main checkpoint; the sums are made as ``precision`` says."""
    wave: int = 8
    """Clips for which the weights are loaded once."""
    long_shots: LongShots = LongShots.REFUSE
    elsewhere: bool = False
    """Another machine makes the takes: what computes their keys needs neither torch nor a device here."""
    tflops: float | None = None
    """Measured rate of this machine (``python -m benchmarks.wan``), for estimates."""


def sampling_of(options: WanOptions, variant: Variant, few: FewSteps | None) -> Sampling:
    """The official sampling of the model, changed where a few-step LoRA, the rung or the person says so."""
    sampling = variant.sampling
    steps = RUNGS[options.rung].steps or sampling.steps
    if few:
        sampling = replace(sampling, flow_shift=few.flow_shift, guidance=few.guidance, solver=few.solver)
        steps = few.steps
    return replace(sampling, steps=options.steps or steps, guidance=options.guidance or sampling.guidance)


def check_options(options: WanOptions) -> None:
    """Let pass what can be meant.

    Raises:
        SettingsError: a name is not known, or a figure is out of its range.
    """
    if options.rung not in RUNGS:
        raise SettingsError("wan.rung", f"{options.rung!r} is no rung.", f"Known: {', '.join(RUNGS)}.")
    if not options.checkpoint.strip():
        raise SettingsError(
            "wan.checkpoint",
            "no checkpoint is named.",
            f"Write {VARIANTS['t2v-a14b'].repo}, or leave it out.",
        )
    if options.memory is not None and options.memory < 1:
        raise SettingsError(
            "wan.memory", f"{options.memory} is no number of bytes.", "Write 80e9 for 80 GB, or leave it out."
        )
    if options.tflops is not None and options.tflops <= 0:
        raise SettingsError(
            "wan.tflops",
            f"{options.tflops:g} is no rate.",
            "Write what the benchmark measured, or leave it out.",
        )
    if options.guidance and min(options.guidance.high, options.guidance.low) < 1:
        raise SettingsError(
            "wan.guidance", f"{min(options.guidance.high, options.guidance.low):g} is below 1.",
            "Write 1 for none, or leave it out for the model's own.",
        )  # fmt: skip
    for few in filter(None, (options.few_steps, options.image_few_steps)):
        if few.steps < 1:
            raise SettingsError("wan.few_steps.steps", f"{few.steps} is no number of steps.", "Write 4.")
    if options.wave < 1:
        raise SettingsError("wan.wave", f"{options.wave} is no number of clips.", "Write 8.")
    if options.steps is not None and options.steps < 1:
        raise SettingsError(
            "wan.steps", f"{options.steps} is no number of steps.", "Write 40, or leave it out."
        )
    if options.devices_per_clip < 1:
        raise SettingsError(
            "wan.devices_per_clip", f"{options.devices_per_clip} is no number of devices.", "Write 1."
        )
    if options.devices_per_clip > 1:
        _check_together(options)
    if options.gguf and options.few_steps:
        raise SettingsError(
            "wan.gguf", "a LoRA cannot be summed into quantised experts.", "Leave one of the two out."
        )


def _check_together(options: WanOptions) -> None:
    """What does not go with devices that work together."""
    if options.second_device:
        raise SettingsError(
            "wan.second_device",
            f"{options.devices_per_clip} devices work on a clip together, each with both experts.",
            "Leave second_device or devices_per_clip out.",
        )
    if options.quality != "exact":
        raise SettingsError(
            "wan.quality",
            f"with {options.quality!r} each device would decide for itself which blocks to leave out.",
            "Use quality 'exact', or leave devices_per_clip out.",
        )
    if options.compile:
        raise SettingsError(
            "wan.compile",
            "compiled blocks were not tried on devices that work together.",
            "Leave compile or devices_per_clip out.",
        )
