from dataclasses import replace

import pytest

from campaign.deciding import chosen, record, waiting
from campaign.errors import SheetError
from campaign.ledger import Ledger
from campaign.report import BatchReport, RowState, SpotResult


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
    record(ledger, chosen(waits, ["a", "b-1"]), "approve", "editor", "seen")
    for key in ("key 1", "key 2", "doubt"):
        found = ledger.decision(key)
        assert found
        assert (found.decision, found.who, found.why) == ("approve", "editor", "seen")
    ledger.close()
