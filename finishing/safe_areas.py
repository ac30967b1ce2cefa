"""Safe areas of platforms, from `safe_areas.yaml`: margins that an app covers with words of its own."""

from datetime import date
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from campaign.brand_kit import SafeArea
from campaign.errors import FinishError
from campaign.frames import Aspect

_SOURCE = Path(__file__).with_name("safe_areas.yaml")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reference(_Part):
    width: int
    height: int


class Platform(_Part):
    """Margins in pixels of the reference size, with where they were read."""

    top: int
    bottom: int
    left: int
    right: int
    source: str
    read: date


class SafeAreas(_Part):
    reference: Reference
    platforms: dict[str, Platform]
    undocumented: tuple[str, ...]
    """Platforms for which no figure was found: the kit's own margins are all there is."""


def safe_area(own: SafeArea, aspect: Aspect, platforms: tuple[str, ...]) -> SafeArea:
    """The kit's margins widened to what every one of ``platforms`` leaves free.

    Apps cover pictures of 9:16 only; other aspects keep the kit's margins.

    Raises:
        FinishError: a platform is not in the list.
    """
    areas = read_safe_areas()
    known = (*areas.platforms, *areas.undocumented)
    for name in platforms:
        if name not in known:
            raise FinishError(f"platform {name!r}", f"is not known. Known: {', '.join(known)}.")
    if aspect is not Aspect.TALL:
        return own
    width, height = areas.reference.width, areas.reference.height
    covered = [areas.platforms[name] for name in platforms if name in areas.platforms]
    return SafeArea(
        top=max(own.top, *(platform.top / height for platform in covered), 0.0),
        bottom=max(own.bottom, *(platform.bottom / height for platform in covered), 0.0),
        left=max(own.left, *(platform.left / width for platform in covered), 0.0),
        right=max(own.right, *(platform.right / width for platform in covered), 0.0),
    )


@lru_cache(maxsize=1)
def read_safe_areas() -> SafeAreas:
    """The whole list, checked."""
    return SafeAreas.model_validate(yaml.safe_load(_SOURCE.read_text(encoding="utf-8")))
