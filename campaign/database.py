"""The ledger's database: how it is opened and brought up to date, and the base of its tables."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache, wraps
from pathlib import Path
from typing import ClassVar, ParamSpec, TypeVar

import sqlalchemy
from sqlalchemy import create_engine, event, make_url
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from campaign.errors import StoreBusyError, StoreError
from campaign.migrations.upgrade import bring_up_to_date

PAUSES = (0.2, 1.0, 4.0)
"""Seconds before what was cut off is done again; a database server that is restarted is back by then."""
PATIENCE = 10
"""Seconds for which a server is waited for before it is said not to answer."""
REFUSED = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
FULL = "53100"
"""What SQLite and PostgreSQL say when the disk is full or takes no writes."""
IDLE, MOST = 2, 16
"""Connections to a server that a process keeps, and that it opens at once."""

P = ParamSpec("P")
T = TypeVar("T")


class Base(DeclarativeBase):
    """Base of every table of the ledger. A change of a table needs a file in campaign/migrations/versions."""

    type_annotation_map: ClassVar[dict[type, object]] = {
        # A type of the server's own for each enum would have to be migrated with every new member.
        Enum: sqlalchemy.Enum(Enum, native_enum=False, length=40),
        # Without it a server stores times in whatever zone it is set to.
        datetime: sqlalchemy.DateTime(timezone=True),
    }


def open_engine(url: str) -> Engine:
    """An engine with every table as this version of the code knows it, made or brought up to date now.

    SQLite is in WAL mode, each commit on the disk before it returns.

    Raises:
        StoreError: the database cannot be opened or written, or a newer version of the code has changed it.
    """
    engine = _engine(url, os.getpid())
    try:
        bring_up_to_date(engine)
    except StoreError:
        close_idle(engine)
        raise
    except DBAPIError as error:
        close_idle(engine)
        raise StoreError(
            _name(engine),
            f"the ledger cannot be opened ({_words(error)}).",
            "Check that the database is there and may be written, then run the same command again.",
        ) from error
    return engine


def close_idle(engine: Engine) -> None:
    """Close this process's connections that nobody uses.

    `Engine.dispose` would also give the engine another pool: what others have out then comes back to one that
    nobody closes.
    """
    engine.pool.dispose()


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session whose work is committed at the end, or not at all.

    Raises:
        StoreError: the database's disk refused a write; nothing of it is written.
        StoreBusyError: the database was lost on the way; where that was while it committed, nobody knows
            whether it did.
    """
    try:
        with Session(engine) as session, session.begin():
            yield session
    except OperationalError as error:
        if _is_full(error):
            raise StoreError(
                _name(engine),
                f"the ledger's disk refused a write ({_words(error)}).",
                "Free space or correct its rights, then run the same command again: it goes on from what is "
                "written.",
            ) from error
        raise StoreBusyError(
            _name(engine),
            f"the ledger was cut off, or is kept busy by others ({_words(error)}).",
            "Look whether the database can be reached from here, then run the same command again: it goes "
            "on from what is written.",
        ) from error


def repeated(work: Callable[P, T]) -> Callable[P, T]:
    """Do ``work`` again where the ledger was cut off; for what may be done twice without harm."""

    @wraps(work)
    def patient(*args: P.args, **kwargs: P.kwargs) -> T:
        for pause in PAUSES:
            try:
                return work(*args, **kwargs)
            except StoreBusyError:
                time.sleep(pause)
        return work(*args, **kwargs)

    return patient


def now() -> datetime:
    return datetime.now(UTC)


def with_zone(at: datetime) -> datetime:
    """SQLite gives times back without the zone they were written in, which is UTC."""
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


@lru_cache(maxsize=8)
def _engine(url: str, _process: int) -> Engine:
    """One for all that a process opens: a server has a hundred connections, and a fleet many processes.

    Whoever is done with it calls `close_idle`.
    """
    try:
        target = make_url(url)
        if target.get_backend_name() == "sqlite":
            engine = create_engine(target)
            event.listen(engine, "connect", _sqlite_pragmas)
            if target.database:
                Path(target.database).parent.mkdir(parents=True, exist_ok=True)
            return engine
        if target.drivername == "postgresql":
            target = target.set(drivername="postgresql+psycopg")
        # A connection that broke while it lay in the pool is replaced before it is used.
        return create_engine(
            target,
            pool_pre_ping=True,
            pool_size=IDLE,
            max_overflow=MOST - IDLE,
            connect_args={"connect_timeout": PATIENCE},
        )
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(
            "The setting ledger",
            "is not a URL of a database that is known here.",
            "Write it like postgresql://user@host/name, or leave it out for SQLite.",
        ) from error
    except ImportError as error:
        raise StoreError(
            "The setting ledger",
            f"names a database whose driver is missing ({error}).",
            "For PostgreSQL run: pip install -c constraints.txt -e '.[fleet]'",
        ) from error


def _name(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _is_full(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return code in REFUSED or getattr(error.orig, "sqlstate", "") == FULL


def _words(error: DBAPIError) -> str:
    said = str(error.orig).strip().splitlines()
    return said[0] if said else type(error.orig).__name__


def _sqlite_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("busy_timeout=30000", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            # Of several processes that open a new file SQLite lets one change its journal, and tells the
            # others at once that it is busy, whatever its timeout.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
