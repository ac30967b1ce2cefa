"""What each page shows, put together from reports, ledger and progress."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from campaign.ledger import Ledger
from campaign.report import RenditionResult, RowState
from flows.settings import Settings
from reelsheet.decisions import Outcome, next_command
from reelsheet.review.cells import cells_of
from reelsheet.review.files import captions_of
from reelsheet.review.foresight import Foresight
from reelsheet.review.items import Asked, Item, Page, Standing, counted, items_of, page_of
from reelsheet.review.shelf import Entry, Shelf
from reelsheet.watching import SILENT, Looker, Sight, ordered
from tasks.setup import Dispatch

FIRST = 4
"""Spots of a campaign that are named in the overview."""
REMEMBERED = 100
"""Outcomes that are kept until the page that follows a decision has shown them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A batch under way, for people."""

    share: float
    """Of its work, 0 to 1."""
    ended: int
    total: int
    """0 while its sheet is read."""
    states: Sequence[tuple[str, int]]
    left: float | None
    """Seconds; None before that can be told."""
    silent: float
    """Seconds since it was heard of, where that is worrying; else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One campaign in the overview, or at the head of its own page."""

    entry: Entry
    counts: Mapping[Standing, int]
    first: Sequence[Item]
    """Some of what waits for a person."""
    covers: Sequence[Item]
    """Some that have a picture, of what waits where any does."""
    running: Running | None
    unknown: int
    """Paid attempts whose outcome a person has to tell."""

    @property
    def command(self) -> str:
        return next_command(self.entry.sheet)

    @property
    def open(self) -> int:
        return self.counts.get(Standing.OPEN, 0)

    @property
    def decided(self) -> int:
        return self.counts.get(Standing.DECIDED, 0)


class Desk:
    """Everything that pages are made from."""

    def __init__(self, settings: Settings, sheets: Sequence[Path]) -> None:
        self.settings = settings
        self.ledger = Ledger(settings.ledger_url)
        self.shelf = Shelf(settings, self.ledger, sheets)
        self.foresight = Foresight()
        self._looker = Looker(settings.ledger_url, "")
        self._outcomes: deque[tuple[str, Outcome]] = deque(maxlen=REMEMBERED)

    def close(self) -> None:
        self._looker.close()
        self.ledger.close()

    @property
    def by_itself(self) -> bool:
        """Whether the next run is sent once all is decided."""
        return self.settings.dispatch is Dispatch.POOLS

    def cards(self) -> list[Card]:
        return [self.card(entry, self.items(entry)) for entry in self.shelf.entries()]

    def items(self, entry: Entry) -> list[Item]:
        return items_of(entry.report, self.ledger) if entry.report else []

    def card(self, entry: Entry, items: Sequence[Item]) -> Card:
        waiting = [item for item in items if item.standing is Standing.OPEN]
        seen = [item for item in items if item.spot and item.spot.renditions]
        seen.sort(key=lambda item: item.standing is not Standing.OPEN)
        sight = self._looker.sight(entry.batch) if entry.batch else None
        return Card(
            entry=entry,
            counts=counted(items),
            # What the policy doubts first: nobody sees it in a gallery of drafts.
            first=sorted(waiting, key=lambda item: item.state is not RowState.REVIEW)[:FIRST],
            covers=seen[:FIRST],
            running=_running(sight) if sight and sight.runs else None,
            unknown=sight.unknown if sight else 0,
        )

    def page(self, entry: Entry, asked: Asked) -> tuple[Card, Page]:
        items = self.items(entry)
        return self.card(entry, items), page_of(items, asked)

    def beside(self, entry: Entry, page: Page) -> dict[str, Any]:
        """What lies in files of its own about the spots of a page: captions, cells, what finals cost."""
        spots = [item.spot for item in page.items if item.spot]
        captions = {spot.spot_id: _captions(entry, spot.renditions) for spot in spots}
        return {"captions": captions, "cells": cells_of(entry), "foreseen": self.foresight.of(entry)}

    def remember(self, outcome: Outcome) -> str:
        """Keep it for the page that follows; the name to ask for it by."""
        name = token_urlsafe(9)
        self._outcomes.append((name, outcome))
        return name

    def remembered(self, name: str) -> Outcome | None:
        return next((outcome for known, outcome in self._outcomes if known == name), None)


def _running(sight: Sight) -> Running:
    progress = sight.progress
    return Running(
        share=progress.share if progress else 0.0,
        ended=progress.ended if progress else 0,
        total=progress.total if progress else 0,
        states=ordered(progress) if progress else (),
        left=progress.left(sight.at) if progress else None,
        silent=sight.silent if sight.silent > SILENT else 0.0,
    )


def _captions(entry: Entry, renditions: Sequence[RenditionResult]) -> list[tuple[float, str]]:
    return captions_of(entry.folder, renditions[0]) if renditions else []
