import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from campaign.deciding import Answer, Seen, chosen, record, seen, waiting
from campaign.errors import SheetError
from campaign.fleet_errors import ChangedError, DecidedError
from campaign.ledger import Ledger
from campaign.report import BatchReport, RowState, SpotResult

APPROVED = Answer(decision="approve", who="editor", why="seen")
REFUSED = Answer(decision="refuse", who="lawyer", why="the prize was withdrawn")


@pytest.fixture
def waits(report: BatchReport) -> BatchReport:
    """Row a has two drafts, row b a doubt of the policy, row c a refusal, row d what is done."""
    (done,) = report.rows[0].spots

    def spot(name: str, state: RowState, **changed: str) -> SpotResult:
        return replace(done, spot_id=name, state=state, **{"verdict": "", **changed})

    spots = {
        "a": [spot(f"a-{n}", RowState.WAITING, approval=f"key {n}", rung="draft") for n in (1, 2)],
        "b": [spot("b-1", RowState.REVIEW, verdict="doubt")],
        "c": [spot("c-1", RowState.REFUSED, decision="refuse")],
        "d": [spot("d-1", RowState.DONE)],
    }
    rows = [replace(report.rows[0], id=name, spots=mine) for name, mine in spots.items()]
    return replace(report, rows=rows)


def ids(spots: list[SpotResult]) -> list[str]:
    return [spot.spot_id for spot in spots]


def test_drafts_and_doubts_wait_and_are_named_by_spot_row_or_all(waits: BatchReport) -> None:
    assert ids(waiting(waits)) == ["a-1", "a-2", "b-1"]
    assert ids(chosen(waits, ["a-2", "b-1"])) == ["a-2", "b-1"]
    assert ids(chosen(waits, ["a", "a-1"])) == ["a-1", "a-2"]
    # A doubt of the policy is not waved through with the drafts.
    assert ids(chosen(waits, ["all"])) == ["a-1", "a-2"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x-1", "is no spot and no row"),
        ("d", "has nothing that waits"),
        ("d-1", "waits for nobody"),
        ("c-1", "refused by the policy"),
    ],
)
def test_what_cannot_be_decided_is_said_with_what_can(waits: BatchReport, name: str, words: str) -> None:
    with pytest.raises(SheetError, match=words) as error:
        chosen(waits, ["a-1", name])
    assert name == "c-1" or "a-1, a-2, b-1" in str(error.value)


def test_nothing_to_approve_is_said(report: BatchReport) -> None:
    with pytest.raises(SheetError, match="no draft that waits"):
        chosen(report, ["all"])


def test_a_draft_is_decided_under_its_approval_and_a_doubt_under_its_verdict(
    waits: BatchReport, ledger_url: str
) -> None:
    ledger = Ledger(ledger_url)
    mine = seen(ledger, chosen(waits, ["a", "b-1"]))
    done = record(ledger, waits, mine, APPROVED)
    assert (ids(done.spots), done.refused) == (["a-1", "a-2", "b-1"], [])
    for key in ("key 1", "key 2", "doubt"):
        found = ledger.decision(key)
        assert found
        assert (found.decision, found.who, found.why) == ("approve", "editor", "seen")
    ledger.close()


def test_a_decision_that_somebody_took_meanwhile_stands_and_the_other_spots_go_on(
    waits: BatchReport, ledger_url: str
) -> None:
    ledger = Ledger(ledger_url)
    mine = seen(ledger, chosen(waits, ["a"]))
    theirs = seen(ledger, chosen(waits, ["a-1"]))
    record(ledger, waits, theirs, REFUSED)
    done = record(ledger, waits, mine, APPROVED)
    assert ids(done.spots) == ["a-2"]
    (error,) = done.refused
    assert isinstance(error, DecidedError)
    assert str(error).startswith("a-1 was not decided: meanwhile lawyer has said refuse (the prize")
    standing = ledger.decision("key 1")
    assert standing
    assert standing.decision == "refuse"
    ledger.close()


def test_whoever_has_seen_a_decision_may_decide_otherwise(waits: BatchReport, ledger_url: str) -> None:
    ledger = Ledger(ledger_url)
    for answer in (APPROVED, REFUSED):
        assert record(ledger, waits, seen(ledger, chosen(waits, ["b"])), answer).refused == []
    last = ledger.decisions(["doubt", "key 1"])
    assert {key: one.decision for key, one in last.items()} == {"doubt": "refuse"}
    ledger.close()


def test_what_has_changed_since_it_was_seen_is_not_decided(waits: BatchReport, ledger_url: str) -> None:
    ledger = Ledger(ledger_url)
    (before,) = seen(ledger, chosen(waits, ["a-1"]))
    gone = Seen(spot_id="z-1", about="key 1", last=0)
    for one in (replace(before, about="key of other takes"), gone):
        done = record(ledger, waits, [one], APPROVED)
        assert done.spots == []
        assert isinstance(done.refused[0], ChangedError)
    assert ledger.decisions(["key 1", "key of other takes"]) == {}
    ledger.close()


def test_spots_of_one_content_are_decided_together(waits: BatchReport, ledger_url: str) -> None:
    (first, second) = waits.rows[0].spots
    same = [first, replace(second, approval=first.approval)]
    twins = replace(waits, rows=[replace(waits.rows[0], spots=same)])
    ledger = Ledger(ledger_url)
    done = record(ledger, twins, seen(ledger, chosen(twins, ["a"])), APPROVED)
    assert (ids(done.spots), done.refused) == (["a-1", "a-2"], [])
    ledger.close()


def test_of_two_who_decide_at_the_same_moment_one_is_told(waits: BatchReport, ledger_url: str) -> None:
    at_once = threading.Barrier(2)
    ledgers = [Ledger(ledger_url), Ledger(ledger_url)]
    mine = seen(ledgers[0], chosen(waits, ["a", "b-1"]))

    def decide(ledger: Ledger, answer: Answer) -> list[str]:
        at_once.wait()
        done = record(ledger, waits, mine, answer)
        assert len(done.spots) + len(done.refused) == 3
        return ids(done.spots)

    with ThreadPoolExecutor() as people:
        told = list(people.map(decide, ledgers, (APPROVED, REFUSED)))
    assert sorted([*told[0], *told[1]]) == ["a-1", "a-2", "b-1"]
    for ledger in ledgers:
        ledger.close()
