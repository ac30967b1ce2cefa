"""The ledger: what the outside world knows. Attempts, decisions of people, releases.

SQLite in WAL mode by default, any SQLAlchemy URL by setting. Every change is committed before the call that
it announces, and again as soon as its outcome is known.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaign.database import Base, close_idle, now, open_engine, repeated, transaction, with_zone
from campaign.fleet_errors import DecidedError
from campaign.lease import Lease, LeaseRow, fenced, lease_of

ASKED_AT_ONCE = 500
"""Keys in one question; SQLite takes some thousands."""


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

    id: int
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
    def releases_of(self, renditions: Iterable[str]) -> list[Release]:
        """All releases of these renditions, wherever they went or are to go."""
        keys = list(dict.fromkeys(renditions))
        found: list[Release] = []
        with self._session() as session:
            for start in range(0, len(keys), ASKED_AT_ONCE):
                query = select(ReleaseRow).where(
                    ReleaseRow.rendition.in_(keys[start : start + ASKED_AT_ONCE])
                )
                found += map(_release, session.scalars(query))
        return found

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

    def decide(
        self, subject: str, decision: str, who: str, why: str, known: int | None = None
    ) -> PersonDecision:
        """Record a person's decision about the artefact with that key.

        ``known`` is the number of the last one about it that they had seen, 0 for none; without it theirs
        counts whatever was decided before.

        Raises:
            DecidedError: there is a later one.
        """
        with self._session() as session:
            if known is not None:
                _alone(session)
                last = session.scalar(_latest(subject))
                if last and last.id != known:
                    raise DecidedError(subject, last.decision, last.who, last.why)
            row = DecisionRow(subject=subject, decision=decision, who=who, why=why, at=now())
            session.add(row)
            session.flush()
            return _decision(row)

    @repeated
    def decision(self, subject: str) -> PersonDecision | None:
        """The latest decision about the artefact with that key."""
        with self._session() as session:
            row = session.scalar(_latest(subject))
            return _decision(row) if row else None

    @repeated
    def decisions(self, subjects: Iterable[str]) -> dict[str, PersonDecision]:
        """The latest decision about each of these artefacts that has one, by key."""
        keys = list(dict.fromkeys(subjects))
        found: dict[str, PersonDecision] = {}
        with self._session() as session:
            for start in range(0, len(keys), ASKED_AT_ONCE):
                mine = DecisionRow.subject.in_(keys[start : start + ASKED_AT_ONCE])
                last = select(func.max(DecisionRow.id)).where(mine).group_by(DecisionRow.subject)
                rows = session.scalars(select(DecisionRow).where(DecisionRow.id.in_(last)))
                found |= {row.subject: _decision(row) for row in rows}
        return found

    def close(self) -> None:
        close_idle(self._engine)

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


def _latest(subject: str) -> Select[tuple[DecisionRow]]:
    mine = select(DecisionRow).where(DecisionRow.subject == subject)
    return mine.order_by(DecisionRow.id.desc()).limit(1)


def _alone(session: Session) -> None:
    """Let nobody else write a decision until this transaction has ended: what it reads stays true."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE decisions IN SHARE ROW EXCLUSIVE MODE"))
    else:
        # SQLite takes its write lock with the first UPDATE, also of nothing; reading takes none.
        session.execute(update(DecisionRow).where(DecisionRow.id == 0).values(id=0))


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
        id=row.id, subject=row.subject, decision=row.decision, who=row.who, why=row.why, at=with_zone(row.at)
    )
