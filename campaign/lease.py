"""Who works on a campaign, or on an errand for one: never two at once, and never one who was thought dead.

A lease is a row with an end. Its holder moves the end on, by a heartbeat; when it stops doing so, another
takes the lease with the next fencing number, and the database refuses what the former holder still writes.
All times are the database's own, so that clocks of machines may differ.
"""

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Float, String, delete, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.functions import GenericFunction

from campaign.database import Base, close_idle, open_engine, repeated, transaction
from campaign.errors import StoreBusyError
from campaign.fleet_errors import BusyError, LeaseLostError
from campaign.process import is_running, this_machine, this_process

log = logging.getLogger(__name__)

LASTS = 60.0
"""Seconds that a lease holds without a heartbeat: so long a batch is left alone when its machine is lost."""
BEATS = 4
"""Heartbeats in that time, so that a late one costs nothing."""


class DatabaseClock(GenericFunction[float]):
    """Seconds since 1970 by the database's clock."""

    type = Float()
    name = "database_clock"
    inherit_cache = True


SQLITE_CLOCK = "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(DatabaseClock, "sqlite")
def _on_sqlite(*_: object, **__: object) -> str:
    return SQLITE_CLOCK


@compiles(DatabaseClock, "postgresql")
def _on_postgresql(*_: object, **__: object) -> str:
    return "cast(extract(epoch from clock_timestamp()) as double precision)"


class LeaseRow(Base):
    __tablename__ = "leases"

    campaign: Mapped[str] = mapped_column(primary_key=True)
    fence: Mapped[int]
    """One more with each holder."""
    machine: Mapped[str]
    process: Mapped[str]
    who: Mapped[str]
    since: Mapped[float]
    expires: Mapped[float]
    batch: Mapped[int]
    """The batch under way, or the last one; 0 before the first."""
    content: Mapped[str] = mapped_column(String(64))
    """Key of the campaign as it was read for that batch; empty before it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work on a campaign, as it was when it was looked at."""

    campaign: str
    fence: int
    machine: str
    process: str
    who: str
    """In words: person and machine."""
    since: float
    expires: float
    batch: int
    content: str

    def __str__(self) -> str:
        host, number = self.machine.split("/")[0], self.process.split("@")[0]
        since = datetime.fromtimestamp(self.since).astimezone()
        return f"{self.who} on {host} (process {number}) since {since:%Y-%m-%d %H:%M:%S %Z}"


class Leases:
    """Reads and writes leases. Safe to open in several processes."""

    def __init__(self, url: str) -> None:
        self._engine: Engine = open_engine(url)

    def close(self) -> None:
        close_idle(self._engine)

    def take(self, campaign: str, who: str, lasts: float = LASTS) -> Lease:
        """Become the one who works on ``campaign``.

        A holder on this machine whose process is gone is followed at once, any other when its lease ran out.

        Raises:
            BusyError: somebody else does; says who, since when and what to do.
        """
        held = self.of(campaign)
        if held is None:
            try:
                return self._first(campaign, who, lasts)
            except IntegrityError:
                return self.take(campaign, who, lasts)
        free = LeaseRow.expires <= DatabaseClock()
        if _is_gone(held):
            free |= LeaseRow.fence == held.fence
        change = (
            update(LeaseRow)
            .where(LeaseRow.campaign == campaign, free)
            .values(fence=LeaseRow.fence + 1, **_mine(who, lasts))
            .returning(LeaseRow)
        )
        with transaction(self._engine) as session:
            row = session.scalars(change).one_or_none()
            if row:
                return lease_of(row)
        raise BusyError(campaign, str(held))

    def beat(self, lease: Lease, lasts: float = LASTS) -> None:
        """Say that its holder is still there.

        Raises:
            LeaseLostError: somebody else holds it.
        """
        with transaction(self._engine) as session:
            _change(session, lease, expires=DatabaseClock() + lasts)

    def begin(self, lease: Lease, batch: int, content: str) -> None:
        """Note which batch is under way, and from which content.

        Raises:
            LeaseLostError: somebody else holds it.
        """
        with transaction(self._engine) as session:
            _change(session, lease, batch=batch, content=content)

    def give_back(self, lease: Lease) -> None:
        """Let anybody take it; nothing where it was lost."""
        with transaction(self._engine) as session:
            session.execute(
                update(LeaseRow)
                .where(LeaseRow.campaign == lease.campaign, LeaseRow.fence == lease.fence)
                .values(expires=0.0)
            )

    @repeated
    def silent(self, campaigns: Iterable[str]) -> set[str]:
        """Of these, those whose holder ended without a word: not heard of in time, or gone from this machine.

        What nobody ever held, and what was given back, is not among them.
        """
        held = LeaseRow.expires > 0
        with transaction(self._engine) as session:
            query = select(LeaseRow, LeaseRow.expires <= DatabaseClock())
            rows = session.execute(query.where(LeaseRow.campaign.in_(list(campaigns)), held)).all()
            return {row.campaign for row, ran_out in rows if ran_out or _is_gone(row)}

    def forget(self, campaign: str) -> None:
        """Let it be as if nobody had ever held it."""
        with transaction(self._engine) as session:
            session.execute(delete(LeaseRow).where(LeaseRow.campaign == campaign))

    def of(self, campaign: str) -> Lease | None:
        """The lease on the campaign, held or run out; None where nobody ever had it."""
        return self._one(LeaseRow.campaign == campaign)

    def of_batch(self, batch: int) -> Lease | None:
        """The lease under which the batch is or was under way; None when another batch of it began since."""
        return self._one(LeaseRow.batch == batch)

    def _one(self, where: object) -> Lease | None:
        with transaction(self._engine) as session:
            row = session.scalar(select(LeaseRow).where(where))  # type: ignore[arg-type]
            return lease_of(row) if row else None

    def _first(self, campaign: str, who: str, lasts: float) -> Lease:
        with transaction(self._engine) as session:
            row = LeaseRow(campaign=campaign, fence=1, batch=0, content="", **_mine(who, lasts))
            session.add(row)
            session.flush()
            session.refresh(row)
            return lease_of(row)


