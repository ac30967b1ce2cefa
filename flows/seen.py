"""What can be seen from outside of the work of a flow: log lines with ids, traces, metrics."""

from collections.abc import Iterator
from contextlib import contextmanager

from campaign.errors import SettingsError
from campaign.log_lines import bound
from campaign.sheet.campaign import Campaign
from flows.logs import logging_of
from tasks.setup import Setup


@contextmanager
def seen(work: str, campaign: Campaign, batch: int, setup: Setup) -> Iterator[None]:
    """Let what is done for the batch inside the block be seen as the settings ask.

    Raises:
        SettingsError: telemetry is asked for and its packages are missing, or no port is free.
    """
    with bound(batch=batch), logging_of(setup):
        if not setup.telemetry and not setup.metrics_port:
            yield
            return
        try:
            from flows.telemetry import telling  # noqa: PLC0415  # Who asks for none waits for no import.
        except ImportError as error:
            raise SettingsError(
                "telemetry or metrics_port",
                f"a package that it needs is missing ({error}).",
                "Run: pip install -c constraints.txt -e '.[telemetry]'",
            ) from error
        ids = {"batch": str(batch), "campaign": campaign.name, "digest": campaign.digest}
        with telling(work, ids, setup.telemetry, setup.metrics_port):
            yield
