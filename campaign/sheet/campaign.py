"""What a sheet becomes: a campaign with its briefs, its problems and where every value came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from campaign.brief import Brief, Problem, Severity
from campaign.sheet.settings import CampaignSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The closed sets that a sheet may name things from, and the time at which it is read."""

    kits: frozenset[str]
    backends: frozenset[str]
    voices: frozenset[str]
    """Without ``none``, which is always allowed. One that ends with a colon allows any name after it."""
    music: Mapping[str, frozenset[str]]
    """Track names by kit."""
    today: datetime
    """Aware. Gives its zone to dates without one, and the year to dates without one."""
    platforms: Mapping[str, str] = field(default_factory=dict)
    """Apps whose safe areas are known, by every word for them."""
    policies: frozenset[str] = frozenset()
    """Empty: policies are not checked here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One data row of the file, good or bad."""

    number: int
    """1-based, as the spreadsheet program counts."""
    id: str | None
    """The brief's id when the row has a usable one, even if the row is out for another reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One spreadsheet and its defaults."""

    name: str
    """The file's stem, made safe for folder names."""
    path: Path
    """Absolute."""
    original: Path
    """Where the file lies as it was read: ``path``, or a copy that is kept."""
    digest: str
    """SHA-256 of the file as it was read."""
    sheet: str
    """Worksheet name; the file's name for a CSV."""
    header_row: int
    """1-based; the last one where the header takes two rows."""
    briefs: tuple[Brief, ...]
    problems: tuple[Problem, ...]
    settings: CampaignSettings
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Brief id to field to where its value came from: a cell, ``campaign`` and its cell or line, or words."""
    rows: tuple[SheetRow, ...] = ()

    @property
    def rows_out(self) -> tuple[SheetRow, ...]:
        """Rows that did not become part of a brief."""
        good = {brief.id for brief in self.briefs}
        return tuple(row for row in self.rows if row.id not in good)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)
