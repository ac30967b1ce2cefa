"""The port that turns a brief into a storyboard."""

from typing import Protocol

from campaign.brand_kit import BrandKit
from campaign.brief import Brief
from campaign.content_key import Json
from campaign.storyboard import Storyboard


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
