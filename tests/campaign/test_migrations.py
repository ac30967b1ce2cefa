import importlib
import pkgutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

import campaign
from campaign.database import Base, open_engine
from campaign.errors import StoreError
from campaign.ledger import Ledger
from campaign.migrations.upgrade import newest

for module in pkgutil.iter_modules(campaign.__path__):
    importlib.import_module(f"campaign.{module.name}")

ROOT = Path(__file__).parent.parent.parent
BEFORE = """
CREATE TABLE batches (
  id INTEGER NOT NULL, campaign VARCHAR NOT NULL, sheet VARCHAR NOT NULL, sheet_digest VARCHAR(64) NOT NULL,
  state VARCHAR(8) NOT NULL, started_at DATETIME NOT NULL, finished_at DATETIME, PRIMARY KEY (id));
CREATE TABLE decisions (
  id INTEGER NOT NULL, subject VARCHAR NOT NULL, decision VARCHAR NOT NULL, who VARCHAR NOT NULL,
  why VARCHAR NOT NULL, at DATETIME NOT NULL, PRIMARY KEY (id));
CREATE INDEX ix_decisions_subject ON decisions (subject);
INSERT INTO batches VALUES (7, 'tea', 'tea.xlsx', 'aaaa', 'RUNNING', '2026-09-01 08:00:00.000000', NULL);
INSERT INTO decisions VALUES (1, 'kkkk', 'approve', 'editor', 'old cup', '2026-09-01 09:30:00.000000');
"""
"""Part of a ledger as it was made before there were migrations."""


def test_the_migrations_make_the_tables_that_the_code_knows(ledger_url: str) -> None:
    engine = open_engine(ledger_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        missing = produce_migrations(context, Base.metadata).upgrade_ops
        assert missing
        # What is printed here goes into the next file of campaign/migrations/versions.
        assert missing.is_empty(), render_python_code(missing)
    engine.dispose()


def test_a_ledger_from_before_there_were_migrations_keeps_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as old:
        old.executescript(BEFORE)
    old.close()
    ledger = Ledger(f"sqlite:///{path}")
    assert ledger.begin_batch("tea", Path("tea.xlsx"), "aaaa") == 7
    found = ledger.decision("kkkk")
    assert found
    assert (found.why, found.at.isoformat()) == ("old cup", "2026-09-01T09:30:00+00:00")
    assert ledger.intend_release(7, "k" * 64, "folder", "", "tea01-1_9x16").id
    ledger.close()


def test_a_ledger_of_a_newer_version_is_refused(ledger_url: str) -> None:
    engine = open_engine(ledger_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
    engine.dispose()
    with pytest.raises(StoreError, match=r"9999_future, made by a newer reelsheet.*Update reelsheet"):
        open_engine(ledger_url)


OPEN = "import sys; from campaign.database import open_engine; open_engine(sys.argv[1]).dispose()"


def test_many_processes_may_open_a_new_ledger_at_once(ledger_url: str) -> None:
    openers = [subprocess.Popen([sys.executable, "-c", OPEN, ledger_url], cwd=ROOT) for _ in range(6)]
    assert [opener.wait() for opener in openers] == [0] * 6
    engine = open_engine(ledger_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).all() == [(newest(),)]
        assert {"batches", "attempts", "budgets"} <= set(inspect(connection).get_table_names())
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgres//nothing", "is not a URL of a database"),
        ("oracul://user:hush@host/name", "is not a URL of a database"),
        ("postgresql://reels:hush@127.0.0.1:1/ledger", "the ledger cannot be opened"),
    ],
)
def test_a_ledger_that_cannot_be_reached_is_said_without_its_password(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        open_engine(url)
    assert "hush" not in str(caught.value)
