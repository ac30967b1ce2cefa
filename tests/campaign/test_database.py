import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text

from campaign.attempt import AttemptState, Intent
from campaign.attempts import Attempts
from campaign.budget import Caps, budget_lines
from campaign.database import close_idle, open_engine, transaction
from campaign.errors import StoreBusyError, StoreError
from campaign.ledger import Ledger, ReleaseState
from campaign.money import Money

INTENT = Intent(
    fingerprint="f" * 64,
    batch=3,
    brand="tea",
    row="tea01",
    shot="tea01-1-s1",
    backend="runway",
    vendor="runway",
    place="https://api.example",
    model="gen4.5",
    likeness="a" * 64,
    estimate=Money(Decimal("0.60"), "USD"),
    holder=f"here:{os.getpid()}:x",
)
HOLD = timedelta(seconds=60)


@pytest.fixture
def ledger(postgres: str) -> Iterator[Ledger]:
    ledger = Ledger(postgres)
    yield ledger
    ledger.close()


@pytest.fixture
def book(postgres: str) -> Iterator[Attempts]:
    book = Attempts(postgres)
    yield book
    book.close()


def cut(url: str) -> None:
    """End every connection to the database but this one."""
    engine = create_engine(url)
    with engine.connect() as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
    engine.dispose()


def cut_once(engine: Engine, url: str, at: str) -> Callable[[], int]:
    """Cut the line once, before a statement that begins with ``at`` or, for COMMIT, just after it is done."""
    times = []

    def before(connection: Any, cursor: Any, statement: str, *_: object) -> None:
        if statement.lstrip().startswith(at) and not times:
            times.append(1)
            cut(url)

    def after_commit(connection: Any) -> None:
        if not times:
            times.append(1)
            # The server has it, the answer is lost.
            connection.connection.dbapi_connection.commit()
            cut(url)

    if at == "COMMIT":
        event.listen(engine, "commit", after_commit)
    else:
        event.listen(engine, "before_cursor_execute", before)
    return lambda: len(times)


def test_a_server_that_was_restarted_between_two_questions_goes_unnoticed(
    postgres: str, ledger: Ledger
) -> None:
    batch = ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64)
    cut(postgres)
    assert ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64) == batch


@pytest.mark.parametrize("at", ["INSERT", "COMMIT"])
def test_a_release_announced_while_the_line_is_cut_is_announced_once(
    postgres: str, ledger: Ledger, at: str
) -> None:
    batch = ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64)
    cuts = cut_once(ledger._engine, postgres, at)
    first = ledger.intend_release(batch, "k" * 64, "folder", "", "tea01-1_9x16")
    assert cuts() == 1
    assert first.state is ReleaseState.INTENT
    assert [release.id for release in ledger.releases()] == [first.id]


@pytest.mark.parametrize("at", ["INSERT INTO attempts", "COMMIT"])
def test_an_attempt_announced_while_the_line_is_cut_is_ours_and_paid_for_once(
    postgres: str, book: Attempts, at: str
) -> None:
    cuts = cut_once(book.engine, postgres, at)
    attempt = book.intend(INTENT, 1, Caps(), HOLD)
    assert cuts() == 1
    assert attempt
    assert [found.id for found in book.find()] == [attempt.id]
    assert {line.reserved.amount for line in budget_lines(book.engine)} == {Decimal("0.60")}


@pytest.mark.parametrize("at", ["UPDATE attempts", "COMMIT"])
def test_an_id_of_the_vendor_is_not_lost_with_the_line(postgres: str, book: Attempts, at: str) -> None:
    attempt = book.intend(INTENT, 1, Caps(), HOLD)
    assert attempt
    cuts = cut_once(book.engine, postgres, at)
    assert book.submitted(attempt.id, "task-1").provider_id == "task-1"
    assert cuts() == 1
    assert book.get(attempt.id).state is AttemptState.SUBMITTED


