from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.errors import StoreError
from campaign.ledger import BatchState, Ledger, ReleaseState


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    ledger = Ledger(ledger_url)
    yield ledger
    ledger.close()


def test_a_batch_that_did_not_finish_is_taken_up_again(ledger: Ledger) -> None:
    first = ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64)
    assert ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64) == first
    ledger.finish_batch(first)
    assert ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64) != first


def test_a_batch_that_did_not_finish_gives_way_to_that_of_the_changed_sheet(ledger: Ledger) -> None:
    other = ledger.begin_batch("cups", Path("cups.xlsx"), "c" * 64)
    first = ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64)
    second = ledger.begin_batch("tea", Path("tea.xlsx"), "b" * 64)
    states = {batch.id: batch.state for batch in ledger.batches()}
    assert states == {
        other: BatchState.RUNNING,
        first: BatchState.SUPERSEDED,
        second: BatchState.RUNNING,
    }
    assert next(batch for batch in ledger.batches() if batch.id == first).finished_at


def test_a_release_is_announced_once(ledger: Ledger) -> None:
    batch = ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64)
    first = ledger.intend_release(batch, "k" * 64, "folder", "", "tea01-1_9x16")
    second = ledger.intend_release(batch, "k" * 64, "folder", "", "tea01-1_9x16")
    assert first.id == second.id
    assert second.state is ReleaseState.INTENT


def test_a_remote_id_once_known_is_kept(ledger: Ledger) -> None:
    batch = ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64)
    entry = ledger.intend_release(batch, "k" * 64, "folder", "", "tea01-1_9x16")
    ledger.move_release(entry.id, ReleaseState.SENT, remote_id="r1")
    assert ledger.move_release(entry.id, ReleaseState.CONFIRMED).remote_id == "r1"
    assert [r.place for r in ledger.releases(ReleaseState.CONFIRMED)] == ["tea01-1_9x16"]


def test_the_latest_decision_of_a_person_counts(ledger: Ledger) -> None:
    assert ledger.decision("k" * 64) is None
    ledger.decide("k" * 64, "refuse", "editor", "wrong cup")
    ledger.decide("k" * 64, "approve", "editor", "it is the old cup")
    found = ledger.decision("k" * 64)
    assert found
    assert (found.decision, found.why) == ("approve", "it is the old cup")
    assert found.at.tzinfo


def test_a_ledger_that_cannot_be_opened_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"this is no database, only words " * 200)
    with pytest.raises(StoreError, match="the ledger cannot be opened"):
        Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
