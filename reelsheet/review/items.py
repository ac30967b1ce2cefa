"""The spots of a report with what people have decided about them since, and which of them are asked for."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self
from urllib.parse import urlencode

from campaign.deciding import about
from campaign.ledger import Ledger, PersonDecision
from campaign.report import TO_DECIDE, BatchReport, RowResult, RowState, SpotResult

PER_PAGE = 24
"""Spots on a page: so many players a phone still bears."""


class Standing(StrEnum):
    """Where a spot stands, in the order in which a person wants to see them."""

    OPEN = "open"
    """A person has to decide."""
    DECIDED = "decided"
    """A person has decided; the next run goes on from there."""
    SCHEDULED = "scheduled"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    PROBLEM = "problem"


STANDINGS = {
    RowState.SCHEDULED: Standing.SCHEDULED,
    RowState.DONE: Standing.DONE,
    RowState.REFUSED: Standing.REFUSED,
    RowState.FAILED: Standing.FAILED,
    RowState.PROBLEM: Standing.PROBLEM,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One spot, or a row that never became one."""

    row: RowResult
    spot: SpotResult | None
    standing: Standing
    decision: PersonDecision | None
    """The last one about what the spot waits for; None where nobody has decided or has to."""

    @property
    def name(self) -> str:
        return self.spot.spot_id if self.spot else self.row.id or str(self.row.row)

    @property
    def state(self) -> RowState:
        return self.spot.state if self.spot else self.row.state

    @property
    def about(self) -> str:
        return about(self.spot) if self.spot else ""

    @property
    def decidable(self) -> bool:
        """Whether a person may decide, or change what was decided before a run has acted on it."""
        return self.standing in (Standing.OPEN, Standing.DECIDED) and bool(self.about)

    @property
    def token(self) -> str:
        """Exactly what is looked at, as the form sends it back."""
        return f"{self.about}:{self.decision.id if self.decision else 0}:{self.name}"


def items_of(report: BatchReport, ledger: Ledger) -> list[Item]:
    """All of the report, in the order of the sheet."""
    spots = [spot for row in report.rows for spot in row.spots]
    decisions = ledger.decisions(about(spot) for spot in spots if spot.state in TO_DECIDE)
    return [item for row in report.rows for item in _items(row, decisions)]


def _items(row: RowResult, decisions: Mapping[str, PersonDecision]) -> Iterable[Item]:
    if not row.spots:
        yield Item(row=row, spot=None, standing=STANDINGS.get(row.state, Standing.FAILED), decision=None)
    for spot in row.spots:
        decision = decisions.get(about(spot)) if spot.state in TO_DECIDE else None
        waits = Standing.DECIDED if decision else Standing.OPEN
        yield Item(row=row, spot=spot, standing=STANDINGS.get(spot.state, waits), decision=decision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which items a page is asked for."""

    state: str = ""
    """A standing, or ``all``; empty for what needs a person, where anything does."""
    row: str = ""
    """Words that the row's id or copy holds."""
    aspect: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """From an address; what makes no sense there is left out."""
        state = query.get("state", "")
        page = query.get("page", "1")
        return cls(
            state=state if state in ("all", *Standing) else "",
            row=query.get("row", "").strip()[:200],
            aspect=query.get("aspect", "")[:8],
            page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 7 else 1,
        )

    def query(self, **changed: str | int) -> str:
        """As an address's query, with those changes; what is empty is left out."""
        asked = replace(self, **changed)  # type: ignore[arg-type]
        parts = {"state": asked.state, "row": asked.row, "aspect": asked.aspect}
        if asked.page > 1:
            parts["page"] = str(asked.page)
        return urlencode({name: value for name, value in parts.items() if value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The items that were asked for."""

    items: Sequence[Item]
    asked: Asked
    aspects: Sequence[str]
    """That the campaign has."""
    found: int
    """Over all pages."""
    pages: int


def counted(items: Iterable[Item]) -> dict[Standing, int]:
    """How many stand where, in the order of `Standing`; what nobody stands at is left out."""
    counts = Counter(item.standing for item in items)
    return {standing: counts[standing] for standing in Standing if counts[standing]}


def page_of(items: Sequence[Item], asked: Asked) -> Page:
    """The part of ``items`` that is asked for."""
    if not asked.state:
        asked = replace(asked, state=Standing.OPEN if Standing.OPEN in counted(items) else "all")
    found = [item for item in items if _is_asked(item, asked)]
    pages = max(-(-len(found) // PER_PAGE), 1)
    number = min(asked.page, pages)
    return Page(
        items=found[(number - 1) * PER_PAGE : number * PER_PAGE],
        asked=replace(asked, page=number),
        aspects=sorted({a for item in items for a in _aspects(item)}),
        found=len(found),
        pages=pages,
    )


def _is_asked(item: Item, asked: Asked) -> bool:
    if asked.state not in ("all", item.standing):
        return False
    if asked.aspect and asked.aspect not in _aspects(item):
        return False
    words = asked.row.casefold()
    return words in item.name.casefold() or words in item.row.copy.casefold()


def _aspects(item: Item) -> set[str]:
    return {rendition.aspect for rendition in item.spot.renditions} if item.spot else set()
