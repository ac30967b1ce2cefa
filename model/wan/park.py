"""A clip between two stages, on disk: killed after one, a wave goes on with the next.

A file is written whole under another name, synced and renamed, so what is there is complete.
"""

import os
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from model.wan.clip import Stage
from model.wan.device import readable

KEPT = 14 * 24 * 3600
"""Seconds that a parked clip waits for the next run."""


@dataclass(slots=True, kw_only=True)
class Parked:
    """Latents (1, channels, frames, height, width) fp32, and the scheduler that made them."""

    latents: torch.Tensor
    scheduler: Any
    step: int
    """Steps done."""


class Park:
    """A folder of parked clips by key and stage."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, key: str, stage: Stage) -> bool:
        return self._file(key, stage).is_file()

    def put(self, key: str, stage: Stage, parked: Parked) -> None:
        """Keep a clip that has the stage behind it."""
        self._put(self._file(key, stage), parked)
        self._part(key, stage).unlink(missing_ok=True)

    def _put(self, file: Path, parked: Parked) -> None:
        write_tensors(
            file,
            {
                "latents": parked.latents.cpu(),
                "step": parked.step,
                "scheduler": _state(parked.scheduler),
            },
        )

    def take(self, key: str, stage: Stage, scheduler: Any, device: str) -> Parked:
        """As it was put; ``scheduler`` is a fresh one with its timesteps set, and gets the state."""
        return self._take(self._file(key, stage), scheduler, device)

    def _take(self, file: Path, scheduler: Any, device: str) -> Parked:
        read = read_tensors(file, device)
        for name, value in read["scheduler"].items():
            setattr(scheduler, name, value)
        return Parked(latents=read["latents"], scheduler=scheduler, step=read["step"])

    def put_part(self, key: str, stage: Stage, parked: Parked) -> None:
        """Keep a clip that left in the middle of a stage."""
        self._put(self._part(key, stage), parked)

    def has_part(self, key: str, stage: Stage) -> bool:
        return self._part(key, stage).is_file()

    def take_part(self, key: str, stage: Stage, scheduler: Any, device: str) -> Parked:
        """As `take`, in the middle of a stage."""
        return self._take(self._part(key, stage), scheduler, device)

    def drop(self, key: str) -> None:
        """Forget the clip in every stage."""
        for stage in Stage:
            self._file(key, stage).unlink(missing_ok=True)
            self._part(key, stage).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Forget clips that no run has come back for, and half files of killed ones; returns how many."""
        swept = 0
        for file in (*self.folder.glob("*.pt"), *self.folder.glob("*.part")):
            # Another worker of the folder may do the same.
            with suppress(FileNotFoundError):
                if time.time() - file.stat().st_mtime > KEPT:
                    file.unlink()
                    swept += 1
        return swept

    def _file(self, key: str, stage: Stage) -> Path:
        return self.folder / f"{key}.{stage.name.lower()}.pt"

    def _part(self, key: str, stage: Stage) -> Path:
        return self.folder / f"{key}.{stage.name.lower()}.part.pt"


def save_latents(path: Path, latents: torch.Tensor) -> None:
    """Finished latents, to begin a refinement from."""
    write_tensors(path, {"latents": latents.cpu()})


def load_latents(path: Path, device: str) -> torch.Tensor:
    latents: torch.Tensor = read_tensors(path, device)["latents"]
    return latents


def write_tensors(path: Path, values: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Workers of several machines may share the folder, and processes in containers the same number.
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    with temporary.open("wb") as file:
        torch.save(dict(values), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_tensors(path: Path, device: str) -> dict[str, Any]:
    read: dict[str, Any] = torch.load(path, map_location=readable(device), weights_only=True)
    return read


def _state(scheduler: Any) -> dict[str, Any]:
    """What a multistep scheduler has gathered.

    Without it the next step is of first order and the picture differs. Tables that follow from its config and
    its number of steps are left to ``set_timesteps``.
    """
    tables = {"sigmas", "timesteps", "betas", "alphas", "alphas_cumprod", "alpha_t", "sigma_t", "lambda_t"}
    plain = (int, float, bool, str, list, torch.Tensor, type(None))
    return {
        name: value
        for name, value in vars(scheduler).items()
        if name not in tables and name != "_internal_dict" and isinstance(value, plain)
    }
