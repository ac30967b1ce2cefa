"""Whoever looks at a batch: other terminals through the ledger, Prefect's pages, the chat groups."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from campaign.progress import ProgressBook, recording
from campaign.report import BatchReport
from campaign.sheet.campaign import Campaign
from tasks.artifacts import show_end, showing_progress, where
from tasks.notify import People
from tasks.workshop import Workshop


class Audience:
    """Of one batch, which has begun."""

    def __init__(self, workshop: Workshop, campaign: Campaign) -> None:
        self._workshop = workshop
        self._campaign = campaign.name
        setup = workshop.setup
        languages = {brief.language for brief in campaign.briefs}
        self._people = People(setup.notify, setup.ledger, workshop.batch, campaign.name, languages)

    @contextmanager
    def following(self, spots: Mapping[str, str]) -> Iterator[None]:
        """Tell how far it is while the block runs; ``spots`` is the row of each by its id."""
        ledger, batch = self._workshop.setup.ledger, self._workshop.batch
        book = ProgressBook(ledger)
        book.begin(batch, spots)
        book.close()
        with (
            showing_progress(ledger, batch, self._campaign),
            recording(ledger, batch),
            self._people.told_of_caps(),
        ):
            yield

    @contextmanager
    def helping(self) -> Iterator[None]:
        """The same for a process that works on a part of a batch that another one has begun."""
        with recording(self._workshop.setup.ledger, self._workshop.batch), self._people.told_of_caps():
            yield

    def told(self, report: BatchReport) -> None:
        """Tell what it came to."""
        workshop = self._workshop
        show_end(report, workshop.batch, workshop.folder, workshop.setup.out_url)
        self._people.told_of_end(report, where(workshop.folder, "report.html", workshop.setup.out_url))
