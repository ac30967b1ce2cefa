"""What is finished and approved goes out when its moment has come."""

import logging
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from prefect import flow

from campaign.errors import ReelsheetError
from campaign.lease import holding
from campaign.report import RowState
from campaign.schedule import Schedule, Scheduled
from flows.line import down_the_line
from flows.machine import setup_for
from flows.settings import load_settings
from tasks.backends import caps_of
from tasks.content import restore
from tasks.setup import Setup
from tasks.spot import Chunk, Spot
from tasks.tell import REPORT, tell_again
from tasks.workshop import Workshop, open_store

log = logging.getLogger(__name__)


@flow(name="release-due")
def due() -> list[str]:
    """Publish every spot whose moment has come, once; returns their ids.

    Each is found in the store and held against the policy once more: a licence may have ended since, or a
    person may have refused it.
    """
    return release_due(setup_for(load_settings(), Path()))


def release_due(setup: Setup) -> list[str]:
    """The same with a given setup."""
    schedule = Schedule(setup.ledger)
    released: list[str] = []
    try:
        for (campaign, _), waiting in groupby(schedule.due(), lambda one: (one.campaign, one.content)):
            try:
                released += _released(list(waiting), schedule, setup)
            except ReelsheetError as error:
                log.warning("%s is left to the next time: %s", campaign, error)
    finally:
        schedule.close()
    return released


def _released(waiting: Sequence[Scheduled], schedule: Schedule, setup: Setup) -> list[str]:
    """Ids of what went out. What failed to go out stays due; what the policy or a person stopped does not."""
    first = waiting[0]
    with holding(setup.ledger, first.campaign, setup.who) as held:
        campaign, spots, _ = restore(open_store(setup), first.content)
        names = {one.spot for one in waiting}
        policy, caps = campaign.settings.policy, caps_of(campaign, setup)
        workshop = Workshop(setup, campaign.name, policy, caps, leaves=True)
        workshop.ledger.lease = held.lease
        workshop.batch, workshop.content = first.batch, first.content
        try:
            chunk = Chunk(first.batch, tuple(spot for spot in spots if spot.id in names))
            ends = down_the_line(chunk, workshop).spots
            # The batch may have been made on another machine, whose report is its own.
            if (workshop.folder / REPORT).is_file():
                tell_again(ends, campaign, workshop.folder)
        finally:
            workshop.close()
    schedule.drop(first.campaign, [spot.id for spot in ends if _is_settled(spot)])
    for spot in ends:
        log.info("%s: %s", spot.id, spot.failure.reason if spot.failure else "released")
    return [spot.id for spot in ends if spot.failure is None]


def _is_settled(spot: Spot) -> bool:
    return spot.failure is None or spot.failure.state in (RowState.REVIEW, RowState.REFUSED)
