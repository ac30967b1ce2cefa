"""Attention kernels and step caches: what may be used here, and what must not."""

import logging
import re
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

from campaign.errors import SettingsError
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
_ANY = (99, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """One way to compute attention."""

    backend: str | None
    """diffusers' name; None leaves torch's own choice."""
    package: str | None = None
    """Must be installed; it fetches the kernel from the Hub at its first use."""
    least: tuple[int, int] = (0, 0)
    """Least compute capability; (0, 0) runs on the CPU too."""
    most: tuple[int, int] = _ANY
    half: bool = True
    """Takes bf16 alone."""
    exact: bool = True
    """False: it rounds queries and keys to eight bits."""
    together: bool = True
    """diffusers runs it on several devices that work on one clip."""


ATTENTION = {
    "flash-4": Kernel(backend="flash_4_hub", package="kernels", least=(10, 0), together=False),
    "flash-3": Kernel(backend="_flash_3_hub", package="kernels", least=(9, 0), most=(9, 9)),
    "cudnn": Kernel(backend="_native_cudnn", least=(8, 0)),
    "flash-2": Kernel(backend="_native_flash", least=(8, 0)),
    "native": Kernel(backend=None, half=False),
    "sage": Kernel(backend="sage_hub", package="kernels", least=(8, 0), exact=False),
}
"""By name, in the order of choice. ``auto`` takes only exact ones, and none that would be downloaded: it is
fetched by being named once."""


class Cache(StrEnum):
    """How results of earlier steps stand in for blocks of later ones."""

    NONE = "none"
    FIRST_BLOCK = "first block"
    SEA = "sea"
    MAG = "mag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    cache: Cache
    threshold: float = 0.0


QUALITIES = {
    "exact": Quality(cache=Cache.NONE),
    "high": Quality(cache=Cache.FIRST_BLOCK, threshold=0.05),
    "fast": Quality(cache=Cache.SEA, threshold=0.25),
    "mag": Quality(cache=Cache.MAG, threshold=0.06),
}
"""By name; thresholds are diffusers' defaults. Their effect on Wan2.2 was not measured by us
(docs/wan.md)."""

FORBIDDEN = {
    "pyramid attention broadcast": "it keeps one state for both passes of guidance: the pass without "
    "the prompt is given the attention of the pass with it.",
    "fastercache": "its state is shared by both passes of guidance.",
    "taylorseer": "with its defaults it hooks no module of Wan at all, and says nothing.",
}
"""What diffusers offers and is wrong on Wan, with the reason (measured on diffusers 0.42.1)."""


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
    if kernel.backend is not None and (problem := _problem_of(kernel.backend, device)):
        here.remove(asked)
        raise SettingsError(
            "wan.attention", f"{asked!r} does not work here: {problem}.", f"Here run: {', '.join(here)}."
        )
    return asked


def check_attention(asked: str) -> None:
    """Let pass a known name.

    Raises:
        SettingsError: it is none.
    """
    if asked != "auto" and asked not in ATTENTION:
        raise SettingsError(
            "wan.attention", f"{asked!r} is not known.", f"Known: auto, {', '.join(ATTENTION)}."
        )


def check_quality(
    asked: str, compiled: bool, mag_ratios: tuple[float, ...] | None, from_image: bool
) -> Quality:
    """The quality level of that name.

    Raises:
        SettingsError: it is not known, is forbidden, or does not go with the other choices.
    """
    if reason := FORBIDDEN.get(asked.casefold()):
        raise SettingsError(
            "wan.quality", f"{asked!r} is wrong on Wan: {reason}", f"Use {', '.join(QUALITIES)}."
        )
    if asked not in QUALITIES:
        raise SettingsError("wan.quality", f"{asked!r} is not known.", f"Known: {', '.join(QUALITIES)}.")
    quality = QUALITIES[asked]
    if compiled and quality.cache is not Cache.NONE:
        raise SettingsError(
            "wan.compile",
            f"compiled blocks and the cache of quality {asked!r} are slower together than either "
            "(sgl-project/sglang#19471).",
            "Turn one of them off.",
        )
    if quality.cache is Cache.MAG and mag_ratios is None:
        raise SettingsError(
            "wan.mag_ratios",
            "quality 'mag' needs ratios that were calibrated on this checkpoint.",
            "Give them, one per step, or use quality 'high'.",
        )
    if quality.cache is Cache.SEA and from_image:
        raise SettingsError(
            "wan.quality", "'fast' is made for clips from words, not from pictures.", "Use quality 'high'."
        )
    return quality


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
    if kernel.backend is None:
        return True
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
    return least if kernel.most == _ANY else f"{least} to {most}"
