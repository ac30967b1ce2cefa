"""Projects for editors, beside the renditions of spots whose row asks for them."""

from collections.abc import Iterable, Mapping

from campaign.errors import ReelsheetError
from campaign.finish import Handover
from campaign.frames import Aspect
from campaign.naming import rendition_stem
from campaign.store import Artefact
from finishing.handover import FILE, HandoverJob, handover_recipe
from finishing.rendition import RenditionJob
from tasks.builds import build_project
from tasks.lay_out import placed_lines
from tasks.pool import Wanted, obtain
from tasks.spot import Spot
from tasks.workshop import Workshop

ENDING = ".otio"


def hand_over(
    spots: dict[str, Spot], jobs: Mapping[tuple[str, Aspect], RenditionJob], workshop: Workshop
) -> Iterable[Spot]:
    """The spots, with what an editor gets beside each rendition."""
    wanted = {
        (name, aspect): wanted_project(spots[name], job)
        for (name, aspect), job in jobs.items()
        if spots[name].failure is None and Handover.OTIO in spots[name].brief.handover
    }
    for (name, aspect), made in obtain(workshop.store, wanted, workshop.pool.build_all):
        if isinstance(made, ReelsheetError):
            spots[name] = spots[name].failed(f"{aspect}: {made}")
        else:
            spots[name] = _handed(spots[name], aspect, made, wanted[name, aspect].job)
    return spots.values()


def wanted_project(spot: Spot, rendition: RenditionJob) -> Wanted:
    """The project of one rendition; its media stay where they are."""
    place = rendition_stem(spot.id, rendition.aspect)
    job = HandoverJob(rendition=rendition, lines=placed_lines(spot), place=place)
    return Wanted(kind="project", recipe=handover_recipe(job), build=build_project, job=job)


def _handed(spot: Spot, aspect: Aspect, made: Artefact, job: HandoverJob) -> Spot:
    files = {ENDING: made.file(FILE), **job.media}
    return spot.counting(made).having(handed={**spot.handed, aspect: files})
