"""Finished spots that wait for their moment: shown to people, released later."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from campaign.brief import Language
from campaign.errors import StoreError
from campaign.ledger import ReleaseState
from campaign.naming import rendition_stem
from campaign.report import RowState
from campaign.schedule import Scheduled
from campaign.store import Artefact
from tasks.spot import Spot
from tasks.workshop import Workshop

SCHEDULED = "scheduled"
"""Folder, beside the spots' own, of what is finished and not out yet: no publisher writes or reads it."""
ENDINGS = {
    "video.mp4": ".mp4",
    "captions.srt": ".srt",
    "captions.vtt": ".vtt",
    **{
        f"captions.{language}.{kind}": f".{language}.{kind}"
        for language in Language
        for kind in ("srt", "vtt")
    },
    "cover.jpg": ".jpg",
    "frames.jpg": "_frames.jpg",
    "master.mov": "_master.mov",
    "master.mp4": "_master.mp4",
}
"""What of a rendition people get, and how the file's name ends."""


def held_back(spot: Spot, workshop: Workshop) -> Spot | None:
    """The spot as it waits, with its files where people can look at them; None when it is to go out now.

    What is out already is never called back by a later moment.

    Raises:
        StoreError: the files cannot be written.
    """
    moment = spot.brief.publish_at
    if moment is None or not workshop.schedule.is_ahead(moment) or _is_out(spot, workshop):
        return None
    for aspect, rendition in spot.renditions.items():
        show(rendition, workshop.folder / SCHEDULED, rendition_stem(spot.id, aspect))
    waiting = Scheduled(
        campaign=workshop.campaign,
        spot=spot.id,
        batch=workshop.batch,
        content=workshop.content,
        due=moment,
    )
    workshop.schedule.put(waiting)
    return spot.failed(f"It is finished and goes out at {moment:%Y-%m-%d %H:%M %Z}.", RowState.SCHEDULED)


def no_longer_shown(spot: Spot, workshop: Workshop) -> None:
    """Remove what was shown of a spot while it waited."""
    if not (workshop.folder / SCHEDULED).is_dir():
        return
    for aspect in spot.renditions:
        for ending in ENDINGS.values():
            name = f"{rendition_stem(spot.id, aspect)}{ending}"
            (workshop.folder / SCHEDULED / name).unlink(missing_ok=True)


def show(rendition: Artefact, folder: Path, stem: str) -> None:
    """Copy what a person looks at into ``folder``, each file whole or not at all.

    Raises:
        StoreError: they cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for ending, source in files_of(rendition).items():
            part = folder / f"{stem}{ending}.part"
            shutil.copyfile(source, part)
            part.replace(folder / f"{stem}{ending}")
    except OSError as error:
        problem = f"{stem} cannot be written ({error.strerror})."
        raise StoreError(str(folder), problem, "Free space or correct its rights.") from error


def files_of(rendition: Artefact) -> Mapping[str, Path]:
    """Those of its files that people get, by ending."""
    return {ending: path for name, ending in ENDINGS.items() if (path := rendition.file(name)).is_file()}


def _is_out(spot: Spot, workshop: Workshop) -> bool:
    out = {
        (entry.rendition, entry.place)
        for entry in workshop.ledger.releases_of(made.key for made in spot.renditions.values())
        if (entry.publisher, entry.account) == (workshop.publisher.name, spot.brief.account)
        and entry.state is ReleaseState.CONFIRMED
    }
    return all((made.key, rendition_stem(spot.id, aspect)) in out for aspect, made in spot.renditions.items())
