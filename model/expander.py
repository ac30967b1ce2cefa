"""The port that turns a brief into a storyboard."""

from dataclasses import dataclass, field
from typing import Protocol

from campaign.brand_kit import BrandKit
from campaign.brief import Brief
from campaign.content_key import Json
from campaign.storyboard import Storyboard


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A language model behind an OpenAI-compatible service."""

    url: str
    """Up to and with the version, like ``http://localhost:8000/v1``."""
    model: str
    key: str = field(default="", repr=False)
    """Sent as a bearer token; part of no recipe, log or message."""
    timeout: float = 120.0
    """Seconds for one answer."""


class Expander(Protocol):
    """Copy to shots with full prompts.

    What a person wrote in a column comes back exactly as written. No word of the copy is lost: the shots'
    lines, joined, are the copy but for white space.
    """

    name: str

    def recipe(self, brief: Brief, kit: BrandKit, variant: int) -> dict[str, Json]:
        """Everything that decides the storyboard, with this expander's version.

        The row's number, its time and account of publishing and its aspects are not among it.
        """
        ...

    def expand(self, brief: Brief, kit: BrandKit, variant: int) -> Storyboard:
        """The storyboard of one variant, counted from 1.

        Raises:
            ReelsheetError: this expander cannot make one; says why.
        """
        ...
