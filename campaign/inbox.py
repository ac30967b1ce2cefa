"""Sheets that became batches by lying in a watched folder: each content once."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from campaign.database import Base, close_idle, open_engine, transaction
from campaign.lease import DatabaseClock


class InboxRow(Base):
    __tablename__ = "inbox"

    address: Mapped[str] = mapped_column(primary_key=True)
    """Path or URL of the sheet."""
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of its bytes."""
    taken_at: Mapped[float]
    note: Mapped[str]
    """Why no batch came of it; empty where one did."""


class Inbox:
    """Reads and writes what was taken. Safe to open in several processes."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)

    def close(self) -> None:
        close_idle(self._engine)

    def has(self, address: str, digest: str) -> bool:
        """Whether this sheet was taken with this content."""
        with transaction(self._engine) as session:
            return session.get(InboxRow, (address, digest)) is not None

    def take(self, address: str, digest: str, note: str = "") -> None:
        """Keep in mind that it was."""
        with transaction(self._engine) as session:
            row = InboxRow(address=address, digest=digest, taken_at=DatabaseClock(), note=note)
            session.merge(row)
