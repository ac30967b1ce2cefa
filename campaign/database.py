"""The ledger's database: how it is opened, and the base of its tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session

from campaign.errors import StoreError


class Base(DeclarativeBase):
    """Base of every table of the ledger."""


def open_engine(url: str) -> Engine:
    """An engine with every known table made; SQLite in WAL mode, each commit on the disk before it returns.

    Raises:
        StoreError: the database cannot be opened or written.
    """
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_pragmas)
        if engine.url.database:
            Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        Base.metadata.create_all(engine)
    except DBAPIError as error:
        raise StoreError(
            engine.url.render_as_string(hide_password=True),
            f"the ledger cannot be opened ({error.orig}).",
            "Check that the database is there and may be written, then run the same command again.",
        ) from error
    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session whose work is committed at the end, or not at all."""
    with Session(engine) as session, session.begin():
        yield session


def now() -> datetime:
    return datetime.now(UTC)


def with_zone(at: datetime) -> datetime:
    """SQLite gives times back without the zone they were written in, which is UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _sqlite_pragmas(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # A DBAPI connection has no common type.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
