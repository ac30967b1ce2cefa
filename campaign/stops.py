"""Why a worker on another machine could not make what a spot needs: told to whoever reports the batch.

A crash leaves no stop: what is missing without one is tried again, and what has one is a row's result.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from campaign.database import Base, close_idle, open_engine, transaction
from campaign.report import RowState


class StopRow(Base):
    __tablename__ = "stops"

    batch: Mapped[int] = mapped_column(primary_key=True)
    spot: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[RowState]
    reason: Mapped[str]


class Stops:
    """Reads and writes stops. Safe to open in several processes."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)

    def close(self) -> None:
        close_idle(self._engine)

    def note(self, batch: int, stops: Mapping[str, tuple[RowState, str]]) -> None:
        """Say of each spot in what state it stopped, and why."""
        with transaction(self._engine) as session:
            for spot, (state, reason) in stops.items():
                session.merge(StopRow(batch=batch, spot=spot, state=state, reason=reason))

    def forget(self, batch: int, spots: Iterable[str]) -> None:
        """Take them back, before those spots are tried again."""
        with transaction(self._engine) as session:
            session.execute(delete(StopRow).where(StopRow.batch == batch, StopRow.spot.in_(list(spots))))

    def of(self, batch: int, spots: Iterable[str]) -> dict[str, tuple[RowState, str]]:
        """What is known of those spots."""
        query = select(StopRow).where(StopRow.batch == batch, StopRow.spot.in_(list(spots)))
        with transaction(self._engine) as session:
            return {row.spot: (row.state, row.reason) for row in session.scalars(query)}
