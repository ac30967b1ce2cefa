from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text, update

from campaign.database import now
from campaign.events import SpotDone, Step, Worked, announce
from campaign.progress import (
    KEPT,
    WAITING,
    WEIGHTS,
    ProgressBook,
    ProgressRunRow,
    SpotProgress,
    recording,
)
from campaign.report import RowState


@pytest.fixture
def url(ledger_url: str) -> str:
    return ledger_url


@pytest.fixture
def book(url: str) -> Iterator[ProgressBook]:
    opened = ProgressBook(url)
    yield opened
    opened.close()


def worked(step: Step, spot: str, part: float = 1.0) -> None:
    announce(Worked(step=step, spot_id=spot, what=spot, reused=False, part=part))


def test_the_steps_weigh_one_spot_together() -> None:
    assert set(WEIGHTS) == set(Step)
    assert abs(sum(WEIGHTS.values()) - 1) < 1e-9


def test_what_is_announced_is_read_by_another_process(url: str, book: ProgressBook) -> None:
    book.begin(3, {"a-1": "a", "b-1": "b", "c-1": "c"})
    with recording(url, 3, every=0.01):
        worked(Step.SHOOT, "a-1", 0.5)
        announce(SpotDone(spot_id="b-1", row_id="b", state=RowState.REVIEW, reason="a claim"))
    seen = book.read(3, 10)
    assert seen
    assert seen.states == {"making takes": 1, "needs review": 1, WAITING: 1}
    assert [spot.spot for spot in seen.spots] == ["b-1", "a-1", "c-1"]
    assert seen.spots[0].reason == "a claim"
    assert seen.spots[0].row == "b"
    before = WEIGHTS[Step.EXPAND] + WEIGHTS[Step.SCREEN] + WEIGHTS[Step.SPEAK]
    assert seen.spots[1].share == pytest.approx(before + WEIGHTS[Step.SHOOT] / 2)
    assert (seen.total, seen.ended) == (3, 1)


def test_a_spot_finished_by_a_process_that_did_not_shoot_it_goes_on_from_there(
    url: str, book: ProgressBook
) -> None:
    book.begin(1, {"a-1": "a"})
    with recording(url, 1):
        worked(Step.SHOOT, "a-1")
    shot = book.read(1, 1)
    with recording(url, 1):
        worked(Step.FINISH, "a-1", 0.5)
    finished = book.read(1, 1)
    assert shot
    assert finished
    assert finished.share > shot.share


def test_a_batch_taken_up_again_begins_with_every_spot_waiting(url: str, book: ProgressBook) -> None:
    for _ in range(2):
        book.begin(1, {"a-1": "a"})
        seen = book.read(1, 1)
        assert seen
        assert seen.states == {WAITING: 1}
        book.record(1, [SpotProgress(spot="a-1", state="done", share=1.0, reason="")])


def test_batches_of_last_week_are_forgotten_when_the_next_begins(url: str, book: ProgressBook) -> None:
    book.begin(1, {"a-1": "a"})
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(update(ProgressRunRow).values(began_at=now() - KEPT - timedelta(hours=1)))
    engine.dispose()
    book.begin(2, {})
    assert book.read(1, 1) is None
    assert book.read(2, 1)


def test_time_left_follows_the_share_and_is_not_guessed_too_early(book: ProgressBook) -> None:
    book.begin(1, {"a-1": "a", "b-1": "b"})
    early = book.read(1, 1)
    assert early
    assert early.left(early.began_at + timedelta(seconds=60)) is None
    book.record(1, [SpotProgress(spot="a-1", state="done", share=1.0, reason="")])
    half = book.read(1, 1)
    assert half
    assert half.left(half.began_at + timedelta(seconds=60)) == pytest.approx(60)


def test_a_ledger_that_cannot_be_written_is_a_line_in_the_log(
    url: str, book: ProgressBook, caplog: pytest.LogCaptureFixture
) -> None:
    book.begin(1, {"a-1": "a"})
    with recording(url, 1):
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE progress_runs"))
        engine.dispose()
        worked(Step.SHOOT, "a-1")
    assert "its progress is not written" in caplog.text
