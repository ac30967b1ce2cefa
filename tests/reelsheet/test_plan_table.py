import io
from pathlib import Path

import pytest
from rich.console import Console

from campaign.events import Planned, SpotDone, announce
from campaign.plan import Plan, PlannedRow
from campaign.report import RowState
from reelsheet.commands import plan as door
from reelsheet.progress import SEEN_EVERY, foreseeing


def long_plan(rows: int) -> Plan:
    """Every hundredth row is refused."""
    planned = [
        PlannedRow(
            row=number,
            id=f"row-{number}",
            state=RowState.DONE if number % 100 else RowState.REFUSED,
            reason="" if number % 100 else "国家级",
            problems=["A note."] if number == 7 else [],
            sources={},
            spots=[],
        )
        for number in range(1, rows + 1)
    ]
    return Plan(
        campaign="c",
        sheet="c.xlsx",
        policy="starter",
        workers=2,
        basis=[],
        notes=[],
        problems=[],
        rows=planned,
    )


@pytest.mark.parametrize(("rows", "listed"), [(door.LISTED, door.LISTED), (door.LISTED + 100, 7)])
def test_a_long_plan_lists_the_rows_that_a_person_has_to_look_at(
    rows: int, listed: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(door, "_planned", lambda *_: long_plan(rows))
    assert door.print_table(Path("c.xlsx")) == 1
    printed = capsys.readouterr().out
    ids = {word for word in printed.split() if word.startswith("row-")}
    assert len(ids) == listed
    assert {"row-7", "row-100", "row-500"} <= ids
    assert ("not listed" in printed) is (listed < rows)


def test_a_terminal_sees_how_far_the_plan_is_and_a_pipe_nothing() -> None:
    terminal, pipe = io.StringIO(), io.StringIO()
    for file in (terminal, pipe):
        with foreseeing(Console(file=file, force_terminal=file is terminal, width=100), "tea.xlsx"):
            announce(Planned(spots=3000, rows=1000))
            for number in range(SEEN_EVERY):
                announce(SpotDone(spot_id=f"r{number}-1", row_id=f"r{number}", state=RowState.DONE))
    assert "foreseeing 3,000 spots of 1,000 rows" in terminal.getvalue()
    assert pipe.getvalue() == ""
