"""A rung's ordered list of backends: which may follow which. Nothing that it does not name is ever used."""

from collections.abc import Sequence

from campaign.errors import GenerationError, ReelsheetError
from campaign.hosted_errors import HostedError


def after(backends: Sequence[str], used: str, error: ReelsheetError) -> str | None:
    """Who of the list may be asked once ``used`` has failed with ``error``; None where nobody may."""
    place = backends.index(used) + 1
    return backends[place] if passes_on(error) and place < len(backends) else None


def passes_on(error: ReelsheetError) -> bool:
    """Whether another backend may be asked after this error.

    A refusal for safety is not taken to another vendor, a cap holds for all of them, and a take that may have
    been paid waits for a person.
    """
    return error.degrades if isinstance(error, HostedError) else isinstance(error, GenerationError)
