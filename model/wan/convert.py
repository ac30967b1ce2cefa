"""Conversion, once: the published experts are fp32, two to four times what is computed with."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file

from campaign.errors import CheckpointError
from model.wan.checkpoint import SCHEDULER, TEXT_ENCODER, TOKENIZER, VAE, Checkpoint, open_checkpoint
from model.wan.foresight import BYTES
from model.wan.library import WanTransformer3DModel
from model.wan.load import COMPUTE, kept_dtype, tensors_of
from model.wan.options import Precision
from model.wan.scaled import STORED, scalable, to_rows
from model.wan.shards import INDEX

PROVENANCE = "reelsheet.json"
SHARD = 5_000_000_000
"""Bytes; shards are read one after the other, and this much is held while writing."""
_NAMES = {TEXT_ENCODER: "model"}
"""Base of a component's file names where it is not diffusers' own."""

Told = Callable[[str, int, int], None]
"""Called with a component, tensors done and tensors in all."""


def convert(
    source: str, revision: str | None, target: Path, precision: Precision, told: Told, shard: int = SHARD
) -> Checkpoint:
    """Write ``source`` to the folder ``target`` with experts in ``precision``; it appears when it is whole.

    The VAE stays as it is; the text encoder becomes bf16 (fp32 where that is asked for). Begun again after it
    was broken off, it goes on with the component that was under way.

    Raises:
        CheckpointError: the source is not complete, the target is in use, or its disk is too small.
    """
    found = open_checkpoint(source, revision)
    if target.exists():
        raise CheckpointError(str(target), "this folder is there already.", "Name another, or remove it.")
    _check_room(found, target, precision)
    origin = {"source": source, "revision": found.revision, "precision": precision}
    part = _begun(target.with_name(f"{target.name}.part"), origin)
    for name in (TOKENIZER, SCHEDULER, VAE):
        shutil.copytree(found.path / name, part / name, dirs_exist_ok=True)
    shutil.copy(found.path / "model_index.json", part)
    for name in (TEXT_ENCODER, *found.experts):
        if (part / name).is_dir():
            continue
        unfinished = part / f"{name}.part"
        shutil.rmtree(unfinished, ignore_errors=True)
        _convert_component(found, name, unfinished, precision, told, shard)
        unfinished.rename(part / name)
    part.rename(target)
    return open_checkpoint(str(target))


def made_from(checkpoint: Checkpoint) -> dict[str, str]:
    """Source, revision and precision of a checkpoint that was converted here; empty for another one."""
    note = checkpoint.path / PROVENANCE
    return json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}


def _begun(part: Path, origin: Mapping[str, str]) -> Path:
    """The folder to write in: what an earlier run left of the same conversion, else an empty one."""
    note = json.dumps(origin, indent=1)
    if not (part / PROVENANCE).is_file() or (part / PROVENANCE).read_text(encoding="utf-8") != note:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        (part / PROVENANCE).write_text(note, encoding="utf-8")
    return part


def predicted_bytes(found: Checkpoint, precision: Precision) -> int:
    """Size of the converted checkpoint, scales and small fp32 tensors left out."""
    wide = COMPUTE[precision].itemsize
    experts = sum(found.parameters(name) for name in found.experts)
    return experts * BYTES[precision] + found.parameters(TEXT_ENCODER) * wide + found.parameters(VAE) * 4


def _check_room(found: Checkpoint, target: Path, precision: Precision) -> None:
    disk = next(folder for folder in target.absolute().parents if folder.exists())
    free, wanted = shutil.disk_usage(disk).free, predicted_bytes(found, precision)
    if free < wanted * 1.05:
        raise CheckpointError(
            str(target),
            f"the converted checkpoint needs {wanted / 1e9:.1f} GB, its disk has {free / 1e9:.1f} GB free.",
            "Free space, or name a folder on another disk.",
        )


def _convert_component(
    found: Checkpoint, name: str, folder: Path, precision: Precision, told: Told, shard: int
) -> None:
    folder.mkdir()
    for file in (found.path / name).glob("*.json"):
        if not file.name.endswith(INDEX):
            shutil.copy(file, folder)
    tensors = found.tensors(name)
    stored = STORED.get(precision) if name != TEXT_ENCODER else None
    small = scalable(tensors) if stored else set()
    compute = COMPUTE[precision]
    writer = _Shards(folder, _NAMES.get(name, "diffusion_pytorch_model"), shard)
    for done, (key, tensor) in enumerate(tensors_of(found.path / name, "cpu"), start=1):
        module = key.removesuffix(".weight")
        if stored and key.endswith(".weight") and module in small:
            rows, scale = to_rows(tensor, stored)
            writer.add({key: rows, f"{module}.scale": scale})
        elif name == TEXT_ENCODER:
            writer.add({key: tensor.to(compute)})
        else:
            writer.add({key: tensor.to(kept_dtype(WanTransformer3DModel, key, compute))})
        told(name, done, len(tensors))
    writer.close()


class _Shards:
    """Writes tensors into files of about one size, and their index."""

    def __init__(self, folder: Path, base: str, limit: int) -> None:
        self._folder, self._base, self._limit = folder, base, limit
        self._waiting: dict[str, torch.Tensor] = {}
        self._size = self._total = 0
        self._files: list[list[str]] = []

    def add(self, tensors: dict[str, torch.Tensor]) -> None:
        self._waiting |= {key: tensor.contiguous() for key, tensor in tensors.items()}
        self._size += sum(tensor.nbytes for tensor in tensors.values())
        if self._size >= self._limit:
            self._write()

    def close(self) -> None:
        self._write()
        count = len(self._files)
        names: dict[str, str] = {}
        for number, keys in enumerate(self._files, start=1):
            name = f"{self._base}-{number:05d}-of-{count:05d}.safetensors"
            (self._folder / f"{number}.part").rename(self._folder / name)
            names |= dict.fromkeys(keys, name)
        index = {"metadata": {"total_size": self._total}, "weight_map": names}
        (self._folder / f"{self._base}{INDEX}").write_text(json.dumps(index, indent=1), encoding="utf-8")

    def _write(self) -> None:
        if not self._waiting:
            return
        self._files.append(list(self._waiting))
        save_file(self._waiting, self._folder / f"{len(self._files)}.part", metadata={"format": "pt"})
        self._total += self._size
        self._waiting, self._size = {}, 0
