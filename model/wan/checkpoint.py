"""A Wan2.2 checkpoint on this machine, looked through before anything of it is loaded."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from campaign.errors import BackendMissingError, CheckpointError
from model.wan.shards import TensorFacts, component_tensors
from model.wan.variants import VARIANTS, Layout, Variant

TEXT_ENCODER, VAE, TOKENIZER, SCHEDULER = "text_encoder", "vae", "tokenizer", "scheduler"
EXPERTS = ("transformer", "transformer_2")
"""High noise, low noise."""
_PIPELINES = ("WanPipeline", "WanImageToVideoPipeline")
_CLASSES = {VAE: "AutoencoderKLWan", **dict.fromkeys(EXPERTS, "WanTransformer3DModel")}
_FILES = {TOKENIZER: ("tokenizer.json", "spiece.model"), SCHEDULER: ("scheduler_config.json",)}
"""One of which each of these components must have."""
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Complete, and of a model that we know."""

    where: str
    """As it was asked for."""
    path: Path
    revision: str
    """Commit of the Hub repository; empty for a folder of its own."""
    variant: Variant

    @property
    def experts(self) -> tuple[str, ...]:
        return EXPERTS[: self.variant.layout.experts]

    @property
    def weighted(self) -> tuple[str, ...]:
        """Components that have weights."""
        return (TEXT_ENCODER, *self.experts, VAE)

    def config(self, component: str) -> dict[str, Any]:
        return self._configs[component]

    def tensors(self, component: str) -> dict[str, TensorFacts]:
        return self._tensors[component]

    def parameters(self, component: str) -> int:
        """How many numbers the component has, scales of converted weights left out."""
        return sum(
            fact.count for name, fact in self.tensors(component).items() if not name.endswith(".scale")
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Opened again in the process that it is sent to."""
        return open_checkpoint, (self.where, self.revision or None)

    @cached_property
    def _configs(self) -> dict[str, dict[str, Any]]:
        return {component: _json(self.path / component / "config.json") for component in self.weighted}

    @cached_property
    def _tensors(self) -> dict[str, dict[str, TensorFacts]]:
        return {component: component_tensors(self.path / component) for component in self.weighted}


def open_checkpoint(where: str, revision: str | None = None) -> Checkpoint:
    """The checkpoint of that Hub id or folder.

    Raises:
        CheckpointError: it is not on this machine, a part of it is missing, or it is another model's.
    """
    path, commit = _locate(where, revision)
    index_file = path / "model_index.json"
    if not index_file.is_file():
        raise _not_diffusers(where, path)
    index = _json(index_file)
    if (pipeline := index.get("_class_name")) not in _PIPELINES:
        raise CheckpointError(where, f"this is a checkpoint of {pipeline}, not of Wan2.2.", _use_one_of())
    if index.get("image_encoder", [None, None])[0]:
        raise CheckpointError(where, "this is a Wan2.1 model: it has an image encoder.", _use_one_of())
    for component in (TOKENIZER, SCHEDULER, TEXT_ENCODER, VAE, EXPERTS[0]):
        if not (path / component).is_dir():
            raise CheckpointError(where, f"its folder {component} is missing.", "Fetch the whole checkpoint.")
    for component, names in _FILES.items():
        if not any((path / component / name).is_file() for name in names):
            raise CheckpointError(
                str(path / component), f"{' or '.join(names)} is missing.", "Fetch the whole checkpoint."
            )
    found = Checkpoint(where=where, path=path, revision=commit, variant=_variant(where, path, index))
    _check_shapes(found)
    for component in found.weighted:
        found.tensors(component)
    return found


def _locate(where: str, revision: str | None) -> tuple[Path, str]:
    folder = Path(where).expanduser()
    if folder.is_dir():
        if revision is not None and folder.name != revision:
            raise CheckpointError(
                where, f"revision {revision[:12]} is asked for, but a folder has none.", "Leave it out."
            )
        return folder, folder.name if folder.parent.name == "snapshots" else ""
    if not _HUB_ID.fullmatch(where):
        raise CheckpointError(
            where, "there is no such folder.", "Name a folder or a Hub id such as owner/name."
        )
    try:
        from huggingface_hub import snapshot_download  # noqa: PLC0415  # Not in a base install.
        from huggingface_hub.errors import LocalEntryNotFoundError  # noqa: PLC0415  # Likewise.
    except ModuleNotFoundError as error:
        raise BackendMissingError(
            "wan",
            f"needs the package {error.name}.",
            "Install reelsheet with its extra: pip install '.[gpu]'.",
        ) from error
    try:
        path = Path(snapshot_download(where, revision=revision, local_files_only=True))
    except LocalEntryNotFoundError as error:
        at = f" --revision {revision}" if revision else ""
        raise CheckpointError(
            where, "this checkpoint is not on this machine.", f"Fetch it once: hf download {where}{at}"
        ) from error
    return path, path.name


def _not_diffusers(where: str, path: Path) -> CheckpointError:
    if (path / "high_noise_model").is_dir() or any(path.glob("*.pth")):
        return CheckpointError(where, "this is the original release, not diffusers' layout.", _use_one_of())
    return CheckpointError(
        where, "it has no model_index.json, so it is no diffusers checkpoint.", _use_one_of()
    )


def _variant(where: str, path: Path, index: dict[str, Any]) -> Variant:
    transformer = _json(path / EXPERTS[0] / "config.json")
    found = Layout(
        in_channels=transformer.get("in_channels", 16),
        latent_channels=_json(path / VAE / "config.json").get("z_dim", 16),
        experts=1 + bool(index.get(EXPERTS[1], [None])[0]),
        expand_timesteps=bool(index.get("expand_timesteps", False)),
    )
    for variant in VARIANTS.values():
        if variant.layout == found:
            return variant
    raise CheckpointError(
        where,
        f"this is no Wan2.2 model that we know: {found.in_channels} channels in, "
        f"{found.latent_channels} of the VAE, {found.experts} expert(s).",
        _use_one_of(),
    )


def _check_shapes(found: Checkpoint) -> None:
    """The parts belong together."""
    for name, wanted in _CLASSES.items():
        if name in found.weighted and (kind := found.config(name).get("_class_name", wanted)) != wanted:
            raise CheckpointError(
                found.where, f"its {name} is a {kind}, which is another model's.", _use_one_of()
            )
    text = found.config(TEXT_ENCODER).get("d_model")
    for name in found.experts:
        width = found.config(name).get("text_dim", 4096)
        if width != text:
            raise CheckpointError(
                found.where,
                f"its {name} reads text of width {width}, but its text encoder gives {text}.",
                "The parts are of different models: fetch the whole checkpoint again.",
            )


def _json(path: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(
            str(path.parent), f"{path.name} is missing.", "Fetch the whole checkpoint."
        ) from error
    except json.JSONDecodeError as error:
        raise CheckpointError(str(path), "this is not JSON.", "Fetch the checkpoint again.") from error
    return read


def _use_one_of() -> str:
    return f"Use one of {', '.join(variant.repo for variant in VARIANTS.values())}."
