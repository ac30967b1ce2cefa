"""Attention kernels and step caches as they are used here."""

import logging
import re
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

from campaign.errors import SettingsError
from model.wan.choices import ANY, ATTENTION, Cache, Kernel, Quality, check_attention
from model.wan.library import (
    FirstBlockCacheConfig,
    MagCacheConfig,
    SeaCacheConfig,
    kernel_is_cached,
    try_kernel,
)

_log = logging.getLogger(__name__)
_KERNELS = (0, 12, 3)
"""Least version of the package ``kernels`` that diffusers 0.42 takes."""


def choose_attention(asked: str, device: str, compute: torch.dtype, devices: int = 1) -> str:
    """A name in ATTENTION, for sums made in ``compute`` by that many devices together; it was tried.

    Raises:
        SettingsError: the asked one is not known, or cannot run here; says which can.
    """
    check_attention(asked)
    capability = torch.cuda.get_device_capability(device) if torch.device(device).type == "cuda" else (0, 0)
    half = compute is torch.bfloat16
    here = [
        name
        for name, kernel in ATTENTION.items()
        if _runs(kernel, capability) and half >= kernel.half and (devices == 1 or kernel.together)
    ]
    if asked == "auto":
        return next(name for name in here if ATTENTION[name].exact and _works(name, device))
    kernel = ATTENTION[asked]
    if asked not in here and devices > 1 and not kernel.together:
        raise SettingsError(
            "wan.attention",
            f"{asked!r} does not run on {devices} devices that work on one clip.",
            f"Here run: {', '.join(here)}.",
        )
    if asked not in here:
        least = ".".join(map(str, _KERNELS))
        wants = f" and the package {kernel.package} from {least} on" if kernel.package else ""
        raise SettingsError(
            "wan.attention",
            f"{asked!r} needs bf16, compute capability {_span(kernel)}{wants}; "
            f"{device} has {capability[0]}.{capability[1]} and computes in {str(compute).split('.')[-1]}.",
            f"Here run: {', '.join(here)}.",
        )
    if problem := _problem_of(kernel.backend, device):
        here.remove(asked)
        raise SettingsError(
            "wan.attention", f"{asked!r} does not work here: {problem}.", f"Here run: {', '.join(here)}."
        )
    return asked


def cache_config(quality: Quality, ratios: tuple[float, ...] | None) -> Any:
    """What switches the cache on for one clip on one expert, whose own steps have ``ratios``."""
    match quality.cache:
        case Cache.NONE:
            return None
        case Cache.FIRST_BLOCK:
            return FirstBlockCacheConfig(threshold=quality.threshold)
        case Cache.SEA:
            return SeaCacheConfig(threshold=quality.threshold)
        case Cache.MAG:
            # Each expert's hook counts its own calls alone.
            own = list(ratios or ())
            return MagCacheConfig(threshold=quality.threshold, num_inference_steps=len(own), mag_ratios=own)


def _runs(kernel: Kernel, capability: tuple[int, int]) -> bool:
    installed = kernel.package is None or _version(kernel.package) >= _KERNELS
    return installed and kernel.least <= capability <= kernel.most


def _version(package: str) -> tuple[int, ...]:
    """Of an installed package; empty where it is not."""
    try:
        return tuple(int(number) for number in re.findall(r"\d+", version(package))[:3])
    except PackageNotFoundError:
        return ()


def _works(name: str, device: str) -> bool:
    """The kernel works here, and without a download."""
    kernel = ATTENTION[name]
    if kernel.package is not None and not kernel_is_cached(kernel.backend):
        _log.info("attention %s is left out: its kernel was not fetched yet", name)
        return False
    if problem := _problem_of(kernel.backend, device):
        _log.warning("attention %s is left out: %s", name, problem)
        return False
    return True


def _problem_of(backend: str, device: str) -> str | None:
    """What other people's code says when the kernel does not load or work; None where it does."""
    try:
        try_kernel(backend, device)
    except Exception as error:
        said = str(error).strip().splitlines() or ["no reason is given"]
        return f"{type(error).__name__}: {said[0].rstrip('.')}"
    return None


def _span(kernel: Kernel) -> str:
    least, most = (f"{major}.{minor}" for major, minor in (kernel.least, kernel.most))
    return least if kernel.most == ANY else f"{least} to {most}"
