"""Whose C2PA credentials a rendition gets, what they say of its making, and what they keep."""

from pathlib import Path

from campaign.content_key import Json, as_json
from finishing.provenance import Ingredients, Signing, Source
from tasks.setup import Setup
from tasks.spot import Spot

DRAWN_BY_RULES = frozenset({"animatic"})
"""Backends without a trained model."""
ENGINES_HERE = DRAWN_BY_RULES | {"wan"}
"""Backends whose takes bring no credentials; a vendor's may."""
SIGNING_VERSION = 1
"""Of what the credentials say. Raise it when they say something else of the same rendition."""


def signing_of(setup: Setup) -> Signing | None:
    """Whose signature every rendition gets; None where no certificate is set."""
    if setup.certificate is None or setup.certificate_key is None:
        return None
    return Signing(certificate=setup.certificate, key=setup.certificate_key)


def source_of(spot: Spot) -> Source:
    """How the spot's pictures come to be: drawn, generated, or generated around the row's own pictures."""
    assert spot.storyboard
    if DRAWN_BY_RULES.issuperset(spot.used.values()):
        return Source.DRAWN
    return Source.COMPOSITE if any(shot.image for shot in spot.storyboard.shots) else Source.GENERATED


def ingredients_of(spot: Spot, clips: tuple[Path, ...], source: Source) -> Ingredients:
    """Takes that a vendor may have signed, and photos that takes were generated around."""
    assert spot.storyboard
    photos = [shot.image for shot in spot.storyboard.shots if shot.image and source is Source.COMPOSITE]
    takes = () if ENGINES_HERE.issuperset(spot.used.values()) else clips
    return Ingredients(takes=tuple(dict.fromkeys(takes)), photos=tuple(dict.fromkeys(photos)))


def credentials_recipe(signing: Signing, source: Source, ingredients: Ingredients) -> dict[str, Json]:
    """What of the credentials decides the bytes; what does not apply is left out, so that keys stay."""
    recipe: dict[str, Json] = {
        "version": SIGNING_VERSION,
        "certificate": as_json(signing.certificate),
        "source": source.value,
    }
    if ingredients.takes:
        # Which they are stands in the rendition's own recipe.
        recipe["takes"] = "kept"
    if ingredients.photos:
        recipe["photos"] = as_json(ingredients.photos)
    return recipe
