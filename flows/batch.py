"""A campaign from its sheet to released videos."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from prefect import flow, task
from prefect.task_runners import ThreadPoolTaskRunner

from campaign.errors import ReelsheetError
from campaign.events import Planned, announce
from campaign.lease import Held, holding
from campaign.ledger import Ledger
from campaign.report import BatchReport
from campaign.sheet.campaign import Campaign
from flows.line import UNTOLD, down_the_line
from flows.machine import setup_for
from flows.pools import through_the_pools
from flows.seen import seen
from flows.settings import load_settings
from tasks.audience import Audience
from tasks.backends import caps_of, spent_on
from tasks.content import keep, restore
from tasks.folders import brought
from tasks.policies import NOT_CACHED
from tasks.pool import UnexpectedError
from tasks.read import read, spots_of
from tasks.setup import Dispatch, Setup
from tasks.spot import Chunk, Spot
from tasks.tell import report_of, tell
from tasks.workshop import Workshop, open_store

CHUNKS_AT_ONCE = 2
"""One chunk's takes are made while the one before is finished; more would only wait for the same cores."""
MOST_CHUNKS, LARGEST = 20, 50
"""So many chunks are enough to see a batch move; each costs Prefect a task run for every stage. Spots."""

log = logging.getLogger(__name__)
runner: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=CHUNKS_AT_ONCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a batch is made of."""

    campaign: Campaign
    spots: tuple[Spot, ...]
    broken: Mapping[str, str]
    """Why a brief could not begin, by its id."""
    content: str
    """Key in the store under which any machine finds the same."""


class Told:
    """What became of a batch. Not a dataclass: Prefect would look for futures in all that it holds."""

    __slots__ = ("report",)

    def __init__(self, report: BatchReport) -> None:
        self.report = report


@task(name="chunk", cache_policy=NOT_CACHED)
def send_down_the_line(chunk: Chunk, workshop: Workshop) -> Chunk:
    """One chunk through all stages."""
    return down_the_line(chunk, workshop)


@task(name="look through", cache_policy=NOT_CACHED)
def look_through(chunk: Chunk, workshop: Workshop) -> Chunk:
    """One chunk through all stages, of which Prefect is told nothing: most likely everything is there."""
    return down_the_line(chunk, workshop, UNTOLD)


# ThreadPoolTaskRunner is a TaskRunner of a narrower future, which the type cannot say.
@flow(name="make", task_runner=runner)  # type: ignore[arg-type]
def make(sheet: str) -> Told:
    """Make and release every good row of a campaign; what was made before is taken from the store.

    Where things lie and how many workers run is read from the settings of this machine.

    Args:
        sheet: Path of the campaign's spreadsheet, or a URL that fsspec knows.

    Raises:
        SheetError: the sheet as a whole is not usable.
        SettingsError: the machine's settings are not usable.
        BusyError: somebody else makes this campaign.
    """
    settings = load_settings()
    here = brought(sheet, settings.home)
    return Told(make_batch(here, setup_for(settings, here)))


@flow(name="resume", task_runner=runner)  # type: ignore[arg-type]
def resume() -> list[Told]:
    """Go on with every batch that did not come to its end and that nobody works on.

    Each is made from what was read when it began, whatever its sheet says by now.
    """
    settings = load_settings()
    return [Told(report) for report in resume_batches(setup_for(settings, Path()))]


def make_batch(sheet: Path, setup: Setup) -> BatchReport:
    """The batch of ``sheet`` on this machine.

    Raises:
        SheetError: the sheet as a whole is not usable.
        BusyError: somebody else makes this campaign.
    """
    campaign = read(sheet, setup.kit_folders)
    with holding(setup.ledger, campaign.name, setup.who) as held:
        spots, broken = spots_of(campaign, setup.kit_folders)
        campaign, content = keep(campaign, spots, open_store(setup))
        work = Work(campaign=campaign, spots=spots, broken=broken, content=content)
        return _made(work, held, setup)


def resume_batches(setup: Setup) -> list[BatchReport]:
    """Each unfinished batch that is free, gone on with."""
    ledger = Ledger(setup.ledger)
    unfinished = ledger.unfinished()
    ledger.close()
    reports = []
    for lease in unfinished:
        try:
            with holding(setup.ledger, lease.campaign, setup.who) as held:
                campaign, spots, broken = restore(open_store(setup), lease.content)
                work = Work(campaign=campaign, spots=spots, broken=broken, content=lease.content)
                reports.append(_made(work, held, setup))
        except ReelsheetError as error:
            log.warning("batch %d is left: %s", lease.batch, error)
    return reports


def _made(work: Work, held: Held, setup: Setup) -> BatchReport:
    started, clock = datetime.now().astimezone().isoformat(timespec="seconds"), monotonic()
    campaign, caps = work.campaign, caps_of(work.campaign, setup)
    pools = setup.dispatch is Dispatch.POOLS
    workshop = Workshop(setup, campaign.name, campaign.settings.policy, caps, leaves=pools)
    try:
        workshop.store.sweep()
        workshop.ledger.lease = held.lease
        workshop.batch = workshop.ledger.begin_batch(campaign.name, campaign.path, campaign.digest)
        again = held.lease.content == work.content and held.lease.batch != workshop.batch
        workshop.content = work.content
        held.begin(workshop.batch, work.content)
        audience = Audience(workshop, campaign)
        with (
            seen("batch", campaign, workshop.batch, setup),
            audience.following({spot.id: spot.brief.id for spot in work.spots}),
        ):
            announce(Planned(spots=len(work.spots), rows=len(campaign.briefs)))
            spots = _through_the_line(work.spots, workshop, again=again)
            if pools:
                spots = through_the_pools(spots, work.content, workshop)
        report = report_of(
            campaign,
            spots,
            work.broken,
            workshop.policy,
            spent=spent_on(campaign.name, workshop.batch, setup.ledger),
            content_producer=setup.content_producer,
            started_at=started,
            seconds=monotonic() - clock,
        )
        tell(report, campaign, workshop.folder)
        audience.told(report)
        workshop.schedule.forget_before(campaign.name, workshop.batch)
        workshop.ledger.finish_batch(workshop.batch)
    finally:
        workshop.close()
    return report


def chunk_size(spots: int, asked: int) -> int:
    """Spots per chunk: as many as the settings ask for, up to `LARGEST` where that makes very many chunks."""
    return max(asked, min(LARGEST, -(-spots // MOST_CHUNKS)))


def _through_the_line(spots: Sequence[Spot], workshop: Workshop, *, again: bool) -> list[Spot]:
    """The spots at their ends; ``again``: the last batch was made from the same and came to its end."""
    size = chunk_size(len(spots), workshop.setup.chunk)
    parts = [tuple(spots[start : start + size]) for start in range(0, len(spots), size)]
    chunks = [Chunk(number, part) for number, part in enumerate(parts, 1)]
    ends = list(_looked_through(chunks, workshop)) if again else []
    left = chunks[len(ends) :]
    futures = [send_down_the_line.submit(chunk, workshop) for chunk in left]
    ends += [_ended(chunk, future.result) for chunk, future in zip(left, futures, strict=True)]
    return [spot for chunk in ends for spot in chunk.spots]


def _looked_through(chunks: Sequence[Chunk], workshop: Workshop) -> Iterator[Chunk]:
    """Chunks at their ends, up to the first in which something was not there.

    One after another: two threads that only look things up take longer than one, for they hand Python's lock
    to each other at every file.
    """
    for chunk in chunks:
        end = _ended(chunk, partial(look_through, chunk, workshop))
        yield end
        if any(spot.made or (spot.failure and spot.failure.lacks) for spot in end.spots):
            return


def _ended(chunk: Chunk, come: Callable[[], Chunk]) -> Chunk:
    """The chunk as it came off the line; a fault of ours is its spots' failure, not the batch's end."""
    try:
        return come()
    except Exception as error:
        log.exception("chunk %d", chunk.number)
        fault = UnexpectedError("chunk", f"{type(error).__name__}: {error}")
        return chunk.with_spots(spot.failed(str(fault)) for spot in chunk.spots)
