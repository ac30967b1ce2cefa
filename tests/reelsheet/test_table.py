from dataclasses import replace
from io import StringIO
from pathlib import Path

from rich.console import Console

from campaign.report import BatchReport
from reelsheet.table import LISTED, print_report


def test_of_a_large_batch_only_what_did_not_end_well_is_listed(report: BatchReport) -> None:
    console = Console(file=StringIO(), width=160, record=True)
    done, problem = report.rows
    print_report(console, replace(report, rows=[*[done] * LISTED, problem]), Path("out/tea"))
    said = console.export_text()
    assert "tea01" not in said
    assert f"{LISTED} rows that ended well are not listed" in said
    assert "Sheet1!B3" in said


def test_what_many_rows_say_alike_is_said_once_with_their_numbers(report: BatchReport) -> None:
    console = Console(file=StringIO(), width=300, record=True)
    _, problem = report.rows
    missing = "Backend 'wan' needs the package ftfy."
    rows = [replace(problem, row=row, problems=[], reason=missing) for row in (3, 4, 5, 9)]
    own = replace(problem, row=7, problems=["Sheet1!C7: 'x' is no shape."])
    print_report(console, replace(report, rows=[*rows, own]), Path("out/tea"))
    said = console.export_text()
    assert f"4 rows {missing} Rows 3 to 5, 9." in said
    assert said.count(missing) == 1
    assert "7 — Sheet1!C7: 'x' is no shape." in said
