"""What a sheet becomes: a campaign with its briefs, its problems and where every value came from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from campaign.brief import Brief, Problem, Severity
from campaign.sheet.settings import CampaignSettings

OF_ITS_ROW = re.compile(r"[A-Z]+\d+(?:, [A-Z]+\d+)*")
"""A source that is a cell, or several, of the row's worksheet."""
FOR_ALL = ("policy", "size", "fps", "rungs", "budget", "publish_window", "time_zone")
"""Settings that no row overrides."""
DEFAULT = "default"


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
    first: int
    """The row that stands for its product; its own number unless rows are grouped."""

    @property
    def beside(self) -> str:
        """Why nothing is told of this row itself; empty where something is."""
        return f"One product with row {self.first}." if self.first != self.number else ""


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
    """Brief id to field to where its value came from: a cell, a place in the settings, or words."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Setting to its cell or line (``campaign!B3``, ``campaign.yaml line 4``), for those that are written."""
    rows: tuple[SheetRow, ...] = ()

    def taken(self, brief: Brief) -> dict[str, str]:
        """What the row does not say itself: field to value and source, like ``animatic (default)``."""
        return {
            name: _with_source(getattr(brief, name), source)
            for name, source in self.sources.get(brief.id, {}).items()
            if not OF_ITS_ROW.fullmatch(source)
        }

    def settings_for_all(self) -> dict[str, str]:
        """Settings that no row overrides, as far as there are any: each with its value and source."""
        values = {name: getattr(self.settings, name) for name in FOR_ALL}
        return {
            name.replace("_", " "): _with_source(value, self.places.get(name, DEFAULT))
            for name, value in values.items()
            if value not in ("", (), None)
        }

    @property
    def rows_out(self) -> tuple[SheetRow, ...]:
        """Rows that did not become part of a brief."""
        good = {brief.id for brief in self.briefs}
        return tuple(row for row in self.rows if row.id not in good)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


def _with_source(value: object, source: str) -> str:
    words = [f"{part:g}" if isinstance(part, float) else str(part) for part in _parts(value)]
    return f"{', '.join(words)} ({source})".strip()


def _parts(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)
