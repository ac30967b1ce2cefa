"""What ``reelsheet status --watch`` shows: read from the ledger, so from any terminal and any machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from campaign.attempt import FOR_A_PERSON
from campaign.attempts import Attempts
from campaign.costs import CostsBy, costs
from campaign.database import now
from campaign.events import Step
from campaign.ledger import Batch, BatchState, Ledger
from campaign.progress import ENDS, WAITING, Progress, ProgressBook
from campaign.report import TO_DECIDE, RowState
from reelsheet.progress import duration
from reelsheet.table import COLORS

SILENT = 60.0
"""Seconds without a word after which it is said that nobody may be at work; a word comes every second."""
NAMED = 200
"""Spots of a batch that are read; more do not fit on a screen."""
ORDER = (WAITING, *(step.value for step in Step), *ENDS)
CHROME = 7
"""Lines of a batch besides its spots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One batch as it stands."""

    batch: Batch
    progress: Progress | None
    """None where the batch has not got so far, or was made before progress was kept."""
    cost: str
    """What hosted backends charged, and what is set aside; empty for nothing."""
    unknown: int
    """Paid attempts whose outcome a person has to tell."""
    at: datetime

    @property
    def runs(self) -> bool:
        return self.batch.state is BatchState.RUNNING

    @property
    def silent(self) -> float:
        """Seconds since a process that works on it was heard of; 0 for a batch that is over."""
        if not self.runs or not self.progress:
            return 0.0
        return max((self.at - self.progress.heard_at).total_seconds(), 0.0)


class Looker:
    """Looks at the batches of one campaign, or at all that run."""

    def __init__(self, ledger: str, campaign: str) -> None:
        self._ledger = Ledger(ledger)
        self._book = ProgressBook(ledger)
        self._attempts = Attempts(ledger)
        self._campaign = campaign
        self._watched: dict[int, None] = {}

    def look(self) -> list[Sight]:
        """Batches that run, those that ended while they were watched, or else the last one."""
        batches = self._ledger.batches(self._campaign)
        self._watched |= dict.fromkeys(b.id for b in batches if b.state is BatchState.RUNNING)
        shown = [b for b in batches if b.id in self._watched] or batches[:1]
        return [self.sight(batch) for batch in shown]

    def close(self) -> None:
        self._ledger.close()
        self._book.close()
        self._attempts.close()

    def sight(self, batch: Batch) -> Sight:
        """The batch as it stands."""
        lines = costs(self._attempts, CostsBy.BATCH, batch=batch.id)
        said = [
            f"{line.actual} spent" + (f", {line.open} set aside" if line.open.amount else "")
            for line in lines
        ]
        return Sight(
            batch=batch,
            progress=self._book.read(batch.id, NAMED),
            cost="; ".join(said),
            unknown=len(self._attempts.find(FOR_A_PERSON, batch.id)),
            at=now(),
        )


def screen(sights: Sequence[Sight], height: int) -> RenderableType:
    """All batches in so many lines."""
    if not sights:
        return Text("No batch has run yet.", style="dim")
    room = max(height // len(sights) - CHROME, 3)
    return Group(*(part for sight in sights for part in _block(sight, room)))


def line(sight: Sight) -> str:
    """One batch in one plain line."""
    parts = [f"batch {sight.batch.id} {sight.batch.campaign}: {_headline(sight)}"]
    if sight.progress:
        parts.append(", ".join(f"{count} {state}" for state, count in ordered(sight.progress)))
    return "; ".join([*parts, *_remarks(sight)])


def _block(sight: Sight, room: int) -> list[RenderableType]:
    title = Text.assemble(
        (sight.batch.campaign, "bold"), f"  batch {sight.batch.id}  ", (_headline(sight), "dim")
    )
    if not sight.progress:
        return [title, *(Text(remark, "yellow") for remark in _remarks(sight)), Text()]
    states = Text("   ").join(
        Text(f"{count} {state}", _color(state)) for state, count in ordered(sight.progress)
    )
    bar = Table.grid()
    bar.add_row(ProgressBar(total=1.0, completed=sight.progress.share, width=48))
    spots = Table(box=None, pad_edge=False, show_header=False)
    for overflow in ("ellipsis", "ellipsis", "ellipsis"):
        spots.add_column(overflow=overflow, no_wrap=True)
    for spot in sight.progress.spots[:room]:
        spots.add_row(spot.spot, Text(spot.state, _color(spot.state)), Text(spot.reason, "dim"))
    hidden = sight.progress.total - min(room, len(sight.progress.spots))
    more = [Text(f"and {hidden} more", "dim")] if hidden else []
    remarks = [Text(remark, "yellow") for remark in _remarks(sight)]
    return [title, bar, states, *remarks, spots, *more, Text()]


def _headline(sight: Sight) -> str:
    if sight.batch.finished_at:
        why = ", its sheet was changed" if sight.batch.state is BatchState.SUPERSEDED else ""
        return f"over since {sight.batch.finished_at.astimezone():%H:%M:%S}{why}"
    if not sight.progress:
        return "reading its sheet"
    progress = sight.progress
    elapsed = (sight.at - progress.began_at).total_seconds()
    said = f"{progress.ended}/{progress.total} spots, {progress.share:.0%} in {duration(elapsed)}"
    left = progress.left(sight.at)
    if left is None:
        return said
    rate = progress.share * progress.total / elapsed * 60
    return f"{said}, {rate:.1f} spots/min, {duration(left)} left"


def _remarks(sight: Sight) -> list[str]:
    """What a person should know or do."""
    states = sight.progress.states if sight.progress else {}
    said = [sight.cost] if sight.cost else []
    if waiting := sum(states.get(state.value, 0) for state in TO_DECIDE):
        said.append(f"waiting for a person: {waiting} (reelsheet decide)")
    if sight.unknown:
        said.append(f"paid attempts with an unknown outcome: {sight.unknown} (reelsheet resolve)")
    if sight.silent > SILENT:
        heard = duration(sight.silent)
        said.append(
            f"nobody was heard to work on it for {heard}; it goes on with: reelsheet make {sight.batch.sheet}"
        )
    return said


def ordered(progress: Progress) -> list[tuple[str, int]]:
    """How many spots are in each state, in the order of the line."""
    known = {state: number for number, state in enumerate(ORDER)}
    return sorted(progress.states.items(), key=lambda pair: known.get(pair[0], len(ORDER)))


def _color(state: str) -> str:
    if state in ENDS:
        return COLORS[RowState(state)]
    return "dim" if state == WAITING else "cyan"
