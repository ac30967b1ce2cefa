"""Whether there is the Prefect server that the settings speak of, before anything relies on it."""

import shutil

import httpx
import prefect
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_API_URL, PREFECT_HOME

from campaign.fleet_errors import ServerError
from tasks.setup import Dispatch

ROOM = 50_000_000
"""Bytes on the disk that a server of our own needs for its database; without them it does not come up."""


def require_server(dispatch: Dispatch) -> None:
    """Let pass where a flow can use it, or start one of its own.

    Raises:
        ServerError: it does not answer, is of another version, is needed and not set, or has no room.
    """
    url = PREFECT_API_URL.value()
    if url is None:
        if dispatch is Dispatch.POOLS:
            raise ServerError(
                "is not set",
                'but dispatch is "pools".',
                'Set PREFECT_API_URL to its address, like http://host:4200/api, or dispatch to "here".',
            )
        _require_room()
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


def _require_room() -> None:
    home = PREFECT_HOME.value()
    free = shutil.disk_usage(home).free
    if free < ROOM:
        raise ServerError(
            "(the one that make starts)",
            f"it needs {ROOM / 1e6:.0f} MB on the disk of {home}, which has {free / 1e6:.0f} MB left.",
            "Free space, then run the same command again: what was made is kept.",
        )


def _line(version: str) -> list[str]:
    """Major and minor: what is compatible keeps them."""
    return version.split(".")[:2]
