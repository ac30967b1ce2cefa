"""What is finished and doubted by the policy: shown to people until one has decided."""

from campaign.naming import rendition_stem
from campaign.report import RowState
from tasks.schedule import ENDINGS, show
from tasks.spot import Spot
from tasks.workshop import Workshop

REVIEW = "review"
"""Folder, beside the spots' own, of finals that wait for a person: no publisher writes or reads it."""


def is_doubted(spot: Spot) -> bool:
    return spot.failure is not None and spot.failure.state is RowState.REVIEW


def shown_while_doubted(spot: Spot, workshop: Workshop) -> Spot:
    """The spot, its renditions where people can look at them if they are doubted, and no longer if not.

    Raises:
        StoreError: they cannot be written.
    """
    folder = workshop.folder / REVIEW
    for aspect, rendition in spot.renditions.items():
        if is_doubted(spot):
            show(rendition, folder, rendition_stem(spot.id, aspect))
        elif folder.is_dir():
            for ending in ENDINGS.values():
                (folder / f"{rendition_stem(spot.id, aspect)}{ending}").unlink(missing_ok=True)
    return spot
