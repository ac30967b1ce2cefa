"""The ledger: what the outside world knows. Attempts, decisions of people, releases.

SQLite in WAL mode by default, any SQLAlchemy URL by setting. Every change is committed before the call that
it announces, and again as soon as its outcome is known.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaign.database import Base, now, open_engine, repeated, transaction, with_zone
from campaign.lease import Lease, LeaseRow, fenced, lease_of


class BatchState(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    SUPERSEDED = "superseded"
    """It did not come to its end before the sheet was changed; a newer batch took its place."""


class ReleaseState(StrEnum):
    INTENT = "intent"
    """Announced; nothing is known of the publisher's side."""
    SENT = "sent"
    """The publisher gave a remote id."""
    CONFIRMED = "confirmed"
    """Read back from the publisher and right."""
    FAILED = "failed"
    """The publisher refused; ``note`` says why."""


class BatchRow(Base):
    __tablename__ = "batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign: Mapped[str]
    sheet: Mapped[str]
    sheet_digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[BatchState]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class DecisionRow(Base):
    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(index=True)
    """Content key of what was decided on."""
    decision: Mapped[str]
    who: Mapped[str]
    why: Mapped[str]
    at: Mapped[datetime]


class ReleaseRow(Base):
    __tablename__ = "releases"
    __table_args__ = (UniqueConstraint("rendition", "publisher", "account", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    rendition: Mapped[str] = mapped_column(String(64))
    """Content key."""
    publisher: Mapped[str]
    account: Mapped[str]
    place: Mapped[str]
    """Where on the account: the spot and aspect."""
    state: Mapped[ReleaseState]
    remote_id: Mapped[str | None]
    note: Mapped[str]
    changed_at: Mapped[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One run over a sheet, from its begin to its end."""

    id: int
    campaign: str
    sheet: str
    state: BatchState
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One rendition at one publisher on one account, as the ledger knows it."""

    id: int
    rendition: str
    publisher: str
    account: str
    place: str
    state: ReleaseState
    remote_id: str | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDecision:
    """What a person decided about an artefact."""

    subject: str
    decision: str
    who: str
    why: str
    at: datetime


class Ledger:
    """Reads and writes the ledger's tables. Safe to open in several processes."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self.lease: Lease | None = None
        """Once set, batches and releases are written only while it is held."""

    @repeated
    def begin_batch(self, campaign: str, sheet: Path, digest: str) -> int:
        """Open a batch, or go on with the one of the same sheet that did not finish."""
        unfinished = select(BatchRow).where(
            BatchRow.campaign == campaign, BatchRow.state == BatchState.RUNNING
        )
        with self._fenced() as session:
            if open_one := session.scalar(unfinished.where(BatchRow.sheet_digest == digest)):
                return open_one.id
            for row in session.scalars(unfinished):
                row.state, row.finished_at = BatchState.SUPERSEDED, now()
            row = BatchRow(
                campaign=campaign,
                sheet=str(sheet),
                sheet_digest=digest,
                state=BatchState.RUNNING,
                started_at=now(),
                finished_at=None,
            )
            session.add(row)
            session.flush()
            return row.id

    @repeated
    def finish_batch(self, batch: int) -> None:
        with self._fenced() as session:
            row = session.get_one(BatchRow, batch)
            row.state, row.finished_at = BatchState.FINISHED, now()

    @repeated
    def batches(self, campaign: str = "", most: int = 20) -> list[Batch]:
        """Batches of the campaign, or of all; those that run first, then the newest."""
        query = select(BatchRow).order_by(BatchRow.state != BatchState.RUNNING, BatchRow.id.desc())
        if campaign:
            query = query.where(BatchRow.campaign == campaign)
        with self._session() as session:
            return [_batch(row) for row in session.scalars(query.limit(most))]

    @repeated
    def unfinished(self) -> list[Lease]:
        """The leases, held or not, under which a batch has begun that did not come to its end."""
        query = (
            select(LeaseRow)
            .join(BatchRow, BatchRow.id == LeaseRow.batch)
            .where(BatchRow.state == BatchState.RUNNING, LeaseRow.content != "")
            .order_by(LeaseRow.batch)
        )
        with self._session() as session:
            return [lease_of(row) for row in session.scalars(query)]

    @repeated
    def intend_release(self, batch: int, rendition: str, publisher: str, account: str, place: str) -> Release:
        """The release of this rendition at this place: as it is known, or a new INTENT, committed."""
        try:
            with self._fenced() as session:
                row = session.scalar(_release_there(rendition, publisher, account, place))
                if row is None:
                    row = ReleaseRow(
                        batch=batch,
                        rendition=rendition,
                        publisher=publisher,
                        account=account,
                        place=place,
                        state=ReleaseState.INTENT,
                        remote_id=None,
                        note="",
                        changed_at=now(),
                    )
                    session.add(row)
                    session.flush()
                return _release(row)
        except IntegrityError:
            # Another process announced it between our look and our write.
            return self.intend_release(batch, rendition, publisher, account, place)

    @repeated
    def release_of(self, rendition: str, publisher: str, account: str, place: str) -> Release | None:
        """The release of this rendition at this place as it is known; None before it was intended."""
        with self._session() as session:
            row = session.scalar(_release_there(rendition, publisher, account, place))
            return _release(row) if row else None

    def move_release(
        self, release: int, state: ReleaseState, remote_id: str | None = None, note: str = ""
    ) -> Release:
        """Record what the publisher said; a remote id once known is kept."""
        with self._fenced() as session:
            row = session.get_one(ReleaseRow, release)
            row.state, row.note, row.changed_at = state, note, now()
            row.remote_id = remote_id or row.remote_id
            session.flush()
            return _release(row)

    @repeated
    def releases(self, state: ReleaseState | None = None) -> list[Release]:
        """All releases, oldest first, or those in one state."""
        query = select(ReleaseRow).order_by(ReleaseRow.id)
        if state:
            query = query.where(ReleaseRow.state == state)
        with self._session() as session:
            return [_release(row) for row in session.scalars(query)]

    def decide(self, subject: str, decision: str, who: str, why: str) -> PersonDecision:
        """Record a person's decision about the artefact with that key."""
        with self._session() as session:
            row = DecisionRow(subject=subject, decision=decision, who=who, why=why, at=now())
            session.add(row)
            session.flush()
            return _decision(row)

    @repeated
    def decision(self, subject: str) -> PersonDecision | None:
        """The latest decision about the artefact with that key."""
        query = select(DecisionRow).where(DecisionRow.subject == subject).order_by(DecisionRow.id.desc())
        with self._session() as session:
            row = session.scalar(query.limit(1))
            return _decision(row) if row else None

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _fenced(self) -> Iterator[Session]:
        with self._session() as session:
            if self.lease:
                fenced(session, self.lease)
            yield session

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with transaction(self._engine) as session:
            yield session


def _batch(row: BatchRow) -> Batch:
    return Batch(
        id=row.id,
        campaign=row.campaign,
        sheet=row.sheet,
        state=row.state,
        started_at=with_zone(row.started_at),
        finished_at=with_zone(row.finished_at) if row.finished_at else None,
    )


def _release_there(rendition: str, publisher: str, account: str, place: str) -> Select[tuple[ReleaseRow]]:
    return select(ReleaseRow).where(
        ReleaseRow.rendition == rendition,
        ReleaseRow.publisher == publisher,
        ReleaseRow.account == account,
        ReleaseRow.place == place,
    )


def _release(row: ReleaseRow) -> Release:
    return Release(
        id=row.id,
        rendition=row.rendition,
        publisher=row.publisher,
        account=row.account,
        place=row.place,
        state=row.state,
        remote_id=row.remote_id,
        note=row.note,
    )


def _decision(row: DecisionRow) -> PersonDecision:
    return PersonDecision(
        subject=row.subject, decision=row.decision, who=row.who, why=row.why, at=with_zone(row.at)
    )
