"""A batch's report as a table in the terminal."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from campaign.report import WELL_ENDED, BatchReport, RowState

COLORS = {
    RowState.DONE: "green",
    RowState.REVIEW: "yellow",
    RowState.WAITING: "cyan",
    RowState.SCHEDULED: "green",
    RowState.REFUSED: "red",
    RowState.FAILED: "red",
    RowState.PROBLEM: "magenta",
}


LISTED = 500
"""Rows of a batch that are all listed; of a larger one those that did not end well."""


def print_report(console: Console, report: BatchReport, folder: Path) -> None:
    """Rows with their states and reasons, then where everything lies."""
    few = len(report.rows) <= LISTED
    listed = [row for row in report.rows if few or row.state not in WELL_ENDED]
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("row", "id", "state", "spots", "videos", "made", "reused"):
        table.add_column(heading)
    for row in listed:
        table.add_row(
            str(row.row),
            escape(row.id or "—"),
            Text(row.state.value, COLORS[row.state]),
            str(len(row.spots)),
            str(sum(len(spot.renditions) for spot in row.spots)),
            str(sum(sum(spot.made.values()) for spot in row.spots)),
            str(sum(sum(spot.reused.values()) for spot in row.spots)),
        )
    if listed:
        console.print(table)
    for row in report.rows:
        degraded = [f"{spot.spot_id}: {words}" for spot in row.spots for words in spot.degraded]
        print_words(console, row.row, row.id, row.state, [row.reason, *row.problems, *degraded])
    if unlisted := len(report.rows) - len(listed):
        console.print(f"[dim]{unlisted:,} rows that ended well are not listed; the report has them.[/]")
    for note in (*report.problems, *report.notes):
        console.print(f"[yellow]![/] {escape(note)}")
    counts = ", ".join(f"{count} {state}" for state, count in sorted(report.counts.items()))
    console.print(f"{counts} in {report.seconds:.0f} s; cost {report.cost}")
    console.print(f"videos  {escape(_short(folder))}")
    console.print(f"report  {escape(_short(folder / 'report.html'))}")


def print_words(console: Console, row: int, name: str, state: RowState, words: list[str]) -> None:
    """What is to say of one row, over the whole width."""
    for said in words:
        if said:
            console.print(f"[{COLORS[state]}]{row} {escape(name or '—')}[/] {escape(said)}")


def _short(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
