"""Attention kernels and quality levels by name, and which must not be used; looked at without torch."""

from dataclasses import dataclass
from enum import StrEnum

from campaign.errors import SettingsError

ANY = (99, 0)
"""A compute capability that none exceeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """One way to compute attention."""

    backend: str
    """diffusers' name."""
    package: str | None = None
    """Must be installed; it fetches the kernel from the Hub at its first use."""
    least: tuple[int, int] = (0, 0)
    """Least compute capability; (0, 0) runs on the CPU too."""
    most: tuple[int, int] = ANY
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
    "native": Kernel(backend="native", half=False),
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
