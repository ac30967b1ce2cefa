"""Every name that people see in an output folder, made in one place."""

import re
from pathlib import Path

from campaign.frames import Aspect

_UNSAFE = re.compile(r"[^\w.\-]+", re.UNICODE)


def safe_name(text: str) -> str:
    """``text`` as a file or folder name on any system; never empty, never hidden."""
    return _UNSAFE.sub("_", text.strip()).strip("._")[:80] or "campaign"


def spot_id(row_id: str, variant: int) -> str:
    """``<row id>-<variant from 1>``."""
    return f"{row_id}-{variant}"


def shot_id(spot: str, number: int) -> str:
    """``<spot id>-s<number from 1>``."""
    return f"{spot}-s{number}"


def rendition_stem(spot: str, aspect: Aspect) -> str:
    """File name without ending: ``tea01-1_9x16``."""
    return f"{spot}_{aspect.value.replace(':', 'x')}"


def campaign_folder(out: Path, campaign: str) -> Path:
    """Where everything of a campaign is delivered."""
    return out / safe_name(campaign)
