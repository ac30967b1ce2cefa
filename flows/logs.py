"""House lines in Prefect's run logs, with their ids, in every process that runs a flow."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from prefect.logging.handlers import APILogHandler

from campaign.events import Event, SpotDone, Staged, listening
from campaign.log_lines import JsonLines, PlainLines, bound
from tasks.setup import LogLines, Setup

HOUSE = ("flows", "tasks", "model", "moderation", "finishing", "publishing", "media", "campaign")

log = logging.getLogger(__name__)


@contextmanager
def logging_of(setup: Setup) -> Iterator[None]:
    """Let the lines of every module reach the run's page, and say what becomes of each spot.

    Processes that Prefect starts know Prefect's own logging only; what our door has set up stays.
    """
    for name in HOUSE:
        logger = logging.getLogger(name)
        if logger.getEffectiveLevel() > logging.INFO:
            logger.setLevel(logging.INFO)
    if setup.log_lines is LogLines.JSON:
        for handler in (*logging.getLogger().handlers, *logging.getLogger("prefect").handlers):
            handler.setFormatter(JsonLines())
    loggers = [logging.getLogger(name) for name in (*HOUSE, "prefect.flow_runs", "prefect.task_runs")]
    for handler in {handler for logger in loggers for handler in logger.handlers}:
        if isinstance(handler, APILogHandler):
            handler.setFormatter(PlainLines("%(message)s"))
    with listening(_say):
        yield


def _say(event: Event) -> None:
    match event:
        case Staged():
            log.info(
                "chunk %d: %s of %d spots in %.1f s", event.chunk, event.stage, event.spots, event.seconds
            )
        case SpotDone():
            why = f": {event.reason}" if event.reason else ""
            with bound(spot=event.spot_id):
                log.info("%s is %s%s", event.spot_id, event.state.value, why)
