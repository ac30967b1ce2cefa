import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from campaign.events import Planned, SpotDone, announce
from campaign.plan import Plan, PlannedRow, PlannedSpot
from campaign.report import FindingResult, RowState
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
            taken={},
            spots=[],
        )
        for number in range(1, rows + 1)
    ]
    return Plan(
        campaign="c",
        sheet="c.xlsx",
        policy="starter",
        settings={},
        workers=2,
        basis=[],
        outlook=[],
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


def test_notes_on_the_sheet_are_no_reason_to_fail() -> None:
    plan = replace(long_plan(9), problems=["sheet: Hidden rows are taken as well: 4."])
    assert door.exit_code(plan) == 0
    assert [door.exit_code(long_plan(rows)) for rows in (100, 99)] == [1, 0]


def test_what_the_rows_do_not_say_is_told_once_with_its_source() -> None:
    plan = long_plan(9)
    for number, row in enumerate(plan.rows):
        row.taken.update(brand="tea (campaign!B2)", seed=f"{number} (derived from the id)")
        row.sources.update(brand="campaign!B2", seed="derived from the id")
    plan.rows[0].taken["brand"] = "leaf (campaign!B2)"
    plan.settings["policy"] = "cn (campaign!B4)"
    assert list(door.where_from(plan)) == [
        "for every row: policy cn (campaign!B4)",
        "where the row says nothing: brand tea (campaign!B2) in 8 rows; brand leaf (campaign!B2) in 1 row; "
        "seed derived from the id in 9 rows",
    ]


def test_a_terminal_sees_how_far_the_plan_is_and_a_pipe_nothing() -> None:
    terminal, pipe = io.StringIO(), io.StringIO()
    for file in (terminal, pipe):
        with foreseeing(Console(file=file, force_terminal=file is terminal, width=100), "tea.xlsx"):
            announce(Planned(spots=3000, rows=1000))
            for number in range(SEEN_EVERY):
                announce(SpotDone(spot_id=f"r{number}-1", row_id=f"r{number}", state=RowState.DONE))
    assert "foreseeing 3,000 spots of 1,000 rows" in terminal.getvalue()
    assert pipe.getvalue() == ""


def planned_spot(number: int, *findings: FindingResult) -> PlannedSpot:
    return PlannedSpot(
        spot_id=f"t6-{number}",
        state=RowState.REFUSED,
        reason="",
        shots=1,
        seconds=5.0,
        backend="animatic",
        aspects=["9:16"],
        decision="refuse",
        verdict="",
        findings=list(findings),
        advice=[],
        degraded=[],
        new={},
        reused={},
        cpu_seconds=0.0,
        gpu_seconds=0.0,
        money={},
        most={},
        rungs=[],
    )


def test_a_word_that_is_refused_is_marked_in_its_cell_once_for_all_variants() -> None:
    finding = FindingResult(
        rule="r",
        category="c",
        decision="refuse",
        where="copy",
        text="最佳",
        why="Absolute.",
        suggestion="Cut.",
    )
    row = replace(
        long_plan(1).rows[0],
        row=10,
        sources={"copy": "B10"},
        spots=[planned_spot(1, finding), planned_spot(2, finding)],
    )
    (mark,) = door._status(row, "春茶").remarks
    assert (mark.sheet, mark.cell, mark.row, mark.value, mark.remedy) == ("春茶", "B10", 10, "最佳", "Cut.")


def test_an_id_is_never_cut_off_in_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = long_plan(2)
    plan.rows[0] = replace(plan.rows[0], id="spring-tea-2027-first-flush-gift-box-with-two-cups")
    monkeypatch.setattr(door, "_planned", lambda *_: plan)
    monkeypatch.setenv("COLUMNS", "60")
    door.print_table(Path("c.xlsx"))
    assert "…" not in capsys.readouterr().out


def test_what_many_rows_say_alike_is_told_once_with_the_rows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = long_plan(300)
    for row in plan.rows:
        if row.row > 100:
            row.problems[:] = [f"feed.csv!C{row.row}: 'teh' There is no brand kit of that name."]
    plan.rows[4].problems[:] = ["feed.csv!C5: '3:2' is no shape."]
    monkeypatch.setattr(door, "_planned", lambda *_: plan)
    monkeypatch.setenv("COLUMNS", "200")
    door.print_table(Path("feed.csv"))
    printed = capsys.readouterr().out
    assert printed.count("There is no brand kit") == 1
    assert "200 rows 'teh' There is no brand kit of that name. Rows 101 to " in printed
    assert "feed.csv!C5: '3:2' is no shape." in printed
