"""Safe areas of platforms, from `safe_areas.yaml`: margins that an app covers with words of its own."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from campaign.errors import FinishError
from campaign.frames import Aspect
from campaign.kit_parts import SafeArea

_SOURCE = Path(__file__).with_name("safe_areas.yaml")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reference(_Part):
    width: int
    height: int


class Margins(_Part):
    """Pixels of the reference size."""

    top: int
    bottom: int
    left: int
    right: int


class Platform(_Part):
    """What one app covers, with where it was read."""

    words: tuple[str, ...]
    """What people write for it, in small letters."""
    margins: Margins | None = None
    like: str = ""
    """The app whose margins are kept instead, where no figure was found."""
    source: str
    read: date

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.margins is None) == (not self.like):
            raise ValueError("either margins or like is given")
        return self


class SafeAreas(_Part):
    reference: Reference
    platforms: dict[str, Platform]

    def margins(self, name: str) -> Margins:
        """Of the app itself, or of the one that it is taken to be like."""
        platform = self.platforms[name]
        return platform.margins or self.margins(platform.like)


def safe_area(own: SafeArea, aspect: Aspect, platforms: tuple[str, ...]) -> SafeArea:
    """The kit's margins widened to what every one of ``platforms`` leaves free.

    Apps cover pictures of 9:16 only; other aspects keep the kit's margins.

    Raises:
        FinishError: a platform is not in the list.
    """
    areas = read_safe_areas()
    for name in platforms:
        if name not in areas.platforms:
            raise FinishError(f"platform {name!r}", f"is not known. Known: {', '.join(areas.platforms)}.")
    if aspect is not Aspect.TALL or not platforms:
        return own
    width, height = areas.reference.width, areas.reference.height
    covered = [areas.margins(name) for name in platforms]
    return SafeArea(
        top=max(own.top, *(margins.top / height for margins in covered)),
        bottom=max(own.bottom, *(margins.bottom / height for margins in covered)),
        left=max(own.left, *(margins.left / width for margins in covered)),
        right=max(own.right, *(margins.right / width for margins in covered)),
    )


@lru_cache(maxsize=1)
def platform_words() -> Mapping[str, str]:
    """Apps by every word for them."""
    return {word: name for name, app in read_safe_areas().platforms.items() for word in app.words}


@lru_cache(maxsize=1)
def read_safe_areas() -> SafeAreas:
    """The whole list, checked."""
    return SafeAreas.model_validate(yaml.safe_load(_SOURCE.read_text(encoding="utf-8")))