@pytest.mark.parametrize("at", ["UPDATE budgets", "COMMIT"])
def test_an_end_is_counted_once_when_the_line_is_cut(postgres: str, book: Attempts, at: str) -> None:
    attempt = book.intend(INTENT, 1, Caps(), HOLD)
    assert attempt
    book.submitted(attempt.id, "task-1")
    cuts = cut_once(book.engine, postgres, at)
    cost = Money(Decimal("0.55"), "USD")
    assert book.settle(attempt.id, AttemptState.SUCCEEDED, actual=cost, sha256="b" * 64).actual == cost
    assert cuts() == 1
    assert {(line.reserved.amount, line.spent.amount) for line in budget_lines(book.engine)} == {
        (Decimal(0), Decimal("0.55"))
    }


def test_what_may_not_be_done_twice_is_said_when_the_line_is_cut(postgres: str, ledger: Ledger) -> None:
    cut_once(ledger._engine, postgres, "INSERT")
    with pytest.raises(StoreBusyError, match=r"cut off.*run the same command again"):
        ledger.decide("k" * 64, "approve", "editor", "fine")
    assert ledger.decision("k" * 64) is None


def test_times_are_the_same_whatever_zone_the_server_is_set_to(postgres: str) -> None:
    engine = create_engine(postgres)
    with engine.begin() as connection:
        name = postgres.rpartition("/")[2]
        connection.execute(text(f"ALTER DATABASE {name} SET timezone TO 'Asia/Shanghai'"))
    engine.dispose()
    ledger = Ledger(postgres)
    before = datetime.now(UTC)
    at = ledger.decide("k" * 64, "approve", "editor", "fine").at
    found = ledger.decision("k" * 64)
    ledger.close()
    assert found
    assert before <= found.at == at <= datetime.now(UTC)
    assert found.at.utcoffset() == timedelta(0)


def test_a_ledger_kept_busy_by_another_process_is_waited_for(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    ledger, other = Ledger(url), open_engine(url)
    with transaction(other) as session:
        session.execute(text("INSERT INTO decisions VALUES (9, 'k', 'approve', 'x', 'y', '2026-01-01')"))
        ledger._engine.dispose()
        event.listen(ledger._engine, "connect", lambda c, _: c.execute("PRAGMA busy_timeout=50"))
        with pytest.raises(StoreBusyError, match="kept busy by others"):
            ledger.decide("k", "approve", "editor", "fine")
    assert ledger.decide("k", "approve", "editor", "fine").who == "editor"
    ledger.close()
    other.dispose()


def test_all_that_one_process_opens_shares_a_few_connections(postgres: str) -> None:
    opened = [Ledger(postgres), Attempts(postgres), Ledger(postgres), Attempts(postgres), Ledger(postgres)]
    for one in opened:
        one.begin_batch("tea", Path("tea.xlsx"), "a" * 64) if isinstance(one, Ledger) else one.find()
    watcher = create_engine(postgres)
    with watcher.connect() as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        count = connection.execute(text(f"SELECT count(*) FROM pg_stat_activity WHERE {others}")).scalar()
    watcher.dispose()
    assert count == 1
    opened[0].close()
    assert opened[1].find() == []
    for one in opened:
        one.close()


def test_a_connection_that_was_out_when_somebody_left_is_closed_by_who_leaves_last(postgres: str) -> None:
    engine = open_engine(postgres)
    with transaction(engine) as session:
        session.execute(text("SELECT 1"))
        close_idle(engine)
    assert engine.pool.status().startswith("Pool size: 2  Connections in pool: 1")
    close_idle(engine)
    assert engine.pool.status().startswith("Pool size: 2  Connections in pool: 0")


def test_a_full_disk_is_no_lost_line_and_nothing_of_what_it_refused_is_written(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    batch = ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64)

    def full(connection: Any, _: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    ledger._engine.dispose()
    event.listen(ledger._engine, "connect", full)
    with pytest.raises(StoreError, match=r"disk refused a write .*is full.*Free space") as caught:
        for number in range(1000):
            ledger.decide(f"{number:064}", "approve", "editor", "fine" * 100)
    assert not caught.value.transient
    before = ledger.decision(f"{0:064}")
    event.remove(ledger._engine, "connect", full)
    ledger._engine.dispose()
    assert ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64) == batch
    assert ledger.decision(f"{0:064}") == before
    ledger.close()
