"""Spots that are finished and wait for their moment of publishing, by the database's clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from campaign.database import Base, close_idle, open_engine, transaction
from campaign.lease import DatabaseClock


class ScheduledRow(Base):
    __tablename__ = "scheduled"

    campaign: Mapped[str] = mapped_column(primary_key=True)
    spot: Mapped[str] = mapped_column(primary_key=True)
    batch: Mapped[int]
    content: Mapped[str] = mapped_column(String(64))
    due: Mapped[float]
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A spot that waits. A later batch of the same campaign has the last word about it."""

    campaign: str
    spot: str
    batch: int
    content: str
    """Key of the campaign as it was read for the batch that finished it."""
    due: datetime


class Schedule:
    """Reads and writes what waits. Safe to open in several processes."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)

    def close(self) -> None:
        close_idle(self._engine)

    def is_ahead(self, moment: datetime) -> bool:
        """Whether ``moment`` has not come yet."""
        with transaction(self._engine) as session:
            return bool(session.scalar(select(DatabaseClock() < moment.timestamp())))

    def put(self, waiting: Scheduled) -> None:
        """Let it wait; an earlier word about the same spot is forgotten."""
        with transaction(self._engine) as session:
            values = {name: getattr(waiting, name) for name in ("campaign", "spot", "batch", "content")}
            session.merge(ScheduledRow(**values, due=waiting.due.timestamp()))

    def drop(self, campaign: str, spots: Iterable[str]) -> None:
        """They wait no more."""
        with transaction(self._engine) as session:
            mine = (ScheduledRow.campaign == campaign, ScheduledRow.spot.in_(list(spots)))
            session.execute(delete(ScheduledRow).where(*mine))

    def forget_before(self, campaign: str, batch: int) -> None:
        """What earlier batches of the campaign had scheduled: this one has the last word."""
        with transaction(self._engine) as session:
            mine = (ScheduledRow.campaign == campaign, ScheduledRow.batch < batch)
            session.execute(delete(ScheduledRow).where(*mine))

    def due(self) -> list[Scheduled]:
        """Those whose moment has come, by campaign, the longest due first."""
        query = (
            select(ScheduledRow)
            .where(ScheduledRow.due <= DatabaseClock())
            .order_by(ScheduledRow.campaign, ScheduledRow.due, ScheduledRow.spot)
        )
        return self._found(query)

    def waiting(self) -> list[Scheduled]:
        """All, the next first."""
        return self._found(select(ScheduledRow).order_by(ScheduledRow.due, ScheduledRow.spot))

    def _found(self, query: object) -> list[Scheduled]:
        with transaction(self._engine) as session:
            return [_scheduled(row) for row in session.scalars(query)]  # type: ignore[call-overload]


def _scheduled(row: ScheduledRow) -> Scheduled:
    return Scheduled(
        campaign=row.campaign,
        spot=row.spot,
        batch=row.batch,
        content=row.content,
        due=datetime.fromtimestamp(row.due, UTC),
    )
