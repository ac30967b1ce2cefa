"""One process of a team: an expert on a device of its own, which works on its share of a clip's tokens.

Each process keeps an even part of the sequence; for self-attention they exchange it for an even part of the
heads over the whole sequence (Ulysses, arXiv 2309.14509), so heads and tokens must both divide.
"""

import pickle
import shutil
import warnings
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load, save
from torch import distributed
from torch.distributed.device_mesh import init_device_mesh

from model.wan.clip import Stage
from model.wan.device import is_full, peak_memory, reset_peak
from model.wan.library import (
    ContextParallelConfig,
    ParallelConfig,
    WanTransformer3DModel,
    apply_context_parallel,
)
from model.wan.residency import Kind

_BACKENDS = {"cuda": "nccl", "cpu": "gloo"}
_PATIENCE = timedelta(hours=1)
"""For a peer within a pass. One that dies is noticed by the team at once; this is for one that hangs."""


class Place(NamedTuple):
    """Of a process in its team."""

    rank: int
    size: int
    device: str
    meeting: Path
    """Folder of the team's own, where its processes find one another."""
    threads: int
    expand: bool
    """The model takes a time for every token (TI2V), to be parted too."""


class Hold(NamedTuple):
    """To a rank: bring this expert to the device, as the residency plan says; passes follow, then None."""

    stage: Stage
    kind: Kind
    on_host: bool


class Done(NamedTuple):
    """From a rank: what was asked is done."""

    dtype: torch.dtype
    """Of the expert."""
    flow: bytes
    """Of a pass, from the first rank; packed."""
    peak: int | None
    """Bytes of its device at the fullest since the expert was brought."""


class Failed(NamedTuple):
    """From a rank, the last thing that it says."""

    reason: str
    full: bool
    """Its device ran out of memory."""


def pack(**tensors: torch.Tensor) -> bytes:
    """For the way between two processes."""
    return save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})


def unpack(packed: bytes, device: str) -> dict[str, torch.Tensor]:
    return {name: tensor.to(device) for name, tensor in load(packed).items()}


def serve(place: Place, experts: bytes, orders: Connection) -> None:
    """Do what the team asks until it is ended, or the team is no more."""
    try:
        torch.set_num_threads(place.threads)
        # torch's word to diffusers, not to us.
        warnings.filterwarnings("ignore", "`.*all_gather_tensor` is deprecated", FutureWarning)
        kind = torch.device(place.device).type
        if kind == "cuda":
            torch.cuda.set_device(place.device)
        distributed.init_process_group(
            _BACKENDS[kind],
            init_method=f"file://{place.meeting / 'rendezvous'}",
            rank=place.rank,
            world_size=place.size,
            timeout=_PATIENCE,
        )
        config = _config(place, kind)
        held = pickle.loads(experts)
        while True:
            hold = orders.recv()
            with held.on_device(hold.stage, hold.kind, hold.on_host, place.device) as model:
                _share(model, config, place.expand)
                _passes(model, place, orders)
    except EOFError:
        # The process that asks is gone, and nobody else tidies up.
        shutil.rmtree(place.meeting, ignore_errors=True)
    except Exception as error:
        said = str(error).strip().splitlines() or ["no reason is given"]
        orders.send(Failed(f"{type(error).__name__}: {said[0]}", is_full(error)))


@torch.no_grad()
def _passes(model: Any, place: Place, orders: Connection) -> None:
    """One answer for the expert itself, then one for each pass that is asked for."""
    reset_peak(place.device)
    orders.send(Done(model.dtype, b"", None))
    while (packed := orders.recv()) is not None:
        flow = model(**unpack(packed, place.device), return_dict=False)[0]
        answer = pack(flow=flow) if place.rank == 0 else b""
        orders.send(Done(model.dtype, answer, peak_memory(place.device)))


def _config(place: Place, kind: str) -> Any:
    """What ``enable_parallelism`` of diffusers 0.42 makes before it sets hooks.

    That call itself asks for an accelerator (``rank % torch.accelerator.device_count()``) and so divides by
    zero on the CPU; with the mesh made here, what remains of it is the same on every device.
    """
    config = ContextParallelConfig(ulysses_degree=place.size)
    mesh = init_device_mesh(kind, config.mesh_shape, mesh_dim_names=config.mesh_dim_names)
    parallel = ParallelConfig(context_parallel_config=config)
    parallel.setup(place.rank, place.size, torch.device(place.device), mesh=mesh)
    return parallel


def _share(model: Any, config: Any, expand: bool) -> None:
    """Set the hooks that part the tokens and gather them again; once for a model that is held."""
    if model._parallel_config is not None:
        return
    for module in model.modules():
        if hasattr(getattr(module, "processor", None), "_parallel_config"):
            module.processor._parallel_config = config
    whole = {name: plan for name, plan in WanTransformer3DModel._cp_plan.items() if name or expand}
    apply_context_parallel(model, config.context_parallel_config, whole)
    model._parallel_config = config
