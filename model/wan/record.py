"""What is told of a take's making, to be kept with it."""

from dataclasses import asdict, dataclass, field
from importlib.metadata import version

from campaign.content_key import Json, as_json
from model.wan.bench import Bench
from model.wan.clip import Clip, Stage
from model.wan.film import Filmed
from model.wan.join import drift
from model.wan.residency import Residency


@dataclass(slots=True)
class Record:
    """Measured while a wave runs."""

    peaks: dict[Stage, int] = field(default_factory=dict)
    """Bytes of the device at the fullest; a stage is not in it where torch does not count them."""
    seconds: dict[tuple[str, Stage], float] = field(default_factory=dict)
    """By clip key and stage."""

    def peaked(self, stage: Stage, memory: int | None) -> None:
        if memory is not None:
            self.peaks[stage] = max(memory, self.peaks.get(stage, 0))

    def spent(self, clip: Clip, stage: Stage, seconds: float) -> None:
        self.seconds[clip.key, stage] = seconds


def take_facts(bench: Bench, plan: Residency, clip: Clip, record: Record, filmed: Filmed) -> dict[str, Json]:
    """Where the take comes from and what it took."""
    seconds = {stage.name.lower(): round(record.seconds[clip.key, stage], 2) for stage in Stage
               if (clip.key, stage) in record.seconds}  # fmt: skip
    facts: dict[str, Json] = {
        "checkpoint": bench.checkpoint.where,
        "revision": bench.checkpoint.revision,
        "variant": bench.checkpoint.variant.name,
        "device": plan.device.label,
        "plan": str(plan),
        "attention": bench.attention,
        "quality": bench.options.quality,
        "steps": clip.sampling.steps,
        "stage_seconds": as_json(seconds),
        "stage_peak_bytes": {stage.name.lower(): peak for stage, peak in record.peaks.items()},
        "lora": {stage.name.lower(): lora.digest for stage, lora in bench.loras.items()},
        "versions": {name: version(name) for name in ("torch", "diffusers", "transformers", "ftfy")},
        "drift_in_clip": as_json(drift(filmed.first, filmed.last)),
    }
    if filmed.join:
        facts["join"] = as_json(asdict(filmed.join))
    return facts
