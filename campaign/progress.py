"""How far a batch is, spot by spot, for whoever looks from another terminal or another machine.

Written by the processes that work on the batch, at most once a second each; losing it loses no work.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from campaign.database import Base, close_idle, now, open_engine, transaction, with_zone
from campaign.errors import StoreError
from campaign.events import Event, SpotDone, Step, Worked, listening
from campaign.report import TO_DECIDE, RowState

WEIGHTS = {
    Step.EXPAND: 0.01,
    Step.SCREEN: 0.01,
    Step.SPEAK: 0.05,
    Step.SHOOT: 0.40,
    Step.FINISH: 0.52,
    Step.PUBLISH: 0.01,
}
"""Share of a spot's time at each step, from a run of the example with the animatic backend."""
EVERY = 1.0
"""Seconds between two writes of one process."""
KEPT = timedelta(days=7)
"""Progress of batches begun earlier is forgotten when the next begins."""
WAITING = "waiting"
"""State of a spot that nothing was done for yet. One at work has its step as its state, one at its end
what its row then says."""
ENDS = tuple(state.value for state in RowState)
FOR_A_PERSON_FIRST = (*(state.value for state in TO_DECIDE), RowState.FAILED.value, RowState.REFUSED.value)

log = logging.getLogger(__name__)


class ProgressRow(Base):
    __tablename__ = "progress"

    batch: Mapped[int] = mapped_column(primary_key=True)
    spot: Mapped[str] = mapped_column(primary_key=True)
    row: Mapped[str]
    state: Mapped[str]
    share: Mapped[float]
    """Of its work, 0 to 1."""
    reason: Mapped[str]


class ProgressRunRow(Base):
    __tablename__ = "progress_runs"

    batch: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    """When the batch was begun or taken up again."""
    heard_at: Mapped[datetime]
    """When a process that works on it last wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotProgress:
    """How far one spot is."""

    spot: str
    state: str
    share: float
    reason: str
    row: str = ""
    """Known from the beginning; who records leaves it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one batch is."""

    began_at: datetime
    heard_at: datetime
    states: Mapping[str, int]
    """How many spots are in each state."""
    share: float
    """Of all the work, 0 to 1."""
    spots: tuple[SpotProgress, ...]
    """The most telling ones: first those that need a person or failed, then those at work, then the done."""

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def ended(self) -> int:
        return sum(count for state, count in self.states.items() if state in ENDS)

    def left(self, at: datetime) -> float | None:
        """Seconds until the end at the pace so far; None before that can be told."""
        elapsed = (at - self.began_at).total_seconds()
        if self.share < 0.03 or elapsed < 2:
            return None
        return elapsed / self.share - elapsed


class ProgressBook:
    """Reads and writes progress. Safe to open in several processes."""

    def __init__(self, url: str) -> None:
        self._engine: Engine = open_engine(url)

    def close(self) -> None:
        close_idle(self._engine)

    def begin(self, batch: int, spots: Mapping[str, str]) -> None:
        """Let every spot wait; ``spots`` is the row of each by its id. Old batches are forgotten."""
        at = now()
        old = select(ProgressRunRow.batch).where(ProgressRunRow.began_at < at - KEPT)
        fresh = [
            {"batch": batch, "spot": spot, "row": row, "state": WAITING, "share": 0.0, "reason": ""}
            for spot, row in spots.items()
        ]
        with transaction(self._engine) as session:
            for table in (ProgressRow, ProgressRunRow):
                session.execute(delete(table).where(table.batch.in_(old) | (table.batch == batch)))
            session.add(ProgressRunRow(batch=batch, began_at=at, heard_at=at))
            if fresh:
                session.execute(insert(ProgressRow), fresh)

    def record(self, batch: int, changed: Iterable[SpotProgress]) -> None:
        """Set those spots; also says that somebody works on the batch."""
        new = [
            {"batch": batch, "spot": one.spot, "state": one.state, "share": one.share, "reason": one.reason}
            for one in changed
        ]
        with transaction(self._engine) as session:
            session.execute(
                update(ProgressRunRow).where(ProgressRunRow.batch == batch).values(heard_at=now())
            )
            if new:
                session.execute(update(ProgressRow), new)

    def read(self, batch: int, most: int) -> Progress | None:
        """How far the batch is, with at most so many spots; None where nothing was written of it."""
        mine = ProgressRow.batch == batch
        rank = case(
            (ProgressRow.state.in_(FOR_A_PERSON_FIRST), 0),
            (ProgressRow.state == WAITING, 3),
            (ProgressRow.state.in_(ENDS), 2),
            else_=1,
        )
        with transaction(self._engine) as session:
            run = session.get(ProgressRunRow, batch)
            if run is None:
                return None
            counts = session.execute(
                select(ProgressRow.state, func.count(), func.sum(ProgressRow.share))
                .where(mine)
                .group_by(ProgressRow.state)
            ).all()
            rows = session.scalars(
                select(ProgressRow).where(mine).order_by(rank, ProgressRow.row, ProgressRow.spot).limit(most)
            ).all()
            total = sum(count for _, count, _ in counts)
            return Progress(
                began_at=with_zone(run.began_at),
                heard_at=with_zone(run.heard_at),
                states={state: count for state, count, _ in counts},
                share=sum(share for _, _, share in counts) / total if total else 0.0,
                spots=tuple(
                    SpotProgress(spot=r.spot, row=r.row, state=r.state, share=r.share, reason=r.reason)
                    for r in rows
                ),
            )


@contextmanager
def recording(ledger: str, batch: int, every: float = EVERY) -> Iterator[None]:
    """Write down what is announced inside the block. That it cannot be written never stops the work."""
    writer = _Writer(ledger, batch)
    over = threading.Event()

    def keep_writing() -> None:
        while not over.wait(every):
            writer.write()

    thread = threading.Thread(target=keep_writing, name="progress", daemon=True)
    with listening(writer.hear):
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            writer.write()
            writer.close()


class _Writer:
    """Keeps the latest of every spot until the next write."""

    def __init__(self, ledger: str, batch: int) -> None:
        self._book = ProgressBook(ledger)
        self._batch = batch
        self._parts: dict[tuple[str, Step], float] = defaultdict(float)
        self._changed: dict[str, SpotProgress] = {}
        self._lock = threading.Lock()

    def hear(self, event: Event) -> None:
        with self._lock:
            match event:
                case Worked():
                    self._parts[event.spot_id, event.step] += event.part
                    part = min(self._parts[event.spot_id, event.step], 1.0)
                    # The steps before may have been another process's.
                    share = _before(event.step) + WEIGHTS[event.step] * part
                    self._set(event.spot_id, event.step.value, share, "")
                case SpotDone():
                    self._set(event.spot_id, event.state.value, 1.0, event.reason)

    def write(self) -> None:
        with self._lock:
            changed, self._changed = self._changed, {}
        try:
            self._book.record(self._batch, changed.values())
        except (SQLAlchemyError, StoreError) as error:
            log.warning("batch %d: its progress is not written: %s", self._batch, error)

    def close(self) -> None:
        self._book.close()

    def _set(self, spot: str, state: str, share: float, reason: str) -> None:
        self._changed[spot] = SpotProgress(spot=spot, state=state, share=share, reason=reason)


def _before(step: Step) -> float:
    """Share of a spot's work that comes before the step."""
    steps = list(Step)
    return sum(WEIGHTS[earlier] for earlier in steps[: steps.index(step)])
