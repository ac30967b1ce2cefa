"""Where a model's weights lie, what they are, and whether they are sound."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

from campaign.content_key import content_key, file_digest
from campaign.errors import CheckFailedError, CheckMissingError
from moderation.check import ABSENT

if TYPE_CHECKING:
    from torch import Tensor, nn

WEIGHTS = (".safetensors", ".bin", ".ckpt", ".pt", ".onnx")
ENGINE = ("torch", "transformers")
DECIDING = (*WEIGHTS, ".json", ".jinja", ".model", ".txt")
"""Endings of files that decide what a model answers."""
MODELS_EXTRA = "Install reelsheet with its models: pip install '.[gpu]'."


def package(name: str, remedy: str = MODELS_EXTRA) -> ModuleType:
    """A package that the base install does not have.

    Raises:
        CheckMissingError: it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise CheckMissingError(f"The package {error.name} is not installed.", remedy) from error


def transformers() -> ModuleType:
    """The package, without its progress bars: doors draw, checks do not.

    Raises:
        CheckMissingError: it is not installed.
    """
    module = package("transformers")
    module.utils.logging.disable_progress_bar()
    module.utils.logging.set_verbosity_error()
    return module


def load_model(
    folder: Path,
    device: str,
    prepares: str,
    answers: str,
    *,
    again: str = "Fetch it again.",
    prepare_with: Mapping[str, object] = MappingProxyType({}),
    answer_with: Mapping[str, object] = MappingProxyType({}),
) -> tuple[Any, Any]:
    """A model from its folder, sound and ready to answer, and what prepares its input.

    ``prepares`` and ``answers`` are names of transformers' Auto classes, ``again`` is what to do about files
    that cannot be loaded.

    Raises:
        CheckMissingError: a package that it needs is not installed.
        CheckFailedError: its files are cut, another model's or not a model's, or hold what is no number.
    """
    library = transformers()
    try:
        processor = getattr(library, prepares).from_pretrained(folder, local_files_only=True, **prepare_with)
        model, info = getattr(library, answers).from_pretrained(
            folder, local_files_only=True, output_loading_info=True, **answer_with
        )
    except ImportError as error:
        raise CheckMissingError(
            f"The model in {folder.name} needs a package that is not installed: {str(error)[:160]}",
            "Install it, or take another model.",
        ) from error
    # What transformers raises at such files.
    except (OSError, ValueError, KeyError, RuntimeError, package("safetensors").SafetensorError) as error:
        problem = f"The model in {folder.name} cannot be loaded ({type(error).__name__}: {str(error)[:100]})."
        raise CheckFailedError(problem, again) from error
    require_sound(info, model, folder.name)
    return model.to(device).eval(), processor


def model_folder(model: str, *, download: bool = False) -> Path:
    """The folder with a model's files: itself, or where the hub's cache keeps the model of that name.

    Raises:
        CheckMissingError: it is not here, and ``download`` was not asked for or failed.
    """
    if (Path(model) / "config.json").is_file():
        return Path(model)
    if Path(model).is_dir():
        raise CheckMissingError(f"{model} has no config.json.", "Give the folder of a saved model.")
    hub = package("huggingface_hub")
    try:
        return Path(hub.snapshot_download(model, local_files_only=not download))
    except (OSError, ValueError, RuntimeError) as error:
        raise CheckMissingError(
            f"The model {model} is not here.",
            "Set `model` to a folder with its files, or `download: true` to fetch it once.",
        ) from error


def folder_digest(folder: Path) -> str:
    """Digest of the files that decide what a model answers.

    Raises:
        CheckMissingError: there are no weights among them.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix in DECIDING and path.is_file())
    if not any(path.suffix in WEIGHTS for path in files):
        raise CheckMissingError(f"{folder.name} has no weights.", "Put the model's .safetensors file there.")
    return content_key({path.name: file_digest(path) for path in files})


def weights_or_absence(digest: Callable[[], str], packages: Sequence[str] = ENGINE) -> str:
    """For a recipe: the digest of a model's files, or what is not here.

    Packages count too, so that a verdict made without them is not taken for one made with them.
    """
    for name in packages:
        if find_spec(name) is None:
            return f"{ABSENT}The package {name} is not installed."
    try:
        return digest()
    except CheckMissingError as error:
        return f"{ABSENT}{error.problem}"


def file_or_missing(path: Path | None, what: str, remedy: str) -> Path:
    """The file, which is there.

    Raises:
        CheckMissingError: none is named, or it is not there.
    """
    if path is None:
        raise CheckMissingError(f"No {what} is set.", remedy)
    if not path.is_file():
        raise CheckMissingError(f"The {what} {path} is not there.", remedy)
    return path


def require_sound(info: Mapping[str, object], model: "nn.Module", name: str) -> None:
    """Every tensor came from the checkpoint and every number is finite.

    Raises:
        CheckFailedError: the loader had to make tensors up, or there are NaNs among them.
    """
    made_up = [*_names(info.get("missing_keys")), *_names(info.get("mismatched_keys"))]
    if made_up:
        raise CheckFailedError(
            f"The weights of {name} lack {len(made_up)} tensors of the model (first {made_up[0]}).",
            "Its answers would be chance; put the complete checkpoint there.",
        )
    for key, tensor in model.state_dict().items():
        require_finite(tensor, f"The tensor {key} of {name}")


def require_finite(tensor: "Tensor", what: str) -> None:
    """Raises `CheckFailedError` where a number is NaN or infinite."""
    if tensor.is_floating_point() and not math.isfinite(float(tensor.float().abs().max())):
        raise CheckFailedError(f"{what} is not a finite number.", "Put a sound checkpoint there.")


def _names(keys: object) -> list[str]:
    return [str(key) for key in keys] if isinstance(keys, Iterable) else []
