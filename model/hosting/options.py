"""What a door tells a hosted backend that no campaign says: the account, the ledger, the caps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from campaign.budget import Caps
from model.hosting.catalog import Price
from model.hosting.gate import Pace

MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedOptions:
    """One account and what may be spent on it."""

    ledger: str
    """SQLAlchemy URL."""
    vault: Path
    """Folder for paid files until they are in the store; best on the store's disk."""
    key: SecretStr
    """Empty plans, but makes nothing."""
    base_url: str = ""
    """Empty takes the catalog's."""
    batch: int = 0
    """The ledger's number of the batch."""
    caps: Caps = field(default_factory=Caps)
    most_attempts: Annotated[int, Field(ge=1)] = MOST_ATTEMPTS
    """Paid tries at one take."""
    most_bytes: Annotated[int, Field(ge=1)] = 1 << 30
    """Of one result."""
    open_tasks: Annotated[int, Field(ge=1)] | None = None
    """That your tier may have begun and not over at once; None takes the catalog's."""
    pace: Pace | None = None
    """None takes the catalog's."""
    prices: Mapping[str, Price] = field(default_factory=dict)
    """By model; before the catalog's."""
    catalog: Path | None = None
    """A catalog file of your own, in the place of the one that ships."""
