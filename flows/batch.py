"""A campaign from its sheet to released videos."""

import logging
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from prefect import flow, task
from prefect.futures import PrefectFuture
from prefect.task_runners import ThreadPoolTaskRunner

from campaign.events import Planned, announce
from campaign.report import BatchReport
from campaign.sheet.original import preserve
from flows.machine import setup_for
from flows.settings import load_settings
from tasks.audience import Audience
from tasks.backends import caps_of, spent_on_rows
from tasks.check import check
from tasks.deliver import deliver
from tasks.expand import expand
from tasks.finish import finish
from tasks.policies import NOT_CACHED
from tasks.pool import UnexpectedError
from tasks.read import read, spots_of
from tasks.screen import screen
from tasks.setup import Setup
from tasks.shoot import shoot
from tasks.speak import speak
from tasks.spot import Chunk, Spot
from tasks.tell import report_of, tell
from tasks.watch import watch
from tasks.workshop import Workshop

CHUNKS_AT_ONCE = 2
"""One chunk's takes are made while the one before is finished; more would only wait for the same cores."""
STAGES = (expand, screen, speak, shoot, watch, finish, check, deliver)
"""What a spot passes through, in order."""

log = logging.getLogger(__name__)
runner: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=CHUNKS_AT_ONCE)


@task(name="chunk", cache_policy=NOT_CACHED)
def send_down_the_line(chunk: Chunk, workshop: Workshop) -> Chunk:
    """One chunk through all stages."""
    for stage in STAGES:
        chunk = stage(chunk, workshop)
    return chunk


# ThreadPoolTaskRunner is a TaskRunner of a narrower future, which the type cannot say.
@flow(name="make", task_runner=runner)  # type: ignore[arg-type]
def make(sheet: str) -> BatchReport:
    """Make and release every good row of a campaign; what was made before is taken from the store.

    Where things lie and how many workers run is read from the settings of this machine.

    Args:
        sheet: Path of the campaign's spreadsheet.

    Raises:
        SheetError: the sheet as a whole is not usable.
        SettingsError: the machine's settings are not usable.
    """
    return make_batch(Path(sheet), setup_for(load_settings(), Path(sheet)))


def make_batch(sheet: Path, setup: Setup) -> BatchReport:
    """The batch of ``sheet`` on this machine.

    Raises:
        SheetError: the sheet as a whole is not usable.
    """
    started, clock = datetime.now().astimezone().isoformat(timespec="seconds"), monotonic()
    campaign = preserve(read(sheet, setup.kit_folders), setup.store / "sheets")
    spots, broken = spots_of(campaign, setup.kit_folders)
    announce(Planned(spots=len(spots), rows=len(campaign.briefs)))
    workshop = Workshop(setup, campaign.name, campaign.settings.policy, caps_of(campaign, setup))
    try:
        workshop.store.sweep()
        workshop.batch = workshop.ledger.begin_batch(campaign.name, campaign.path, campaign.digest)
        audience = Audience(workshop, campaign)
        with audience.following({spot.id: spot.brief.id for spot in spots}):
            chunks = _chunks(spots, setup.chunk)
            futures = [send_down_the_line.submit(chunk, workshop) for chunk in chunks]
            ends = [_ended(chunk, future) for chunk, future in zip(chunks, futures, strict=True)]
        report = report_of(
            campaign,
            [spot for chunk in ends for spot in chunk.spots],
            broken,
            workshop.policy,
            spent=spent_on_rows(setup.ledger, workshop.batch),
            content_producer=setup.content_producer,
            started_at=started,
            seconds=monotonic() - clock,
        )
        tell(report, campaign, workshop.folder)
        audience.told(report)
        workshop.ledger.finish_batch(workshop.batch)
    finally:
        workshop.close()
    return report


def _ended(chunk: Chunk, future: PrefectFuture[Chunk]) -> Chunk:
    """The chunk as it came off the line; a fault of ours is its spots' failure, not the batch's end."""
    try:
        return future.result()
    except Exception as error:
        log.exception("chunk %d", chunk.number)
        fault = UnexpectedError("chunk", f"{type(error).__name__}: {error}")
        return chunk.with_spots(spot.failed(str(fault)) for spot in chunk.spots)


def _chunks(spots: tuple[Spot, ...], size: int) -> list[Chunk]:
    return [Chunk(start // size + 1, spots[start : start + size]) for start in range(0, len(spots), size)]
