"""What waves are made with: one checkpoint on its devices, and the folders that outlive a wave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from model.wan.checkpoint import TEXT_ENCODER, TOKENIZER, VAE, Checkpoint
from model.wan.choices import Quality, check_quality
from model.wan.clip import Clip, Stage
from model.wan.device import neighbours, settle
from model.wan.experts import Experts
from model.wan.foresight import gguf_files
from model.wan.load import COMPUTE, load_scheduler, load_text_encoder, load_tokenizer, load_vae
from model.wan.lora import Lora
from model.wan.options import WanOptions
from model.wan.park import Park
from model.wan.prompts import Embeddings
from model.wan.residency import Device
from model.wan.speed import choose_attention
from model.wan.team import Team


@dataclass(kw_only=True)
class Bench:
    """One for each engine."""

    checkpoint: Checkpoint
    options: WanOptions
    devices: Mapping[Stage, Device]
    """Of each expert; the high-noise one's does everything else too."""
    experts: Experts | Team
    attention: str
    quality: Quality
    loras: Mapping[Stage, Lora]
    park: Park
    embeddings: Embeddings
    loads: dict[str, int] = field(default_factory=lambda: {TEXT_ENCODER: 0, VAE: 0})
    """How often these were read from disk."""

    @classmethod
    def of(
        cls,
        checkpoint: Checkpoint,
        identity: Mapping[str, str],
        options: WanOptions,
        devices: Mapping[Stage, Device],
        loras: Mapping[Stage, Lora],
    ) -> Self:
        """Set up as the options say; nothing is loaded yet.

        Raises:
            SettingsError: a quality level or attention kernel that does not run here.
        """
        variant = checkpoint.variant
        quality = check_quality(options.quality, options.compile, options.mag_ratios, variant.from_image)
        compute = COMPUTE[options.precision]
        attention = choose_attention(
            options.attention, devices[Stage.HIGH].name, compute, options.devices_per_clip
        )
        for device in devices.values():
            settle(device.name)
        text = [identity[TOKENIZER], identity[TEXT_ENCODER], options.precision]
        ggufs = gguf_files(options, checkpoint)
        experts = Experts(checkpoint, options.precision, loras, attention, options.compile, ggufs)
        shared = neighbours(devices[Stage.HIGH].name, options.devices_per_clip)
        team = Team(experts, shared, variant.layout.expand_timesteps) if len(shared) > 1 else None
        return cls(
            checkpoint=checkpoint,
            options=options,
            devices=devices,
            experts=team or experts,
            attention=attention,
            quality=quality,
            loras=loras,
            park=Park(options.folder / "parked"),
            embeddings=Embeddings(options.folder / "embeddings", text),
        )

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Those of the experts."""
        return (Stage.HIGH, Stage.LOW)[: len(self.checkpoint.experts)]

    @property
    def device(self) -> str:
        return self.devices[Stage.HIGH].name

    def condition_file(self, clip: Clip) -> Path:
        """Where the clip's encoded pictures are kept until it is done."""
        return self.park.folder / f"{clip.key}.condition.pt"

    def text_side(self) -> tuple[Any, Any]:
        """Tokenizer and text encoder, loaded."""
        self.loads[TEXT_ENCODER] += 1
        encoder = load_text_encoder(self.checkpoint, self.device, self.options.precision)
        return load_tokenizer(self.checkpoint), encoder

    def vae(self) -> Any:
        """The VAE, loaded."""
        self.loads[VAE] += 1
        return load_vae(self.checkpoint, self.device, self.options.vae_precision)

    def scheduler(self, clip: Clip, device: str) -> Any:
        """A scheduler of the clip's own, its timesteps set."""
        scheduler = load_scheduler(self.checkpoint, clip.sampling)
        scheduler.timesteps = scheduler.timesteps.to(device)
        return scheduler
