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
