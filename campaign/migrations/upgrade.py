"""The ledger's tables, brought up to date by the files in ``versions``, one after another, each once.

A file is named and numbered by its revision and never changed once it was released. Whoever changes a table
adds one; `tests/campaign/test_migrations.py` fails until the files and the tables agree.
"""

from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection, Engine

from campaign.errors import StoreError

FOLDER = Path(__file__).parent
LOCK = 0x7265656C
"""Of PostgreSQL's advisory locks, the one under which a ledger is upgraded."""


def bring_up_to_date(engine: Engine) -> None:
    """Run what is missing, in one transaction that any number of processes may want at once.

    A ledger from before there were migrations has its tables, which the first file leaves as they are.

    Raises:
        StoreError: the ledger was changed by a newer version of the code.
    """
    with engine.connect() as connection:
        if _revision(connection) == newest():
            return
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        _run(connection, _revision(connection))
        connection.commit()


@cache
def newest() -> str:
    """The revision that this version of the code knows last."""
    return max(_known())


def _known() -> frozenset[str]:
    return frozenset(path.stem for path in (FOLDER / "versions").glob("[0-9]*.py"))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _run(connection: Connection, current: str | None) -> None:
    from alembic.migration import MigrationContext  # noqa: PLC0415  # Most starts have nothing to run.
    from alembic.operations import Operations  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    if current and current not in _known():
        raise StoreError(
            connection.engine.url.render_as_string(hide_password=True),
            f"the ledger is at revision {current}, made by a newer reelsheet; this one knows it up to "
            f"{newest()}.",
            "Update reelsheet on this machine.",
        )
    context = MigrationContext.configure(connection)
    scripts = ScriptDirectory(FOLDER)
    with Operations.context(context):
        for script in reversed(list(scripts.iterate_revisions("head", current or "base"))):
            script.module.upgrade()
            context.stamp(scripts, script.revision)
