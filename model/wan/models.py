"""The checkpoints that the options name, opened when first asked for, and the engines made from them.

Torch is imported only by what needs it, so that options and sizes can be looked at without it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from campaign.content_key import file_digest
from campaign.errors import BackendMissingError, CheckpointError, RequestError, SettingsError
from campaign.storyboard import Shot
from model.wan.checkpoint import Checkpoint, open_checkpoint
from model.wan.choices import check_attention, check_quality
from model.wan.clip import Stage
from model.wan.identity import weights_identity
from model.wan.options import FewSteps, LongShots, WanOptions, check_options, sampling_of
from model.wan.residency import Device
from model.wan.variants import Sampling

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from model.wan.engine import Engine
    from model.wan.lora import Lora

ENGINE_PACKAGES = ("torch", "diffusers", "transformers", "accelerate", "safetensors")
_I2V = "Wan-AI/Wan2.2-I2V-A14B-Diffusers"


class Models:
    """Everything that is named by the options and lies on disk, and the engines made from it."""

    def __init__(self, options: WanOptions) -> None:
        check_options(options)
        self.options = options
        self._identities: dict[str, dict[str, str]] = {}
        self._engines: dict[str, Engine] = {}
        self._read_loras: dict[str, dict[Stage, Lora]] = {}

    @cached_property
    def main(self) -> Checkpoint:
        """Raises CheckpointError: it is not here, partial, or another model's."""
        return open_checkpoint(self.options.checkpoint, self.options.revision)

    @cached_property
    def from_picture(self) -> Checkpoint:
        """The model that starts from a picture; the main one where that can."""
        if self.main.variant.from_image:
            return self.main
        if self.options.image_checkpoint is None:
            raise SettingsError(
                "wan.image_checkpoint",
                "no model is named that starts from a picture, which chained segments need.",
                f"Set it to {_I2V}, or long_shots to {LongShots.REFUSE}.",
            )
        found = open_checkpoint(self.options.image_checkpoint, self.options.image_revision)
        if not found.variant.from_image:
            raise SettingsError(
                "wan.image_checkpoint",
                f"{found.where} is {found.variant.name}, which starts from words.",
                f"Set it to {_I2V}.",
            )
        if found.variant.fps != self.main.variant.fps:
            raise SettingsError(
                "wan.image_checkpoint",
                f"{found.variant.name} makes {found.variant.fps} fps, {self.main.variant.name} makes "
                f"{self.main.variant.fps}.",
                "Use two models of the same rate.",
            )
        return found

    def checkpoint_for(self, shot: Shot) -> Checkpoint:
        """The model that can make this shot.

        Raises:
            RequestError: no model here starts from a picture, or only from one.
        """
        if shot.image is not None:
            if not self.main.variant.from_image and self.options.image_checkpoint is None:
                raise RequestError(
                    f"{shot.id} must show {shot.image.name}",
                    f"{self.main.variant.name} starts from words alone",
                    f"Set image_checkpoint to {_I2V}, or take the picture out of the row.",
                )
            return self.from_picture
        if not self.main.variant.from_text:
            raise RequestError(
                f"{shot.id} has no picture",
                f"{self.main.variant.name} starts from one",
                "Give the row a picture, or set checkpoint to a text-to-video model.",
            )
        return self.main

    def identity(self, checkpoint: Checkpoint) -> dict[str, str]:
        """Digests of its components, read once."""
        if checkpoint.where not in self._identities:
            notes = self.options.folder / "weights.json"
            self._identities[checkpoint.where] = weights_identity(checkpoint, notes)
        return self._identities[checkpoint.where]

    def count_tokens(self, text: str) -> int:
        """As the model's own tokenizer counts."""
        with needs_packages("fleet"):
            from model.wan.words import token_count  # noqa: PLC0415  # Not in a base install.
        return token_count(self._tokenizer, text)

    def require_engine(self) -> None:
        """Let pass where the packages of the engine are installed, or the takes are made elsewhere.

        Raises:
            BackendMissingError: one is missing.
        """
        if not self.options.elsewhere and self._absent:
            raise missing(self._absent, "gpu")

    @cached_property
    def _absent(self) -> str:
        """The first of the engine's packages that is not installed; empty where all are."""
        return next((package for package in ENGINE_PACKAGES if find_spec(package) is None), "")

    def check_speed(self, checkpoint: Checkpoint) -> None:
        """Let pass a quality level and an attention kernel that are known and go with the rest.

        Raises:
            SettingsError: one is not, or is wrong on Wan.
        """
        options = self.options
        check_attention(options.attention)
        check_quality(options.quality, options.compile, options.mag_ratios, checkpoint.variant.from_image)

    def lora_digests(self, checkpoint: Checkpoint) -> dict[str, str]:
        """Of each expert's LoRA, with its strength; each was seen to fit where the takes are made here.

        Raises:
            RequestError: a LoRA is of another model.
        """
        few = self.few_steps(checkpoint)
        if few is None:
            return {}
        if not self.options.elsewhere:
            self._loras(checkpoint)
        files = self._lora_files(checkpoint, few)
        return {stage.name.lower(): f"{file_digest(path)} x{few.strength:g}" for stage, path in files.items()}

    def device(self, name: str) -> Device:
        """Raises DeviceError: there is no such device."""
        with needs_packages():
            from model.wan.device import look_at  # noqa: PLC0415  # Torch.
        return look_at(name)

    def first_device(self) -> Device:
        """The one that does all that is not shared; each that works with it was seen to be here.

        Raises:
            DeviceError: one of them is not here.
        """
        found = self.device(self.options.device)
        if self.options.devices_per_clip > 1:
            from model.wan.device import neighbours  # noqa: PLC0415  # Torch.

            for name in neighbours(self.options.device, self.options.devices_per_clip):
                self.device(name)
        return found

    def engine(self, checkpoint: Checkpoint) -> "Engine":
        """The engine of that checkpoint.

        Raises:
            CheckpointError: its tensors are not those of its configs.
            DeviceError: there is no such device.
        """
        with needs_packages():
            from model.wan.bench import Bench  # noqa: PLC0415  # Torch.
            from model.wan.blank import check_tensors  # noqa: PLC0415  # Likewise.
            from model.wan.engine import Engine  # noqa: PLC0415  # Likewise.

        if checkpoint.where not in self._engines:
            check_tensors(checkpoint)
            first = self.first_device()
            second = self.device(self.options.second_device) if self.options.second_device else first
            devices = {Stage.HIGH: first, Stage.LOW: second}
            identity, loras = self.identity(checkpoint), self._loras(checkpoint)
            self._engines[checkpoint.where] = Engine(
                Bench.of(checkpoint, identity, self.options, devices, loras)
            )
        return self._engines[checkpoint.where]

    def few_steps(self, checkpoint: Checkpoint) -> FewSteps | None:
        """The distillation LoRA for that model, if one is named."""
        return self.options.few_steps if checkpoint is self.main else self.options.image_few_steps

    def sampling(self, checkpoint: Checkpoint) -> Sampling:
        return sampling_of(self.options, checkpoint.variant, self.few_steps(checkpoint))

    def _loras(self, checkpoint: Checkpoint) -> "dict[Stage, Lora]":
        few = self.few_steps(checkpoint)
        if few is None:
            return {}
        if checkpoint.where not in self._read_loras:
            with needs_packages():
                from model.wan.lora import read_lora  # noqa: PLC0415  # Torch.
            self._read_loras[checkpoint.where] = {
                stage: read_lora(path, few.strength, checkpoint, expert)
                for (stage, path), expert in zip(
                    self._lora_files(checkpoint, few).items(), checkpoint.experts, strict=True
                )
            }
        return self._read_loras[checkpoint.where]

    def _lora_files(self, checkpoint: Checkpoint, few: FewSteps) -> dict[Stage, Path]:
        files = [path for path in (few.high, few.low)[: len(checkpoint.experts)] if path is not None]
        if len(files) < len(checkpoint.experts):
            raise SettingsError(
                "wan.few_steps.low",
                f"{checkpoint.variant.name} has two experts, but a LoRA is named for the first alone.",
                "Name the low-noise expert's too.",
            )
        for path in files:
            if not path.is_file():
                raise CheckpointError(str(path), "there is no such LoRA.", "Correct the path.")
        return dict(zip((Stage.HIGH, Stage.LOW), files, strict=False))

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from model.wan.words import read_tokenizer  # noqa: PLC0415  # Not in a base install.

        with needs_packages():
            return read_tokenizer(self.main)


@contextmanager
def needs_packages(extra: str = "gpu") -> Iterator[None]:
    """Says in words that the extra is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise missing(str(error.name), extra) from error


def missing(package: str, extra: str) -> BackendMissingError:
    return BackendMissingError(
        "wan", f"needs the package {package}.", f"Install reelsheet with its extra: pip install '.[{extra}]'."
    )
