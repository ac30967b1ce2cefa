import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, update

from campaign.database import open_engine, transaction
from campaign.fleet_errors import BusyError, LeaseLostError
from campaign.lease import DatabaseClock, Lease, LeaseRow, Leases, fenced, holding

HOLD_AND_WAIT = """
import sys, time
from campaign.lease import Leases
Leases(sys.argv[1]).take("tea", "anna", 3600)
print("held", flush=True)
time.sleep(60)
"""

Change = Callable[[str, object], None]


@pytest.fixture
def url(ledger_url: str) -> str:
    return ledger_url


@pytest.fixture
def leases(url: str) -> Iterator[Leases]:
    opened = Leases(url)
    yield opened
    opened.close()


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    opened = open_engine(url)
    yield opened
    opened.dispose()


@pytest.fixture
def change(engine: Engine) -> Change:
    """Put another value into the lease's row."""

    def put(name: str, value: object) -> None:
        with transaction(engine) as session:
            session.execute(update(LeaseRow).values(**{name: value}))

    return put


def elsewhere(leases: Leases, change: Change) -> Lease:
    """A lease whose holder is on another machine, so that nobody here can tell whether it is alive."""
    lease = leases.take("tea", "anna")
    change("machine", "studio-2/boot/1")
    return lease


def test_a_second_operator_is_told_who_works_on_it_since_when_and_what_to_do(
    leases: Leases, change: Change
) -> None:
    elsewhere(leases, change)
    with pytest.raises(BusyError, match=r"made by anna on studio-2 \(process \d+\) since 20.* Wait until"):
        leases.take("tea", "ben")
    assert leases.take("mugs", "ben").fence == 1


def test_a_lease_that_ran_out_goes_to_the_next_and_the_former_holder_can_write_nothing_more(
    engine: Engine, leases: Leases, change: Change
) -> None:
    lost = elsewhere(leases, change)
    change("expires", DatabaseClock() - 1)
    taken = leases.take("tea", "ben")
    assert taken.fence == lost.fence + 1
    with pytest.raises(LeaseLostError, match="taken over by ben"):
        leases.beat(lost)
    with pytest.raises(LeaseLostError), transaction(engine) as session:
        fenced(session, lost)
    with transaction(engine) as session:
        fenced(session, taken)
    leases.give_back(lost)
    with pytest.raises(BusyError):
        leases.take("tea", "anna")


def test_a_killed_holder_on_this_machine_is_followed_at_once(url: str, leases: Leases) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD_AND_WAIT, url], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(BusyError):
            leases.take("tea", "ben")
        process.kill()
        process.wait()
    assert leases.take("tea", "ben").fence == 2


def test_a_heartbeat_keeps_the_lease_and_the_end_of_the_work_gives_it_back(
    url: str, leases: Leases, change: Change
) -> None:
    with holding(url, "tea", "anna", lasts=6.0) as held_now:
        change("machine", "studio-2/boot/1")
        before = leases.of("tea")
        assert before
        while (held := leases.of("tea")) and held.expires == before.expires:
            with pytest.raises(BusyError):
                leases.take("tea", "ben")
        assert held
        assert held.fence == held_now.lease.fence
    assert leases.take("tea", "ben").fence == held_now.lease.fence + 1


def test_the_clocks_of_machines_do_not_matter_only_the_databases_does(
    leases: Leases, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere(leases, change)
    for wrong in (0.0, 9e9):
        monkeypatch.setattr("time.time", lambda wrong=wrong: wrong)
        with pytest.raises(BusyError):
            leases.take("tea", "ben")


def test_a_batch_is_found_again_with_the_content_that_it_began_from(leases: Leases) -> None:
    lease = leases.take("tea", "anna")
    leases.begin(lease, 7, "k" * 64)
    found = leases.of_batch(7)
    assert found
    assert (found.campaign, found.content) == ("tea", "k" * 64)
    assert leases.of_batch(6) is None


def test_who_was_not_heard_of_in_time_is_silent_and_who_gave_back_or_never_took_is_not(
    url: str, leases: Leases, change: Change
) -> None:
    names = ("tea", "mugs", "cups")
    leases.give_back(leases.take("mugs", "anna"))
    elsewhere(leases, change)
    assert leases.silent(names) == set()
    with transaction(open_engine(url)) as session:
        session.execute(
            update(LeaseRow).where(LeaseRow.campaign == "tea").values(expires=DatabaseClock() - 1)
        )
    assert leases.silent(names) == {"tea"}
    leases.forget("tea")
    assert leases.silent(names) == set()


def test_who_was_killed_on_this_machine_is_silent_at_once(url: str, leases: Leases) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD_AND_WAIT, url], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        assert leases.silent(["tea"]) == set()
        process.kill()
        process.wait()
    assert leases.silent(["tea"]) == {"tea"}
