from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from campaign.schedule import Schedule, Scheduled

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def schedule(ledger_url: str) -> Iterator[Schedule]:
    opened = Schedule(ledger_url)
    yield opened
    opened.close()


def waits(spot: str, hours: float, batch: int = 1) -> Scheduled:
    due = NOW + timedelta(hours=hours)
    return Scheduled(campaign="tea", spot=spot, batch=batch, content="k" * 64, due=due)


def test_only_what_has_come_is_due_and_the_longest_due_is_first(schedule: Schedule) -> None:
    late, later, tomorrow = waits("late", -2), waits("later", -1), waits("tomorrow", 24)
    for one in (tomorrow, later, late):
        schedule.put(one)
    assert schedule.due() == [late, later]
    assert schedule.waiting() == [late, later, tomorrow]
    assert schedule.is_ahead(tomorrow.due)
    assert not schedule.is_ahead(late.due)


def test_a_later_batch_has_the_last_word_and_what_is_dropped_waits_no_more(schedule: Schedule) -> None:
    schedule.put(waits("spot", -1))
    schedule.put(waits("spot", 24, batch=2))
    assert schedule.due() == []
    (waiting,) = schedule.waiting()
    assert waiting.batch == 2
    schedule.drop("tea", ["spot", "other"])
    assert schedule.waiting() == []


@pytest.mark.parametrize("wrong", [0.0, 9e9])
def test_a_machine_whose_clock_is_wrong_releases_nothing_too_soon_or_too_late(
    schedule: Schedule, monkeypatch: pytest.MonkeyPatch, wrong: float
) -> None:
    late, tomorrow = waits("late", -2), waits("tomorrow", 24)
    for one in (late, tomorrow):
        schedule.put(one)
    monkeypatch.setattr("time.time", lambda: wrong)
    assert schedule.due() == [late]
    assert schedule.is_ahead(tomorrow.due)
    assert not schedule.is_ahead(late.due)
