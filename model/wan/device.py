"""The device at hand."""

import os
import re
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch

from campaign.errors import DeviceError
from model.wan.residency import Device

DENSE_BF16 = {
    "H200 NVL": 836.0,
    "H200": 989.0,
    "H100 NVL": 836.0,
    "H100 PCIe": 756.0,
    "H100": 989.0,
    "H800": 989.0,
    "H20": 148.0,
    "B200": 2250.0,
    "A100": 312.0,
    "A800": 312.0,
    "L40S": 362.0,
    "RTX 6000 Ada": 364.0,
    "RTX PRO 6000": 503.0,
    "RTX 5090": 209.0,
    "RTX 4090": 165.0,
    "A10": 125.0,
}
"""Dense bf16 TFLOP/s with fp32 sums, from the makers' data sheets; the first name that is part of the
device's."""
_SLICE = re.compile(r"MIG (\d)g")
_SLICES = 7
"""Into which a device that is parted (MIG) is parted."""
_FULL = (
    "CUDA out of memory",
    "CUDA error: out of memory",
    "[CUDA]: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "unable to find an engine to execute this computation",
)
"""torch's own, the driver's, Triton's, cuBLAS's and cuDNN's, which looks for a way to convolve that fits."""
_CONTAINER_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def look_at(name: str) -> Device:
    """The device that torch knows by that name.

    Raises:
        DeviceError: it is not here.
    """
    host = host_memory()
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise DeviceError(name, "is no name of a device.", "Write cuda, cuda:1 or cpu.") from error
    if device.type == "cpu":
        return Device(name=name, label="CPU", memory=host, host_memory=host, tflops=None)
    if device.type != "cuda":
        raise DeviceError(name, "is of a kind that Wan was not tried on.", "Write cuda, cuda:1 or cpu.")
    if not torch.cuda.is_available():
        raise DeviceError(
            name,
            "there is no CUDA device on this machine, or this torch was built without CUDA.",
            "Run the wave on a GPU worker, or choose another backend in the sheet.",
        )
    if (device.index or 0) >= torch.cuda.device_count():
        raise DeviceError(
            name, f"there are {torch.cuda.device_count()} CUDA devices here.", "Count from cuda:0."
        )
    facts = torch.cuda.get_device_properties(device)
    return Device(
        name=name,
        label=facts.name,
        memory=facts.total_memory,
        host_memory=host,
        tflops=rate_of(facts.name),
    )


def host_memory() -> int:
    """Bytes of the machine, or of the container that this process may not grow out of."""
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in map(Path, _CONTAINER_LIMITS):
        if file.is_file() and (limit := file.read_text(encoding="ascii").strip()).isdecimal():
            sizes.append(int(limit))
    return min(sizes)


def rate_of(label: str) -> float | None:
    """Dense bf16 TFLOP/s of the device of that name; a slice of one has its share."""
    rate = next((rate for part, rate in DENSE_BF16.items() if part in label), None)
    if rate is not None and (part := _SLICE.search(label)):
        return rate * int(part[1]) / _SLICES
    return rate


def settle(name: str) -> None:
    """Have torch grow and shrink its memory in place: clips of other sizes leave no gaps that fit nothing."""
    if torch.device(name).type == "cuda":
        torch._C._accelerator_setAllocatorSettings("expandable_segments:True")


def has_memory(name: str) -> bool:
    """The device has a memory of its own, to which everything that it works on is copied."""
    return torch.device(name).type != "cpu"


def at(name: str) -> AbstractContextManager[object]:
    """That device as torch's current one: streams are made on it, and kernels of others run there."""
    there: AbstractContextManager[object] = _of(name).device(name) if has_memory(name) else nullcontext()
    return there


def neighbours(name: str, count: int) -> tuple[str, ...]:
    """The device of that name and those after it; the CPU, as often as asked."""
    device = torch.device(name)
    first = device.index or 0
    if not has_memory(name):
        return (name,) * count
    return tuple(f"{device.type}:{first + n}" for n in range(count))


def readable(name: str) -> str:
    """The name under which files are read to that device: readers know the CPU by no number."""
    return name if has_memory(name) else "cpu"


def peak_memory(name: str) -> int | None:
    """Bytes at the fullest since `reset_peak`; None where torch does not count them."""
    return int(_of(name).max_memory_allocated(name)) if has_memory(name) else None


def reset_peak(name: str) -> None:
    if has_memory(name):
        _of(name).reset_peak_memory_stats(name)


def wait(name: str) -> None:
    """Until the device has done what it was given; kernels are queued, and a clock would time the queue."""
    if has_memory(name):
        _of(name).synchronize(name)


def is_full(error: BaseException) -> bool:
    """Whether the failure is a full device's; libraries that torch calls say it in words of their own."""
    if isinstance(error, torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(word in str(error) for word in _FULL)


def release(name: str) -> None:
    """Give what torch keeps for later back to the device."""
    if has_memory(name):
        _of(name).empty_cache()


def _of(name: str) -> Any:
    """Torch's module for devices of that kind."""
    return torch.get_device_module(torch.device(name))