def fenced(session: Session, lease: Lease) -> None:
    """Let the transaction be committed only while ``lease`` is held; it waits for who is taking it over.

    Raises:
        LeaseLostError: somebody else holds it.
    """
    _change(session, lease, fence=lease.fence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A lease with a heartbeat."""

    lease: Lease
    leases: Leases

    def begin(self, batch: int, content: str) -> None:
        """Note which batch is under way, and from which content."""
        self.leases.begin(self.lease, batch, content)


@contextmanager
def holding(url: str, campaign: str, who: str, lasts: float = LASTS) -> Iterator[Held]:
    """Work on ``campaign`` inside the block, with a heartbeat from a thread of its own.

    Raises:
        BusyError: somebody else works on it.
    """
    leases = Leases(url)
    ended = threading.Event()
    try:
        lease = leases.take(campaign, who, lasts)
        beating = threading.Thread(target=_beat, args=(leases, lease, lasts, ended), daemon=True)
        beating.start()
        try:
            yield Held(lease=lease, leases=leases)
        finally:
            ended.set()
            beating.join()
            leases.give_back(lease)
    finally:
        leases.close()


def _beat(leases: Leases, lease: Lease, lasts: float, ended: threading.Event) -> None:
    while not ended.wait(lasts / BEATS):
        try:
            leases.beat(lease, lasts)
        except LeaseLostError as error:
            # Whatever is written after this is refused by its fence.
            log.error("%s", error)
            return
        except (SQLAlchemyError, StoreBusyError) as error:
            log.warning("heartbeat of %s: %s", lease.campaign, error)


def _is_gone(holder: Lease | LeaseRow) -> bool:
    """Whether it was a process of this machine that has ended; of others nobody here can tell."""
    return holder.machine == this_machine() and not is_running(holder.process)


def _mine(who: str, lasts: float) -> dict[str, object]:
    return {
        "machine": this_machine(),
        "process": this_process(),
        "who": who,
        "since": DatabaseClock(),
        "expires": DatabaseClock() + lasts,
    }


def _change(session: Session, lease: Lease, **values: object) -> None:
    mine = (LeaseRow.campaign == lease.campaign, LeaseRow.fence == lease.fence)
    change = update(LeaseRow).where(*mine).values(**values).returning(LeaseRow.fence)
    if session.scalar(change) is None:
        row = session.scalar(select(LeaseRow).where(LeaseRow.campaign == lease.campaign))
        raise LeaseLostError(lease.campaign, str(lease_of(row)) if row else "nobody")


def lease_of(row: LeaseRow) -> Lease:
    return Lease(**{name: getattr(row, name) for name in Lease.__dataclass_fields__})
