"""Whether there is the Prefect server that the settings speak of, before anything relies on it."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import prefect
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from campaign.fleet_errors import ServerError
from tasks.setup import Dispatch


@contextmanager
def using(url: str | None) -> Iterator[None]:
    """Inside the block, Prefect's clients ask our own server at ``url``; None leaves them as they are set."""
    # It looks for no flow that has fallen silent, and to end the heartbeats takes up to a second.
    ours = {PREFECT_API_URL: url, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}
    with temporary_settings(ours if url else {}):
        yield


def server_address() -> str | None:
    """The server that Prefect's settings name: its variables, its profile or its files."""
    url: str | None = PREFECT_API_URL.value()
    return url


def require_server(dispatch: Dispatch) -> None:
    """Let pass where a flow can use it, or needs none.

    Raises:
        ServerError: it does not answer, is of another version, or is needed and not set.
    """
    url = server_address()
    if url is None:
        if dispatch is Dispatch.POOLS:
            raise ServerError(
                "is not set",
                'but dispatch is "pools".',
                'Set PREFECT_API_URL to its address, like http://host:4200/api, or dispatch to "here".',
            )
        return
    try:
        version = get_client(sync_client=True).api_version()
    except (httpx.HTTPError, PrefectHTTPStatusError, RuntimeError, ValueError) as error:
        raise ServerError(
            url,
            f"it does not answer ({type(error).__name__}: {error}).",
            "Start it (prefect server start), or unset PREFECT_API_URL to make batches without one.",
        ) from error
    if _line(version) != _line(prefect.__version__):
        raise ServerError(
            url,
            f"it runs Prefect {version}, but this machine has {prefect.__version__}.",
            "Install the same version on both (constraints.txt names ours).",
        )


def _line(version: str) -> list[str]:
    """Major and minor: what is compatible keeps them."""
    return version.split(".")[:2]
