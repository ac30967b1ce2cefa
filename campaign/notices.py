"""The ledger of notices: each is sent once per batch, event and channel, also when the batch is run again."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from campaign.database import Base, close_idle, now, open_engine, transaction


class NoticeState(StrEnum):
    INTENT = "intent"
    """Announced; it may be on its way. It is not sent again: a notice twice is worse than one too few."""
    SENT = "sent"
    FAILED = "failed"
    """It did not arrive; the next run of the batch tries again."""


class NoticeRow(Base):
    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("batch", "event", "channel"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[int]
    event: Mapped[str]
    channel: Mapped[str]
    """Its name in the settings; never its address, which holds a token."""
    state: Mapped[NoticeState]
    note: Mapped[str]
    changed_at: Mapped[datetime]


class Notices:
    """Reads and writes notices. Safe to open in several processes."""

    def __init__(self, url: str) -> None:
        self._engine: Engine = open_engine(url)

    def close(self) -> None:
        close_idle(self._engine)

    def claim(self, batch: int, event: str, channel: str) -> int | None:
        """The number of the notice that the caller shall send; None when it was, or somebody does."""
        try:
            with transaction(self._engine) as session:
                row = NoticeRow(
                    batch=batch,
                    event=event,
                    channel=channel,
                    state=NoticeState.INTENT,
                    note="",
                    changed_at=now(),
                )
                session.add(row)
                session.flush()
                return row.id
        except IntegrityError:
            return self._claim_again(batch, event, channel)

    def settle(self, notice: int, refusal: str) -> None:
        """Record that it was sent, or why it was not where ``refusal`` is not empty."""
        state = NoticeState.FAILED if refusal else NoticeState.SENT
        with transaction(self._engine) as session:
            change = update(NoticeRow).where(NoticeRow.id == notice)
            session.execute(change.values(state=state, note=refusal, changed_at=now()))

    def _claim_again(self, batch: int, event: str, channel: str) -> int | None:
        """One conditional UPDATE, so that of two processes only one sends a failed notice again."""
        mine = (NoticeRow.batch == batch, NoticeRow.event == event, NoticeRow.channel == channel)
        with transaction(self._engine) as session:
            change = update(NoticeRow).where(*mine, NoticeRow.state == NoticeState.FAILED)
            taken = session.execute(change.values(state=NoticeState.INTENT, changed_at=now()))
            if not taken.rowcount:  # type: ignore[attr-defined]  # Of a cursor's result, which an UPDATE gives.
                return None
            return session.scalars(select(NoticeRow.id).where(*mine)).one()
